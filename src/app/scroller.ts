import { make } from './dom.ts';

/** Room for a table that may be wider than the page: it scrolls by itself, by keys as well. */
export const scroller = (label: string, table: HTMLTableElement): HTMLElement =>
  make('div', { class: 'scroller', tabIndex: 0, role: 'region', 'aria-label': label }, table);
