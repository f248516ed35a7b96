// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('app');

/** What the page draws: curves, boards, maps, tables and the tour. */
export const appDrawnMutations = [
  ...of(
    'src/app/curves/series.ts',
    'test/app/series.test.ts',
    ['count > 1 ? studentT(count - 1)', 'count > 1 ? studentT(count)', 'of values'],
    ['Math.sqrt(squares / (count - 1) / count)', 'Math.sqrt(squares / (count - 1))', 'of values'],
    ['low: mean - half, high: mean + half', 'low: mean + half, high: mean - half', 'of values'],
    ['if (next[index] > 0) values', 'if (next[index] < x.length) values', 'counts those that were'],
    ['row[this.axis], row[quantity]', 'row.updates, row[quantity]', 'over environment steps'],
    ['if (own.x[at] === x) own.y[at] = y;\n    else insert', 'insert', 'what is measured again'],
    ['this.stale = Math.min(this.stale, column)', 'this.stale = column', 'is the same whatever'],
    ['count / stride > most - 1', 'count / stride > most', 'thinning'],
    ['(4 * degrees)', '(2 * degrees)', 'Student’s t of 11'],
    ['`${variant}/${seed}`;\n\n', '`${seed}`;\n\n', 'tells learners apart'],
    ['if (!Number.isNaN(row[quantity])) this', 'this', 'tells learners apart'],
  ),
  ...of('src/app/curves/export.ts', 'test/app/parts.page.test.ts', [
    'SCALE = 2',
    'SCALE = 1',
    'the curve as SVG and as PNG',
  ]),
  ...of(
    'src/app/see/words.ts',
    'test/app/see_words.test.ts',
    ['[fewest, more, not]', '[fewest, not, more]', 'starts are told by how they went'],
    [
      '`row ${Math.floor(cell / gridSize) + 1}, column ${(cell % gridSize) + 1}`',
      '`row ${(cell % gridSize) + 1}, column ${Math.floor(cell / gridSize) + 1}`',
      'say step',
    ],
    ['jointAction(look.greedy, world)', 'jointAction(actions, world)', 'say step'],
    ["outcome === 'solved' ? `Solved", "outcome !== 'solved' ? `Solved", 'say that it was not solved'],
    ['weight < 0.01 * largest', 'weight < 0.1 * largest', 'weights are told'],
    ['size < 10 ? 3 : size < 100 ? 2', 'size < 10 ? 2 : size < 100 ? 3', 'weights are told'],
    ["replaceAll('-', '−')", "replace('-', '−')", '-0.00042 is written'],
  ),
  ...of('src/app/see/starts_map.ts', 'test/app/see.page.test.ts', [
    'return [first, second, Math',
    'return [second, first, Math',
    'the map counts its starts',
  ]),
  ...of(
    'src/app/understand/numbers.ts',
    'test/app/understand.test.ts',
    ['value < 0 && Number(text) !== 0', 'value < 0', 'numbers have a minus'],
    ['value > 0 && Number(text) !== 0', 'value > 0', 'numbers have a minus'],
  ),
  ...of(
    'src/app/understand/mixing.ts',
    'test/app/understand.test.ts',
    ['(x > 0 ? x : Math.expm1(x)), b2)', '(x > 0 ? x : Math.expm1(x)), 0)', 'is the reference’s, for greedy'],
    [
      '(x[m] > 0 ? 1 : Math.exp(x[m]))',
      '(x[m] > 0 ? 1 : Math.expm1(x[m]))',
      'is the reference’s, for greedy',
    ],
    ['weight * mixing.w2[m]', 'weight', 'has slopes'],
  ),
  ...of(
    'src/app/understand/two_step_words.ts',
    'test/app/understand.test.ts',
    ['${BEST - reward} less', '${reward} less', 'is that VDN misses'],
    [
      'worth(missed, 2)} and that of ${safe} ${worth(missed, 1)}',
      'worth(missed, 1)} and that of ${safe} ${worth(missed, 2)}',
      'is that VDN misses',
    ],
    [
      '(state * actions + greedy[0]) * actions + greedy[1]',
      '(state * actions + greedy[1]) * actions + greedy[0]',
      'follows the greedy',
    ],
    ['Math.abs(a + d - b - c)', 'Math.abs(a + b - c - d)', 'is that VDN misses'],
  ),
  ...of(
    'src/app/understand/change_view.ts',
    'test/app/understand.test.ts',
    ['Math.abs(is) < Math.abs(was)', 'is < was', 'is that the TD error'],
    [
      '${decimal(was, PLACES)} to ${decimal(is, PLACES)}',
      '${decimal(is, PLACES)} to ${decimal(was, PLACES)}',
      'is that the TD error',
    ],
    ['after.updates - before.updates', 'before.updates - after.updates', 'is that the TD error'],
  ),
  ...of(
    'src/inspect/scene.ts',
    'test/inspect/scene.test.ts',
    [
      'reward + this.gamma * this.nextValue(online) - value',
      'reward + this.nextValue(online) - value',
      'plays with the parameters',
    ],
    ['target!.value(online.greedy)', 'target!.value(target!.greedy)', 'has the TD errors'],
    ['if (environment.terminations[0] === 1) return 0', '', 'has the TD errors'],
    ['Math.max(1, environment.optimalSteps(0))', 'environment.optimalSteps(0)', 'takes a step where'],
    ['SEED, this.played++, online', 'SEED, 0, online', 'explores otherwise'],
  ),
];
