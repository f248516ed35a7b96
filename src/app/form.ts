import type { FormValues, Problem, Settings } from './protocol.ts';

const FIELDS = ['preset', 'seeds', 'gridSize'] as const satisfies readonly (keyof FormValues)[];
type Field = (typeof FIELDS)[number];

/** The form of a run's settings: its texts go to the worker unread, and what the worker finds wrong is shown. */
export class SettingsForm {
  private readonly inputs: Readonly<Record<Field, HTMLInputElement | HTMLSelectElement>>;
  private presets: Readonly<Record<string, FormValues>> = {};
  /** Settings of a link that have no field here. */
  private others: Settings = [];

  constructor(
    private readonly form: HTMLFormElement,
    private readonly onChange: () => void,
  ) {
    this.inputs = {
      preset: this.find('preset'),
      seeds: this.find('seeds'),
      gridSize: this.find('gridSize'),
    };
    form.addEventListener('change', ({ target }) => {
      if (target === this.inputs.preset) this.write(this.presets[this.inputs.preset.value]);
      this.onChange();
    });
  }

  fill(values: FormValues, presets: Readonly<Record<string, FormValues>>, others: Settings): void {
    this.presets = presets;
    this.others = others;
    this.inputs.preset.replaceChildren(...Object.keys(presets).map((name) => new Option(name, name)));
    this.write(values);
    const line = this.find<HTMLElement>('link-settings');
    line.textContent = `Also set by the link: ${others.join(', ')}.`;
    line.hidden = others.length === 0;
  }

  /** What the form asks for now. */
  read(): Settings {
    const own = FIELDS.map((field) => `${field}=${this.inputs[field].value.trim()}`);
    return [...this.others, ...own];
  }

  get gridSize(): number {
    return Number(this.inputs.gridSize.value);
  }

  set enabled(enabled: boolean) {
    this.find<HTMLFieldSetElement>('fields').disabled = !enabled;
  }

  /** Shows each problem beside its field, all others in a list. */
  showProblems(problems: readonly Problem[]): void {
    for (const field of FIELDS) {
      const own = problems.filter((problem) => problem.field === field);
      this.find(`${field}-problem`).textContent = own.map(({ message }) => message).join('\n');
      this.inputs[field].setAttribute('aria-invalid', String(own.length > 0));
    }
    const rest = problems.filter(({ field }) => !FIELDS.some((own) => own === field));
    const list = this.find('other-problems');
    list.replaceChildren(
      ...rest.map(({ message }) => {
        const item = document.createElement('li');
        item.textContent = message;
        return item;
      }),
    );
    list.hidden = rest.length === 0;
  }

  focusFirstProblem(): void {
    const field = FIELDS.find((name) => this.inputs[name].getAttribute('aria-invalid') === 'true');
    if (field) this.inputs[field].focus();
  }

  private write(values: FormValues | undefined): void {
    if (!values) return;
    for (const field of FIELDS) this.inputs[field].value = values[field];
  }

  private find<T extends HTMLElement>(id: string): T {
    return this.form.querySelector<T>(`#${id}`)!;
  }
}
