// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('verify');

/** What holds a GPU to the vector files, and what looks into a policy. */
export const verifyMutations = [
  ...of(
    'src/verify/bounds.ts',
    'test/verify/bounds.test.ts',
    ['difference / largest', 'difference', 'is the largest'],
    ['difference = Math.max(difference, error)', 'difference = error', 'is the largest'],
    ['if (!Number.isFinite(error)) return', 'if (Number.isNaN(difference)) return', 'that is '],
    ['<= leeway ? expected[j] : value', '<= leeway ? value : expected[j]', 'is none where the sign'],
    ['Math.abs(gradient[j]) < weakest &&', 'Math.abs(gradient[j]) < weakest ||', 'is whatever it is'],
    ['Math.abs(expected[j]));', 'expected[j]);', 'is the largest'],
  ),
  ...of(
    'src/verify/report.ts',
    'test/verify/report.test.ts',
    ['outcomes.filter(({ pass }) => pass).length', 'outcomes.length', 'has a dash for'],
    ['const left = files - outcomes.length', 'const left = files - passing', 'has a dash for'],
    ["Number.isNaN(error) ? '–' :", "!error ? '–' :", 'has every tensor of a file'],
    ['bound ${cell(BOUNDS[tensor.group])}', 'bound ${cell(BOUNDS.forward)}', 'has every tensor of a file'],
    [
      'file ${cell(tensor.file)}  reference ${cell(tensor.reference)}',
      'file ${cell(tensor.reference)}  reference ${cell(tensor.file)}',
      'has every tensor of a file',
    ],
    ["tensor.pass ? 'ok  ' : 'FAIL'", "tensor.pass ? 'FAIL' : 'ok  '", 'has every tensor of a file'],
    ['cell(worst[group])', 'cell(worst[GROUPS[0]])', 'has the worst error of each'],
    ['outcomes.filter(({ pass }) => !pass).map', 'outcomes.filter(({ pass }) => pass).map', 'has a dash for'],
  ),
  ...of(
    'src/verify/verify.ts',
    'test/verify/blind.gpu.test.ts',
    ['seen ? worse(seen, verdict) : verdict', 'verdict', 'fails where one entry is off in placement'],
    [
      'Math.max(a.file, b.file), Math.max(a.reference, b.reference)',
      'Math.min(a.file, b.file), Math.min(a.reference, b.reference)',
      'fails where one entry is off in placement',
    ],
    [
      "failed.every(({ group }) => group === 'parameters')",
      "failed.some(({ group }) => group === 'parameters')",
      'says that gradients are within bounds',
    ],
  ),
  ...of(
    'src/verify/verify.ts',
    'test/verify/verify.gpu.test.ts',
    ['pass: failed.length === 0, note', 'pass: true, note', 'fails, and names the tensor'],
    [
      'file <= BOUNDS[group] && reference',
      'reference <= BOUNDS[group] && reference',
      'fails, and names the tensor',
    ],
    [
      'pass: file <= BOUNDS[group] && reference <= BOUNDS[group]',
      'pass: file <= BOUNDS[group] || reference <= BOUNDS[group]',
      'fails, and names the tensor',
    ],
  ),
  ...of(
    'src/verify/update_rule.ts',
    'test/verify/verify.gpu.test.ts',
    ['(1 - beta2) * g * g', '(1 - beta2) * g', 'holds the GPU to odd-sizes'],
    [
      "layer.group === 'agents' ? learningRate : mixerLearningRate",
      "layer.group === 'agents' ? mixerLearningRate : learningRate",
      'holds the GPU to odd-sizes',
    ],
  ),
  ...of(
    'src/verify/vector_file.ts',
    'test/reference/vectors.test.ts',
    ['mixerLearningRate: config.lr / 2', 'mixerLearningRate: config.lr', 'agrees in every step'],
    ["['state', layout.state,", "['state', layout.nextState,", 'agrees in every step'],
    ['epsilon: 1e-5, corrected: false', 'epsilon: 1e-8, corrected: false', 'agrees in every step'],
  ),
  ...of('src/verify/reference_values.ts', 'test/reference/vectors.test.ts', [
    '[batch.terminated, layout.terminated]',
    '[batch.terminated, layout.reward]',
    'agrees in every step',
  ]),
  ...of(
    'src/inspect/joint_values.ts',
    'test/inspect/policy.test.ts',
    ['Math.floor(joint / actions)', 'joint % actions', 'finds in a game'],
    ['values.indexOf(Math.max(...values))', 'values.indexOf(Math.min(...values))', 'finds in a game'],
    [
      'totals[(state * actions + first) * actions + second]',
      'totals[(state * actions + second) * actions + first]',
      'finds in a game',
    ],
  ),
  ...of('src/inspect/game.ts', 'test/run/run.test.ts', [
    'optimalValues(rules, gamma)',
    'optimalValues(rules, 1)',
    'of a game tells',
  ]),
  ...of(
    'src/inspect/policy.ts',
    'test/inspect/policy.test.ts',
    ['return sum / qTotal.length', 'return sum', 'is what a look finds'],
    ['mixed ? total : undefined', 'total', 'has neither Q_tot'],
    ['available[agent * actions + action] > 0', 'available[action] > 0', 'prefers what is legal'],
    ['b2: b2[0]', 'b2: b1[0]', 'is what a look finds'],
  ),
  ...of(
    'src/inspect/starts.ts',
    'test/inspect/starts.test.ts',
    ['first === second || first === goal', 'first === goal', 'are none where'],
    [
      'scratch[0] = first;\n  scratch[1] = second',
      'scratch[0] = second;\n  scratch[1] = first',
      'are those of the environment',
    ],
  ),
  ...of('src/verify/verify.ts', 'test/verify/wrong_reference.gpu.test.ts', [
    'Math.max(worst[group], error, reference)',
    'Math.max(worst[group], error)',
    'a reference that is wrong',
  ]),
];
