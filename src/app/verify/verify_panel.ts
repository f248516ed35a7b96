import './verify.css';
import { BOUNDS, type Group } from '../../verify/bounds.ts';
import type { Outcome } from '../../verify/outcome.ts';
import { GROUPS, scientific, verifyText } from '../../verify/report.ts';
import { make } from '../dom.ts';
import { workerFault } from '../not_loaded.ts';
import { CopyText } from './copy_text.ts';
import { ResultTable } from './result_table.ts';
import { SHIPPED_VECTORS } from './vectors.ts';
import type { VectorSource, VerifyCommand, VerifyMessage } from './verify_protocol.ts';

const COLUMNS = ['file', 'verdict', 'forward', 'gradients', 'parameters', 'update rule', 'next actions'];
const NOTE =
  'The worst error of each group of tensors, against PyTorch’s numbers in the file and against the float64 ' +
  'reference: largest difference over largest value; of next actions, how many differ.';

/** Holds the kernels, on this very device, to the vector files and to the reference. */
export class VerifyPanel {
  private readonly verify = make('button', { type: 'button', class: 'primary' }, 'Verify');
  private readonly stop = make('button', { type: 'button', disabled: true }, 'Stop verifying');
  private readonly copy = new CopyText('Copy verification as text');
  private readonly meter = make('progress', { hidden: true, 'aria-label': 'Vector files verified' });
  private readonly current = make('p', { class: 'hint' });
  private readonly adapterLine = make('p', { class: 'hint' });
  private readonly verdict = make('p', { class: 'verdict', 'aria-live': 'polite' });
  private readonly results = make('div');
  private worker: Worker | undefined;
  private table: ResultTable | undefined;
  private adapter = '';
  private software = false;
  private outcomes: Outcome[] = [];

  constructor(
    root: HTMLElement,
    private readonly files: readonly VectorSource[] = SHIPPED_VECTORS,
  ) {
    root.classList.add('verify');
    this.meter.max = files.length;
    root.append(
      make('h2', {}, 'Verify'),
      make(
        'p',
        {},
        `Makes the updates of ${files.length} files of frozen PyTorch numbers on this device, by WebGPU, and holds every forward value, gradient and parameter to the file and to a second implementation in float64.`,
      ),
      make('div', { class: 'buttons' }, this.verify, this.stop, this.copy.button),
      this.meter,
      this.current,
      this.verdict,
      this.adapterLine,
      this.results,
      this.copy.outlet,
    );
    this.verify.addEventListener('click', () => this.begin());
    this.stop.addEventListener('click', () =>
      this.end(`Stopped: ${this.outcomes.length} of ${files.length} files were verified.`),
    );
  }

  private begin(): void {
    this.outcomes = [];
    this.adapter = '';
    this.table = undefined;
    this.results.replaceChildren();
    this.copy.content = '';
    this.adapterLine.textContent = '';
    this.meter.hidden = false;
    this.meter.value = 0;
    this.verdict.textContent = 'Verifying.';
    this.verdict.dataset.verdict = '';
    this.verify.disabled = true;
    this.stop.disabled = false;
    this.stop.focus();
    const worker = new Worker(new URL('./verify_worker.ts', import.meta.url), {
      type: 'module',
      name: 'verify',
    });
    this.worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<VerifyMessage>) => {
      if (worker === this.worker) this.receive(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (worker === this.worker) this.end(`Stopped: ${workerFault(event)}`);
    });
    worker.postMessage({ files: this.files } satisfies VerifyCommand);
  }

  private receive(message: VerifyMessage): void {
    switch (message.type) {
      case 'impossible':
        this.end(
          `Nothing to verify: ${message.reason}. A current Chrome, Edge, Safari or Firefox with WebGPU switched on has it, on a machine whose graphics driver it trusts.`,
        );
        break;
      case 'opened':
        this.adapter = message.adapter;
        this.software = message.software;
        this.adapterLine.textContent = `${message.software ? 'A software adapter, computed by the CPU' : 'GPU'}: ${message.adapter}`;
        break;
      case 'begun':
        this.current.textContent = `${this.outcomes.length + 1} of ${this.files.length}: ${stem(message.file)}`;
        break;
      case 'outcome':
        this.add(message.outcome);
        break;
      case 'finished':
        this.conclude();
        break;
      case 'failed':
        this.end(`Stopped: ${message.reason}`);
        break;
    }
  }

  private add(outcome: Outcome): void {
    this.outcomes.push(outcome);
    this.meter.value = this.outcomes.length;
    if (!this.table) {
      this.table = new ResultTable('Worst errors', NOTE, COLUMNS);
      this.table.add(['bound', '', ...GROUPS.map((group) => errorText(group, BOUNDS[group]))], 'bounds');
      this.results.append(this.table.root);
    }
    const { file, pass, worst, note } = outcome;
    const errors = GROUPS.map((group) => errorText(group, worst[group]));
    this.table.add([stem(file), pass ? 'pass' : 'FAIL', ...errors], pass ? 'pass' : 'fail');
    if (!pass) this.results.append(make('p', { class: 'problem' }, `${file} fails: ${note}`));
  }

  private conclude(): void {
    const failed = this.outcomes.filter(({ pass }) => !pass).map(({ file }) => file);
    const count = this.outcomes.length;
    this.end(
      failed.length === 0
        ? `Verified: all ${count} files pass on this ${this.software ? 'software adapter' : 'GPU'}.`
        : `Not verified: ${failed.length} of ${count} files fail: ${failed.join(', ')}.`,
    );
    this.verdict.dataset.verdict = failed.length === 0 ? 'pass' : 'fail';
  }

  private end(verdict: string): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.meter.hidden = true;
    this.current.textContent = '';
    this.verdict.textContent = verdict;
    const { adapter, outcomes, files } = this;
    if (outcomes.length > 0) this.copy.content = verifyText(adapter, outcomes, files.length);
    const focused = document.activeElement === this.stop;
    this.stop.disabled = true;
    this.verify.disabled = false;
    if (focused) this.verify.focus();
  }
}

/** Next actions are counted, all others measured. */
const errorText = (group: Group, error: number): string =>
  group === 'nextActions' && !Number.isNaN(error) ? String(error) : scientific(error);

const stem = (file: string): string => file.replace(/\.safetensors$/, '');
