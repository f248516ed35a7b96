// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('app');

/** The page: what it says, what is asked of its worker, and what is kept. */
export const appMutations = [
  ...of(
    'src/app/words.ts',
    'test/app/words.test.ts',
    ['Math.floor(share * 1000 + 1e-9)', 'Math.round(share * 1000)', 'never 100 %'],
    [
      '(Math.floor(share * 1000 + 1e-9) / 10)',
      '(Math.floor(share * 1000 + 1e-9) / 100)',
      'of a run that trains',
    ],
    ["value === 1 ? '' : 's'", "value <= 1 ? '' : 's'", 'of a run that trains'],
    ['percent(Math.min(...success))', 'percent(Math.max(...success))', 'of a run that trains'],
    ['(1000 / value).toPrecision(3)', '(1 / value).toPrecision(3)', 'in numbers'],
    ['run.stopWhenSolved ? `stops', '!run.stopWhenSolved ? `stops', 'of a run that trains'],
    ['Math.max(...solvedUpdates)', 'Math.min(...solvedUpdates)', 'of a run that ended'],
    ['return last === updates\n', 'return first === updates\n', 'of a run that ended'],
    ['count(share * run.starts)', 'count(share * 100)', 'of a run that ended'],
    ["run.allStarts ? '' : ' sampled'", "run.allStarts ? ' sampled' : ''", 'of a run that ended'],
    [
      "['Training success', show(progress?.trainingSuccess",
      "['Training success', show(progress?.epsilon",
      'in numbers',
    ],
    [
      "['Time to the last update', show(progress?.secondsLeft",
      "['Time to the last update', show(progress?.seconds",
      'in numbers',
    ],
    ['`${hours} h ${minutes % 60} min`', '`${hours} h ${minutes} min`', 'of what trains'],
    ['(bytes / 1e6).toFixed(1)', '(bytes / 2 ** 20).toFixed(1)', 'of a run that is kept'],
    ['software\n    ? `Trains', '!software\n    ? `Trains', 'of what trains'],
    ["open === 'nowhere' ? 'Interrupted", "open !== 'nowhere' ? 'Interrupted", 'of a run that is kept'],
    ['hash.slice(0, 12)', 'hash.slice(0, 8)', 'of a run that is kept'],
    ['mean(progress.lengthRatio)', 'mean(progress.success)', 'in numbers'],
  ),
  ...of(
    'src/app/run_info.ts',
    'test/app/run_info.test.ts',
    [
      '(config.updates - furthest.updates) / rates.lasting.updates',
      'config.updates / rates.lasting.updates',
      'is as far as the learner',
    ],
    ['/ rates.lasting.updates : Number.NaN', '/ rates.updates : Number.NaN', 'is as far as the learner'],
    [
      'b.environmentSteps > a.environmentSteps ? b : a',
      'b.environmentSteps > a.environmentSteps ? a : b',
      'is as far as the learner',
    ],
    [
      'updatesPerSecond: rates.updates,\n    stepsPerSecond: rates.steps',
      'updatesPerSecond: rates.steps,\n    stepsPerSecond: rates.updates',
      'is as far as the learner',
    ],
    ['sum + trainingSuccess, 0) / learners.length', 'sum + trainingSuccess, 0)', 'is as far as the learner'],
    ['measured[index]?.lengthRatio', 'measured[index]?.success', 'is as far as the learner'],
    ['measured[index]?.success ?? Number.NaN', 'measured[index]?.success ?? 0', 'is as far as the learner'],
    ['allStarts && starts <= MAP_LIMIT &&', 'starts <= MAP_LIMIT &&', 'has a map where'],
    ['spec.agents === 2,', 'spec.agents >= 2,', 'has a map where'],
    ['String(action + 1)', 'String(action)', 'is what there is to know of it'],
    [
      '`variant ${variant}, seed ${seed}`',
      '`variant ${seed}, seed ${variant}`',
      'is what there is to know of it',
    ],
    [
      '`${seeds.length} seeds from ${seeds[0]}`',
      '`${seeds[0]} seeds from ${seeds.length}`',
      'is called by its algorithm',
    ],
    [
      'starts,\n    allStarts,\n    mapped',
      'starts,\n    allStarts: !allStarts,\n    mapped',
      'is what there is to know of it',
    ],
  ),
  ...of(
    'src/app/settings.ts',
    'test/app/settings.test.ts',
    ['{ ...named, ...fields }', '{ ...fields, ...named }', 'an algorithm sets'],
    ['preset ?? presetFor(environment)', "preset ?? 'solve'", 'without a preset'],
    [
      "field === 'seeds' ? [field, parseSeeds(text)]",
      "field === 'seed' ? [field, parseSeeds(text)]",
      'seeds are ranges',
    ],
    [
      'if (preset !== presetFor(environment)) link',
      'if (preset === presetFor(environment)) link',
      'hold only what differs',
    ],
    ['values[field] !== from[field]', 'values[field] === from[field]', 'hold only what differs'],
    ['message.split(/[.:]/, 1)[0]', "message.split(':', 1)[0]", 'every problem by its field'],
    ['algorithm !== CUSTOM && algorithm', 'algorithm === CUSTOM && algorithm', 'hold only what differs'],
    ['return { ...own, environment }', 'return own', 'without a preset'],
  ),
  ...of(
    'src/app/assignments.ts',
    'test/app/assignments.test.ts',
    [
      "if (field === 'preset') return new Map([[field, text]])",
      "if (field === 'preset') return new Map(assignments).set(field, text)",
      'of a preset fills in',
    ],
    [
      "if (field === 'environment') next.delete('preset')",
      "if (field === 'environment') next.clear()",
      'of an environment brings',
    ],
    ['if (!assignments.has(own)) assignments', 'assignments', 'of one field of an algorithm keeps'],
  ),
  ...of(
    'src/config_fields.ts',
    'test/app/fields.test.ts',
    ["epsilonDecaySteps: 'environment steps'", "epsilonDecaySteps: 'updates'", 'numbers count something'],
    ["evaluateEvery: 'updates'", "evaluateEvery: 'environment steps'", 'numbers count something'],
  ),
  ...of('src/config_fields.ts', 'test/presets.test.ts', [
    'maximum: maxValue ?? undefined',
    'maximum: minValue ?? undefined',
    'fields take these values',
  ]),
  ...of(
    'src/app/run_teller.ts',
    'test/run/run.test.ts',
    [
      'if (text === this.problem) return',
      'if (text !== this.problem) return',
      'goes on where it cannot be saved',
    ],
    ['this.untold = [...rows]', 'this.untold.push(...rows)', 'goes on from where it was saved last'],
    [
      'if (this.hasBegun) this.listener.restarted()',
      'if (!this.hasBegun) this.listener.restarted()',
      'goes on from where it was saved last',
    ],
    [
      'ended(): void {\n    const { run } = this;\n    this.tellRows();',
      'ended(): void {\n    const { run } = this;',
      'comes to the same',
    ],
  ),
  ...of(
    'src/app/comparison.ts',
    'test/app/comparison.test.ts',
    [
      "'qmix', 'vdn', 'ps-dqn', 'iql'] as const",
      "'qmix', 'vdn', 'ps-dqn', 'ps-dqn'] as const",
      'trains the four algorithms',
    ],
    [
      '!VARIED.includes(splitAssignment(one)[0])',
      'VARIED.includes(splitAssignment(one)[0])',
      'trains the four algorithms',
    ],
    ['trained > 0);', 'trained === 0);', 'trains the four algorithms'],
    [
      'if (!ended || this.token !== token) break',
      'if (this.token !== token) break',
      'ends with a run that does not',
    ],
  ),
  ...of(
    'src/app/verify/measure_words.ts',
    'test/app/measure_words.test.ts',
    ['figure(1000 / ms)', 'figure(ms / 1000)', 'an update that was timed'],
    ['(${rate(most)} – ${rate(least)})', '(${rate(least)} – ${rate(most)})', 'an update that was timed'],
  ),
];
