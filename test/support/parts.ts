import '../../src/app/style.css';
import { Curves } from '../../src/app/curves/curves.ts';
import * as exports from '../../src/app/curves/export.ts';
import { fieldGroups } from '../../src/app/fields.ts';
import * as store from '../../src/app/run_store.ts';
import { type RunActions, RunsPanel } from '../../src/app/runs_panel.ts';
import type { KeptRun } from '../../src/app/service.ts';
import { read } from '../../src/app/settings.ts';
import { SettingsForm } from '../../src/app/settings_form.ts';
import { parseRows } from '../../src/train/metrics.ts';

/** The form, the curves, the kept runs and their list by themselves; settings are read at once, where the page asks its worker. */

const asked: (readonly string[])[] = [];
const form = new SettingsForm(document.getElementById('settings')!, fieldGroups(), {
  onChange: (settings) => {
    asked.push(settings);
    void Promise.resolve().then(() => form.fill(read(settings)));
  },
});
form.fill(read([...new URLSearchParams(location.search)].map(([field, value]) => `${field}=${value}`)));
const curves = new Curves(document.getElementById('curves')!);

/** A list of these runs, which is read anew at every look, and the calls that were made of it, as texts. */
function list(kept: readonly KeptRun[]) {
  const calls: string[] = [];
  const called =
    (name: string) =>
    async (run: KeptRun, more?: unknown): Promise<void> =>
      void calls.push([name, run.id, ...(more === undefined ? [] : [more])].join(' '));
  const actions: RunActions = {
    open: called('open'),
    overlay: called('overlay'),
    exportCheckpoint: called('export'),
    renamed: (run, name) => void called('renamed')(run, name),
    importFile: async ({ name }) => {
      calls.push(`import ${name}`);
      if (name.startsWith('broken')) throw new Error(`${name}: no checkpoint`);
    },
  };
  const runs = {
    list: async () => [...kept],
    rename: async (id: string, name: string) => void calls.push(`rename ${id} ${name}`),
    remove: async (id: string) => void calls.push(`remove ${id}`),
  } as unknown as store.RunStore;
  const root = document.createElement('div');
  root.id = 'runs';
  document.querySelector('main')!.append(root);
  return { panel: new RunsPanel(root, Promise.resolve(runs), actions), calls };
}

const parts = { form, curves, asked, exports, read, parseRows, store, list };
export type Parts = typeof parts;
Object.assign(window, { parts });
