import { make } from './dom.ts';
import type { FieldSpec } from './service.ts';

type Control = HTMLInputElement | HTMLSelectElement;

/** A choice that says only that none of the others is meant: it cannot be chosen. */
const CUSTOM = 'custom';
/** Fields that decide what the defaults are, and so have none. */
const WITHOUT_DEFAULT: readonly string[] = ['environment', 'preset'];

/** One setting: its label, control, sentence, problem, and whether it differs from its default. */
export class Field {
  readonly element: HTMLElement;
  readonly control: Control;
  private readonly hint: HTMLElement;
  private readonly problem: HTMLElement;
  private readonly changed: HTMLElement;
  private readonly reset: HTMLButtonElement;
  private readonly words: string;
  /** Being typed: a text that nobody has read yet. */
  private editing = false;

  constructor(
    readonly spec: FieldSpec,
    onChange: () => void,
    onReset: () => void,
  ) {
    const id = `field-${spec.name}`;
    this.words = `${spec.label} ${spec.name} ${spec.hint}`.toLowerCase();
    this.control = makeControl(spec, id);
    this.hint = make('p', { class: 'hint', id: `${id}-hint` });
    this.problem = make('p', { class: 'problem', id: `${id}-problem` });
    this.reset = make('button', { type: 'button', class: 'reset' }, 'Reset');
    this.changed = make('span', { class: 'mark', id: `${id}-changed` });
    const label = make('label', { for: id }, spec.label);
    const unit = make('span', { class: 'unit', id: `${id}-unit` }, spec.unit);
    const described = ['unit', 'changed', 'hint', 'problem'].map((part) => `${id}-${part}`);
    this.control.setAttribute('aria-describedby', described.join(' '));
    const isSwitch = spec.kind === 'switch';
    const head = make('div', { class: 'head' }, label, unit, this.changed, this.reset);
    if (isSwitch) head.prepend(this.control);
    this.element = make('div', { class: `field ${spec.kind}` }, head);
    if (!isSwitch) this.element.append(this.control);
    this.element.append(this.hint, this.problem);

    this.control.addEventListener('input', () => {
      this.editing = true;
    });
    this.control.addEventListener('blur', () => {
      this.editing = false;
    });
    this.control.addEventListener('change', () => {
      this.editing = false;
      onChange();
    });
    this.reset.addEventListener('click', () => {
      // The button goes away.
      this.control.focus();
      onReset();
    });
    this.show('', '', [], true);
  }

  get value(): string {
    if (this.control instanceof HTMLInputElement && this.spec.kind === 'switch') {
      return String(this.control.checked);
    }
    return this.control.value.trim();
  }

  get invalid(): boolean {
    return this.problem.textContent !== '';
  }

  get isChanged(): boolean {
    return !this.reset.hidden;
  }

  /**
   * Shows a value, whether it differs from the preset's, and what is wrong with it.
   * @param enabled whether it can be changed now.
   */
  show(value: string, standard: string, problems: readonly string[], enabled: boolean): void {
    if (!this.editing) this.write(value);
    const { label, name } = this.spec;
    const own = !WITHOUT_DEFAULT.includes(name);
    this.hint.textContent = own ? this.describe(standard) : this.spec.hint;
    this.problem.textContent = problems.join('\n');
    this.control.setAttribute('aria-invalid', String(problems.length > 0));
    this.control.disabled = !enabled;
    const changed = own && value !== standard;
    this.changed.textContent = changed ? 'Changed' : '';
    this.reset.hidden = !changed;
    this.reset.disabled = !enabled;
    this.reset.setAttribute('aria-label', `Reset ${label} to ${this.inWords(standard)}`);
    this.element.classList.toggle('changed', changed);
  }

  /** Whether label, name or sentence have all of these words, in lower case. */
  matches(words: readonly string[]): boolean {
    return words.every((word) => this.words.includes(word));
  }

  private write(value: string): void {
    const { control } = this;
    if (control instanceof HTMLSelectElement) {
      for (const option of control.options) option.disabled = option.value === CUSTOM && value !== CUSTOM;
    }
    if (this.spec.kind === 'switch') (control as HTMLInputElement).checked = value === 'true';
    else if (control.value !== value) control.value = value;
  }

  /** `Discount factor. 0 to 1; default 0.99.` */
  private describe(standard: string): string {
    const allowed = [...rangeOf(this.spec), `default ${this.inWords(standard)}`].join('; ');
    return `${this.spec.hint} ${allowed[0].toUpperCase()}${allowed.slice(1)}.`;
  }

  private inWords(value: string): string {
    if (this.spec.kind !== 'switch') return value;
    return value === 'true' ? 'on' : 'off';
  }
}

function makeControl({ name, kind, choices, integer }: FieldSpec, id: string): Control {
  if (kind === 'choice') {
    return make('select', { id, name }, ...choices.map((choice) => new Option(choice, choice)));
  }
  if (kind === 'switch') return make('input', { id, name, type: 'checkbox' });
  // Numbers are texts too: a field that holds only numbers loses what else was typed.
  const inputMode = kind === 'text' ? 'text' : integer ? 'numeric' : 'decimal';
  return make('input', { id, name, type: 'text', inputMode, autocomplete: 'off', spellcheck: false });
}

function rangeOf({ minimum, maximum }: FieldSpec): string[] {
  // What a decimal fraction would show as 0 is written with an exponent.
  const text = (bound: number): string =>
    Math.abs(bound) < 1e-20 ? String(bound) : bound.toLocaleString('en', { maximumFractionDigits: 20 });
  const most = maximum === undefined ? '' : text(maximum);
  if (minimum === undefined) return most === '' ? [] : [`at most ${most}`];
  return [most === '' ? `at least ${text(minimum)}` : `${text(minimum)} to ${most}`];
}
