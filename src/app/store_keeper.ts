import type { Config } from '../config.ts';
import type { Keeper, Kept, Standing } from '../run/keeper.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { describeProgress, describeRun } from './run_info.ts';
import type { RunStore } from './run_store.ts';

/** Keeps one run in the browser's database, its rows with its checkpoints. */
export class StoreKeeper implements Keeper {
  private unsaved: MetricsRow[] = [];
  /** They are to be saved instead of those saved before. */
  private anew = false;

  constructor(
    private readonly store: RunStore,
    private readonly id: string,
    private readonly name: string,
  ) {}

  begin(_config: Config, rows: readonly MetricsRow[]): void {
    this.unsaved = [...rows];
    this.anew = true;
  }

  append(row: MetricsRow): void {
    this.unsaved.push(row);
  }

  async save(standing: Standing, checkpoint?: Uint8Array): Promise<void> {
    const { config, state, hash, reason, outcomes } = standing;
    const { id, name, unsaved } = this;
    const info = describeRun(config, id, name);
    const progress = describeProgress(standing);
    await this.store.save(
      { id, name, state, hash, reason, info, progress },
      checkpoint,
      outcomes,
      unsaved,
      this.anew,
    );
    this.unsaved = [];
    this.anew = false;
  }

  read(): Promise<Kept | undefined> {
    return this.store.read(this.id);
  }
}
