import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const SIDE = 5;
const CELLS = SIDE * SIDE;
const LIMIT = 50;

/** Chance that a random walk is on `goal` after 0 … LIMIT steps: a row for each cell that it begins on. */
function chances(goal: number): Float64Array[] {
  const rows = [Float64Array.from({ length: CELLS }, (_, cell) => (cell === goal ? 1 : 0))];
  const moves = (cell: number): number[] => {
    const [x, y] = [Math.floor(cell / SIDE), cell % SIDE];
    const neighbours = [
      [x - 1, y],
      [x + 1, y],
      [x, y - 1],
      [x, y + 1],
      [x, y],
    ];
    return neighbours.map(([a, b]) => (Math.min(a, b) >= 0 && Math.max(a, b) < SIDE ? SIDE * a + b : cell));
  };
  for (let step = 1; step <= LIMIT; step++) {
    const before = rows[step - 1];
    rows.push(before.map((_, cell) => moves(cell).reduce((sum, to) => sum + before[to], 0) / 5));
  }
  return rows;
}

/** Mean of the product of `count` different numbers of a list, over all ways to choose them. */
function meanProduct(numbers: readonly number[], count: number): number {
  const sums = [1, ...Array.from({ length: count }, () => 0)];
  for (const number of numbers) {
    for (let chosen = count; chosen > 0; chosen--) sums[chosen] += sums[chosen - 1] * number;
  }
  let ways = 1;
  for (let chosen = 0; chosen < count; chosen++) ways *= (numbers.length - chosen) / (chosen + 1);
  return sums[count] / ways;
}

/**
 * Chance that agents who walk at random are on the goal together within an episode, from distinct cells. They walk
 * independently, so that together they are on it at step t with the product of their chances; what is wanted, the
 * chance f of the first time, follows from together(t) = Σ f(s) · again(t − s).
 */
function success(agents: number): number {
  let sum = 0;
  for (let goal = 0; goal < CELLS; goal++) {
    const rows = chances(goal);
    const first: number[] = [];
    for (let step = 1; step <= LIMIT; step++) {
      let chance = meanProduct(
        [...rows[step]].filter((_, cell) => cell !== goal),
        agents,
      );
      first.forEach((earlier, at) => {
        chance -= earlier * rows[step - 1 - at][goal] ** agents;
      });
      first.push(chance);
    }
    sum += first.reduce((total, chance) => total + chance, 0) / CELLS;
  }
  return sum;
}

test.each([
  [2, '5.4%'],
  [3, '0.26%'],
  [4, '0.010%'],
  [6, '0.000016%'],
])('a random team of %i on 5×5 is on its goal in %s of its episodes', (agents, share) => {
  const decimals = share.split('.')[1].length - 1;
  expect(`${(100 * success(agents)).toFixed(decimals)}%`).toBe(share);
  expect(readme).toMatch(
    new RegExp(`\\b${share.replace('.', '\\.')}( of its episodes)?\\swith ${agents}\\b`),
  );
});
