import { percent } from '../words.ts';
import type { PanelSpec } from './panel.ts';

const number = (value: number): string =>
  value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e6)
    ? value.toExponential(1)
    : value.toLocaleString('en', { maximumSignificantDigits: 4 });
const share = (value: number): string =>
  value >= 0 && value <= 1 ? percent(value).replace('.0 %', ' %') : `${Math.round(100 * value)} %`;

/** What is drawn, a panel each, in order: the first is always to be seen. */
export const PANELS: readonly PanelSpec[] = [
  {
    id: 'success',
    title: 'Success',
    lines: [
      { quantity: 'success', name: 'greedy' },
      { quantity: 'trainingSuccess', name: 'in training' },
    ],
    format: share,
    range: [0, 1],
  },
  {
    id: 'length',
    title: 'Length / optimal, greedy',
    lines: [{ quantity: 'lengthRatio', name: '' }],
    format: number,
  },
  {
    id: 'return',
    title: 'Return',
    lines: [
      { quantity: 'return', name: 'greedy' },
      { quantity: 'trainingReturn', name: 'in training' },
    ],
    format: number,
  },
  { id: 'loss', title: 'Loss', lines: [{ quantity: 'loss', name: '' }], format: number, positive: true },
  {
    id: 'q-total',
    title: 'Q_tot (mean Q without a mixer)',
    lines: [{ quantity: 'qTotal', name: '' }],
    format: number,
  },
  {
    id: 'gradient',
    title: 'Gradient norm',
    lines: [{ quantity: 'gradientNorm', name: '' }],
    format: number,
    positive: true,
  },
  {
    id: 'epsilon',
    title: 'Exploration ε',
    lines: [{ quantity: 'epsilon', name: '' }],
    format: number,
    range: [0, 1],
  },
];
