import { ConfigError } from '../config_error.ts';
import { environmentNames } from '../env/registry.ts';
import { progressOf } from '../run/keeper.ts';
import { readCheckpoint, takeLearners } from '../train/checkpoint.ts';
import { configuredShape } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import { defaultName } from './run_info.ts';
import type { RunStore } from './run_store.ts';
import { StoreKeeper } from './store_keeper.ts';

/**
 * Keeps the run of a checkpoint's file under this id, paused, or finished where it is; returns the id. Throws
 * ConfigError where the file is none, or of an environment that the page has not.
 */
export async function importRun(
  store: RunStore,
  id: string,
  bytes: Uint8Array,
  fileName: string,
): Promise<string> {
  const file = await readCheckpoint(bytes, fileName);
  const { environment } = file.config;
  if (!environmentNames.includes(environment)) {
    throw new ConfigError(
      `${fileName}: metadata config: environment: got "${environment}", allowed on this page: ${environmentNames.join(', ')}`,
    );
  }
  const { config, learners } = takeLearners(file, fileName);
  const progress = progressOf(config, learners);
  const finished = progress.every((learner) => learner.finished);
  const hash = finished ? (await hashParameters(configuredShape(config), learners)).all : '';
  const name = await store.freeName(fileName.replace(/\.safetensors$/i, '') || defaultName(config));
  const keeper = new StoreKeeper(store, id, name);
  const state = finished ? 'finished' : 'paused';
  await keeper.save(
    { config, state, hash, reason: '', seconds: 0, progress, measured: [], outcomes: [] },
    bytes.slice(),
  );
  return id;
}
