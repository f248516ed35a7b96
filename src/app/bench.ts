import { messageOf } from './message_of.ts';
import './style.css';
import './bench.css';
import { type BenchPart, type BenchPlan, DEFAULT_PLAN, PARTS } from '../bench/plan.ts';
import type { BenchReport } from '../bench/run_bench.ts';
import {
  KERNEL_TABLE,
  peakLine,
  ROLLOUT_TABLE,
  reportText,
  SOLVE_TABLE,
  type Table,
  UPDATE_TABLE,
} from '../bench/tables.ts';
import { presets } from '../presets.ts';
import type { BenchCommand, BenchMessage } from './bench_protocol.ts';
import { HeldFocus } from './held_focus.ts';
import { workerFault } from './not_loaded.ts';
import { StatusLine } from './status.ts';

/** The page of the benchmark: draws what its worker measures. */

type State = 'opening' | 'idle' | 'running' | 'impossible';

/** Few sizes, for those who do not want to wait. */
const QUICK: Partial<BenchPlan> = {
  kernelLearners: [1],
  learners: [1, 8],
  batch: [32, 256],
  agents: [2],
  environments: [32, 1024],
};

const LABELS: Readonly<Record<BenchPart, string>> = {
  kernels: 'Kernels alone',
  updates: 'Updates',
  rollout: 'Rollout',
  solve: 'End to end (takes as long as training)',
};

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const form = element<HTMLFormElement>('settings');
const preset = element<HTMLSelectElement>('preset');
const extent = element<HTMLSelectElement>('extent');
const start = element<HTMLButtonElement>('start');
const stop = element<HTMLButtonElement>('stop');
const copies = [element<HTMLButtonElement>('copy-text'), element<HTMLButtonElement>('copy-json')];
const focus = new HeldFocus([start, stop, ...copies]);
const results = element('results');
const status = new StatusLine(element('status'), element('announcement'));

for (const name of Object.keys(presets)) preset.add(new Option(name));
preset.value = DEFAULT_PLAN.preset;
for (const part of PARTS) element('parts').append(checkbox(part));

let worker = openWorker();
let report: BenchReport | undefined;
/** By the titles of their tables. */
const bodies = new Map<string, HTMLTableSectionElement>();

function checkbox(part: BenchPart): HTMLElement {
  const label = document.createElement('label');
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.name = 'part';
  box.value = part;
  box.checked = DEFAULT_PLAN.parts.includes(part);
  label.append(box, ` ${LABELS[part]}`);
  return label;
}

function openWorker(): Worker {
  const opened = new Worker(new URL('./bench_worker.ts', import.meta.url), { type: 'module', name: 'bench' });
  opened.addEventListener('message', ({ data }: MessageEvent<BenchMessage>) => {
    if (opened === worker) receive(data);
  });
  opened.addEventListener('error', (event) => {
    event.preventDefault();
    if (opened !== worker) return;
    // Another one would not come up either.
    if (!event.message) giveUp(workerFault(event));
    else fail(event.message);
  });
  return opened;
}

function receive(message: BenchMessage): void {
  switch (message.type) {
    case 'opened':
      open(message);
      break;
    case 'note':
      status.update(message.text);
      break;
    case 'peak':
      addLine(peakLine(message.peak));
      break;
    case 'kernel':
      addRow(KERNEL_TABLE, message.row);
      break;
    case 'update':
      addRow(UPDATE_TABLE, message.row);
      break;
    case 'rollout':
      addRow(ROLLOUT_TABLE, message.row);
      break;
    case 'solve':
      addRow(SOLVE_TABLE, message.row);
      break;
    case 'skipped':
      addLine(`Skipped ${message.skipped.part}, ${message.skipped.what}: ${message.skipped.reason}`);
      break;
    case 'finished':
      report = message.report;
      enter('idle');
      status.say('Finished');
      break;
    case 'failed':
      fail(message.reason);
      break;
  }
}

function open({ adapter, software, notice }: Extract<BenchMessage, { type: 'opened' }>): void {
  if (adapter === '') {
    giveUp(notice);
    return;
  }
  element('backend').textContent = `${software ? 'A software adapter: ' : ''}${adapter}`;
  enter('idle');
  status.say('Ready');
}

function giveUp(reason: string): void {
  enter('impossible');
  status.say(`Nothing to measure: ${reason}`);
}

function addLine(text: string): void {
  const section = document.createElement('section');
  const line = document.createElement('p');
  line.textContent = text;
  section.append(line);
  results.append(section);
}

function addRow<Row>(table: Table<Row>, row: Row): void {
  const body = bodies.get(table.title) ?? addTable(table);
  const line = body.insertRow();
  for (const [index, text] of table.cells(row).entries()) {
    const cell = document.createElement(index === 0 ? 'th' : 'td');
    if (index === 0) cell.setAttribute('scope', 'row');
    cell.textContent = text;
    line.append(cell);
  }
}

function addTable<Row>({ title, note, columns }: Table<Row>): HTMLTableSectionElement {
  const section = document.createElement('section');
  const heading = document.createElement('h2');
  heading.textContent = title;
  heading.id = `title-${bodies.size}`;
  const hint = document.createElement('p');
  hint.className = 'hint';
  hint.textContent = note;
  const table = document.createElement('table');
  table.setAttribute('aria-labelledby', heading.id);
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = column;
    head.append(cell);
  }
  const body = table.createTBody();
  // Wider than a phone: it scrolls by itself, by keys as well.
  const scroller = document.createElement('div');
  scroller.className = 'scroller';
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-labelledby', heading.id);
  scroller.append(table);
  section.append(heading, hint, scroller);
  results.append(section);
  bodies.set(title, body);
  return body;
}

function fail(reason: string): void {
  worker.terminate();
  worker = openWorker();
  enter('opening');
  addLine(`Stopped: ${reason}`);
}

/** Sets what can be pressed. */
function enter(state: State): void {
  focus.keep(() => {
    element<HTMLFieldSetElement>('fields').disabled = state !== 'idle';
    start.disabled = state !== 'idle';
    stop.disabled = state !== 'running';
    for (const button of copies) button.disabled = state !== 'idle' || !report;
  });
  form.dataset.state = state;
}

function readPlan(): BenchPlan {
  const chosen = new FormData(form).getAll('part');
  return {
    ...DEFAULT_PLAN,
    ...(extent.value === 'quick' ? QUICK : {}),
    preset: preset.value,
    parts: PARTS.filter((part) => chosen.includes(part)),
  };
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const plan = readPlan();
  if (plan.parts.length === 0) {
    status.say('Not started: no part is chosen');
    return;
  }
  report = undefined;
  results.replaceChildren();
  bodies.clear();
  worker.postMessage({ type: 'start', plan } satisfies BenchCommand);
  enter('running');
  status.say('Measuring: the kernels are being compiled');
});

stop.addEventListener('click', () => {
  worker.terminate();
  enter('opening');
  worker = openWorker();
});

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    status.say('Copied');
  } catch (error) {
    status.say(`Not copied: ${messageOf(error)}`);
  }
}

copies[0].addEventListener('click', () => void copy(reportText(report!)));
copies[1].addEventListener('click', () => void copy(JSON.stringify(report)));
