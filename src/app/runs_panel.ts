import { make } from './dom.ts';
import './runs_panel.css';
import type { RunStore } from './run_store.ts';
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
}

/** The runs that this browser keeps: a list, with what can be done with each. */
export class RunsPanel {
  private readonly list = make('ul', { class: 'kept-runs' });
  private readonly space = make('p', { class: 'hint' });
  private readonly said = make('p', { class: 'problem', 'aria-live': 'polite' });
  private readonly overlaid = new Set<string>();
  /** The run on the page, which cannot be deleted. */
  current = '';

  constructor(
    root: HTMLElement,
    private readonly store: Promise<RunStore>,
    private readonly actions: RunActions,
  ) {
    const file = make('input', { type: 'file', accept: '.safetensors', id: 'import-file', class: 'unseen' });
    const choose = make('button', { type: 'button' }, 'Import checkpoint');
    choose.addEventListener('click', () => file.click());
    file.tabIndex = -1;
    file.setAttribute('aria-label', 'Checkpoint to import');
    file.addEventListener('change', () => {
      for (const chosen of file.files ?? []) void this.do(() => actions.importFile(chosen));
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
      for (const dropped of event.dataTransfer?.files ?? []) void this.do(() => actions.importFile(dropped));
    });
  }

  private static readonly ABOUT =
    'Runs are kept in this browser, and nowhere else: they survive a reload, a crash and a closed tab, and go on ' +
    'exactly where they were saved last. A checkpoint can be chosen, or dropped here; the command line reads and ' +
    'writes the same files.';

  /** Reads the list anew. */
  async refresh(): Promise<void> {
    let runs: KeptRun[];
    try {
      runs = await (await this.store).list();
    } catch (error) {
      this.said.textContent = `Runs are not kept: ${(error as Error).message}.`;
      return;
    }
    const focused = document.activeElement?.id;
    this.list.replaceChildren(...runs.map((run) => this.entry(run)));
    if (focused) document.getElementById(focused)?.focus();
    this.space.textContent = await describeSpace(runs);
  }

  private entry(run: KeptRun): HTMLElement {
    const { id, name } = run;
    const own = id === this.current;
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
    const ended = run.state === 'solved' || run.state === 'finished' || run.state === 'failed';
    return make(
      'li',
      own ? { 'aria-current': 'true' } : {},
      field,
      make('p', { class: 'hint' }, describeKept(run, own)),
      make(
        'div',
        { class: 'buttons' },
        button('Show', () => this.actions.open(run, false), !own),
        button('Go on', () => this.actions.open(run, true), !own && !ended),
        button('Export', () => this.actions.exportCheckpoint(run)),
        button('Delete', () => this.remove(run), !own),
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
  }

  private async remove(run: KeptRun): Promise<void> {
    if (!confirm(`Delete "${run.name}" for good?`)) return;
    await (await this.store).remove(run.id);
    await this.overlay(run, false);
  }

  /** Does it, says what went wrong, and shows what is there then. */
  private async do(work: () => Promise<void>): Promise<void> {
    this.said.textContent = '';
    let wrong = '';
    try {
      await work();
    } catch (error) {
      wrong = error instanceof Error ? error.message : String(error);
    }
    await this.refresh();
    this.said.textContent = wrong;
  }
}
