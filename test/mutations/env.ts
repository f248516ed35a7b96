// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('env');

/** Environments: those of the project, and the modules that users write. */
export const envMutations = [
  ...of(
    'src/env/grid.ts',
    'test/env/meeting_gridworld.test.ts',
    ['DX = [-1, 1, 0, 0, 0]', 'DX = [1, -1, 0, 0, 0]', 'up'],
    [
      'Math.min(size - 1, Math.max(0, (cell % size) + DY[action]))',
      '((cell % size) + DY[action] + size) % size',
      'left',
    ],
    [
      "scale === 'unit' ? size - 1 : scale === 'grid' ? size : 1",
      "scale === 'unit' ? size : scale === 'grid' ? size - 1 : 1",
      'scales states',
    ],
    ['Math.abs((a % size) - (b % size))', '(a % size) - (b % size)', 'need 4.215 steps'],
    ['if (taken[j] <= cell) atOrBelow++', 'if (taken[j] < cell) atOrBelow++', 'are 13,800'],
  ),
  ...of('src/env/grid.ts', 'test/inspect/starts.test.ts', [
    'start * (size * size - k) + cells[k] - below',
    'start * (size * size) + cells[k] - below',
    'are those of the environment',
  ]),
  ...of(
    'src/env/grid_env.ts',
    'test/env/meeting_gridworld.test.ts',
    ['steps >= this.spec.episodeLimit', 'steps > this.spec.episodeLimit', 'truncates after'],
    ['const timedOut = !ended && steps', 'const timedOut = steps', 'truncates after'],
    [
      'ended ? this.rewardEnd : this.rewardStep',
      'ended ? this.rewardEnd + this.rewardStep : this.rewardStep',
      'ends the episode',
    ],
    ['this.episodes[copy]++;\n', '\n', 'are as likely as each other'],
    ['this.episodes[copy], copy, k / 4', 'this.episodes[copy], copy, 0', 'put more pieces'],
    ['this.episodes[copy], copy, k / 4', 'this.episodes[copy], 0, k / 4', 'are as likely as each other'],
    ['this.steps[copy] = 0;\n', '\n', 'truncates after'],
    [
      'this.see(copy, this.nextObservations, this.nextStates, this.nextAvailable);\n      if (ended || timedOut) {\n        this.episodes[copy]++;\n        this.beginEpisode(copy);',
      'if (ended || timedOut) {\n        this.episodes[copy]++;\n        this.beginEpisode(copy);\n        this.see(copy, this.nextObservations, this.nextStates, this.nextAvailable);',
      'hands over what a step led to',
    ],
    [
      'below(this.words[k % 4], cellCount - k)',
      'below(this.words[k % 4], cellCount)',
      'are as likely as each other',
    ],
    ['this.starts *= this.gridSize ** 2 - taken', 'this.starts *= this.gridSize ** 2', 'are 13,800'],
  ),
  ...of('src/env/grid_env.ts', 'test/env/masks.test.ts', [
    'neighbour(cell, action, size) !== cell ? 1 : 0',
    'neighbour(cell, action, size) !== cell ? 0 : 1',
    'are masked where',
  ]),
  ...of(
    'src/env/meeting_gridworld.ts',
    'test/env/meeting_gridworld.test.ts',
    ['REWARD_STEP = -0.01', 'REWARD_STEP = -0.05', 'ends the episode'],
    [
      "gridSize, fixtures: ['goal'], rewardEnd: REWARD_MET, rewardStep: REWARD_STEP",
      "gridSize, fixtures: ['goal'], rewardEnd: REWARD_STEP, rewardStep: REWARD_MET",
      'ends the episode',
    ],
    [
      'cells[base + i] !== goal) return false;\n    return true',
      'cells[base + i] === goal) return true;\n    return false',
      'ends the episode',
    ],
    ['longest = Math.max(longest, distance', 'longest = (longest + distance', 'need 4.215 steps'],
    ['(k === i || (!seesOthers', '(k === i - 1 || (!seesOthers', 'lists own'],
    [
      'states[at++] = this.stateCoordinate[Math.floor',
      'states[at++] = this.observationCoordinate[Math.floor',
      'scales states',
    ],
  ),
  ...of(
    'src/env/meeting_gridworld.ts',
    'test/env/meeting_gridworld_tables.long.test.ts',
    ['next[state] = met ? -1 : index', 'next[state] = met ? index : index', 'lead from state to state'],
    [
      'rewards[state] = met ? REWARD_MET : REWARD_STEP',
      'rewards[state] = met ? REWARD_MET : 0',
      'lead from state to state',
    ],
  ),
  ...of('src/env/meeting_gridworld.ts', 'test/config.test.ts', [
    'agents < cells) return',
    'agents <= cells) return',
    'refuses',
  ]),
  ...of(
    'src/env/switch_and_door.ts',
    'test/env/switch_and_door.test.ts',
    ['|| (first === door && second === lever)', '', 'ends with +10'],
    ['rewardEnd: 10, rewardStep: -0.05', 'rewardEnd: 10, rewardStep: -0.01', 'ends with +10'],
    [
      'return Math.min(Math.max(steps(0, SWITCH)',
      'return Math.max(Math.max(steps(0, SWITCH)',
      'knows the shortest way',
    ],
    [
      'Math.max(steps(0, DOOR), steps(1, SWITCH))',
      'Math.max(steps(0, DOOR), steps(1, DOOR))',
      'knows the shortest way',
    ],
    [
      'Math.max(steps(0, SWITCH), steps(1, DOOR))',
      '(steps(0, SWITCH) + steps(1, DOOR))',
      'knows the shortest way',
    ],
    ['agent === 1 && k < 2 ? 1 - k : k', 'k', 'shows each agent itself'],
    ['agent === 1 && k < 2 ? 1 - k : k', 'agent === 1 ? 1 - k : k', 'shows each agent itself'],
    [
      'states[state] = this.stateCoordinate[x];\n      states[state + 1] = this.stateCoordinate[y]',
      'states[state] = this.stateCoordinate[y];\n      states[state + 1] = this.stateCoordinate[x]',
      'shows each agent itself',
    ],
    ['refuse: twoAgents', 'refuse: () => undefined', 'is for two agents'],
  ),
  ...of(
    'src/env/two_step.ts',
    'test/env/games.test.ts',
    ['[1, 1, 2, 2, -1', '[1, 2, 1, 2, -1', 'lets agent 1 alone'],
    ['7, 7, 7, 7, 0, 1, 1, 8', '7, 7, 7, 7, 8, 1, 1, 0', 'lets agent 1 alone'],
    ['0, 0, 0, 0, 7, 7', '7, 7, 0, 0, 0, 0', 'lets agent 1 alone'],
  ),
  ...of('src/env/matrix.ts', 'test/env/games.test.ts', [
    'rewards: payoff.flat()',
    'rewards: payoff.map((row, i) => row.map((_, j) => payoff[j][i])).flat()',
    'climbing pays',
  ]),
  ...of(
    'src/env/table_game.ts',
    'test/env/games.test.ts',
    ['saved[copy * SAVED + 1] = this.onTrack[copy]', 'saved[copy * SAVED + 1] = 1', 'is saved and loaded'],
    ['most = Math.max(most, values[index])', 'most = Math.min(most, values[index])', 'lets agent 1 alone'],
  ),
  ...of('src/env/table_game.ts', 'test/env/optimal_lengths.test.ts', [
    'next < 0 ? 0 : gamma *',
    'next < 0 ? 0 :',
    'discounted, as inspect',
  ]),
  ...of(
    'src/env/legal.ts',
    'test/env/masks.test.ts',
    ['over[copy] === 1', 'over[copy] === 0', 'is refused by environment'],
    ['(copy * agents + agent) * actions', '(copy + agent) * actions', 'is refused by environment'],
  ),
  ...of('src/env/place.ts', 'test/env/module_worker.process.test.ts', [
    'return `step ${step} of episode ${episode} of ${owner}`',
    'return `step ${episode} of episode ${step} of ${owner}`',
    'is told of with its file',
  ]),
  ...of('src/env/place.ts', 'test/env/module_worker.process.test.ts', [
    "whose.role === 'training' ?",
    "whose.role === 'evaluation' ?",
    'in an evaluation is told of',
  ]),
  ...of(
    'src/env/check.ts',
    'test/env/check.test.ts',
    ['this.compare(player, key, RESET)', 'this.compare(player, key, RANDOMNESS)', 'names the rule "reset"'],
    [
      'this.compare(player, keys[index], COPIES)',
      'this.compare(player, keys[0], COPIES)',
      'has nothing against the example',
    ],
    [
      'this.played.successes += player.success ? 1 : 0',
      'this.played.successes++',
      'counts the episodes and steps',
    ],
    ['this.played.episodes++', 'this.played.episodes += 0', 'counts the episodes and steps'],
    ['if (player.changedBefore) this', 'if (!player.changedBefore) this', 'advises against one array'],
  ),
  ...of(
    'src/env/check_player.ts',
    'test/env/check.test.ts',
    [
      'this.steps >= this.sizes.episodeLimit',
      'this.steps > this.sizes.episodeLimit',
      'counts the episodes and steps',
    ],
    ['this.over && (success ?? terminated)', 'this.over && terminated', 'counts the episodes and steps'],
  ),
  ...of('src/env/faults.ts', 'test/env/check_largest.long.test.ts', [
    'Number(size) <= most) continue',
    'Number(size) < most) continue',
    'plays what has the largest sizes',
  ]),
  ...of('src/env/faults.ts', 'test/env/check.test.ts', [
    '!Number.isFinite(Math.fround(reward))',
    '!Number.isFinite(reward)',
    'names the rule "reward": got 1e+39',
  ]),
  ...of('src/env/faults.ts', 'test/env/moment.test.ts', [
    'to.truncated = truncated === true',
    'to.truncated = terminated',
    'a step that is cut off',
  ]),
  ...of('src/env/moment.ts', 'test/env/check.test.ts', [
    'legal > 0 || over',
    'legal > 0',
    'has nothing against an agent without legal actions',
  ]),
  ...of('src/env/moment.ts', 'test/env/moment.test.ts', [
    'const at = (copy * agents + agent) * observationSize',
    'const at = (copy + agent) * observationSize',
    'what a module gives goes',
  ]),
  ...of(
    'src/env/module_copies.ts',
    'test/env/module_env.process.test.ts',
    [
      'outcome.truncated || steps[copy] >= spec.episodeLimit',
      'outcome.truncated || steps[copy] > spec.episodeLimit',
      'end by termination',
    ],
    ['&& (outcome.success ?? terminated)', '&& (outcome.success ?? truncated)', 'end by termination'],
    ['episodes[copy]++;\n        this.begin(copy);', 'this.begin(copy);', 'go on exactly'],
    ['new KeyedRandom(seed, copy)', 'new KeyedRandom(seed, 0)', 'have its sizes'],
    ['this.randoms[copy].begin(this.episodes[copy]);\n', '\n', 'go on exactly'],
    [
      'for (let step = 0; step < steps; step++)',
      'for (let step = 0; step + 1 < steps; step++)',
      'go on exactly',
    ],
    ['this.carryOver(copy);\n    }\n    return undefined', '}\n    return undefined', 'go on exactly'],
  ),
  ...of(
    'src/env/module_env.ts',
    'test/env/module_env.process.test.ts',
    ['steps[copy] = 0;\n        continue', 'continue', 'go on exactly'],
    [
      'column === 0 ? 2 ** 31 : column === 1 ? episodeLimit : actions',
      'column === 0 ? 2 ** 31 : column === 1 ? actions : episodeLimit',
      'refuse what cannot have been saved',
    ],
  ),
  ...of(
    'src/env/module_env.ts',
    'test/env/module_env.process.test.ts',
    [
      'this.episodes[copy] = saved[base] + skipped[copy]',
      'this.episodes[copy] = saved[base]',
      'say of a saved episode that',
    ],
    [
      'this.steps[copy] = skipped[copy] === 1 ? 0 : saved[base + 1]',
      'this.steps[copy] = saved[base + 1]',
      'say of a saved episode that',
    ],
  ),
  ...of(
    'src/env/keyed_random.ts',
    'test/env/keyed_random.test.ts',
    ['this.copy, this.taken / 4)', 'this.copy, 0)', 'goes on for thousands'],
    ['this.taken = 0;\n  }', '}', 'begins an episode again'],
    [
      'STREAM.reset, this.episode, this.copy',
      'STREAM.reset, 0, this.copy',
      'seed 2025, copy 3, episode 7: what a module',
    ],
    [
      'STREAM.reset, this.episode, this.copy',
      'STREAM.reset, this.episode, 0',
      'seed 2025, copy 3, episode 7: what a module',
    ],
  ),
];
