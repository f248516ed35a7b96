import { make } from '../dom.ts';
import { decimal } from './numbers.ts';

export interface ValueTableOptions {
  readonly caption: string;
  /** Names of the actions by row and by column. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** What the rows and the columns are; for the corner. */
  readonly corner: string;
  readonly values: readonly (readonly number[])[];
  /** Row and column of the greedy joint action; none where nothing is to be marked. */
  readonly greedy?: readonly number[];
}

/** A number for every joint action of two agents, the greedy one marked. */
export function valueTable(options: ValueTableOptions): HTMLTableElement {
  const { caption, rows, columns, corner, values, greedy } = options;
  const table = make('table', { class: 'values' }, make('caption', {}, caption));
  const head = table.createTHead().insertRow();
  head.append(make('td', { class: 'corner' }, corner));
  for (const column of columns) head.append(make('th', { scope: 'col' }, column));
  const body = table.createTBody();
  for (const [row, name] of rows.entries()) {
    const line = body.insertRow();
    line.append(make('th', { scope: 'row' }, name));
    for (const [column, value] of values[row].entries()) {
      const marked = greedy?.[0] === row && greedy[1] === column;
      const text = decimal(value);
      line.append(
        marked
          ? make(
              'td',
              { class: 'greedy' },
              make('strong', {}, text),
              make('span', { class: 'unseen' }, ', greedy'),
            )
          : make('td', {}, text),
      );
    }
  }
  return table;
}
