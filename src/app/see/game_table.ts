import './game_table.css';
import { make } from '../dom.ts';
import type { GameState } from '../service.ts';
import { short } from './words.ts';

const MIXED =
  'Q_tot of each joint action, agent 1’s by row and agent 2’s by column, beside the payoff: the largest discounted ' +
  'return after it. Framed and bold: greedy. The colour tells how far a value is above or below 0.';
const UNMIXED =
  'Each agent’s own Q-values, a row for each agent and a column for each of its actions. They were learned without ' +
  'a mixer, each for itself: there is no Q_tot, and their sum is none. Beside them the payoff: the largest ' +
  'discounted return after each joint action, agent 1’s by row and agent 2’s by column. Framed and bold: greedy.';

/** Values by row and column. */
interface Table {
  readonly caption: string;
  /** What stands before the numbers of rows and of columns, and whether for all to see or for screen readers only. */
  readonly row: string;
  readonly column: string;
  readonly seen: boolean;
  readonly values: readonly (readonly number[])[];
  readonly isGreedy: (row: number, column: number) => boolean;
}

/**
 * What a learner has learned of every state of a game of two agents, as tables beside what is true. The tables stay
 * while their values change, and with them the keyboard's focus and where a screen reader is.
 */
export class GameTable {
  private readonly note = make('p', { class: 'hint' });
  private readonly states = make('div', { class: 'game-states' });
  /** Captions and sizes of the tables on the page. */
  private shape = '';
  /** Cells of all tables, in the order of their values. */
  private cells: HTMLTableCellElement[] = [];

  constructor(root: HTMLElement) {
    root.append(make('div', { class: 'game' }, this.note, this.states));
    this.clear();
  }

  /** Shows that nothing has been learned yet. */
  clear(): void {
    this.shape = '';
    this.cells = [];
    this.note.textContent = 'Nothing was learned yet.';
    this.states.replaceChildren();
  }

  /** Shows these states, of which there is one at least. */
  show(states: readonly GameState[]): void {
    const tables = states.map((state) => tablesOf(state, states.length > 1));
    const shape = JSON.stringify(
      tables.flat().map(({ caption, values }) => [caption, values.map((row) => row.length)]),
    );
    if (shape !== this.shape) {
      this.clear();
      this.shape = shape;
      this.note.textContent = states[0].joint ? MIXED : UNMIXED;
      this.states.append(
        ...tables.map((pair, index) => this.makeState(pair, states.length > 1 ? states[index].state : '')),
      );
    }
    const entries = tables
      .flat()
      .flatMap(({ values, isGreedy }) =>
        values.flatMap((own, row) => own.map((value, column) => ({ value, greedy: isGreedy(row, column) }))),
      );
    const sizes = entries.map(({ value }) => Math.abs(value)).filter(Number.isFinite);
    const largest = Math.max(...sizes);
    for (const [at, { value, greedy }] of entries.entries()) write(this.cells[at], value, largest, greedy);
  }

  /** The tables of a state; `name`: its name, where there are others. */
  private makeState(tables: readonly Table[], name: string): HTMLElement {
    const pair = make('div', { class: 'game-pair' }, ...tables.map((table) => this.makeTable(table)));
    if (!name) return pair;
    const title = `State ${name}`;
    return make('section', { 'aria-label': title }, make('h3', {}, title), pair);
  }

  private makeTable({ caption, row, column, seen, values }: Table): HTMLElement {
    const head = (name: string, at: number, scope: string) =>
      make('th', { scope }, make('span', { class: seen ? '' : 'unseen' }, name), String(at + 1));
    const rows = values.map((own, at) => {
      const cells = own.map(() => make('td', {}, make('span'), make('span', { class: 'unseen' })));
      this.cells.push(...cells);
      return make('tr', {}, head(row, at, 'row'), ...cells);
    });
    const heads = values[0].map((_, at) => head(column, at, 'col'));
    const table = make(
      'table',
      { class: 'game-table' },
      make('caption', {}, caption),
      make('thead', {}, make('tr', {}, make('td'), ...heads)),
      make('tbody', {}, ...rows),
    );
    return make('div', { class: 'game-scroll', tabIndex: 0, role: 'group', 'aria-label': caption }, table);
  }
}

/** What was learned of a state, and its payoff; `named`: the captions say which state it is. */
function tablesOf({ state, joint, agents, greedy, optimal }: GameState, named: boolean): [Table, Table] {
  const of = named ? ` in state ${state}` : '';
  const actions = { row: 'agent 1: ', column: 'agent 2: ', seen: false };
  const learned: Table = joint
    ? {
        caption: `Q_tot${of}`,
        ...actions,
        values: joint,
        isGreedy: (row, column) => row === greedy[0] && column === greedy[1],
      }
    : {
        caption: `Q-values${of}`,
        ...{ row: 'agent ', column: 'action ', seen: true },
        values: agents,
        isGreedy: (row, column) => greedy[row] === column,
      };
  return [learned, { caption: `Payoff${of}`, ...actions, values: optimal, isGreedy: () => false }];
}

/** Writes a value into its cell, which stays, and colours it. */
function write(cell: HTMLTableCellElement, value: number, largest: number, greedy: boolean): void {
  const [number, remark] = cell.children;
  number.textContent = short(value);
  remark.textContent = greedy ? ' greedy' : '';
  const share = Number.isFinite(value) && largest > 0 ? Math.abs(value) / largest : 0;
  cell.className = `${value < 0 ? 'game-below' : 'game-above'}${greedy ? ' game-greedy' : ''}`;
  cell.style.setProperty('--share', `${(45 * share).toFixed(1)}%`);
}
