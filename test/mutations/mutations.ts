/** One wrong sign, index, bound or constant in the sources, and the case that has to notice. */
export interface Mutation {
  readonly file: string;
  /** Occurs once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Beginning of the title of a case that has to be red. */
  readonly red: string;
}

type Change = readonly [find: string, replace: string, red: string];

const of = (file: string, ...changes: readonly Change[]): Mutation[] =>
  changes.map(([find, replace, red]) => ({ file, find, replace, red }));

export const mutations: readonly Mutation[] = [
  ...of(
    'shaders/lib/random.wgsl',
    ['(carry >> 16u)', '(carry >> 17u)', 'random:'],
    ['0xbb67ae85u', '0xbb67ae84u', 'random:'],
    ['round < 10u', 'round < 9u', 'random:'],
    ['f32(word >> 8u)', 'f32(word >> 9u)', 'random:'],
    ['STREAM_EXPLORE = 3u', 'STREAM_EXPLORE = 2u', 'act: epsilon'],
    ['STREAM_SAMPLE = 4u', 'STREAM_SAMPLE = 5u', 'sample: draws what the reference draws (odd'],
  ),
  ...of(
    'shaders/lib/activation.wgsl',
    ['max(x, vec4f()) + log', 'max(x, vec4f()) - log', 'activation:'],
    ['log(1.0 + exp(-abs(x)))', 'log(1.0 + exp(-x))', 'activation:'],
    ['select(e, vec4f(1.0), x >= vec4f())', 'select(vec4f(1.0), e, x >= vec4f())', 'activation:'],
    ['exp(min(x, vec4f())) - 1.0', 'exp(min(x, vec4f()))', 'activation:'],
    ['select(value + 1.0,', 'select(value,', 'activation:'],
    [
      'vec4u(0u, 1u, 2u, 3u) < vec4u(size)',
      'vec4u(0u, 1u, 2u, 3u) <= vec4u(size)',
      'mix_forward: equals the reference (odd',
    ],
  ),
  ...of(
    'shaders/lib/dense.wgsl',
    [
      'y1 += w * staged_rows(k * TILE + 4u)',
      'y1 += w * staged_rows(k * TILE + 3u)',
      'agent_forward: equals the reference (odd',
    ],
    [
      'x1 += w * staged_rows(k * TILE + 4u)',
      'x1 += w * staged_rows(k * TILE)',
      'agent_backward: equals the reference (odd',
    ],
    [
      'params[layer.w + 4u * in4 * out4 + min(o, out4 - 1u)]',
      'params[layer.w + 4u * in4 * out4]',
      'hypernet_forward: equals the reference (odd',
    ],
    [
      'let w = transpose(weights(layer.w + 4u * i * out4 + start + k, out4));',
      'let w = weights(layer.w + 4u * i * out4 + start + k, out4);',
      'hypernet_backward: equals the reference (odd',
    ],
    ['rows[h + at] > vec4f()', 'rows[h + at] >= vec4f()', 'agent_backward: equals the reference (odd'],
    [
      'rows[x + i % TILE * ROW + start + i / TILE]',
      'rows[x + i % TILE * ROW + i / TILE]',
      'agent_forward: equals the reference (wide',
    ],
    [
      'weights(layer.w + 4u * (start + k) * out4 + o, out4)',
      'weights(layer.w + 4u * k * out4 + o, out4)',
      'agent_forward: equals the reference (wide',
    ],
    [
      '4u * i * out4 + start + k, out4',
      '4u * i * out4 + k, out4',
      'hypernet_backward: equals the reference (wide',
    ],
    [
      'for (var first = 0u; first < in4; first += WORKGROUP)',
      'for (var first = 0u; first < min(in4, WORKGROUP); first += WORKGROUP)',
      'agent_backward: equals the reference (wide',
    ],
    ['max(y[r], vec4f()), relu', 'max(y[r], vec4f()), !relu', 'agent_forward: equals the reference (odd'],
  ),
  ...of(
    'shaders/lib/learner.wgsl',
    ['STORE = 1u', 'STORE = 2u', 'insert: goes'],
    ['COPY = 4u', 'COPY = 2u', 'copy_target: copies'],
  ),
  ...of(
    'shaders/act.wgsl',
    ['unit_interval(words.x) < epsilon', 'unit_interval(words.x) < 1.0 - epsilon', 'act: epsilon'],
    ['random_action(row, n, words.y)', 'random_action(row, n, words.z)', 'act: epsilon'],
    ['below(word, count)', 'below(word, ACTIONS)', 'act: only legal actions'],
    ['if (left == 0u) {', 'if (left == 1u) {', 'act: only legal actions'],
    [
      '(tile * TILE + r, call.rows - 1u)) * AGENTS + n) * ACTIONS',
      '(r, call.rows - 1u)) * AGENTS + n) * ACTIONS',
      'act: only legal actions',
    ],
    ['var quad = one_hot(n, k);', 'var quad = vec4f();', 'act: agents know their number'],
    ['e * AGENTS + n);', 'e + n * call.rows);', 'act: epsilon'],
    ['tile += groups.x', 'tile += groups.x + 1u', 'act: epsilon'],
    ['let l = call.first + group.y;', 'let l = group.y;', 'act: greedy for the same rows'],
    ['let row = x + item / AGENTS * ROW;', 'let row = x;', 'act: epsilon'],
    ['min(4u * k + 4u, OBSERVATION)', 'min(4u * k + 3u, OBSERVATION)', 'act: epsilon'],
    [
      'learner.seed, STREAM_EXPLORE, call.step',
      'learner.seed, STREAM_EXPLORE, call.step + 1u',
      'act: another step',
    ],
    ['if (e < call.rows)', 'if (e <= call.rows)', 'act: epsilon'],
  ),
  ...of(
    'shaders/sample.wgsl',
    ['min(stored, CAPACITY));', 'CAPACITY);', 'sample: draws what the reference draws (odd'],
    ['let b = first_row + thread;', 'let b = thread;', 'sample: draws what the reference draws (odd'],
    ['record + half * RECORD_NEXT', 'record', 'sample: draws what the reference draws (odd'],
    [
      'replay_quad(source + AGENTS * OBSERVATION, STATE, j, vec4f())',
      'replay_quad(source + OBSERVATION, STATE, j, vec4f())',
      'sample: draws what the reference draws (odd',
    ],
    ['min(4u * k + 4u, size)', '4u * k + 4u', 'sample: draws what the reference draws (odd'],
    [
      'OBSERVATION, j, one_hot(n, j))',
      'OBSERVATION, j, one_hot(0u, j))',
      "sample: draws what the reference draws (the paper's",
    ],
    ['i / ACTIONS4 * ACTIONS;', 'i * ACTIONS;', 'sample: draws what the reference draws (sum'],
    [
      'rows[row + HALF + AT_AVAILABLE + i]',
      'rows[row + AT_AVAILABLE + i]',
      'sample: draws what the reference draws (sum',
    ],
    [
      '(learner * CAPACITY + slots[r]) * RECORD',
      'slots[r] * RECORD',
      'sample: draws what the reference draws (odd',
    ],
  ),
  ...of(
    'shaders/agent_forward.wgsl',
    ['net + n * AGENT_STRIDE', 'net', 'agent_forward: equals the reference (odd'],
    ['own + AGENT_2, HIDDEN4', 'own + AGENT_0, HIDDEN4', 'agent_forward: equals the reference (odd'],
    ['j % 3u < 2u, thread', 'true, thread', 'agent_forward: equals the reference (odd'],
    ['q > best_q', 'q >= best_q', 'next_actions: argmax'],
    [' && legal(x, n, a)', '', 'next_actions: argmax, ties to the lowest action (sum'],
    [
      'AT_AVAILABLE + n * ACTIONS4',
      'AT_AVAILABLE + n',
      'next_actions: argmax, ties to the lowest action (no mixer',
    ],
    ['vec4u(OBSERVATION + n)', 'vec4u(n)', "sample: draws what the reference draws (the paper's"],
    ['a < opaque(ACTIONS)', 'a < opaque(4u * ACTIONS4)', 'next_actions: argmax'],
  ),
  ...of(
    'shaders/agent_backward.wgsl',
    ['layer.x + HALF', 'layer.x', 'agent_backward: equals the reference (odd'],
    [
      'layer.out4), layer.x, thread)',
      'layer.out4), layer.x + HALF, thread)',
      'agent_backward: equals the reference (odd',
    ],
    ['2u - j % 2u', '1u + j % 2u', 'agent_backward: equals the reference (odd'],
  ),
  ...of(
    'shaders/hypernet_forward.wgsl',
    ['Dense(x + HYPER_B1_FROM, ', 'Dense(x + HYPER_W1_FROM, ', 'hypernet_forward: equals the reference (odd'],
    ['j == 0u, thread', 'j <= 1u, thread', 'hypernet_forward: equals the reference (odd'],
    ['net + HYPER_W2,', 'net + HYPER_B1,', 'hypernet_forward: equals the reference (odd'],
    ['field == AT_STATE', 'field != AT_STATE', "hypernet_forward: equals the reference (the paper's"],
  ),
  ...of(
    'shaders/hypernet_backward.wgsl',
    ['j < opaque(4u)', 'j < opaque(3u)', 'hypernet_backward: equals the reference (odd'],
    ['layer.y + HALF', 'layer.y', 'hypernet_backward: equals the reference (odd'],
    ['layer.x == x + AT_STATE', 'false', "hypernet_backward: equals the reference (the paper's"],
  ),
  ...of(
    'shaders/mix_forward.wgsl',
    [
      'var sum = rows[row + AT_B1 + k];',
      'var sum = -rows[row + AT_B1 + k];',
      'mix_forward: equals the reference (odd',
    ],
    ['[n % 4u]), w1, sum)', '[0]), w1, sum)', 'mix_forward: equals the reference (odd'],
    [
      'positive(rows[row + AT_W2_RAW + k])',
      'sigmoid(rows[row + AT_W2_RAW + k])',
      'mix_forward: equals the reference (odd',
    ],
    [
      'positive(rows[row + AT_W1_RAW + n * WIDTH4 + k])',
      'rows[row + AT_W1_RAW + n * WIDTH4 + k]',
      'mix_forward: never falls',
    ],
    ['var total = rows[row + AT_B2].x;', 'var total = 0.0;', 'mix_forward: equals the reference (odd'],
    ['return abs(x);', 'return x;', "mix_forward: equals the reference (the paper's"],
    ['return sign(x);', 'return abs(x);', "mix_backward: equals the reference (the paper's"],
    ['return sigmoid(x);', 'return softplus(x);', 'mix_backward: equals the reference (odd'],
    [
      'total += rows[row + AT_CHOSEN + n / 4u][n % 4u];',
      'total += rows[row + AT_CHOSEN][n % 4u];',
      'mix_forward: equals the reference (sum',
    ],
    [
      'rows[row + AT_TOTAL + n] = rows[row + AT_CHOSEN + n];',
      'rows[row + AT_TOTAL + n] = rows[row + AT_CHOSEN];',
      'mix_forward: equals the reference (no mixer',
    ],
  ),
  ...of(
    'shaders/mix_backward.wgsl',
    [
      'rows[delta + AT_B1 + k] = d * s;',
      'rows[delta + AT_B1 + k] = -d * s;',
      'mix_backward: equals the reference (odd',
    ],
    ['d * hidden * positive_slope', 'd * s * positive_slope', 'mix_backward: equals the reference (odd'],
    [
      'd * s * q * positive_slope(rows[row + AT_W1_RAW + n * WIDTH4 + k])',
      'd * s * q',
      'mix_backward: equals the reference (odd',
    ],
    [
      'rows[row + AT_W1 + n * WIDTH4 + k]);',
      'rows[row + AT_W1 + k]);',
      'mix_backward: equals the reference (odd',
    ],
    ['== vec4u(action)', '>= vec4u(action)', 'mix_backward: equals the reference (odd'],
    [
      'slopes[n - first] = slope;',
      'slopes[n - first] = 2.0 * slope;',
      'mix_backward: equals the reference (odd',
    ],
    ['select(0u, n, MIXER == NONE)', '0u', 'mix_backward: equals the reference (no mixer'],
    ['select(0u, n, MIXER == NONE)', 'n', 'mix_backward: equals the reference (sum'],
    ['return 1.0;', 'return 0.5;', 'mix_backward: equals the reference (sum'],
  ),
  ...of(
    'shaders/td_error.wgsl',
    ['outcome.x + next', 'outcome.x - next', 'td_error: target'],
    ['lanes(k, VALUES)', 'lanes(k, 4u * VALUES4)', 'td_error: target, error and slope of the loss (odd'],
    [
      'rows[row + AT_TOTAL + k] - target_value',
      'rows[row + AT_TOTAL] - target_value',
      'td_error: target, error and slope of the loss (no mixer',
    ],
    ['outcome.y > 0.0', 'outcome.y > 1.0', 'td_error: target'],
    ['2.0 * error / f32(BATCH * VALUES)', 'error / f32(BATCH * VALUES)', 'td_error: target'],
    ['f32(BATCH * VALUES)', 'f32(BATCH)', 'td_error: target, error and slope of the loss (no mixer'],
    [
      'values[n - first] = q_value(row, n, u32(actions[n - first]))',
      'values[n - first] = q_value(row, n, u32(actions[0]))',
      'chosen_values: the Q',
    ],
    [
      'actions[n - first] = f32(greedy_action(next, n))',
      'actions[n - first] = f32(greedy_action(next, first))',
      'next_actions: argmax',
    ],
  ),
  ...of(
    'shaders/update_rows.wgsl',
    ['select(next, row, turn == 2u)', 'select(row, next, turn == 2u)', 'update_rows: equals'],
    ['select(online, delayed, turn == 1u)', 'online', 'update_rows: equals'],
    [
      'hypernet_backward(row, online, thread)',
      'hypernet_backward(row, delayed, thread)',
      'update_rows: equals',
    ],
    ['|| progress[l].failed != 0u', '', 'update_rows: equals'],
    ['progress[l].updates, thread', 'progress[l].updates + 1u, thread', 'update_rows: equals'],
    [
      '(l * TILES + group.x) * TILE * ROW',
      '(l * TILES + group.x) * (TILE - 1u) * ROW',
      'update_rows: equals',
    ],
  ),
  ...of(
    'shaders/gradient.wgsl',
    [
      'g2 = fma(vec4f(x.z), dy, g2)',
      'g2 = fma(vec4f(x.y), dy, g2)',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
    ['bias += rows', 'bias -= rows', "gradient: sums every parameter's gradient over the batch (odd"],
    [
      'job.x + n * job.x_step + i',
      'job.x + i',
      "gradient: sums every parameter's gradient over the batch (wide",
    ],
    [
      'dot(g2, g2) + dot(g3, g3)',
      'dot(g2, g2)',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
    [
      'b += THREADS',
      'b += 2u * THREADS',
      'gradient: sums the errors of more rows than a workgroup has threads',
    ],
    [
      'vec2f(dot(error, error),',
      'vec2f(error.x,',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
    [
      'progress[l].updates++',
      'progress[l].updates += 2u',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
    [
      'if (thread == 0u && !failed)',
      'if (thread == 0u)',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
  ),
  ...of(
    'shaders/optimise.wgsl',
    ['min(1.0, learner.clip_norm / (norm + 1e-6))', '1.0', 'optimise: first'],
    ['learner.clip_norm / (norm + 1e-6)', 'learner.clip_norm / norm', 'optimise: clips by norm + 1e-6'],
    ['job += THREADS', 'job += 2u * THREADS', 'optimise: update 1000'],
    [
      'select(learner.mixer_rate, learner.agent_rate, at < AGENT_PARAMETERS)',
      'learner.agent_rate',
      'optimise: first',
    ],
    ['let m = BETA1 * moments[online] +', 'let m = BETA1 * moments[online] -', 'optimise: first'],
    ['ONE_MINUS_BETA2 * g * g', 'ONE_MINUS_BETA2 * g', 'optimise: first'],
    ['params[online] - rate * m', 'params[online] + rate * m', 'optimise: first'],
    ['correction.y + EPSILON', 'correction.y', 'optimise: first'],
    ['arrayLength(&corrections)) - 1u', 'arrayLength(&corrections) - 1u)', 'optimise: first'],
    ['learner.tau * (p - params[delayed])', 'learner.tau * (p + params[delayed])', 'optimise: first'],
    ['f32(BATCH * VALUES)', 'f32(BATCH)', 'optimise: means of the loss are over agents'],
    ['if (finite && at < PARAMETERS)', 'if (at < PARAMETERS)', 'optimise: a gradient that is not finite'],
    ['progress[l].failed = t', 'progress[l].failed = t - 1u', 'optimise: a gradient that is not finite'],
    ['else if (progress[l].failed == 0u)', 'else', 'optimise: a gradient that is not finite'],
    ['metrics[l] += vec4f', 'metrics[l] = vec4f', 'optimise: first'],
  ),
  ...of(
    'shaders/copy_target.wgsl',
    [
      'params[online + PARAMETERS] = params[online]',
      'params[online] = params[online + PARAMETERS]',
      'copy_target: copies',
    ],
    ['id.y * 2u * PARAMETERS', 'id.y * PARAMETERS', 'copy_target: copies'],
    ['id.x < PARAMETERS', 'id.x < PARAMETERS - 1u', 'copy_target: copies'],
  ),
  ...of(
    'shaders/insert.wgsl',
    ['learner.stored - ENVIRONMENTS + id.x / RECORD', 'learner.stored + id.x / RECORD', 'insert: goes'],
    ['% CAPACITY', '% (CAPACITY - 1u)', 'insert: goes round the ring as the reference does (E does not'],
    ['(learner.flags & STORE) != 0u &&', '', 'insert: goes'],
    ['transitions[id.y * ENVIRONMENTS * RECORD + id.x]', 'transitions[id.x]', 'insert: goes'],
  ),
  ...of(
    'src/kernels/layout.ts',
    [
      'input: input + network * inputs4',
      'input',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
    [
      'outputStep: outputs4',
      'outputStep: inputs4',
      "gradient: sums every parameter's gradient over the batch (wide",
    ],
    ['at.Z + hiddenPlace * hyper4', 'at.Z', "gradient: sums every parameter's gradient over the batch (odd"],
    [
      'shape.sharedAgents ? 0 : agentParameters / networks',
      'agentParameters / networks',
      'agent_forward: equals the reference (wide',
    ],
    [
      '4 * layer.inputs4 * columns',
      '4 * (layer.inputs4 - 1) * columns',
      'agent_forward: equals the reference (odd',
    ],
    ['AGENT_PARAMETERS: agentParameters', 'AGENT_PARAMETERS: agentParameters - 1', 'optimise: first'],
    [
      'output: fields[name],',
      'output: fields.hyper_b1,',
      "gradient: sums every parameter's gradient over the batch (odd",
    ],
    [
      'layerInputs = direct ? stateSize',
      'layerInputs = direct ? hyperHidden',
      "hypernet_forward: equals the reference (the paper's",
    ],
    [
      'firstOutput: j * hyper4',
      'firstOutput: (3 - j) * hyper4',
      'hypernet_forward: equals the reference (odd',
    ],
    ['TARGET: values4,', 'TARGET: 0,', 'td_error: target'],
    ['AVAILABLE: masked ?', 'AVAILABLE: !masked ?', 'act: only legal actions'],
  ),
  ...of(
    'src/kernels/gradient.ts',
    ['output + layout.half', 'output', "gradient: sums every parameter's gradient over the batch (odd"],
    [
      'first < (inputs4 + 1) * outputs4',
      'first < inputs4 * outputs4',
      "gradient: sums every parameter's gradient over the batch (wide",
    ],
  ),
  ...of(
    'src/kernels/optimise.ts',
    ['1 / Math.sqrt(1 - power2)', '1 / (1 - power2)', 'optimise: first'],
    ['ONE_MINUS_BETA1: 1 - rule.beta1', 'ONE_MINUS_BETA1: rule.beta1', 'optimise: first'],
    ['if (!corrected)', 'if (corrected)', 'optimise: RMSprop'],
  ),
  ...of(
    'src/kernels/learners.ts',
    [
      'this.numbers[at + 9] = settings.mixerLearningRate',
      'this.numbers[at + 9] = settings.learningRate',
      'optimise: first',
    ],
    ['this.words[at + 1] = stored', 'this.words[at + 1] = stored + 1', 'sample: draws'],
  ),
  ...of(
    'src/learner/step_upload.ts',
    ['stored[l] += environments', 'stored[l] += 1', 'update: three steps'],
    ['inputs.copiesTarget[l] * FLAGS.copy', '0', 'update: three steps'],
  ),
  ...of('src/learner/webgpu_learner.ts', [
    'if (options.overlap && (trains || copies))',
    'if (trains || copies)',
    'update: three steps',
  ]),
  ...of(
    'src/learner/gpu_update.ts',
    [
      'for (const step of steps) encodeDispatch',
      'for (const step of steps.toReversed()) encodeDispatch',
      'update: three steps',
    ],
    ['update < count', 'update < 1', 'update: three steps'],
    [', size: table.byteLength', '', 'update: updates around and far beyond'],
  ),
  ...of(
    'shaders/meeting_step.wgsl',
    [
      'max(x, 1u) - 1u',
      'max(x, 2u) - 1u',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'min(y + 1u, GRID - 1u)',
      'min(y + 1u, GRID)',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'action == ACTIONS - 1u || ',
      '',
      'meeting_step: equals the environment, transition for transition (moves off',
    ],
    [
      'select(cell % GRID, cell / GRID, c == 0u)',
      'select(cell / GRID, cell % GRID, c == 0u)',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    ['scale * GRID +', '', 'meeting_step: equals the environment, transition for transition (as the report'],
    ['place <= i)', 'place < i)', 'meeting_step: equals the environment, transition for transition (odd'],
    [
      'j + 2u < OBSERVATION',
      'j + 1u < OBSERVATION',
      'meeting_step: equals the environment, transition for transition (moves off',
    ],
    [
      'environments[at + k] <= cell',
      'environments[at + k] < cell',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'words[k % 4u]',
      'words[k % 3u]',
      'meeting_step: equals the environment, transition for transition (more pieces',
    ],
    [
      'episode, e, k / 4u)',
      'episode, e, 0u)',
      'meeting_step: equals the environment, transition for transition (more pieces',
    ],
    [
      'GRID * GRID - k)',
      'GRID * GRID)',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'ended && cell == goal',
      'cell == goal',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'RECORD_ACTIONS + i] = f32(action)',
      'RECORD_ACTIONS + i] = f32(action + 1u)',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'record_seen(at, record + RECORD_NEXT);\n  transitions',
      'transitions',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'steps >= EPISODE_LIMIT',
      'steps > EPISODE_LIMIT',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'call.slot * groups.y * call.rows + environment',
      'environment',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      '(learner.flags & STEP) == 0u',
      '(learner.flags & COPY) == 0u',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    ['|| e >= call.rows', '', 'meeting_step: equals the environment, transition for transition (odd'],
    [
      'environments[at + AGENTS + 1u] = 0u',
      'environments[at + AGENTS + 1u] = 1u',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
    [
      'environments[at + AGENTS + 2u] + 1u',
      'environments[at + AGENTS + 2u]',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
  ),
  ...of(
    'src/kernels/meeting_step.ts',
    [
      '[observationScale, stateScale]',
      '[stateScale, observationScale]',
      'meeting_step: equals the environment, transition for transition (as the report',
    ],
    [
      'REWARD_END: REWARD_MET',
      'REWARD_END: 1',
      'meeting_step: equals the environment, transition for transition (odd',
    ],
  ),
];
