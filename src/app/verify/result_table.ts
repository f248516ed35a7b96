import { make } from '../dom.ts';
import { scroller } from '../scroller.ts';

let tables = 0;

/** A table that grows by rows. */
export class ResultTable {
  readonly root: HTMLElement;
  private readonly body: HTMLTableSectionElement;

  /** `note`: what the columns mean; empty where they say it. */
  constructor(title: string, note: string, columns: readonly string[]) {
    const heading = make('h3', { id: `result-${tables++}` }, title);
    const table = make('table', { 'aria-labelledby': heading.id });
    const head = table.createTHead().insertRow();
    for (const column of columns) head.append(make('th', { scope: 'col' }, column));
    this.body = table.createTBody();
    this.root = make(
      'div',
      {},
      heading,
      ...(note ? [make('p', { class: 'hint' }, note)] : []),
      scroller(title, table),
    );
  }

  /** Adds a row; `kind` becomes its class. */
  add(cells: readonly string[], kind = ''): void {
    const [name, ...rest] = cells;
    const row = this.body.insertRow();
    row.className = kind;
    row.append(make('th', { scope: 'row' }, name), ...rest.map((text) => make('td', {}, text)));
  }
}
