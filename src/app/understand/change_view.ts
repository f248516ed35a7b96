import type { Episode } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { scroller } from '../scroller.ts';
import { jointAction } from '../see/words.ts';
import type { RunInfo } from '../service.ts';
import { chosenValues, totalOf } from './mixing.ts';
import { decimal, signed } from './numbers.ts';
import { beside, errorParts } from './views.ts';

/** Step 5: the numbers of one situation before an update and after it. */

const PLACES = 4;

/** A number before and after; NaN where there is none. */
interface Row {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

export function changeView(run: RunInfo, before: Episode, after: Episode | undefined): HTMLElement {
  const caption = after
    ? `After ${count(before.updates)} and ${countedUpdates(after.updates)}`
    : `After ${countedUpdates(before.updates)}`;
  const table = make('table', { class: 'values change' }, make('caption', {}, caption));
  const head = table.createTHead().insertRow();
  head.append(make('td', {}));
  for (const column of ['before', 'after', 'change']) head.append(make('th', { scope: 'col' }, column));
  const body = table.createTBody();
  for (const { name, before: was, after: is } of [
    ...ownRows(run, before, after),
    ...moveRows(run, before, after),
  ]) {
    body
      .insertRow()
      .append(
        make('th', { scope: 'row' }, name),
        make('td', {}, decimal(was, PLACES)),
        make('td', {}, decimal(is, PLACES)),
        make('td', {}, signed(is - was, PLACES)),
      );
  }
  return beside(run, before.moments[0], scroller('The numbers before and after', table));
}

const count = (value: number): string => value.toLocaleString('en');

/** `1 update`, `1,250 updates` */
export const countedUpdates = (value: number): string =>
  `${count(value)} ${value === 1 ? 'update' : 'updates'}`;

const greedyOf = ({ moments: [{ look }] }: Episode): readonly number[] => look.greedy;

/** Whether the greedy joint action is another one after the update. */
const turned = (before: Episode, after: Episode): boolean =>
  greedyOf(before).some((action, agent) => action !== greedyOf(after)[agent]);

/** The agents' own Q-values. */
function ownRows(run: RunInfo, before: Episode, after: Episode | undefined): Row[] {
  const { q, legal, greedy } = before.moments[0].look;
  const later = after?.moments[0].look;
  return q.flatMap((values, agent) =>
    values.map((value, action) => {
      const was = greedy[agent] === action;
      const is = (later?.greedy ?? greedy)[agent] === action;
      const remark =
        was && is
          ? ' (greedy)'
          : was
            ? ' (greedy before)'
            : is
              ? ' (greedy after)'
              : legal[agent][action]
                ? ''
                : ' (not allowed)';
      return {
        name: `Agent ${agent + 1}, ${run.actions[action]}${remark}`,
        before: value,
        after: later ? later.q[agent][action] : Number.NaN,
      };
    }),
  );
}

/**
 * Q_tot and the TD error of the greedy move. Where the update has turned it, those of both moves: the TD error is known
 * of a move only where the team makes it, so that each has one, and nothing is said of a change.
 */
function moveRows(run: RunInfo, before: Episode, after: Episode | undefined): Row[] {
  const both = after && turned(before, after);
  const moves = both ? [greedyOf(before), greedyOf(after)] : [greedyOf(before)];
  return moves.flatMap((move, index) => {
    const name = both ? jointAction(move, run) : 'the greedy move';
    const total = (episode: Episode | undefined): number => {
      const look = episode?.moments[0].look;
      return (look && totalOf(look, chosenValues(look, move))) ?? Number.NaN;
    };
    const error = (episode: Episode | undefined): number =>
      (episode && errorParts(episode)?.error) ?? Number.NaN;
    const mixed = run.mixer !== 'none';
    return [
      ...(mixed ? [{ name: `Q_tot of ${name}`, before: total(before), after: total(after) }] : []),
      {
        name: `${mixed ? 'TD error' : 'TD error, mean over the agents,'} of ${name}`,
        before: index === 0 ? error(before) : Number.NaN,
        after: both && index === 0 ? Number.NaN : error(after),
      },
    ];
  });
}

/** What an update did to a situation, in a sentence. */
export function describeChange(run: RunInfo, before: Episode, after: Episode): string {
  const made = after.updates - before.updates;
  if (made === 0) {
    return 'No update was made: replay is still being filled before the first one, or the run is at its end.';
  }
  const updates = made === 1 ? 'One update was made' : `${count(made)} updates were made`;
  if (turned(before, after)) {
    return (
      `${updates}, and the greedy move here turned from ${jointAction(greedyOf(before), run)} to ` +
      `${jointAction(greedyOf(after), run)}. The TD errors before and after are of different moves, and are not to be compared.`
    );
  }
  const was = errorParts(before)?.error;
  const is = errorParts(after)?.error;
  if (was === undefined || is === undefined) return `${updates}.`;
  const nearer = Math.abs(is) < Math.abs(was) ? 'nearer to' : 'not nearer to';
  return `${updates}: here, the TD error went from ${decimal(was, PLACES)} to ${decimal(is, PLACES)}, ${nearer} 0.`;
}
