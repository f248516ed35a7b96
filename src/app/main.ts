import { messageOf } from './message_of.ts';
import './style.css';
import { shorten } from '../config_error.ts';
import { splitAssignment } from './assignments.ts';
import { Comparison } from './comparison.ts';
import { type ControlName, Controls } from './controls.ts';
import { exportCheckpoint, exportRun, FORMATS } from './exports.ts';
import { lastShown } from './last_shown.ts';
import { openUnderstand, openVerify, refreshTour } from './lazy_panels.ts';
import { isSameRun, leftOnItsWay, leftOnPage } from './left_runs.ts';
import { Notices } from './notices.ts';
import { openRuns, RunStore } from './run_store.ts';
import { RunView } from './run_view.ts';
import { RunsPanel } from './runs_panel.ts';
import type { KeptRun, Problem, Settings } from './service.ts';
import { isUnfinished, Session } from './session.ts';
import { SettingsForm } from './settings_form.ts';
import { Tabs } from './tabs.ts';
import { describeBackend, describeFinished, describeLeft } from './words.ts';

/** The page: what people do goes to the session, and what goes on there is shown. */

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Milliseconds of unchanged settings after which a run of them is prepared. */
const PREPARE_AFTER = 300;
/** Milliseconds in which a page that was left has let go of its run. */
const LEFT_BY = 1000;

const storage = RunStore.open();
// Whoever needs it says that there is none.
storage.catch(() => {});
const notices = new Notices(element('notice'));
let form: SettingsForm | undefined;
let preparing = 0;

const view = new RunView({
  episode: (learner, exploring, cells) => session.service.episode(learner, exploring, cells),
  game: (learner) => session.service.game(learner),
  outcomes: (learner) => session.service.outcomes(learner),
  onLearner: refreshTour,
});
const { status } = view;

const session = new Session(storage, {
  entered: (state) => {
    controls.enter(state);
    if (form) form.running = state === 'preparing' || state === 'training' || state === 'paused';
    document.body.dataset.state = state;
    for (const kind of ['checkpoint', ...FORMATS]) {
      element<HTMLButtonElement>(`export-${kind}`).disabled = session.run === undefined;
    }
    refreshTour();
  },
  shown: (run, another) => {
    address(run.link);
    if (!another) {
      view.update(run);
      refreshTour();
      return;
    }
    runs.show(run.id);
    view.show(run);
    refreshTour();
    // A comparison, or the list of runs, may have begun what the form did not say.
    void session.service.read(run.link).then((reading) => {
      if (session.run?.id === run.id) form?.fill(reading);
    }, complain);
  },
  left: () => {
    runs.show('');
    view.show(undefined);
  },
  progress: (state, progress) => view.takeProgress(state, progress),
  rows: (rows) => view.takeRows(rows),
  restarted: () => view.restart(),
  ended: (end, progress) => {
    view.takeEnd(end, progress);
    void runs.refresh();
  },
  refused: refuse,
  say: (text) => status.say(text),
  notices,
});

const controls = new Controls(press, (speed) => void session.setSpeed(speed).catch(complain));

const runs = new RunsPanel(element('runs'), storage, {
  open: async (kept, train) => {
    const ended = train && !isUnfinished(kept);
    if (!(await session.open(kept, train && !ended ? 'train' : 'show'))) return;
    await view.showMap();
    if (!ended) return;
    // Where a run has ended, somebody has to say how far it is to go on.
    tabs.show('settings-panel');
    form?.focus('updates');
    status.say(`${describeFinished(kept)}: give it more updates, and Start goes on from its end`);
  },
  overlay: async (kept, shown) => {
    if (!shown) {
      view.curves.remove(kept.id);
      return;
    }
    view.curves.begin({ ...kept.info, name: kept.name, current: false });
    view.curves.add(kept.id, await (await storage).rows(kept.id));
  },
  exportCheckpoint: async ({ id, name }) => exportCheckpoint(name, await session.checkpoint(id)),
  importFile: async (file) => {
    const { problem } = await session.service.importRun(new Uint8Array(await file.arrayBuffer()), file.name);
    if (problem) throw new Error(problem);
  },
  renamed: ({ id }, name) => session.rename(id, name),
});

const comparison = new Comparison({
  settings: () => form?.read() ?? [],
  train: (settings, overlays) => {
    const before = overlays ? session.run?.id : undefined;
    return session.trainToEnd(settings, async () => {
      const kept = before === undefined ? undefined : await session.kept(before);
      if (kept) await runs.overlay(kept, true);
    });
  },
  say: (text) => {
    element('compare-hint').textContent = text;
  },
});

/** The worker is there: the form, and the run that was on the page when it was left. */
async function begin(): Promise<void> {
  const { service, turn } = session;
  const link = linkOfPage();
  const reading = await service.read(link);
  form = new SettingsForm(element('settings'), await service.fields(), { onChange: takeSettings });
  form.fill(reading);
  const left = await leftRun(link.length > 0 ? reading.link : undefined);
  if (session.turn !== turn) return;
  const wrong = new Set(reading.problems.map(({ field }) => field));
  element('ignored').textContent =
    wrong.size > 0 ? `Ignored from the link: ${shorten([...wrong].join(', '))}.` : '';
  if (!left) {
    await ready();
    return;
  }
  await sayBackend();
  if (await session.open(left, left.state === 'training' ? 'train' : 'show')) await view.showMap();
}

async function ready(): Promise<void> {
  await sayBackend();
  session.ready();
  if (form) prepareSoon(form.read());
}

async function sayBackend(): Promise<void> {
  element('backend').textContent = describeBackend(await session.service.backend());
}

/** Has a run of these settings prepared once they have stayed as they are for a moment. */
function prepareSoon(settings: Settings): void {
  clearTimeout(preparing);
  preparing = window.setTimeout(() => {
    if (session.state === 'idle') void session.service.prepare(settings).catch(() => {});
  }, PREPARE_AFTER);
}

/** The run that a reload, a crash or a closed tab has left, unless a link asks for another one. */
async function leftRun(link: Settings | undefined): Promise<KeptRun | undefined> {
  try {
    const left = leftOnPage(await (await storage).list(), link, lastShown());
    // The page that was reloaded lets go of its run in a moment; another tab does not.
    const end = performance.now() + LEFT_BY;
    while (left && (await openRuns()).has(left.id)) {
      if (performance.now() > end) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return left;
  } catch {
    return undefined;
  }
}

function takeSettings(settings: Settings): void {
  void (async () => {
    const reading = await session.service.read(settings);
    form?.fill(reading);
    if (reading.problems.length > 0) return;
    const problems = await session.change(settings);
    if (problems.length > 0) form?.fill({ ...reading, problems });
    address(reading.link);
    prepareSoon(settings);
  })().catch(fail);
}

/** The settings in the page's address. */
const linkOfPage = (): Settings =>
  [...new URLSearchParams(location.search)].map(([field, value]) => `${field}=${value}`);

/** The whole set-up stands in the page's address. */
function address(link: Settings): void {
  const text = new URLSearchParams(link.map(splitAssignment)).toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
}

function press(name: ControlName): void {
  switch (name) {
    case 'start':
      void pressStart().catch(fail);
      break;
    case 'pause':
      status.say('Pausing');
      void session.pause().catch(fail);
      break;
    case 'step':
      void step().catch(fail);
      break;
    case 'stop':
      comparison.stop();
      status.say('Stopping: the last evaluation');
      void session.service.stop().catch(fail);
      break;
    case 'reset':
      comparison.stop();
      void pressReset().catch(fail);
      break;
  }
}

/** Goes on with the run on the page, or begins one where there is none or the form asks for another. */
async function pressStart(): Promise<void> {
  const { state, run, service } = session;
  if (state === 'paused') {
    await service.resume();
    return;
  }
  const settings = form?.read() ?? [];
  // What was edited since asks for another run.
  const unedited = run !== undefined && String(linkOfPage()) === String(run.link);
  if (state === 'failed' && unedited && (await session.goOn('train'))) return;
  if (run && state !== 'failed') {
    const { link, problems } = await service.read(settings);
    if (problems.length > 0) {
      refuse(problems);
      return;
    }
    if (state === 'stopped' && String(link) === String(run.link)) {
      await session.goOn('train');
      return;
    }
    const ended = state === 'finished' || state === 'solved';
    if (ended && !unedited && isSameRun(link, run.link) && (await service.goesFurther(settings))) {
      await session.extend(settings);
      return;
    }
  }
  await startAnew(settings);
}

/** Begins a run; where one of the same settings was left on its way, that is said. */
async function startAnew(settings: Settings): Promise<void> {
  if (!(await session.start(settings))) return;
  const { run } = session;
  const [kept, open] = await Promise.all([storage.then((store) => store.list()), openRuns()]).catch(
    () => [[], new Set<string>()] as const,
  );
  const left = run && leftOnItsWay(kept, run, open);
  if (left) notices.set('other', `This is a new run. ${describeLeft(left)}`);
}

/** One step; of a new run where there is none. */
async function step(): Promise<void> {
  const { state } = session;
  if (state === 'idle' && !(await session.start(form?.read() ?? [], true))) return;
  if (state === 'stopped' && !(await session.goOn('pause'))) return;
  await session.service.step();
}

async function pressReset(): Promise<void> {
  if (!(await session.reset())) return;
  // Without a form the worker has never answered.
  await (form ? ready() : begin());
}

function refuse(problems: readonly Problem[]): void {
  tabs.show('settings-panel');
  void session.service.read(form?.read() ?? []).then((reading) => {
    form?.fill({ ...reading, problems });
    form?.focusFirstProblem();
  }, complain);
  status.say(`Not started: ${problems.map(({ message }) => message).join('; ')}`);
}

function fail(error: unknown): void {
  session.fail(error);
}

/** What went wrong without harm to the run. */
function complain(error: unknown): void {
  notices.set('other', messageOf(error));
}

for (const format of FORMATS) {
  element(`export-${format}`).addEventListener('click', () => {
    if (!session.run) return;
    void exportRun({ ...session.run, rows: view.rows }, format).catch(complain);
  });
}
element('export-checkpoint').addEventListener('click', () => {
  if (!session.run) return;
  const { id, name } = session.run;
  void session
    .checkpoint(id)
    .then((bytes) => exportCheckpoint(name, bytes))
    .catch(complain);
});
element('compare-algorithms').addEventListener('click', () => void comparison.train().catch(complain));

const tabs = new Tabs(element('tabs'), (panel) => {
  if (panel === 'runs-panel') void runs.refresh();
  if (panel === 'starts-panel') void view.showMap();
  if (panel === 'understand-panel') {
    void openUnderstand({
      get run() {
        return session.run;
      },
      get learner() {
        return view.play.learner;
      },
      episode: (cells) => view.play.episodeOf(cells),
      step,
      start: () => startAnew(form?.read() ?? []),
    });
  }
  if (panel === 'verify-panel') void openVerify();
});

void begin().catch(fail);
