import { make } from '../dom.ts';
import { decimal } from './numbers.ts';

interface ValueTableOptions {
  readonly caption: string;
  /** Names of the actions by row and by column. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** What the rows and the columns are; for the corner. */
  readonly corner: string;
  readonly values: readonly (readonly number[])[];
  /** Which of them may be taken; all where not given. */
  readonly legal?: readonly (readonly boolean[])[];
  /** Row and column of the greedy joint action; none where nothing is to be marked. */
  readonly greedy?: readonly number[];
}

/** A number for every joint action of two agents: the greedy one marked, those that may not be taken struck out. */
export function valueTable(options: ValueTableOptions): HTMLTableElement {
  const { caption, rows, columns, corner, values, legal, greedy } = options;
  const table = make('table', { class: 'values' }, make('caption', {}, caption));
  const head = table.createTHead().insertRow();
  head.append(make('td', { class: 'corner' }, corner));
  for (const column of columns) head.append(make('th', { scope: 'col' }, column));
  const body = table.createTBody();
  for (const [row, name] of rows.entries()) {
    const line = body.insertRow();
    line.append(make('th', { scope: 'row' }, name));
    for (const [column, value] of values[row].entries()) {
      const text = decimal(value);
      if (greedy?.[0] === row && greedy[1] === column)
        line.append(marked('greedy', 'strong', text, 'greedy'));
      else if (legal && !legal[row][column]) line.append(marked('illegal', 's', text, 'not allowed'));
      else line.append(make('td', {}, text));
    }
  }
  return table;
}

/** A cell whose text looks otherwise, with what that means for those who do not see it. */
const marked = (kind: string, tag: 'strong' | 's', text: string, meaning: string): HTMLElement =>
  make('td', { class: kind }, make(tag, {}, text), make('span', { class: 'unseen' }, `, ${meaning}`));
