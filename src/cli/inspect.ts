import { runMembers } from '../config.ts';
import type { GameRules } from '../env/table_game.ts';
import { gameRules, type LearnedState, learnedStates } from '../inspect/game.ts';
import { type Checkpoint, takeLearners } from '../train/checkpoint.ts';
import { configuredShape } from '../train/environments.ts';
import { readCheckpointFile } from './checkpoint_file.ts';
import { print, printJson } from './output.ts';

interface InspectedLearner {
  readonly name: string;
  readonly seed: number;
  readonly variant: number;
  readonly states: readonly LearnedState[];
}

/**
 * Prints what the learners of a game's checkpoint have learned: Q_tot of all joint actions beside the payoff.
 * Returns the exit code. Throws ConfigError for what is no checkpoint of a game.
 */
export async function inspect(path: string, { json }: { json?: boolean }): Promise<number> {
  const { file, read } = await readCheckpointFile(path);
  const { config } = read;
  // A module is no game: nothing that a checkpoint names has to be run.
  const rules = gameRules(config, 'CHECKPOINT');
  const checkpoint = takeLearners(read, file);
  const learners = inspectLearners(checkpoint, rules);
  if (json) {
    printJson({ checkpoint: file, environment: config.environment, mixer: config.mixer, learners });
  } else {
    print(format(learners, config.environment, config.mixer));
  }
  return 0;
}

function inspectLearners({ config, learners }: Checkpoint, rules: GameRules): InspectedLearner[] {
  const shape = configuredShape(config);
  return runMembers(config).map(({ name, seed, variant, config: { gamma } }, index) => {
    const parameters = (parameter: string) => learners[index].get(`online.${parameter}`)!;
    return { name, seed, variant, states: learnedStates(shape, parameters, rules, gamma) };
  });
}

const PLACES = 2;
const INDENT = '  ';

function format(learners: readonly InspectedLearner[], environment: string, mixer: string): string {
  const lines = [
    mixer === 'none'
      ? `${environment}: each agent's own Q-values. They were learned without a mixer, each for itself: there is no Q_tot, and their sum is none.`
      : `${environment}: Q_tot of every joint action (agent 1's action by row, agent 2's by column), * the greedy one.`,
    'Beside it the payoff: the largest discounted return after that joint action.',
  ];
  for (const { name, states } of learners) {
    lines.push('', name);
    for (const { state, joint, agents, greedy, optimal } of states) {
      const learned = joint
        ? cells(joint, (row, column) => row === greedy[0] && column === greedy[1])
        : cells(agents, (row, column) => greedy[row] === column);
      const payoff = cells(optimal, () => false);
      const titles = [`state ${state}`, joint ? 'Q_tot' : 'Q of agent 1, of agent 2', 'payoff'];
      lines.push(...sideBySide(titles, learned, payoff));
    }
  }
  return `${lines.join('\n')}\n`;
}

const cells = (
  table: readonly (readonly number[])[],
  marked: (row: number, column: number) => boolean,
): string[][] =>
  table.map((values, row) =>
    values.map((value, column) => `${number(value)}${marked(row, column) ? '*' : ' '}`),
  );

/** Two decimals, and no zero with a sign. */
const number = (value: number): string => value.toFixed(PLACES).replace(/^-(0\.0+)$/, '$1');

/** Two tables beside each other, under their titles. */
function sideBySide(
  [state, ...titles]: readonly string[],
  ...tables: readonly (readonly string[][])[]
): string[] {
  const blocks = tables.map((table, index) => {
    const width = Math.max(...table.flat().map((cell) => cell.length));
    const rows = [titles[index], ...table.map((row) => row.map((cell) => cell.padStart(width)).join(' '))];
    const widest = Math.max(...rows.map((row) => row.length));
    return rows.map((row) => row.padEnd(widest));
  });
  const height = Math.max(...blocks.map((block) => block.length));
  const rows = Array.from({ length: height }, (_, row) =>
    blocks.map((block) => block[row] ?? ' '.repeat(block[0].length)).join(`${INDENT}${INDENT}`),
  );
  const margin = state.length;
  return rows.map((row, index) =>
    `${INDENT}${(index === 0 ? state : '').padEnd(margin)}${INDENT}${row}`.trimEnd(),
  );
}
