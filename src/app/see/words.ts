import type { Episode } from '../../inspect/look.ts';
import type { LearnerInfo } from '../service.ts';
import type { World } from './world.ts';

/** What the pictures of an episode say in words. Rows and columns count from 1. */

/** `row 2, column 3` */
export const place = (cell: number, gridSize: number): string =>
  `row ${Math.floor(cell / gridSize) + 1}, column ${(cell % gridSize) + 1}`;

/** `agent 1, row 2, column 3` */
export const namePiece = (piece: number, cell: number, { pieces, gridSize }: World): string =>
  `${pieces[piece]}, ${place(cell, gridSize)}`;

/** `agent 1 up, agent 2 stay` */
export const jointAction = (actions: readonly number[], { pieces, actions: names }: World): string =>
  actions.map((action, agent) => `${pieces[agent]} ${names[action]}`).join(', ');

/** `goal at row 1, column 1; agent 1 at row 2, column 3; …` */
export function positions(cells: readonly number[], { pieces, agents, gridSize }: World): string {
  const named = cells.map((cell, piece) => `${pieces[piece]} at ${place(cell, gridSize)}`);
  return [...named.slice(agents), ...named.slice(0, agents)].join('; ');
}

/** What stands below a board: step, joint action, shortest possible length, positions, and what comes next. */
export function describeMoment({ moments, optimal, outcome }: Episode, index: number, world: World): string {
  const { cells, actions, look } = moments[index];
  const last = index === moments.length - 1;
  const steps = `${index} ${index === 1 ? 'step' : 'steps'}`;
  const shortest = Number.isNaN(optimal) ? '' : `, shortest possible ${optimal}`;
  let head = index === 0 ? 'A new start' : `Step ${index}`;
  if (last && index > 0) head = outcome === 'solved' ? `Solved after ${steps}` : `Not solved within ${steps}`;
  const taken = actions.length > 0 ? ` (${jointAction(actions, world)})` : '';
  const next = last ? '' : ` Greedy now: ${jointAction(look.greedy, world)}.`;
  return `${head}${taken}${shortest}: ${positions(cells, world)}.${next}`;
}

/** How the starts on the map went, and how it is read; `counted`: how many in the fewest steps, with more, and not. */
export const describeStarts = (starts: number, [fewest, more, not]: readonly string[]): string =>
  `Of ${starts.toLocaleString('en')} starts, ${fewest} are solved in the fewest steps, ${more} with more, ${not} not. ` +
  'A block for each cell of the goal; in it a row for each cell of agent 1, a column for each of agent 2. Click a ' +
  'start, or choose one with the arrow keys (Page Up and Page Down, Home and End: by blocks) and press Enter, to see ' +
  'it played.';

/** What a learner is called beside what is its own: its label; nothing where a run has no other. */
export const learnerName = (learners: readonly LearnerInfo[], index: number): string =>
  learners.length > 1 ? learners[index].label : '';

/** A number with as many digits as tell something; a dash for none. */
export function short(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    size > 0 && (size < 0.001 || size >= 1e6)
      ? value.toExponential(1)
      : value.toFixed(size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0);
  return text.replaceAll('-', '−');
}

/** The largest of numbers that may be more than a call can take. */
export const greatest = (numbers: readonly number[]): number =>
  numbers.reduce((largest, number) => Math.max(largest, number), Number.NEGATIVE_INFINITY);

/** What there is to say of weights, none of which is negative. */
export function describeWeights(weights: readonly number[]): string {
  const least = -greatest(weights.map((weight) => -weight));
  const largest = greatest(weights);
  const near = weights.filter((weight) => weight < 0.01 * largest).length;
  const share = Math.round((100 * near) / weights.length);
  return `least ${short(least)}, largest ${short(largest)}, ${share} % near zero (below a hundredth of the largest)`;
}
