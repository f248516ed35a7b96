import type { Moment } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { scroller } from '../scroller.ts';
import type { RunInfo } from '../service.ts';
import { curveChart } from './drawings.ts';
import { chosenValues, slopesOf, totalOf } from './mixing.ts';
import { bracketed, decimal, extent } from './numbers.ts';
import { valueTable } from './value_table.ts';
import { beside, said } from './views.ts';

/** Points of a curve. */
const POINTS = 41;
/** Joint actions are shown as a table up to this many actions an agent. */
const TABLE_ACTIONS = 9;

/**
 * Step 3: Q_tot of the greedy joint action as the agents' Q-values are shifted. `shifts` [N] is what the sliders say;
 * they write into it, so that it outlives the view.
 */
export function mixingView(run: RunInfo, moment: Moment, shifts: number[]): HTMLElement {
  const { look } = moment;
  const values = chosenValues(look, look.greedy);
  if (look.qTotal === undefined) {
    const own = values.map((value, agent) => `Q${subscript(agent)} = ${decimal(value)}`).join(', ');
    return beside(run, moment, said(`Of the greedy actions, each for itself: ${own}. There is no Q_tot.`));
  }
  const [least, most] = extent(look.q.flat());
  const reach = Math.max(2, Math.ceil(most - least));
  const equation = make('p', { class: 'equation' });
  const slopes = make('p', { class: 'said' });
  const chart = make('div', { class: 'chart' });
  const rows = values.map((_, agent) => slider(agent, reach, shifts[agent]));

  const show = (): void => {
    const shifted = values.map((value, agent) => value + shifts[agent]);
    const total = totalOf(look, shifted)!;
    const list = shifted.map((value) => decimal(value)).join(', ');
    equation.textContent = look.mixing
      ? `Q_tot(${list}) = ${decimal(total - look.mixing.b2)} from ${look.mixing.w2.length} units + ${bracketed(look.mixing.b2)} from b₂ = ${decimal(total)}`
      : `Q_tot = ${shifted.map((value) => bracketed(value)).join(' + ')} = ${decimal(total)}`;
    const steepness = slopesOf(look, shifted);
    slopes.textContent =
      `Slopes: ${steepness.map((slope, agent) => `∂Q_tot/∂Q${subscript(agent)} = ${decimal(slope, 3)}`).join(', ')}. ` +
      `${steepness.some((slope) => slope < 0) ? 'One is negative, which must not be.' : 'None is negative.'} ` +
      `Without the shifts, Q_tot is ${decimal(look.qTotal!)}.`;
    for (const [agent, { input, output }] of rows.entries()) {
      const text = `${decimal(values[agent])} ${shifts[agent] < 0 ? '−' : '+'} ${decimal(Math.abs(shifts[agent]), 1)} = ${decimal(shifted[agent])}`;
      output.textContent = text;
      input.setAttribute('aria-valuetext', `${text}; Q_tot ${decimal(total)}`);
    }
    const curves = values.map((_, agent) => ({
      values: Array.from({ length: POINTS }, (_, j) => {
        const along = [...shifted];
        along[agent] = values[agent] - reach + (2 * reach * j) / (POINTS - 1);
        return totalOf(look, along)!;
      }),
      at: (shifts[agent] + reach) / (2 * reach),
      value: total,
    }));
    const fall = curves.some((curve) => falls(curve.values));
    const label =
      `Q_tot as each agent's Q-value is shifted from ${decimal(-reach, 0)} to +${reach}: ` +
      `${fall ? 'a curve falls, which must not be' : 'no curve falls'}`;
    chart.replaceChildren(curveChart(label, curves, [`shift ${decimal(-reach, 0)}`, `+${reach}`]));
  };
  for (const [agent, { input }] of rows.entries()) {
    // Q-values of another moment may give the slider less room.
    shifts[agent] = Number(input.value);
    input.addEventListener('input', () => {
      shifts[agent] = Number(input.value);
      show();
    });
  }
  show();
  const sliders = make('div', { class: 'sliders' }, ...rows.map(({ row }) => row));
  return beside(run, moment, sliders, equation, chart, slopes, ...jointTable(run, moment));
}

/** Whether a curve falls by more than rounding. */
const falls = (values: readonly number[]): boolean =>
  values.some((value, j) => j > 0 && value < values[j - 1] - 1e-9);

interface Slider {
  readonly row: HTMLElement;
  readonly input: HTMLInputElement;
  readonly output: HTMLElement;
}

function slider(agent: number, reach: number, shift: number): Slider {
  const id = `tour-shift-${agent}`;
  const input = make('input', {
    id,
    type: 'range',
    min: -reach,
    max: reach,
    step: 0.1,
    class: `tone-${agent % 4}`,
  });
  input.value = String(shift);
  const output = make('span', { class: 'shifted', 'aria-hidden': 'true' });
  const label = make('label', { for: id }, `Shift Q${subscript(agent)} of agent ${agent + 1}`);
  return { row: make('div', { class: 'slider' }, label, input, output), input, output };
}

const subscript = (agent: number): string =>
  String(agent + 1).replace(/\d/g, (digit) => '₀₁₂₃₄₅₆₇₈₉'.charAt(Number(digit)));

/** Q_tot of all joint actions, where there are two agents. */
function jointTable(run: RunInfo, { look }: Moment): HTMLElement[] {
  const { q, greedy } = look;
  if (q.length !== 2 || q[0].length > TABLE_ACTIONS) return [];
  const joint = q[0].map((_, first) =>
    q[1].map((_, second) => totalOf(look, chosenValues(look, [first, second]))!),
  );
  const legal = joint.map((row, first) =>
    row.map((_, second) => look.legal[0][first] && look.legal[1][second]),
  );
  const allowed = joint.flatMap((row, first) => row.filter((_, second) => legal[first][second]));
  const best = joint[greedy[0]][greedy[1]] >= extent(allowed)[1] - 1e-9;
  const caption = 'Q_tot of every joint action, without the shifts';
  return [
    scroller(
      'Q_tot of every joint action',
      valueTable({
        caption: run.masked ? `${caption}; struck out: not allowed` : caption,
        corner: 'agent 1 by row, agent 2 by column',
        rows: run.actions,
        columns: run.actions,
        values: joint,
        legal,
        greedy,
      }),
    ),
    said(
      best
        ? `Each agent’s own best action, together: ${decimal(joint[greedy[0]][greedy[1]])}, and no other of the ${allowed.length} ${run.masked ? 'allowed ' : ''}joint actions has a higher Q_tot.`
        : `Another ${run.masked ? 'allowed ' : ''}joint action has a higher Q_tot than the agents’ own best ones, which must not be.`,
    ),
  ];
}
