import type { Episode, Moment } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { jointAction, place } from '../see/words.ts';
import type { RunInfo } from '../service.ts';
import { type Bar, barTable, type Scale, scaleOf, weightStrip } from './drawings.ts';
import { chosenValues, totalOf } from './mixing.ts';
import { bracketed, decimal, extent, mean } from './numbers.ts';
import { sceneOf } from './scene.ts';

/** The live part of the tour's steps: what the numbers of one situation look like. */

export const said = (text: string): HTMLElement => make('p', { class: 'said' }, text);

/** A picture of the situation beside what is said of it. */
export function beside(run: RunInfo, { cells }: Moment, ...children: Node[]): HTMLElement {
  const scene = make('div', { class: 'scene' }, sceneOf(run, cells));
  return make('div', { class: 'with-scene' }, scene, make('div', { class: 'beside-scene' }, ...children));
}

/** Step 1: every agent's Q-values. */
export function agentsView(run: RunInfo, moment: Moment): HTMLElement {
  const { q, legal, greedy } = moment.look;
  const scale = scaleOf(q.flat());
  const tables = q.map((values, agent) => {
    const bars = values.map((value, action): Bar => {
      const remark = greedy[agent] === action ? 'greedy' : legal[agent][action] ? '' : 'not allowed';
      return { label: run.actions[action], value, remark, marked: remark === 'greedy' };
    });
    const where = place(moment.cells[agent], run.gridSize);
    return barTable(`Q-values of agent ${agent + 1}, at ${where}`, bars, scale, agent);
  });
  return beside(
    run,
    moment,
    make('div', { class: 'columns' }, ...tables),
    said(`The greedy joint action is ${jointAction(greedy, run)}.`),
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
        run.mixer === 'sum'
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
interface ErrorParts {
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
    barTable(`The move: ${jointAction(next.actions, run)}`, bars, scale, 'team'),
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
