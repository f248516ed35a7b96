import { make } from './dom.ts';

/** Whether the run is kept, what became of its device, and all else. */
export type NoticeKind = 'kept' | 'device' | 'other';
const KINDS: readonly NoticeKind[] = ['device', 'kept', 'other'];

/** What there is to know beside what is going on: a text of each kind, none of which takes another's place. */
export class Notices {
  private readonly texts = new Map<NoticeKind, string>();

  constructor(private readonly root: HTMLElement) {}

  /** Shows a text in place of the last of its kind; empty: none. What is there already is not said again. */
  set(kind: NoticeKind, text: string): void {
    if ((this.texts.get(kind) ?? '') === text) return;
    this.texts.set(kind, text);
    const shown = KINDS.map((own) => this.texts.get(own) ?? '').filter((own) => own !== '');
    this.root.replaceChildren(...shown.map((own) => make('p', {}, own)));
  }

  clear(): void {
    for (const kind of KINDS) this.set(kind, '');
  }
}
