import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type BenchListener, type BenchReport, runBench, type Skipped } from '../bench/run_bench.ts';
import {
  KERNEL_TABLE,
  peakLine,
  ROLLOUT_TABLE,
  SOLVE_TABLE,
  type Table,
  textHeader,
  textLine,
  UPDATE_TABLE,
} from '../bench/tables.ts';
import { ConfigError } from '../config.ts';
import { readFile, writeAtomically } from '../node/files.ts';
import { openWebGpu } from './backend.ts';
import { drawBench } from './bench_figure.ts';
import { type BenchOptions, readPlan } from './bench_plan.ts';
import { print, say } from './output.ts';

/** Measures this machine's GPU, or draws what was measured before. Returns the exit code. Throws ConfigError. */
export async function bench(options: BenchOptions): Promise<number> {
  const { figure, from, json } = options;
  const plan = readPlan(options);
  // Not after minutes of measuring.
  if (figure !== undefined && !existsSync(dirname(figure))) {
    throw new ConfigError(`--figure: got "${figure}", allowed: a file in a folder that exists`);
  }
  if (from !== undefined) {
    if (figure === undefined) throw new ConfigError('--from: needs --figure FILE, to draw into');
    writeAtomically(figure, await drawBench(readReport(from)));
    return 0;
  }
  const gpu = await openWebGpu();
  try {
    const listener = json ? quiet : talking();
    if (!json) printLine(`${gpu.name}, sizes of preset ${plan.preset}`);
    const report = await runBench(gpu, plan, listener);
    if (json) printLine(JSON.stringify(report));
    if (figure !== undefined) writeAtomically(figure, await drawBench(report));
    return 0;
  } finally {
    gpu.destroy();
  }
}

function readReport(path: string): BenchReport {
  const allowed = 'a file that `bench --json` printed';
  const text = new TextDecoder().decode(readFile(path, '--from', allowed));
  let report: Partial<BenchReport> | undefined;
  try {
    report = JSON.parse(text);
  } catch {}
  const lists = [report?.kernels, report?.updates, report?.rollout];
  if (typeof report?.adapter !== 'string' || !lists.every(Array.isArray)) {
    throw new ConfigError(`--from: got "${path}", which holds no report; allowed: ${allowed}`);
  }
  return report as BenchReport;
}

const printLine = (text: string): void => print(`${text}\n`);

const quiet: BenchListener = {
  note: say,
  peak: () => {},
  kernel: () => {},
  update: () => {},
  rollout: () => {},
  solve: () => {},
  skipped: ({ part, what, reason }) => say(`skipped ${part}, ${what}: ${reason}`),
};

/** Prints rows as they come, each table's header before its first. */
function talking(): BenchListener {
  let open: string | undefined;
  const row =
    <Row>(table: Table<Row>) =>
    (of: Row): void => {
      if (open !== table.title) printLine(`\n${textHeader(table)}`);
      open = table.title;
      printLine(textLine(table, table.cells(of)));
    };
  return {
    note: say,
    peak: (peak) => printLine(peakLine(peak)),
    kernel: row(KERNEL_TABLE),
    update: row(UPDATE_TABLE),
    rollout: row(ROLLOUT_TABLE),
    solve: row(SOLVE_TABLE),
    skipped: ({ part, what, reason }: Skipped) => printLine(`skipped ${part}, ${what}: ${reason}`),
  };
}
