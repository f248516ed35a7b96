import { type ConfigField, describeField } from '../config.ts';
import { fieldDomain, fieldLabel, fieldUnit } from '../config_fields.ts';
import { LIVE_FIELDS } from '../run/live_fields.ts';
import { ALGORITHM } from './assignments.ts';
import type { FieldGroup, FieldSpec } from './service.ts';
import { fieldNames } from './settings.ts';

type FieldName = ConfigField | typeof ALGORITHM;

/** Every field once, in the order of the form; the first group is open. */
const GROUPS: readonly (readonly [title: string, fields: readonly FieldName[]])[] = [
  ['Run', ['environment', ALGORITHM, 'preset', 'seeds', 'updates', 'episodes', 'stopWhenSolved']],
  [
    'Task',
    ['gridSize', 'agents', 'episodeLimit', 'sight', 'offGrid', 'payoff', 'observationScale', 'stateScale'],
  ],
  [
    'Networks and mixer',
    [
      'sharedAgents',
      'agentId',
      'hidden',
      'mixer',
      'positivity',
      'hyperLayers',
      'biasLayers',
      'mixerWidth',
      'hyperHidden',
    ],
  ],
  ['Training', ['environments', 'updatesPerStep', 'overlap', 'gamma', 'variants']],
  ['Replay', ['batchSize', 'replayCapacity', 'warmup']],
  [
    'Optimiser',
    [
      'optimizer',
      'learningRate',
      'mixerLearningRate',
      'clipNorm',
      'beta1',
      'beta2',
      'adamEpsilon',
      'rmspropAlpha',
      'rmspropEpsilon',
    ],
  ],
  ['Exploration', ['epsilonStart', 'epsilonEnd', 'epsilonDecaySteps']],
  ['Target networks', ['targetUpdate', 'tau', 'targetInterval']],
  ['Measuring and saving', ['evaluateEvery', 'logEvery', 'saveEvery']],
];

/** Sentences that say more on the page than the schema's do. */
const HINTS: Readonly<Partial<Record<FieldName, string>>> = {
  environment: 'What is trained on. A choice brings the preset that suits it.',
  preset: 'A set of values that belong together. A choice fills in every field.',
  [ALGORITHM]:
    'Agent networks and mixer by the name that they have together; custom: as chosen under Networks and mixer.',
  seeds:
    'One learner per seed (and variant), all trained at once: seeds with commas between, and ranges such as 1-10.',
  variants:
    'Settings that learners may differ in, as JSON: every seed trains with each of [{"gamma":0.9},{"gamma":0.99}]. ' +
    'Empty: [].',
  saveEvery:
    'Updates between two checkpoints where the command line goes on with the run: this page saves every few seconds.',
};

/** The form of a run: every field of the configuration, and the algorithm by its name. */
export const fieldGroups = (): FieldGroup[] =>
  GROUPS.map(([title, fields], index) => ({ title, open: index === 0, fields: fields.map(specify) }));

function specify(name: FieldName): FieldSpec {
  const common = { name, label: fieldLabel(name), live: LIVE_FIELDS.some((live) => live === name) };
  const choices = fieldNames[name];
  if (name === ALGORITHM || choices) {
    return {
      ...common,
      hint: HINTS[name] ?? '',
      kind: 'choice',
      choices: choices ?? [],
      minimum: undefined,
      maximum: undefined,
      integer: false,
      unit: '',
    };
  }
  return {
    ...common,
    hint: HINTS[name] ?? describeField(name),
    ...fieldDomain(name),
    unit: fieldUnit(name),
  };
}
