import { BrowserBackend } from './backend.ts';
import type { Command, Message, Settings } from './protocol.ts';
import { Run } from './run.ts';
import { describe, fieldOf, formValues, keepValid, presetValues, readSettings } from './settings.ts';

/**
 * The worker that trains. It holds at most one run in its life: to begin anew, the page ends the worker and
 * makes another, which frees everything whatever state it was in.
 */

const tell = (message: Message): void => self.postMessage(message);
const backend = BrowserBackend.open();
let run: Run | undefined;
/** A run that is being prepared is paused before its first step. */
let pausedEarly = false;

self.onmessage = ({ data }: MessageEvent<Command>): void => {
  switch (data.type) {
    case 'open':
      void open(data.link).catch(fail);
      break;
    case 'check':
      tell({ type: 'checked', problems: readSettings(data.settings).problems, refused: false });
      break;
    case 'start':
      void start(data.settings).catch(fail);
      break;
    case 'pause':
      pausedEarly = true;
      run?.pause();
      break;
    case 'resume':
      pausedEarly = false;
      run?.resume();
      break;
    case 'play':
      run?.play();
      break;
  }
};

async function open(link: Settings): Promise<void> {
  const { config, kept, problems } = keepValid(link);
  const values = formValues(config);
  const others = kept.filter((assignment) => !Object.hasOwn(values, fieldOf(assignment)));
  const { description } = await backend;
  tell({ type: 'opened', backend: description, values, presets: presetValues(), others, problems });
}

async function start(settings: Settings): Promise<void> {
  const { config, problems } = readSettings(settings);
  if (!config) {
    tell({ type: 'checked', problems, refused: true });
    return;
  }
  pausedEarly = false;
  try {
    run = await Run.create(config, await backend, tell);
  } catch (error) {
    // Sizes that this device cannot hold are as wrong here as any other.
    tell({ type: 'checked', problems: describe(error), refused: true });
    return;
  }
  if (pausedEarly) run.pause();
  tell({ type: 'begun', run: run.info });
  await run.train();
}

async function fail(error: unknown): Promise<void> {
  tell({ type: 'failed', reason: await (await backend).explain(error) });
}
