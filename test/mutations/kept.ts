// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const [ofTrain, ofCli, ofApp] = [noticed('train'), noticed('cli'), noticed('app')];

/** What is kept, or let go of, between presses, runs, groups of learners and processes. */
export const keptMutations = [
  ...ofTrain('src/train/population.ts', 'test/train/population.test.ts', [
    '    this.evaluating = false;\n',
    '',
    'is evaluating only while',
  ]),
  ...ofTrain('src/learner/webgpu_steps.ts', 'test/train/rollout.gpu.test.ts', [
    'inputs.trains.includes(1) ? 1 : 0',
    'inputs.trains[0]',
    'with learners that are stopped where',
  ]),
  ...ofTrain('src/learner/greedy_policy.ts', 'test/learner/webgpu_learner.gpu.test.ts', [
    '`${rows} ${count}`',
    '`${rows}`',
    'agrees with the float64 reference',
  ]),
  ...ofTrain('src/run/run.ts', 'test/run/run.test.ts', [
    "state === 'stopped' && whole ? 'finished' : state",
    'state',
    'that is stopped with nothing left',
  ]),
  ...ofTrain('src/run/run.ts', 'test/run/moments.test.ts', [
    '      await this.reopenIfEnded();\n      this.training.meter.start();\n',
    '      await this.reopenIfEnded();\n',
    'where it is paused, and as soon',
  ]),
  ...ofTrain('src/run/training.ts', 'test/run/training.test.ts', [
    '    training.backend = from?.backend;\n',
    '',
    'opens learners on the kind of device',
  ]),
  ...ofCli('src/cli/work_folder.ts', 'test/cli/work_folder.test.ts', [
    '    effort.done += effortOf(cell);\n',
    '',
    'in a sweep',
  ]),
  ...ofCli('src/cli/sweep.ts', 'test/cli/sweep.test.ts', [
    'run: cells[group].folder',
    'run: cells[0].folder',
    'writes sweep.json',
  ]),
  ...ofCli('src/cli/interval_figure.ts', 'test/cli/sweep.test.ts', [
    'index % columns === at',
    'Math.floor(index / columns) === at',
    'draws the best fourteen settings',
  ]),
  ...ofCli('src/node/folder_lock.ts', 'test/cli/run_folder.test.ts', [
    '    if (FolderLock.held.has(this)) this.beat();\n',
    '',
    'a folder that was lost to another',
  ]),
  ...ofApp('src/app/store_keeper.ts', 'test/app/store_keeper.test.ts', [
    '    this.anew = false;\n',
    '',
    'rows are saved once',
  ]),
  ...ofApp('src/app/run_store.ts', 'test/app/parts.page.test.ts', [
    "      if (anew) await transaction.objectStore('rows').delete(piecesOf(id));\n",
    '',
    'are saved piece by piece',
  ]),
  ...ofApp('src/app/run_view.ts', 'test/app/play.page.test.ts', [
    "rows.some(({ kind }) => kind !== 'training')",
    "rows.some(({ kind }) => kind === 'evaluation')",
    'the map is asked for',
  ]),
  ...ofApp(
    'src/app/session.ts',
    'test/app/session.test.ts',
    ["      remember('');\n", '', 'is saved, settled and forgotten'],
    ['if (this.run?.id !== id) return', 'if (!this.run) return', 'does not undo a name'],
    [
      '      this.unsaved = false;\n      remember(info.id)',
      '      remember(info.id)',
      'a stopped run is opened where',
    ],
  ),
];
