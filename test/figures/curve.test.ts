import { describe, expect, it } from 'vitest';
import { drawCurve } from '../../src/figures/curve.ts';
import { learnerCurve } from '../../src/figures/learner_curve.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';
import { readChart } from '../support/read_chart.ts';

const row = (environmentSteps: number, measured: Partial<MetricsRow>) =>
  ({
    ...NOT_MEASURED,
    environmentSteps,
    trainingSuccess: Number.NaN,
    trainingReturn: Number.NaN,
    ...measured,
  }) as MetricsRow;

const ROWS = [
  row(10, { trainingSuccess: 0.25, trainingReturn: -480 }),
  row(20, { success: 0.5, return: -450, trainingSuccess: 0.75, trainingReturn: -460 }),
];

describe('the curve of a run', () => {
  it('is of success in percent, or of return as it is', () => {
    expect(learnerCurve('7', ROWS, 'success')).toEqual({
      name: '7',
      greedy: [[20, 50]],
      training: [
        [10, 25],
        [20, 75],
      ],
    });
    expect(learnerCurve('7', ROWS, 'return')).toEqual({
      name: '7',
      greedy: [[20, -450]],
      training: [
        [10, -480],
        [20, -460],
      ],
    });
  });

  it('says what it is of, and fits its axis to returns', async () => {
    const draw = (measure: 'success' | 'return') =>
      drawCurve({
        ...{ run: 'a run', measure, learners: [learnerCurve('7', ROWS, measure)] },
        ...{ starts: 4, allStarts: true },
      });
    const texts = (svg: string): string[] =>
      [...svg.matchAll(/<(?:text|title)[^>]*>([^<]*)</g)].map(([, text]) => text);
    const success = texts(await draw('success'));
    expect(success).toEqual(expect.arrayContaining(['Success of a run', 'success, %', '0', '100']));
    expect(success[0]).toBe('Success over environment steps, one line a learner');
    const total = texts(await draw('return'));
    expect(total).toEqual(expect.arrayContaining(['Return of a run', 'return', '-480', '-450']));
    expect(total[0]).toBe('Return over environment steps, one line a learner');
    // From the least return to the largest: 0 and 100 are far away. 0 is on the other axis.
    expect(total).not.toContain('100');
    expect(total.filter((text) => text === '0')).toHaveLength(1);
    expect(total.join()).not.toMatch(/success/i);
  });

  it('draws greedy solid and training dotted, each learner in a colour of its own that the legend names', async () => {
    const later = [
      row(10, { success: 0, trainingSuccess: 1 }),
      row(20, { success: 0.25, trainingSuccess: 0.6 }),
    ];
    const svg = await drawCurve({
      ...{ run: 'a run', measure: 'success', starts: 4, allStarts: true },
      learners: [
        learnerCurve('7', [row(0, { success: 0.1 }), ...ROWS], 'success'),
        learnerCurve('8', later, 'success'),
      ],
    });
    const { lines, texts } = readChart(svg);
    expect(lines.map(({ name, colour, dashes, points }) => [name, colour, dashes, points])).toEqual([
      [
        '7 greedy',
        '#0072b2',
        '',
        [
          [0, 10],
          [20, 50],
        ],
      ],
      [
        undefined,
        '#0072b2',
        '1',
        [
          [10, 25],
          [20, 75],
        ],
      ],
      [
        '8 greedy',
        '#d55e00',
        '',
        [
          [10, 0],
          [20, 25],
        ],
      ],
      [
        undefined,
        '#d55e00',
        '1',
        [
          [10, 100],
          [20, 60],
        ],
      ],
    ]);
    expect(texts).toContain('solid: greedy, over all starts; dotted: last 100 training episodes');
  });

  it('shows an evaluation that is the only one', async () => {
    const svg = await drawCurve({
      ...{ run: 'a run', measure: 'success', starts: 4, allStarts: true },
      learners: [learnerCurve('7', ROWS, 'success')],
    });
    // A circle in the learner's colour, beside that of the legend.
    expect(svg.match(/<path d="[^"]*A[^"]*"[^>]* stroke="#0072b2"/g)).toHaveLength(2);
  });
});
