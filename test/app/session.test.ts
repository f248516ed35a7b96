import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunStore } from '../../src/app/run_store.ts';
import type { Begun, KeptRun, RunEnd, RunInfo, RunListener, RunState } from '../../src/app/service.ts';
import { Session, type SessionView } from '../../src/app/session.ts';

let remembered: string[];
beforeEach(() => {
  remembered = [];
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('localStorage', { setItem: (_: string, id: string) => remembered.push(id) });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const info = (id: string, name = `run ${id}`): RunInfo => ({ id, name }) as RunInfo;
const PROGRESS = { updates: 7 } as KeptRun['progress'];
const kept = (id: string, state: RunState): KeptRun =>
  ({ id, state, hash: `hash of ${id}`, reason: `reason of ${id}`, progress: PROGRESS }) as KeptRun;
const end = (state: RunState): RunEnd => ({ state, hash: '', reason: '', goesOn: false });
const settled = () => new Promise((resolve) => setTimeout(resolve));
const later = async (answer: unknown) => {
  for (let turns = 0; turns < 3; turns++) await settled();
  return answer;
};

/** A worker of which a test says everything: calls are kept, and come to what `answers` says. */
class ToldWorker {
  readonly calls: string[] = [];
  listener: RunListener | undefined;
  /** What the next call of this name comes to. */
  readonly answers = new Map<string, unknown>();
  tellClosed = (): void => {};
  readonly closed = new Promise<undefined>((resolve) => {
    this.tellClosed = () => resolve(undefined);
  });

  constructor(readonly onError: (reason: string) => void) {}

  private call(name: string, ...given: readonly unknown[]): unknown {
    this.calls.push([name, ...given].join(' '));
    const answer = this.answers.get(name);
    this.answers.delete(name);
    return Promise.resolve(answer);
  }

  private begun(id: string, listener: RunListener, ...called: readonly [string, ...unknown[]]): unknown {
    this.listener = listener;
    const run: Begun = { run: info(id), notice: '', problems: [] };
    if (!this.answers.has(called[0])) this.answers.set(called[0], run);
    return this.call(...called);
  }

  readonly service = {
    begin: (settings: unknown, keep: unknown, listener: RunListener, paused: unknown) =>
      this.begun('new', listener, 'begin', settings, keep, paused),
    open: (id: string, manner: unknown, listener: RunListener, settings?: unknown) =>
      this.begun(id, listener, 'open', id, manner, ...(settings ? [settings] : [])),
    ...Object.fromEntries(
      ['pause', 'resume', 'change', 'setSpeed', 'checkpoint'].map((name) => [
        name,
        (...given: unknown[]) => this.call(name, ...given),
      ]),
    ),
  };

  close(): void {
    this.calls.push('close');
    this.tellClosed();
  }
}

/** A session, what it told the page, and its workers, the last one of which it listens to. */
function page(stored: readonly KeptRun[] = [], storage?: Promise<RunStore>) {
  const told: string[] = [];
  const workers: ToldWorker[] = [];
  const tell =
    (name: string) =>
    (...given: readonly unknown[]) =>
      void told.push(
        `${name} ${given.map((own) => (typeof own === 'string' ? own : JSON.stringify(own))).join(' ')}`,
      );
  const view = {
    entered: tell('entered'),
    shown: ({ id, name }, another) => tell('shown')(id, name, another),
    left: tell('left'),
    refused: tell('refused'),
    say: tell('say'),
    progress: (state) => tell('progress')(state),
    rows: tell('rows'),
    restarted: tell('restarted'),
    ended: ({ state, hash, reason, goesOn }, { updates }) =>
      tell('ended')(state, hash, reason, updates, goesOn ? 'goes on' : 'stays'),
    notices: { set: tell('notice'), clear: tell('no notice') },
  } satisfies SessionView;
  const store = {
    get: async (id: string) => stored.find((own) => own.id === id),
    read: async (id: string) =>
      stored.some((own) => own.id === id) ? { checkpoint: `checkpoint of ${id}` } : undefined,
    settle: async (id: string) => void told.push(`settled ${id}`),
  } as unknown as RunStore;
  const session = new Session(storage ?? Promise.resolve(store), view, (onError) => {
    const worker = new ToldWorker(onError);
    workers.push(worker);
    return worker as unknown as ReturnType<NonNullable<ConstructorParameters<typeof Session>[2]>>;
  });
  session.ready();
  told.length = 0;
  return {
    ...{ session, told, workers },
    /** What was told since the last call. */
    since: () => told.splice(0),
    worker: () => workers.at(-1)!,
    /** The worker tells that its run is in this state. */
    becomes: (state: RunState) => workers.at(-1)!.listener!.progress(state, PROGRESS),
  };
}

/** A session with a run that has come to this state. */
async function pageWith(state: RunState, stored: readonly KeptRun[] = []) {
  const own = page(stored);
  await own.session.start(['a=1']);
  if (state === 'training' || state === 'paused') own.becomes(state);
  else own.worker().listener!.ended(end(state), PROGRESS);
  own.since();
  own.worker().calls.length = 0;
  return own;
}

describe('a run that is begun', () => {
  test('is kept, shown, and what the browser shows after a reload', async () => {
    const { session, since, worker } = page();
    expect(await session.start(['a=1', 'b=2'])).toBe(true);
    expect(worker().calls).toEqual(['begin a=1,b=2 true false']);
    expect(since()).toEqual([
      'entered preparing',
      'say Preparing: the networks are being set up',
      'shown new run new true',
      'notice kept ',
    ]);
    expect([session.run?.id, session.state]).toEqual(['new', 'preparing']);
    expect(remembered).toEqual(['new']);
    worker().listener!.begun(info('new'));
    expect(since(), 'it is the same').toEqual(['shown new run new false']);
  });

  test('says why it is not kept, and waits where it is to', async () => {
    const { session, since, worker } = page();
    worker().answers.set('begin', { run: info('x'), notice: 'This run is not kept.', problems: [] });
    await session.start([], true);
    expect(worker().calls).toEqual(['begin  true true']);
    expect(since()).toContain('notice kept This run is not kept.');
  });

  test('may be refused, and another is begun by the same worker', async () => {
    const { session, since, workers, worker } = page();
    worker().answers.set('begin', {
      run: undefined,
      notice: '',
      problems: [{ field: 'a', message: 'a: no' }],
    });
    const began = session.start([]);
    await settled();
    expect(await began).toBe(false);
    expect(since().slice(2)).toEqual(['entered idle', 'refused [{"field":"a","message":"a: no"}]']);
    expect(session.run).toBeUndefined();
    expect(await session.start([])).toBe(true);
    expect(workers).toHaveLength(1);
  });

  test('is paused once it is there where that was asked for before, and the next one is not', async () => {
    const { session, worker } = page();
    worker().answers.set('begin', later({ run: info('new'), notice: '', problems: [] }));
    const began = session.start([]);
    await settled();
    await session.pause();
    await began;
    expect(worker().calls).toEqual(['begin  true false', 'pause', 'pause']);
    await session.pause();
    await session.start([]);
    expect(worker().calls).toEqual(['begin  true false']);
    // Nor is the one that follows on one that was refused.
    await session.reset();
    session.ready();
    worker().answers.set('begin', later({ run: undefined, notice: '', problems: [] }));
    const refused = session.start([]);
    await settled();
    await session.pause();
    await refused;
    await session.start([]);
    expect(worker().calls).toEqual(['begin  true false', 'pause', 'begin  true false']);
  });

  test('goes as fast as the page is set to', async () => {
    const { session, worker } = page();
    await session.setSpeed(5);
    await session.start([]);
    expect(worker().calls).toEqual(['setSpeed 5', 'begin  true false', 'setSpeed 5']);
    await session.setSpeed(Number.POSITIVE_INFINITY);
    await session.start([]);
    expect(worker().calls).toEqual(['begin  true false']);
  });

  test('of two that are asked for at once is the later, and the earlier says that it did not come', async () => {
    const { session, workers, since } = await pageWith('paused');
    const both = [session.start(['a=1']), session.start(['a=2'])];
    expect(await Promise.all(both)).toEqual([false, true]);
    expect(workers.map(({ calls }) => calls)).toEqual([['close'], ['begin a=2 true false']]);
    expect(since().filter((what) => what === 'left ')).toHaveLength(1);
  });

  test('comes to nothing where it is left while it is prepared', async () => {
    const { session, workers, worker } = page();
    worker().answers.set('begin', new Promise(() => {}));
    const began = session.start([]);
    await settled();
    expect(await session.reset()).toBe(true);
    expect(await began).toBe(false);
    expect(session.run).toBeUndefined();
    expect(workers).toHaveLength(2);
    // Nor where it is left while the worker is still told how fast it is to go.
    session.ready();
    await session.setSpeed(5);
    worker().answers.set('setSpeed', later(undefined));
    const slow = session.start([]);
    await settled();
    expect(worker().calls.at(-1)).toBe('setSpeed 5');
    await session.reset();
    expect(await slow).toBe(false);
  });

  test('fails where the worker throws', async () => {
    const { session, since, worker } = page();
    worker().answers.set('begin', Promise.reject(new Error('broken')));
    expect(await session.start([])).toBe(false);
    expect(since().slice(2)).toEqual([
      'entered failed',
      'say Failed: broken. Reset makes everything ready again.',
    ]);
  });
});

describe('a run that is left', () => {
  test('is saved, settled and forgotten, with all that was said of it', async () => {
    const { session, since, workers } = await pageWith('training');
    expect(await session.reset()).toBe(true);
    expect(workers[0].calls).toEqual(['pause', 'close']);
    expect(since()).toEqual([
      'entered opening',
      'say Saving the run',
      'no notice ',
      'entered opening',
      'settled new',
      'left ',
    ]);
    expect(session.run).toBeUndefined();
    expect(remembered.at(-1)).toBe('');
    expect(workers).toHaveLength(2);
  });

  test('is waited for until it is saved, and for three seconds at most', async () => {
    vi.useFakeTimers();
    const { session, workers } = await pageWith('training');
    workers[0].answers.set('pause', new Promise(() => {}));
    const left = session.reset();
    await vi.advanceTimersByTimeAsync(2900);
    expect(workers[0].calls).toEqual(['pause']);
    await vi.advanceTimersByTimeAsync(200);
    expect(workers[0].calls).toEqual(['pause', 'close']);
    expect(await left).toBe(true);
  });

  test('is not saved anew where it rests', async () => {
    const { session, workers, since } = await pageWith('paused');
    await session.reset();
    expect(workers[0].calls).toEqual(['close']);
    expect(since()).toEqual(['no notice ', 'entered opening', 'settled new', 'left ']);
  });

  test('has no more to say, nor has its worker', async () => {
    const { session, since, workers } = await pageWith('paused');
    const { listener, onError } = workers[0];
    await session.reset();
    since();
    listener!.begun(info('late'));
    listener!.changed(info('late'));
    listener!.restarted();
    listener!.lost('late');
    listener!.progress('training', PROGRESS);
    listener!.rows([]);
    listener!.saved('late');
    listener!.ended(end('finished'), PROGRESS);
    onError('late');
    expect(since()).toEqual([]);
    workers[1].onError('gone');
    expect(since()).toEqual(['entered failed', 'say Failed: gone. Reset makes everything ready again.']);
  });

  test('by a later press is not left by the earlier one', async () => {
    const { session } = await pageWith('paused');
    expect(await Promise.all([session.reset(), session.start([])])).toEqual([false, true]);
  });
});

describe('what the worker tells', () => {
  test('reaches the page', async () => {
    const { since, worker, becomes, session } = await pageWith('training');
    const { listener } = worker();
    becomes('training');
    becomes('paused');
    listener!.rows([]);
    listener!.restarted();
    listener!.lost('the device was lost');
    listener!.saved('no space');
    listener!.saved('');
    listener!.ended({ ...end('stopped'), hash: 'abc', reason: 'why' }, PROGRESS);
    expect(since()).toEqual([
      'progress training',
      'entered paused',
      'progress paused',
      'rows []',
      'restarted ',
      'notice device the device was lost',
      'notice kept This run goes on, but is not kept: no space.',
      'notice kept ',
      'entered stopped',
      'ended stopped abc why 7 stays',
    ]);
    expect(session.state).toBe('stopped');
  });

  test('does not undo a name that was given meanwhile', async () => {
    const { session, since, worker } = await pageWith('training');
    session.rename('another', 'not mine');
    expect(since()).toEqual([]);
    session.rename('new', 'mine');
    expect(since()).toEqual(['shown new mine false']);
    worker().listener!.changed({ ...info('new'), updates: 50 });
    expect(since()).toEqual(['shown new mine false']);
    expect(session.run).toMatchObject({ name: 'mine', updates: 50 });
    worker().listener!.begun(info('other'));
    expect([since(), remembered.at(-1)]).toEqual([['shown other run other true'], 'other']);
    await session.reset();
    since();
    session.rename('new', 'none');
    expect(since()).toEqual([]);
  });
});

describe('a kept run', () => {
  test.each([
    ['finished', ['ended finished hash of k reason of k 7 stays']],
    ['stopped', ['ended stopped hash of k reason of k 7 stays']],
    ['paused', []],
    ['training', []],
  ] as const)('is shown as it is: %s', async (state, ended) => {
    const { session, since, worker } = page();
    expect(await session.open(kept('k', state), 'show')).toBe(true);
    expect(worker().calls).toEqual(['open k show']);
    expect(since()).toEqual([
      'entered preparing',
      'say Opening the run',
      'shown k run k true',
      'notice kept ',
      ...ended,
    ]);
  });

  test('that goes on has not ended; what cannot be opened has neither', async () => {
    const { session, since, worker } = page();
    expect(await session.open(kept('k', 'stopped'), 'train', ['updates=9'])).toBe(true);
    expect(worker().calls).toEqual(['open k train updates=9']);
    expect(since().filter((what) => /^(say|ended)/.test(what))).toEqual([
      'say Going on where the run was saved last',
    ]);
    session.ready();
    worker().answers.set('open', { run: undefined, notice: '', problems: [] });
    expect(await session.open(kept('k', 'stopped'), 'show')).toBe(false);
    expect(since().some((what) => what.startsWith('ended'))).toBe(false);
  });
});

describe('going on', () => {
  const stopped = [kept('new', 'stopped')];
  /** Whether the worker tells that the run could not be saved. */
  const goOn = async (
    state: RunState,
    manner: 'train' | 'pause',
    stored: readonly KeptRun[] = stopped,
    unsaved = false,
  ) => {
    const { session, worker, workers } = await pageWith(state, stored);
    if (unsaved) worker().listener!.saved('no space');
    const goes = await session.goOn(manner);
    return [goes, ...workers.flatMap(({ calls }) => calls)];
  };

  test('a stopped run is opened where it is kept; else its worker goes on with it', async () => {
    expect(await goOn('stopped', 'train')).toEqual([true, 'close', 'open new train']);
    expect(await goOn('stopped', 'pause')).toEqual([true, 'close', 'open new pause']);
    expect(await goOn('stopped', 'train', [])).toEqual([true, 'resume']);
    expect(await goOn('stopped', 'pause', [])).toEqual([true]);
    expect(await goOn('stopped', 'train', stopped, true)).toEqual([true, 'resume']);
    // What could not be saved was another run.
    const { session, worker, workers } = await pageWith('training', [kept('other', 'stopped')]);
    worker().listener!.saved('no space');
    await session.open(kept('other', 'stopped'), 'show');
    await session.goOn('train');
    expect(workers.flatMap(({ calls }) => calls)).toEqual([
      'pause',
      'close',
      'open other show',
      'close',
      'open other train',
    ]);
  });

  test('a failed run goes on from where it is kept, and nowhere else', async () => {
    expect(await goOn('failed', 'train', [kept('new', 'training')])).toEqual([
      true,
      'close',
      'open new train',
    ]);
    expect(await goOn('failed', 'train', stopped, true)).toEqual([true, 'close', 'open new train']);
    expect(await goOn('failed', 'train', [])).toEqual([false]);
    for (const state of ['failed', 'finished', 'solved'] as const)
      expect(await goOn('failed', 'train', [kept('new', state)])).toEqual([false]);
  });

  test('to a later end: where it is kept, or by its worker', async () => {
    const extend = async (unsaved: boolean, stored = [kept('new', 'finished')]) => {
      const { session, worker, workers } = await pageWith('finished', stored);
      if (unsaved) worker().listener!.saved('no space');
      await session.extend(['updates=9']);
      return workers.flatMap(({ calls }) => calls);
    };
    expect(await extend(false)).toEqual(['close', 'open new train updates=9']);
    expect(await extend(true)).toEqual(['change updates=9', 'resume']);
    expect(await extend(false, [])).toEqual(['change updates=9', 'resume']);
  });

  test.each([
    ['training', ['change updates=9']],
    ['paused', ['change updates=9']],
    ['stopped', ['change updates=9']],
    ['finished', []],
    ['solved', []],
    ['failed', []],
  ] as const)('edited while it is %s', async (state, calls) => {
    const { session, worker } = await pageWith(state);
    worker().answers.set('change', ['a problem']);
    expect(await session.change(['updates=9'])).toEqual(calls.length > 0 ? ['a problem'] : []);
    expect(worker().calls).toEqual(calls);
  });
});

describe('a run that is trained to its end', () => {
  const train = async () => {
    const own = page();
    const begun = vi.fn(async () => {});
    const trained = own.session.trainToEnd(['a=1'], begun);
    await settled();
    expect(begun).toHaveBeenCalledTimes(1);
    return { ...own, trained };
  };

  test.each([
    ['solved', true],
    ['finished', true],
    ['stopped', false],
    ['failed', false],
  ] as const)('%s', async (state, ended) => {
    const { worker, trained } = await train();
    worker().listener!.ended(end(state), PROGRESS);
    expect(await trained).toBe(ended);
  });

  test('does not come to it where the page is left, the worker fails, or it is refused', async () => {
    const left = await train();
    void left.session.reset();
    expect(await left.trained).toBe(false);
    const failed = await train();
    failed.worker().onError('gone');
    expect(await failed.trained).toBe(false);
    const { session, worker } = page();
    worker().answers.set('begin', { run: undefined, notice: '', problems: [] });
    expect(await session.trainToEnd([], async () => {})).toBe(false);
  });

  test('is not the end of a run that was begun after it', async () => {
    const { session, worker, trained } = await train();
    worker().listener!.ended(end('finished'), PROGRESS);
    await trained;
    const next = session.trainToEnd(['a=2'], async () => {});
    await settled();
    worker().listener!.ended(end('finished'), PROGRESS);
    expect(await next).toBe(true);
  });
});

describe('a checkpoint', () => {
  test('is of the run as it is now, or as it was saved last', async () => {
    const stored = [kept('new', 'training'), kept('other', 'paused')];
    const { session, since, worker } = await pageWith('training', stored);
    worker().answers.set('checkpoint', 'of now');
    expect(await session.checkpoint('new')).toBe('of now');
    expect(await session.checkpoint('other')).toBe('checkpoint of other');
    expect(since()).toEqual([]);
    worker().listener!.ended(end('failed'), PROGRESS);
    since();
    expect(await session.checkpoint('new')).toBe('checkpoint of new');
    expect(since()).toEqual(['notice other What was exported is the run as it was saved last.']);
    await expect(session.checkpoint('gone')).rejects.toThrow('run: it is not kept in this browser');
  });
});

describe('a worker that cannot go on', () => {
  test('leaves a kept run that can, which is said', async () => {
    const { session, since } = await pageWith('training', [kept('new', 'training')]);
    session.fail(new Error('broken'));
    await settled();
    expect(since()).toEqual([
      'entered failed',
      'say Failed: broken. Reset makes everything ready again.',
      'say Failed: broken. Start goes on from where the run was saved last; Reset leaves it.',
    ]);
  });

  test('leaves none that can, or another was asked for meanwhile', async () => {
    const ended = await pageWith('training', [kept('new', 'finished')]);
    ended.session.fail(new Error('broken'));
    await settled();
    expect(ended.since()).toHaveLength(2);
    const left = await pageWith('training', [kept('new', 'training')]);
    left.session.fail(new Error('broken'));
    await left.session.reset();
    expect(left.since().filter((what) => what.includes('Start goes on'))).toEqual([]);
  });

  test('of an older version says nothing of Reset, which would not help', () => {
    const { session, since } = page();
    session.fail(
      'the worker could not be loaded: the server has a newer version of this page, or cannot be reached. ' +
        'Reload the page; runs that are kept stay',
    );
    expect(since()[1]).toMatch(/^say Failed: the worker .* Reload the page; runs that are kept stay\.$/);
  });

  test('without storage, runs are begun, left and not gone on with', async () => {
    const { session } = page([], Promise.reject(new Error('denied')));
    await session.start([]);
    expect(await session.kept('new')).toBeUndefined();
    expect(await session.reset()).toBe(true);
  });
});
