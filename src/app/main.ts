import './style.css';
import { Comparison } from './comparison.ts';
import { Connection, listening } from './connection.ts';
import { type ControlName, Controls, type PageState } from './controls.ts';
import { exportCheckpoint, exportRun, FORMATS } from './exports.ts';
import { lastShown, remember } from './last_shown.ts';
import { openUnderstand, openVerify, refreshTour } from './lazy_panels.ts';
import { RunStore } from './run_store.ts';
import { RunView } from './run_view.ts';
import { RunsPanel } from './runs_panel.ts';
import type { Begun, KeptRun, Problem, RunInfo, RunListener, Settings } from './service.ts';
import { SettingsForm } from './settings_form.ts';
import { Tabs } from './tabs.ts';
import { describeBackend } from './words.ts';

/**
 * The page: asks the worker, and has its answers shown. The worker holds one run at most; for another the page ends
 * it and opens a new one.
 */

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Milliseconds of unchanged settings after which a run of them is prepared. */
const PREPARE_AFTER = 300;

const storage = RunStore.open();
// Whoever needs it says that there is none.
storage.catch(() => {});
let connection = connect();
let form: SettingsForm | undefined;
let state: PageState = 'opening';
let run: RunInfo | undefined;
/** Pause was pressed while a run was being prepared. */
let pausesEarly = false;
let preparing = 0;
/** Hears how a run ends, besides the page. */
let onEnd: ((ended: boolean) => void) | undefined;

const view = new RunView({
  episode: (learner, exploring, cells) => connection.service.episode(learner, exploring, cells),
  game: (learner) => connection.service.game(learner),
  outcomes: (learner) => connection.service.outcomes(learner),
});
const { status } = view;
const controls = new Controls(press, (speed) => void connection.service.setSpeed(speed));
const runs = new RunsPanel(element('runs'), storage, {
  open: openKept,
  overlay: async (kept, shown) => {
    if (!shown) {
      view.curves.remove(kept.id);
      return;
    }
    view.curves.begin({ ...kept.info, name: kept.name, current: false });
    view.curves.add(kept.id, await (await storage).rows(kept.id));
  },
  exportCheckpoint: async (kept) => {
    const own = kept.id === run?.id;
    const bytes = own
      ? await connection.service.checkpoint()
      : (await (await storage).read(kept.id))?.checkpoint;
    if (bytes) exportCheckpoint(kept.name, bytes);
  },
  importFile: async (file) => {
    const { problem } = await connection.service.importRun(
      new Uint8Array(await file.arrayBuffer()),
      file.name,
    );
    if (problem) throw new Error(problem);
  },
});
const comparison = new Comparison({
  settings: () => form?.read() ?? [],
  train: trainToEnd,
  say: (text) => {
    element('compare-hint').textContent = text;
  },
});

function connect(): Connection {
  const opened: Connection = new Connection((reason) => {
    if (opened === connection) fail(reason);
  });
  return opened;
}

/** The worker is there: the form, and the run that was on the page when it was left. */
async function begin(): Promise<void> {
  const { service } = connection;
  const link = [...new URLSearchParams(location.search)].map(([field, value]) => `${field}=${value}`);
  const reading = await service.read(link);
  form = new SettingsForm(element('settings'), await service.fields(), { onChange: takeSettings });
  form.fill(reading);
  await ready();
  if (reading.problems.length > 0) {
    status.say('Ready, without what the link has wrong');
    return;
  }
  const left = await leftRun(reading.link, link.length > 0);
  if (left) await openKept(left, left.state === 'training').catch(fail);
}

async function ready(): Promise<void> {
  element('backend').textContent = describeBackend(await connection.service.backend());
  enter('idle');
  status.say('Ready');
  if (form) prepareSoon(form.read());
}

/** Has a run of these settings prepared once they have stayed as they are for a moment. */
function prepareSoon(settings: Settings): void {
  clearTimeout(preparing);
  preparing = window.setTimeout(() => {
    if (state === 'idle') void connection.service.prepare(settings).catch(() => {});
  }, PREPARE_AFTER);
}

/** The run that a reload, a crash or a closed tab has left, unless a link asks for another one. */
async function leftRun(link: Settings, asked: boolean): Promise<KeptRun | undefined> {
  try {
    const kept = await (await storage).list();
    const fits = kept.filter(({ info }) => !asked || String(info.link) === String(link));
    const shown = lastShown();
    return fits.find((own) => own.state === 'training') ?? fits.find(({ id }) => id === shown);
  } catch {
    return undefined;
  }
}

function takeSettings(settings: Settings): void {
  void (async () => {
    const { service } = connection;
    const reading = await service.read(settings);
    form?.fill(reading);
    if (reading.problems.length > 0) return;
    if (state === 'training' || state === 'paused') {
      const problems = await service.change(settings);
      if (problems.length > 0) form?.fill({ ...reading, problems });
    }
    address(reading.link);
    prepareSoon(settings);
  })().catch(fail);
}

/** The whole set-up stands in the page's address. */
function address(link: Settings): void {
  const query = new URLSearchParams();
  for (const assignment of link) {
    const equals = assignment.indexOf('=');
    query.set(assignment.slice(0, equals), assignment.slice(equals + 1));
  }
  const text = query.toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
}

function press(name: ControlName): void {
  const { service } = connection;
  switch (name) {
    case 'start':
      if (state === 'paused') void service.resume().catch(fail);
      else if (state === 'stopped' && run) void goOn(run).catch(fail);
      else void start(form?.read() ?? []).catch(fail);
      break;
    case 'pause':
      pausesEarly = true;
      status.say('Pausing');
      void service.pause().catch(fail);
      break;
    case 'step':
      void step().catch(fail);
      break;
    case 'stop':
      comparison.stop();
      status.say('Stopping: the last evaluation');
      void service.stop().catch(fail);
      break;
    case 'reset':
      comparison.stop();
      void reset().then(ready).catch(fail);
      break;
  }
}

/** Begins a run with these settings; `paused`: before its first step. */
async function start(settings: Settings, paused = false): Promise<boolean> {
  if (run) await reset();
  enter('preparing');
  status.say('Preparing: the networks are being set up');
  void navigator.storage?.persist?.().catch(() => false);
  return take(await connection.service.begin(settings, true, listen(), paused));
}

/** Begins a run, where there is none, and makes its first step. */
async function step(): Promise<void> {
  if (state === 'idle' && !(await start(form?.read() ?? [], true))) return;
  await connection.service.step();
}

async function goOn({ id }: RunInfo): Promise<void> {
  const kept = await (await storage).get(id);
  if (kept) await openKept(kept, true);
  else await connection.service.resume();
}

async function openKept(kept: KeptRun, train: boolean): Promise<void> {
  await reset();
  enter('preparing');
  status.say(train ? 'Going on where the run was saved last' : 'Opening the run');
  const begun = await connection.service.open(kept.id, train, listen());
  if (await take(begun)) {
    form?.fill(await connection.service.read(kept.info.link));
    enter(state);
    const { state: left, hash, reason, progress } = kept;
    if (!train && left !== 'training' && left !== 'paused')
      view.takeEnd({ state: left, hash, reason }, progress);
    await view.showMap();
  }
}

/** What `begin` or `open` came to. */
async function take(begun: Begun): Promise<boolean> {
  if (!begun.run) {
    pausesEarly = false;
    enter('idle');
    refuse(begun.problems);
    return false;
  }
  adopt(begun.run);
  if (pausesEarly) await connection.service.pause();
  pausesEarly = false;
  if (Number.isFinite(controls.speed)) await connection.service.setSpeed(controls.speed);
  element('notice').textContent = begun.notice;
  return true;
}

function refuse(problems: readonly Problem[]): void {
  tabs.show('settings-panel');
  void connection.service.read(form?.read() ?? []).then((reading) => {
    form?.fill({ ...reading, problems });
    form?.focusFirstProblem();
  });
  status.say(`Not started: ${problems.map(({ message }) => message).join('; ')}`);
}

/** The run that the worker has is the page's. */
function adopt(info: RunInfo): void {
  const another = run?.id !== info.id;
  run = info;
  address(info.link);
  if (!another) {
    view.update(info);
    return;
  }
  runs.current = info.id;
  remember(info.id);
  view.show(info);
  refreshTour();
  void runs.refresh();
}

/** What the worker tells, as long as it is the one that the page listens to. */
function listen(): RunListener {
  const own = connection;
  const heard =
    <Told extends unknown[]>(take: (...told: Told) => void) =>
    (...told: Told): void => {
      if (own === connection) take(...told);
    };
  return listening({
    begun: heard(adopt),
    progress: heard((next, progress) => {
      if (next !== state) {
        enter(next);
        refreshTour();
      }
      view.takeProgress(next, progress);
    }),
    rows: heard((rows) => view.takeRows(rows)),
    ended: heard((end, progress) => {
      enter(end.state);
      view.takeEnd(end, progress);
      void runs.refresh();
      onEnd?.(end.state !== 'failed');
    }),
    notSaved: heard((reason) => {
      element('notice').textContent = `This run goes on, but is not kept: ${reason}.`;
    }),
  });
}

/**
 * Trains a run from its beginning to its end; false where it did not come to that. `overlays`: over the curves of the
 * run before it.
 */
async function trainToEnd(settings: Settings, overlays: boolean): Promise<boolean> {
  const before = run;
  if (before) await reset();
  const ended = new Promise<boolean>((resolve) => {
    onEnd = resolve;
  });
  try {
    if (!(await start(settings))) return false;
    if (before && overlays) await overlayEarlier(before.id);
    return await ended;
  } finally {
    onEnd = undefined;
  }
}

async function overlayEarlier(id: string): Promise<void> {
  const kept = await (await storage).get(id);
  if (kept) await runs.overlay(kept, true);
}

/** Lets go of the run on the page, which stays kept as it is, and of the worker. */
async function reset(): Promise<void> {
  onEnd?.(false);
  const left = run;
  if (state === 'training') {
    enter('opening');
    status.say('Saving the run');
    await Promise.race([connection.service.pause(), new Promise((resolve) => setTimeout(resolve, 3000))]);
  }
  connection.close();
  run = undefined;
  pausesEarly = false;
  runs.current = '';
  remember('');
  element('notice').textContent = '';
  view.show(undefined);
  refreshTour();
  enter('opening');
  connection = connect();
  if (left) await (await storage).settle(left.id).catch(() => {});
  void runs.refresh();
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  enter('failed');
  status.say(`Failed: ${reason}. Reset makes everything ready again.`);
  onEnd?.(false);
}

/** What went wrong without harm to the run. */
function complain(error: unknown): void {
  element('notice').textContent = error instanceof Error ? error.message : String(error);
}

function enter(next: PageState): void {
  state = next;
  controls.enter(next);
  if (form) form.running = next === 'preparing' || next === 'training' || next === 'paused';
  document.body.dataset.state = next;
  for (const kind of ['checkpoint', ...FORMATS]) {
    element<HTMLButtonElement>(`export-${kind}`).disabled = run === undefined;
  }
}

for (const format of FORMATS) {
  element(`export-${format}`).addEventListener('click', () => {
    if (!run) return;
    void exportRun({ ...run, rows: view.rows }, format).catch(complain);
  });
}
element('export-checkpoint').addEventListener('click', () => {
  const name = run?.name ?? '';
  void connection.service
    .checkpoint()
    .then((bytes) => exportCheckpoint(name, bytes))
    .catch(complain);
});
element('compare-algorithms').addEventListener('click', () => void comparison.train());

const tabs = new Tabs(element('tabs'), (panel) => {
  if (panel === 'runs-panel') void runs.refresh();
  if (panel === 'starts-panel') void view.showMap();
  if (panel === 'understand-panel') {
    void openUnderstand({
      get run() {
        return run;
      },
      get learner() {
        return view.play.learner;
      },
      episode: (cells) => view.play.episodeOf(cells),
      step: () => step(),
      start: async () => {
        await start(form?.read() ?? []);
      },
    });
  }
  if (panel === 'verify-panel') void openVerify();
});

void begin().catch(fail);
