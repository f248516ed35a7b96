import './settings_form.css';
import { type Assignments, assign, splitAssignment, unassign } from './assignments.ts';
import { make } from './dom.ts';
import { Field } from './field.ts';
import type { FieldGroup, Reading, Settings, Values } from './service.ts';

/** Milliseconds of silence after which the number of settings that were found is read aloud. */
const FOUND_DELAY = 600;

export interface FormCallbacks {
  /** Something was changed: these are the settings now. Whoever is told has them read, and fills in the reading. */
  onChange(settings: Settings): void;
}

interface Group {
  readonly element: HTMLElement;
  readonly fields: readonly Field[];
  /** Beside the title: how many fields are changed or wrong. */
  readonly summary: HTMLElement;
  readonly note: HTMLElement;
}

/**
 * The form of a run's settings: every field of the configuration, in groups. It reads nothing itself: texts go to
 * the worker, and what the worker makes of them is filled in.
 */
export class SettingsForm {
  private readonly fields = new Map<string, Field>();
  private readonly groups: readonly Group[];
  private readonly search = make('input', { id: 'field-search', type: 'search', autocomplete: 'off' });
  private readonly found = make('p', { class: 'hint found', 'aria-live': 'polite' });
  private readonly otherProblems = make('ul', {
    class: 'problem',
    id: 'other-problems',
    'aria-label': 'Problems of other settings',
    hidden: true,
  });
  private reading: Reading = { values: {}, defaults: {}, problems: [], link: [] };
  private assignments: Assignments = new Map();
  /** Something was changed that has not been filled in without a problem. */
  private pending = false;
  private isRunning = false;
  /** Which groups were open when a search began. */
  private openBefore: readonly boolean[] | undefined;
  private foundTimer = 0;

  constructor(
    root: HTMLElement,
    groups: readonly FieldGroup[],
    private readonly callbacks: FormCallbacks,
  ) {
    this.groups = groups.map((group) => this.makeGroup(group));
    this.search.addEventListener('input', () => this.filter());
    const label = make('label', { for: this.search.id }, 'Find a setting');
    root.classList.add('settings-form');
    root.append(
      make('div', { class: 'find', role: 'search' }, label, this.search, this.found),
      this.otherProblems,
      ...this.groups.map(({ element }) => element),
    );
  }

  /** Shows a reading. Fields in which something was typed that cannot be used keep it. */
  fill(reading: Reading): void {
    this.reading = reading;
    if (reading.problems.length === 0) this.pending = false;
    if (!this.pending) this.assignments = new Map(reading.link.map(splitAssignment));
    this.show();
    for (const { element, fields } of this.groups) {
      if (element instanceof HTMLDetailsElement && fields.some(({ invalid }) => invalid)) element.open = true;
    }
  }

  /** What the form asks for now. */
  read(): Settings {
    return [...this.assignments].map(([field, text]) => `${field}=${text}`);
  }

  /** While a run goes on, only what can change then can be changed. */
  set running(running: boolean) {
    this.isRunning = running;
    this.show();
  }

  /** Of the first field that is wrong, if one is; it is in view then. */
  focusFirstProblem(): void {
    const wrong = [...this.fields.values()].find(({ invalid }) => invalid);
    if (wrong) this.bringForward(wrong);
  }

  /** Of this field; it is in view then. */
  focus(name: string): void {
    const field = this.fields.get(name);
    if (field) this.bringForward(field);
  }

  /** Opens what hides a field, and gives it the focus. */
  private bringForward(field: Field): void {
    if (field.element.hidden) {
      this.search.value = '';
      this.filter();
    }
    const group = this.groups.find(({ fields }) => fields.includes(field))?.element;
    if (group instanceof HTMLDetailsElement) group.open = true;
    field.control.focus();
  }

  private makeGroup({ title, open, fields: specs }: FieldGroup): Group {
    const fields = specs.map((spec) => {
      const change = (next: typeof assign): void =>
        this.change(next(this.assignments, this.texts(), spec.name, field.value));
      const field = new Field(
        spec,
        () => change(assign),
        () => change(unassign),
      );
      this.fields.set(spec.name, field);
      return field;
    });
    const summary = make('span', { class: 'summary' });
    const note = make('p', { class: 'hint', hidden: true });
    const legend = make('legend', { class: open ? '' : 'unseen' }, title);
    const grid = make('div', { class: 'fields' }, ...fields.map(({ element }) => element));
    const set = make('fieldset', { class: 'group' }, legend, note, grid);
    const element = open ? set : make('details', {}, make('summary', {}, title, summary), set);
    return { element, fields, summary, note };
  }

  private change(assignments: Assignments): void {
    this.assignments = assignments;
    this.pending = true;
    this.callbacks.onChange(this.read());
  }

  /** Texts that the fields show. */
  private texts(): Values {
    return { ...this.reading.values, ...(this.pending && Object.fromEntries(this.assignments)) };
  }

  private show(): void {
    const { defaults, problems } = this.reading;
    const values = this.texts();
    for (const [name, field] of this.fields) {
      const own = problems.filter(({ field: wrong }) => wrong === name).map(({ message }) => message);
      const enabled = !this.isRunning || field.spec.live;
      field.show(values[name] ?? '', defaults[name] ?? '', own, enabled);
    }
    const others = problems.filter(({ field }) => !this.fields.has(field));
    this.otherProblems.replaceChildren(...others.map(({ message }) => make('li', {}, message)));
    this.otherProblems.hidden = others.length === 0;
    for (const group of this.groups) this.showGroup(group);
  }

  private showGroup({ fields, summary, note }: Group): void {
    const changed = fields.filter(({ isChanged }) => isChanged).length;
    const wrong = fields.filter(({ invalid }) => invalid).length;
    const parts = [
      ...(wrong > 0 ? [wrong === 1 ? '1 problem' : `${wrong} problems`] : []),
      ...(changed > 0 ? [`${changed} changed`] : []),
    ];
    summary.textContent = parts.length > 0 ? ` (${parts.join(', ')})` : '';
    summary.classList.toggle('wrong', wrong > 0);
    const live = fields.filter(({ spec }) => spec.live).map(({ spec }) => spec.label);
    note.hidden = !this.isRunning || live.length === fields.length;
    note.textContent =
      live.length === 0
        ? 'A change takes effect at the next run.'
        : `${live.join(', ')}: can be changed while the run goes on. Anything else takes effect at the next run.`;
  }

  /** Shows only fields that have the words that are looked for, in groups that are open for it. */
  private filter(): void {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const looking = words.length > 0;
    const folds = this.groups.map(({ element }) => element instanceof HTMLDetailsElement && element.open);
    if (looking) this.openBefore ??= folds;
    let count = 0;
    for (const [index, { element, fields }] of this.groups.entries()) {
      let own = 0;
      for (const field of fields) {
        field.element.hidden = !field.matches(words);
        if (!field.element.hidden) own++;
      }
      count += own;
      element.hidden = own === 0;
      if (element instanceof HTMLDetailsElement) {
        element.open = looking ? own > 0 : (this.openBefore?.[index] ?? element.open);
      }
    }
    if (!looking) this.openBefore = undefined;
    const text = count === 0 ? 'No setting has this in its name or sentence.' : `${count} found.`;
    clearTimeout(this.foundTimer);
    this.foundTimer = window.setTimeout(
      () => {
        this.found.textContent = looking ? text : '';
      },
      looking ? FOUND_DELAY : 0,
    );
  }
}
