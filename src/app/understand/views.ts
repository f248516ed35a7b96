import type { Episode, Look, Moment } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { scroller } from '../scroller.ts';
import type { RunInfo } from '../service.ts';
import { type Bar, barTable, type Scale, scaleOf, weightStrip } from './drawings.ts';
import { chosenValues, mixerOf, totalOf } from './mixing.ts';
import { bracketed, decimal, extent, mean, signed } from './numbers.ts';
import { placeOf, sceneOf } from './scene.ts';

/** The live part of the tour's steps: what the numbers of one situation look like. */

/** Name of an action; its number where it has none. */
export const actionName = ({ actions }: RunInfo, action: number): string =>
  actions[action] ?? String(action + 1);

const agentName = (agent: number): string => `Agent ${agent + 1}`;

export const said = (text: string): HTMLElement => make('p', { class: 'said' }, text);

/** A picture of the situation, where there is one, beside what is said of it. */
export function beside(run: RunInfo, { cells }: Moment, ...children: Node[]): HTMLElement {
  const scene = sceneOf(run, cells);
  const body = make('div', { class: 'beside-scene' }, ...children);
  return scene ? make('div', { class: 'with-scene' }, make('div', { class: 'scene' }, scene), body) : body;
}

/** Step 1: every agent's Q-values. */
export function agentsView(run: RunInfo, moment: Moment): HTMLElement {
  const { q, legal, greedy } = moment.look;
  const scale = scaleOf(q.flat());
  const tables = q.map((values, agent) => {
    const where = placeOf(run, moment.cells, agent);
    const bars = values.map((value, action): Bar => {
      const remark =
        greedy[agent] === action ? 'greedy' : legal[agent]?.[action] === false ? 'not allowed' : '';
      return { label: actionName(run, action), value, remark, marked: remark === 'greedy' };
    });
    return barTable(`Q-values of agent ${agent + 1}${where && `, at ${where}`}`, bars, scale, agent);
  });
  const moves = greedy.map((action, agent) => `agent ${agent + 1}: ${actionName(run, action)}`).join(', ');
  return beside(
    run,
    moment,
    make('div', { class: 'columns' }, ...tables),
    said(`The greedy joint action is ${moves}.`),
  );
}

/** Step 2: the weights that hypernetworks make of the state; without them, what stands in their place. */
export function hypernetworksView(run: RunInfo, moment: Moment): HTMLElement {
  const { mixing, q } = moment.look;
  if (!mixing) {
    return beside(
      run,
      moment,
      said(
        mixerOf(moment.look) === 'sum'
          ? `The weights of the sum: ${q.map((_, agent) => `1 for agent ${agent + 1}`).join(', ')}.`
          : 'There is nothing to mix the Q-values with.',
      ),
    );
  }
  const { w1, w2, b1, b2 } = mixing;
  const first = scaleOf(w1.flat());
  const strip = (
    name: string,
    values: readonly number[],
    tone: number | 'team',
    scale: Scale = scaleOf(values),
  ) => weightStrip(name, values, scale, tone);
  const [least] = extent([...w1.flat(), ...w2]);
  return beside(
    run,
    moment,
    ...w1.map((weights, agent) => strip(`w₁ of agent ${agent + 1}`, weights, agent, first)),
    strip('b₁', b1, 'team'),
    strip('w₂', w2, 'team'),
    said(
      `b₂ is ${decimal(b2, 3)}. The smallest of the ${w1.flat().length + w2.length} weights is ` +
        `${least < 5e-4 && least > 0 ? least.toExponential(1) : decimal(least, 3)}: ${least < 0 ? 'negative, which must not be' : 'none is negative'}.`,
    ),
  );
}

/** What a transition's target is made of. Without a mixer, means over the agents. */
export interface ErrorParts {
  readonly reward: number;
  /** γ times what the target networks expect of the next state; 0 where the episode ended in success. */
  readonly future: number;
  readonly target: number;
  readonly forecast: number;
  readonly error: number;
  /** Whether the transition ended the episode in success. */
  readonly last: boolean;
  /** Whether the forecast is Q_tot; else the mean of the agents' own values. */
  readonly total: boolean;
}

/** The parts of the TD error of an episode's first move; undefined where it has none. */
export function errorParts({ moments, outcome }: Episode): ErrorParts | undefined {
  const [from, to] = moments;
  if (!from || !to) return undefined;
  const values = chosenValues(from.look, to.actions);
  const total = totalOf(from.look, values);
  const forecast = total ?? mean(values);
  const { reward, tdError: error } = to;
  const target = forecast + error;
  const last = moments.length === 2 && outcome === 'solved';
  return {
    reward,
    future: last ? 0 : target - reward,
    target,
    forecast,
    error,
    last,
    total: total !== undefined,
  };
}

/** Step 4: the TD error of the move that the greedy team makes from here. */
export function errorView(run: RunInfo, episode: Episode): HTMLElement {
  const [moment, next] = episode.moments;
  const parts = errorParts(episode);
  if (!parts) return said('There is no move to be made from here: choose another situation.');
  const { reward, future, target, forecast, error, last, total } = parts;
  const name = total ? 'Q_tot' : 'Q, mean';
  const moves = next.actions
    .map((action, agent) => `agent ${agent + 1} ${actionName(run, action)}`)
    .join(', ');
  const bars: Bar[] = [
    { label: 'r', value: reward, remark: 'reward' },
    {
      label: total ? 'γ Q_tot⁻' : 'γ Q⁻, mean',
      value: future,
      remark: last ? 'no next state' : 'of the next state',
    },
    { label: 'y', value: target, remark: 'target' },
    { label: name, value: forecast, remark: 'forecast' },
    { label: 'δ', value: error, remark: 'TD error', marked: true },
  ];
  const scale = scaleOf(bars.map(({ value }) => value));
  const way = Math.abs(error) < 0.005 ? 'was right' : error > 0 ? 'was too low' : 'was too high';
  return beside(
    run,
    moment,
    barTable(`The move: ${moves}`, bars, scale, 'team'),
    make(
      'p',
      { class: 'equation' },
      `δ = ${decimal(reward)} + ${bracketed(future)} − ${bracketed(forecast)} = ${decimal(error)}`,
    ),
    said(
      `The forecast ${way}: ${total ? 'Q_tot' : 'on average Q'} is ${decimal(forecast)}, the target ${decimal(target)}.`,
    ),
  );
}

const PLACES = 4;

/** Step 5: the numbers of one situation before and after an update. */
export function changeView(run: RunInfo, before: Episode, after: Episode | undefined): HTMLElement {
  const [moment] = before.moments;
  const names = rowNames(run, moment.look);
  const values = numbersOf(before);
  const later = after && numbersOf(after);
  const table = make(
    'table',
    { class: 'values change' },
    make(
      'caption',
      {},
      after
        ? `After ${count(before.updates)} and ${count(after.updates)} updates`
        : `After ${count(before.updates)} updates`,
    ),
  );
  const head = table.createTHead().insertRow();
  head.append(make('td', {}));
  for (const column of ['before', 'after', 'change']) head.append(make('th', { scope: 'col' }, column));
  const body = table.createTBody();
  for (const [row, name] of names.entries()) {
    const line = body.insertRow();
    const change = later ? later[row] - values[row] : Number.NaN;
    line.append(
      make('th', { scope: 'row' }, name),
      make('td', {}, decimal(values[row], PLACES)),
      make('td', {}, later ? decimal(later[row], PLACES) : '–'),
      make('td', {}, signed(change, PLACES)),
    );
  }
  return beside(run, moment, scroller('The numbers before and after', table));
}

const count = (value: number): string => value.toLocaleString('en');

function rowNames(run: RunInfo, { q, greedy, qTotal }: Look): string[] {
  const own = q.flatMap((values, agent) =>
    values.map(
      (_, action) =>
        `${agentName(agent)}, ${actionName(run, action)}${greedy[agent] === action ? ' (greedy)' : ''}`,
    ),
  );
  return [...own, ...(qTotal === undefined ? [] : ['Q_tot of the greedy move']), 'TD error of that move'];
}

function numbersOf(episode: Episode): number[] {
  const [{ look }] = episode.moments;
  return [
    ...look.q.flat(),
    ...(look.qTotal === undefined ? [] : [look.qTotal]),
    errorParts(episode)?.error ?? Number.NaN,
  ];
}

/** What an update did to a situation, in a sentence. */
export function describeChange(before: Episode, after: Episode): string {
  if (after.updates === before.updates) {
    return 'No update was made: replay is still being filled before the first one, or the run is at its end.';
  }
  const a = errorParts(before);
  const b = errorParts(after);
  const turned = before.moments[0].look.greedy.some(
    (action, agent) => action !== after.moments[0].look.greedy[agent],
  );
  const made = after.updates - before.updates;
  const moved = turned ? ' The greedy joint action is another one now.' : '';
  const updates = made === 1 ? 'One update was made' : `${count(made)} updates were made`;
  if (!a || !b) return `${updates}.${moved}`;
  const smaller = Math.abs(b.error) < Math.abs(a.error);
  return (
    `${updates}: here, the TD error went from ${decimal(a.error, PLACES)} to ${decimal(b.error, PLACES)}, ` +
    `${smaller ? 'nearer to' : 'not nearer to'} 0.${moved}`
  );
}
