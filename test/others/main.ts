import { Command, InvalidArgumentError } from 'commander';
import { type OpenPage, openPage } from '../support/browser.ts';
import { serveSite } from '../support/site.ts';
import { cpuSeconds } from './cpu_time.ts';
import type { Checked, OthersPage } from './page.ts';

const PAGE = 'test/others/page.html';
const FILE = 'meeting-2-agents.safetensors';
/** About this long a turn, so that what is timed is updates and not the wait for one of them. */
const TURN_MS = 1500;
/** What makes a page isolated, so that WebAssembly may have threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

interface Options {
  readonly batch: number;
  readonly rounds: number;
  readonly only?: string;
  readonly json?: boolean;
}

interface Row extends Checked {
  /** Milliseconds an update: median over the rounds, smallest and largest. */
  readonly ms: number;
  readonly least: number;
  readonly most: number;
  /** Milliseconds of CPU time an update, of all processes of the browser; null where it cannot be told. */
  readonly cpuMs: number | null;
  /** Updates a turn. */
  readonly updates: number;
  readonly rounds: number;
}

/** The file's batch, of which those that are timed are made. */
const FILE_BATCH = 32;

const multipleOf = (unit: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value / unit) || value < unit) {
    throw new InvalidArgumentError(`allowed: whole multiples of ${unit}`);
  }
  return value;
};

/** Returns the exit code: 1 where a framework fails or computes another update. */
export async function main(parameters: readonly string[]): Promise<number> {
  const program = new Command('bench:others')
    .description(
      "The report's update by this project, jax-js and TF.js, in Chromium on SwiftShader, in turn.",
    )
    .option(
      '--batch <B>',
      `transitions an update, a multiple of ${FILE_BATCH}`,
      multipleOf(FILE_BATCH),
      FILE_BATCH,
    )
    .option('--rounds <R>', 'turns of each', multipleOf(1), 7)
    .option('--only <text>', 'only those whose name contains this, and this project')
    .option('--json', 'print one JSON object on standard output and nothing else there');
  program.parse(parameters as string[], { from: 'user' });
  const options = program.opts<Options>();

  const site = await serveSite({ testPages: [PAGE], headers: ISOLATION });
  try {
    const opened = await openPage(site, PAGE);
    try {
      return await measure(opened, options);
    } finally {
      await opened.close();
    }
  } finally {
    await site.close();
  }
}

/** Has all of them make the update, and prints what it takes. Returns the exit code. */
async function measure(
  { page, takeErrors }: OpenPage,
  { batch, rounds, only, json }: Options,
): Promise<number> {
  const call = <Name extends keyof OthersPage>(name: Name, ...given: Parameters<OthersPage[Name]>) =>
    page.evaluate(
      (called, values) => (window.others![called] as (...all: unknown[]) => unknown)(...values),
      name,
      given as unknown[],
    ) as Promise<Awaited<ReturnType<OthersPage[Name]>>>;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  await page.waitForFunction('window.others !== undefined');
  const browser = await page.browser().version();
  const { names, ...where } = await call('open', FILE, batch);
  const failures: { name: string; error: string }[] = [];
  const checked: Checked[] = [];
  for (const name of names.filter((one) => !only || one.includes(only) || one.startsWith('qmix'))) {
    try {
      checked.push(await call('enter', name));
      say(`${name}: losses agree within ${checked.at(-1)!.lossError.toExponential(1)}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures.push({ name, error: [message, ...takeErrors()].join('\n') });
      say(`${name}: ${failures.at(-1)!.error}`);
    }
  }
  const root = page.browser().process()!.pid!;
  const turns = new Map(
    checked.map(({ name }) => [name, { updates: 1, ms: [] as number[], cpu: [] as number[] }]),
  );
  for (const [name, turn] of turns) {
    // Twice: what the first turn compiles or allocates is no part of the second's time.
    await call('time', name, 2);
    turn.updates = Math.max(1, Math.round(TURN_MS / ((await call('time', name, 3)) / 3)));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [name, turn] of turns) {
      const before = cpuSeconds(root);
      const took = await call('time', name, turn.updates);
      const after = cpuSeconds(root);
      turn.ms.push(took / turn.updates);
      if (before !== undefined && after !== undefined) turn.cpu.push((1e3 * (after - before)) / turn.updates);
    }
    say(`round ${round} of ${rounds}`);
  }
  const rows: Row[] = checked.map((one) => {
    const { updates, ms, cpu } = turns.get(one.name)!;
    return {
      ...one,
      ms: median(ms),
      least: Math.min(...ms),
      most: Math.max(...ms),
      cpuMs: cpu.length > 0 ? median(cpu) : null,
      updates,
      rounds,
    };
  });
  const complaints = takeErrors();
  if (json) {
    process.stdout.write(`${JSON.stringify({ browser, ...where, batch, rows, failures, complaints })}\n`);
  } else {
    const { agents: N, observationSize: O, stateSize: S, actions: A, hidden: H, mixerWidth: M } = where.shape;
    process.stdout.write(
      `${browser}, ${where.adapter}, ${where.threads} threads, ${where.isolated ? '' : 'not '}isolated\n` +
        `N=${N} O=${O} S=${S} A=${A} H=${H} M=K=${M}, batch ${batch}, ${rounds} rounds in turn\n\n${table(rows)}\n`,
    );
  }
  for (const complaint of complaints) say(complaint);
  return failures.length > 0 ? 1 : 0;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function table(rows: readonly Row[]): string {
  const [first] = rows;
  const header = [
    '',
    'ms/update',
    'least',
    'most',
    'CPU ms',
    'times ours',
    'dispatches',
    'passes',
    'submits',
    'loss error',
  ];
  const cells = rows.map(({ name, ms, least, most, cpuMs, dispatches, passes, submits, lossError }) => [
    name,
    ms.toFixed(2),
    least.toFixed(2),
    most.toFixed(2),
    cpuMs === null ? '-' : cpuMs.toFixed(1),
    (ms / first.ms).toFixed(1),
    `${dispatches}`,
    `${passes}`,
    `${submits}`,
    lossError.toExponential(1),
  ]);
  const lines = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '),
    )
    .join('\n');
}
