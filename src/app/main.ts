import './style.css';
import { Board } from './board.ts';
import { Curve } from './curve.ts';
import { SettingsForm } from './form.ts';
import type { Command, Message, Phase, Progress, RunInfo } from './protocol.ts';
import { StatusLine } from './status.ts';
import {
  describeBackend,
  describeCurve,
  describeEnd,
  describePosition,
  describeProgress,
  listNumbers,
} from './words.ts';

/** The page: draws what the worker tells, and passes on what the user asks for. */

type State = 'opening' | 'idle' | 'preparing' | Phase | 'finished' | 'failed';

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const buttons = {
  start: element<HTMLButtonElement>('start'),
  pause: element<HTMLButtonElement>('pause'),
  reset: element<HTMLButtonElement>('reset'),
};
const formElement = element<HTMLFormElement>('settings');
const form = new SettingsForm(formElement, () => send({ type: 'check', settings: form.read() }));
const board = new Board(element<HTMLCanvasElement>('board'));
const curve = new Curve(element('curve'));
const status = new StatusLine(element('status'), element('announcement'));
const boardText = element('board-text');
const curveText = element('curve-text');

const link = [...new URLSearchParams(location.search)].map(([field, value]) => `${field}=${value}`);
let worker = openWorker();
let state: State = 'opening';
let filled = false;
let run: RunInfo | undefined;
/** The next moment of the game is to be asked for once the page is seen again. */
let playWaits = false;

const send = (command: Command): void => worker.postMessage(command);

function openWorker(): Worker {
  const opened = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'training' });
  opened.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (opened === worker) receive(data);
  });
  opened.addEventListener('error', (event) => {
    event.preventDefault();
    if (opened === worker) fail(event.message || 'the worker could not be loaded');
  });
  opened.postMessage({ type: 'open', link } satisfies Command);
  return opened;
}

function receive(message: Message): void {
  switch (message.type) {
    case 'opened':
      element('backend').textContent = describeBackend(message.backend);
      if (!filled) {
        filled = true;
        form.fill(message.values, message.presets, message.others);
        form.showProblems(message.problems);
        board.clear(form.gridSize);
      }
      enter('idle');
      status.say(message.problems.length > 0 ? 'Ready, without what the link has wrong' : 'Ready');
      break;
    case 'checked':
      form.showProblems(message.problems);
      if (message.problems.length === 0) board.clear(form.gridSize);
      if (!message.refused) break;
      enter('idle');
      form.focusFirstProblem();
      status.say(`Not started: ${message.problems.map((problem) => problem.message).join('; ')}`);
      break;
    case 'begun':
      run = message.run;
      board.clear(run.gridSize);
      curve.begin(run.seeds);
      element('seed-legend').hidden = run.seeds.length === 1;
      send({ type: 'play' });
      break;
    case 'progress':
      showProgress(message.progress);
      showPhase(message.phase, describeProgress(message.phase, message.progress, run!));
      break;
    case 'rows':
      curve.add(message.rows);
      break;
    case 'position':
      boardText.textContent = describePosition(message.position, run!.gridSize);
      playAfter(board.show(message.position));
      break;
    case 'finished':
      showProgress(message.progress);
      enter('finished');
      status.say(describeEnd(message.progress, run!));
      break;
    case 'failed':
      fail(message.reason);
      break;
  }
}

function showPhase(phase: Phase, text: string): void {
  if (phase === state) {
    status.update(text);
    return;
  }
  enter(phase);
  status.say(text);
}

function showProgress(progress: Progress): void {
  showNumbers(progress);
  curveText.textContent = describeCurve(progress, run!);
}

const numbers = new Map<string, HTMLElement>();

function showNumbers(progress: Progress | undefined): void {
  for (const [name, value] of listNumbers(progress, run)) {
    let cell = numbers.get(name);
    if (!cell) {
      const group = document.createElement('div');
      const term = document.createElement('dt');
      cell = document.createElement('dd');
      term.textContent = name;
      group.append(term, cell);
      element('numbers').append(group);
      numbers.set(name, cell);
    }
    if (cell.textContent !== value) cell.textContent = value;
  }
}

/** A page that nobody sees plays nothing; it trains on. */
function playAfter(milliseconds: number): void {
  const player = worker;
  setTimeout(() => {
    if (player !== worker) return;
    if (document.hidden) playWaits = true;
    else send({ type: 'play' });
  }, milliseconds);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden || !playWaits) return;
  playWaits = false;
  send({ type: 'play' });
});

function fail(reason: string): void {
  enter('failed');
  status.say(`Stopped: ${reason}. Reset makes everything ready again.`);
}

/** Sets what can be pressed. A button that can no longer be pressed hands the focus on. */
function enter(next: State): void {
  state = next;
  const focused = document.activeElement;
  buttons.start.disabled = next !== 'idle' && next !== 'paused';
  buttons.pause.disabled = next !== 'preparing' && next !== 'training';
  buttons.reset.disabled = next === 'opening' || next === 'idle';
  form.enabled = next === 'idle';
  formElement.dataset.state = next;
  if (focused instanceof HTMLButtonElement && focused.disabled) {
    [buttons.start, buttons.pause, buttons.reset].find(({ disabled }) => !disabled)?.focus();
  }
}

formElement.addEventListener('submit', (event) => {
  event.preventDefault();
  if (state === 'paused') {
    send({ type: 'resume' });
    return;
  }
  if (state !== 'idle') return;
  send({ type: 'start', settings: form.read() });
  enter('preparing');
  status.say('Preparing: the networks are being set up');
});

buttons.pause.addEventListener('click', () => {
  send({ type: 'pause' });
  status.say('Pausing');
});

buttons.reset.addEventListener('click', () => {
  worker.terminate();
  run = undefined;
  playWaits = false;
  curve.begin([]);
  board.clear(form.gridSize);
  boardText.textContent = 'Once training begins, the first seed’s greedy policy plays here.';
  curveText.textContent = 'Nothing was evaluated yet.';
  showNumbers(undefined);
  enter('opening');
  status.say('Resetting');
  worker = openWorker();
});

showNumbers(undefined);
