import { make } from './dom.ts';
import { messageOf } from './message_of.ts';
import './runs_panel.css';
import { openRuns, type RunStore } from './run_store.ts';
import type { KeptRun } from './service.ts';
import { describeKept, describeSpace } from './words.ts';

/** What can be done with a kept run; each resolves once it is done, and throws Errors for people. */
export interface RunActions {
  /** Shows it on the page; `train`: and goes on with it. */
  open(run: KeptRun, train: boolean): Promise<void>;
  /** Whether its curves lie over those of the run on the page. */
  overlay(run: KeptRun, shown: boolean): Promise<void>;
  exportCheckpoint(run: KeptRun): Promise<void>;
  importFile(file: File): Promise<void>;
  /** It is called so from now on. */
  renamed(run: KeptRun, name: string): void;
}

/** The runs that this browser keeps: a list, with what can be done with each. */
export class RunsPanel {
  private readonly list = make('ul', { class: 'kept-runs' });
  private readonly space = make('p', { class: 'hint' });
  private readonly choose = make('button', { type: 'button' }, 'Import checkpoint');
  private readonly said = make('p', { class: 'problem', 'aria-live': 'polite' });
  private readonly overlaid = new Set<string>();
  /** The run on the page, which cannot be deleted; empty: none. */
  private current = '';
  /** Counts what the list was asked to show, so that no late answer replaces a later one. */
  private asked = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly store: Promise<RunStore>,
    private readonly actions: RunActions,
  ) {
    const file = make('input', { type: 'file', accept: '.safetensors', id: 'import-file', class: 'unseen' });
    const { choose } = this;
    choose.addEventListener('click', () => file.click());
    file.tabIndex = -1;
    file.setAttribute('aria-label', 'Checkpoint to import');
    file.addEventListener('change', () => {
      this.importAll([...(file.files ?? [])]);
      file.value = '';
    });
    root.append(
      make('p', { class: 'hint' }, RunsPanel.ABOUT),
      make('div', { class: 'buttons' }, choose, file),
      this.said,
      this.list,
      this.space,
    );
    root.addEventListener('dragover', (event) => event.preventDefault());
    root.addEventListener('drop', (event) => {
      event.preventDefault();
      this.importAll([...(event.dataTransfer?.files ?? [])]);
    });
  }

  private static readonly ABOUT =
    'Runs are kept in this browser, and nowhere else: they survive a reload, a crash and a closed tab, and go on ' +
    'exactly where they were saved last. A checkpoint can be chosen, or dropped here; the command line reads and ' +
    'writes the same files.';

  /** This run is on the page now, or none (empty). Its curves are its own then, not laid over another's. */
  show(id: string): void {
    this.current = id;
    this.overlaid.delete(id);
    void this.refresh();
  }

  /** Reads the list anew, if it is seen. What is being typed into a name stays, and so does the focus. */
  async refresh(): Promise<void> {
    // Hundreds of runs make a long list; whoever shows its tab asks for it.
    if (this.root.offsetParent === null) return;
    const asked = ++this.asked;
    let runs: KeptRun[];
    let open: ReadonlySet<string>;
    try {
      [runs, open] = await Promise.all([this.store.then((store) => store.list()), openRuns()]);
    } catch (error) {
      this.said.textContent = `Runs are not kept: ${(error as Error).message}.`;
      return;
    }
    if (asked !== this.asked) return;
    const focus = this.focusInList();
    this.list.replaceChildren(...runs.map((run) => this.entry(run, open.has(run.id))));
    focus?.();
    this.space.textContent = await describeSpace(runs);
  }

  /** What gives the focus back that is in the list now: to its control, or to one that stands near where it was. */
  private focusInList(): (() => void) | undefined {
    const { list } = this;
    const { activeElement: focused } = document;
    if (!(focused instanceof HTMLElement) || !list.contains(focused)) return undefined;
    const place = [...list.children].findIndex((entry) => entry.contains(focused));
    const field = focused instanceof HTMLInputElement && focused.type === 'text' ? focused : undefined;
    return () => {
      const same = document.getElementById(focused.id);
      if (field && same instanceof HTMLInputElement) {
        same.value = field.value;
        same.focus();
        same.setSelectionRange(field.selectionStart, field.selectionEnd);
        return;
      }
      same?.focus();
      if (same && document.activeElement === same) return;
      const near = list.children[Math.min(place, list.children.length - 1)];
      (near?.querySelector<HTMLElement>('button:enabled') ?? this.choose).focus();
    };
  }

  /** `open`: some tab has it. */
  private entry(run: KeptRun, open: boolean): HTMLElement {
    const { id, name } = run;
    const own = id === this.current;
    const free = !own && !open;
    const button = (word: string, work: () => Promise<void>, enabled = true) => {
      const made = make('button', { type: 'button', id: `${word}-${id}`.replace(/ /g, '-') }, word);
      made.setAttribute('aria-label', `${word} ${name}`);
      made.disabled = !enabled;
      made.addEventListener('click', () => void this.do(work));
      return made;
    };
    const field = make('input', { type: 'text', id: `name-${id}`, value: name, maxLength: 120 });
    field.setAttribute('aria-label', `Name of ${name}`);
    field.addEventListener('change', () => void this.do(() => this.rename(run, field.value)));
    const overlay = make('input', { type: 'checkbox', id: `overlay-${id}`, disabled: own });
    overlay.checked = own || this.overlaid.has(id);
    overlay.addEventListener('change', () => void this.do(() => this.overlay(run, overlay.checked)));
    const label = make('label', { class: 'overlay', for: overlay.id }, overlay, ' in the curves');
    // One that was solved has stopped for good; one that is finished can be given more updates.
    const ended = run.state === 'solved' || run.state === 'failed';
    return make(
      'li',
      own ? { 'aria-current': 'true' } : {},
      field,
      make('p', { class: 'hint' }, describeKept(run, own ? 'here' : open ? 'elsewhere' : 'nowhere')),
      make(
        'div',
        { class: 'buttons' },
        button('Show', () => this.actions.open(run, false), free),
        button('Go on', () => this.actions.open(run, true), free && !ended),
        button('Export', () => this.actions.exportCheckpoint(run)),
        button('Delete', () => this.remove(run), free),
        label,
      ),
    );
  }

  /** Lays the curves of a run over those of the run on the page, or takes them away. */
  async overlay(run: KeptRun, shown: boolean): Promise<void> {
    if (shown) this.overlaid.add(run.id);
    else this.overlaid.delete(run.id);
    await this.actions.overlay(run, shown);
  }

  private async rename(run: KeptRun, name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed === '') throw new Error('name: got nothing, allowed: 1 to 120 characters');
    await (await this.store).rename(run.id, trimmed);
    this.actions.renamed(run, trimmed);
  }

  private async remove(run: KeptRun): Promise<void> {
    if (!confirm(`Delete "${run.name}" for good?`)) return;
    await (await this.store).remove(run.id);
    await this.overlay(run, false);
  }

  private importAll(files: readonly File[]): void {
    void this.do(async () => {
      const wrong: string[] = [];
      for (const file of files) {
        await this.actions.importFile(file).catch((error: unknown) => wrong.push(messageOf(error)));
      }
      if (wrong.length > 0) throw new Error(wrong.join('; '));
    });
  }

  /** Does it, says what went wrong, and shows what is there then. */
  private async do(work: () => Promise<void>): Promise<void> {
    this.said.textContent = '';
    let wrong = '';
    try {
      await work();
    } catch (error) {
      wrong = messageOf(error);
    }
    await this.refresh();
    if (wrong) this.said.textContent = wrong;
  }
}
