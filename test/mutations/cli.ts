// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('cli');

/** The command line: what it is asked for, and what it prints and writes of one run. */
export const cliMutations = [
  ...of(
    'src/cli/summary.ts',
    'test/cli/summary.test.ts',
    [
      'orDash(seed[training], text),\n    text(seed[measure])',
      'text(seed[measure]),\n    orDash(seed[training], text)',
      'the table of a run has success',
    ],
    ['ratio.toFixed(4)', 'ratio.toFixed(2)', 'the table of a run has success'],
  ),
  ...of(
    'src/cli/summary.ts',
    'test/cli/best_lines.test.ts',
    ['!best || !isBetter({', '!best || isBetter({', 'a line tells of each learner'],
    [
      '`at update ${count(best.updates)}`',
      '`at update ${count(best.return)}`',
      'a line tells of each learner',
    ],
  ),
  ...of(
    'src/cli/summary.ts',
    'test/cli/seed_summary.test.ts',
    [
      'solved ? progress.solvedSteps : null',
      'solved ? progress.environmentSteps : null',
      'a learner’s summary has',
    ],
    ['solved ? progress.solvedUpdates : null', 'solved ? progress.updates : null', 'a learner’s summary has'],
    [
      'trainingSuccess: finiteOrNull(progress.trainingSuccess)',
      'trainingSuccess: finiteOrNull(evaluation.success)',
      'a learner’s summary has',
    ],
    ['starts: evaluation.starts', 'starts: progress.episodes', 'a learner’s summary has'],
    [
      "environment === 'meeting-gridworld'\n",
      "environment !== 'meeting-gridworld'\n",
      'a table of learners has',
    ],
    ['cell.padStart(widths[column])', 'cell.padEnd(widths[column])', 'a table of learners has'],
    ["value === null ? '–' : text(value)", "value ? text(value) : '–'", 'a table of learners has'],
  ),
  ...of('src/cli/curve.ts', 'test/cli/curve.test.ts', [
    'row.seed === seed && row.variant === variant',
    'row.seed === seed',
    'the curve of a run has a line',
  ]),
  ...of(
    'src/cli/progress_bar.ts',
    'test/cli/progress_bar.test.ts',
    [
      '((1 - fraction) * (seconds - first.seconds)) / (fraction - first.fraction)',
      '(fraction * (seconds - first.seconds)) / (fraction - first.fraction)',
      'is known 10 s after',
    ],
    ['(1 - fraction) * (seconds - first.seconds)', '(1 - fraction) * seconds', 'is known 10 s after'],
    ['(updates - this.updatesBefore) / seconds', 'updates / seconds', 'stands at the end of a line'],
    [
      'stopWhenSolved && this.part.share === 1',
      'stopWhenSolved || this.part.share === 1',
      'stands at the end of a line',
    ],
    [
      'progress.reduce((sum, { environmentSteps }) => sum + environmentSteps, 0)',
      'progress[0].environmentSteps',
      'stands at the end of a line',
    ],
    ['this.part.before + this.part.share * done', 'this.part.share * done', 'is that of all groups'],
    [
      'Math.max(learner.updates / config.updates, episodes)',
      'Math.min(learner.updates / config.updates, episodes)',
      'counts the learner that has most',
    ],
    [
      'if (learner.finished) return least',
      'if (learner.finished) return 0',
      'counts a learner that has finished',
    ],
    [
      '`${Math.floor(minutes / 60)} h ${minutes % 60} min`',
      '`${Math.floor(minutes / 60)} h ${minutes} min`',
      'says that a run may stop',
    ],
    ['this.greedy.set(key(row), row)', "this.greedy.set('', row)", 'tells return until'],
  ),
  ...of(
    'src/cli/run_folder.ts',
    'test/cli/run_folder.test.ts',
    ['same(row, whose) && row.success === 1', 'row.success === 1', 'are of its own first evaluation'],
    ['row.success === 1)?.seconds', 'row.success > 0.9)?.seconds', 'are of its own first evaluation'],
    [
      'Math.max(this.sessionSeconds(config, progress), seconds)',
      'this.sessionSeconds(config, progress)',
      'is after the rows',
    ],
    ['unmoved && Number.isFinite', 'Number.isFinite', 'is after the seconds'],
  ),
  ...of(
    'src/cli/options.ts',
    'test/cli/options.test.ts',
    [
      'makeConfig(preset, { ...changes, ...set })',
      'makeConfig(preset, { ...set, ...changes })',
      'stand over one another',
    ],
    ['options.preset ??\n    filePreset', 'filePreset ??\n    options.preset', 'take their preset'],
    ['return 1000 * seconds', 'return seconds', 'save every minute'],
    ["readSaveMs(text = '60')", "readSaveMs(text = '600')", 'save every minute'],
    [
      'Object.assign(changes, algorithmFields(options.algorithm))',
      'Object.assign(fields, algorithmFields(options.algorithm))',
      'stand over one another',
    ],
  ),
  ...of(
    'src/cli/evaluate.ts',
    'test/cli/train.process.test.ts',
    ['SAMPLED_STARTS = 1000', 'SAMPLED_STARTS = 500', 'evaluate plays a sample'],
    [
      'exhaustive ? { exhaustive: true } :',
      '!exhaustive ? { exhaustive: true } :',
      'evaluate plays a sample',
    ],
  ),
  ...of(
    'src/cli/export.ts',
    'test/cli/best.process.test.ts',
    ["best ? 'best' : 'online'", "best ? 'online' : 'best'", 'are played and exported'],
    ['members.length > 1 ? `${name}.`', 'members.length > 0 ? `${name}.`', 'are refused where there was no'],
  ),
  ...of(
    'src/cli/session.ts',
    'test/cli/session.process.test.ts',
    [
      "interrupted: run.state === 'stopped'",
      "interrupted: run.state !== 'stopped'",
      'leaves a checkpoint to go on from',
    ],
    ['if (!evaluation) return [];', '', 'is no finished run'],
  ),
  ...of('src/cli/output.ts', 'test/cli/output.test.ts', [
    "toString(16).padStart(4, '0')",
    'toString(16)',
    'text of files reaches',
  ]),
  ...of(
    'src/cli/inspect.ts',
    'test/cli/inspect.test.ts',
    [
      'row === greedy[0] && column === greedy[1]',
      'row === greedy[1] && column === greedy[0]',
      'inspect marks the greedy joint',
    ],
    ['.toFixed(PLACES).replace', '.toFixed(1).replace', 'inspect marks the greedy joint'],
  ),
];
