import './game_table.css';
import { make } from '../dom.ts';
import type { GameState } from '../service.ts';
import { short } from './words.ts';

const MIXED =
  'Q_tot of each joint action, agent 1’s by row and agent 2’s by column, beside the payoff: the largest discounted ' +
  'return after it. Framed and bold: greedy. The colour tells how far a value is above or below 0.';
const UNMIXED =
  'Each agent’s own Q-values. They were learned without a mixer, each for itself: there is no Q_tot, and their sum ' +
  'is none. Beside them the payoff: the largest discounted return after each joint action. Framed and bold: greedy.';

/** What a learner has learned of every state of a game of two agents, as tables beside what is true. */
export class GameTable {
  private readonly note = make('p', { class: 'hint' });
  private readonly states = make('div', { class: 'game-states' });

  constructor(root: HTMLElement) {
    root.append(make('div', { class: 'game' }, this.note, this.states));
  }

  /** Shows these states; none: that nothing has been learned yet. */
  show(states: readonly GameState[]): void {
    if (states.length === 0) this.note.textContent = 'Nothing was learned yet.';
    else this.note.textContent = states[0].joint ? MIXED : UNMIXED;
    const values = states.flatMap(({ joint, agents, optimal }) => [
      ...(joint ?? agents).flat(),
      ...optimal.flat(),
    ]);
    const largest = Math.max(...values.map(Math.abs).filter(Number.isFinite));
    this.states.replaceChildren(...states.map((state) => section(state, largest, states.length > 1)));
  }
}

function section(
  { state, joint, agents, greedy, optimal }: GameState,
  largest: number,
  named: boolean,
): HTMLElement {
  const of = named ? ` in state ${state}` : '';
  const isGreedy = (row: number, column: number) => row === greedy[0] && column === greedy[1];
  const learned = joint
    ? table(`Q_tot${of}`, 'agent 1: ', 'agent 2: ', joint, largest, isGreedy)
    : table(`Q-values${of}`, 'agent ', 'action ', agents, largest, (row, column) => greedy[row] === column);
  const payoff = table(`Payoff${of}`, 'agent 1: ', 'agent 2: ', optimal, largest, () => false);
  const tables = make('div', { class: 'game-pair' }, learned, payoff);
  return named
    ? make('section', { 'aria-label': `State ${state}` }, make('h3', {}, `State ${state}`), tables)
    : tables;
}

/** A table of values by row and column, which are named by what is before their numbers, counted from 1. */
function table(
  caption: string,
  rowName: string,
  columnName: string,
  values: readonly (readonly number[])[],
  largest: number,
  greedy: (row: number, column: number) => boolean,
): HTMLElement {
  const head = (name: string, number: number, scope: string) =>
    make('th', { scope }, make('span', { class: 'unseen' }, name), String(number + 1));
  const rows = values.map((row, first) =>
    make(
      'tr',
      {},
      head(rowName, first, 'row'),
      ...row.map((value, second) => cell(value, largest, greedy(first, second))),
    ),
  );
  const scroll = make(
    'table',
    { class: 'game-table' },
    make('caption', {}, caption),
    make(
      'thead',
      {},
      make('tr', {}, make('td'), ...values[0].map((_, second) => head(columnName, second, 'col'))),
    ),
    make('tbody', {}, ...rows),
  );
  return make('div', { class: 'game-scroll', tabIndex: 0, role: 'group', 'aria-label': caption }, scroll);
}

function cell(value: number, largest: number, greedy: boolean): HTMLElement {
  const element = make('td', { class: greedy ? 'game-greedy' : '' }, short(value));
  if (greedy) element.append(make('span', { class: 'unseen' }, ' greedy'));
  element.classList.add(value < 0 ? 'game-below' : 'game-above');
  const share = Number.isFinite(value) && largest > 0 ? Math.abs(value) / largest : 0;
  element.style.setProperty('--share', `${(45 * share).toFixed(1)}%`);
  return element;
}
