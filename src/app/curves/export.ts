import { measureOfRows } from '../../compare/measure.ts';
import type { CurveFigure } from '../../figures/curve.ts';
import { type CurvePoint, learnerCurve } from '../../figures/learner_curve.ts';
import type { EvaluatedStarts } from '../../train/evaluate.ts';
import { formatRow, METRICS_HEADER, type MetricsRow } from '../../train/metrics.ts';
import { workerFault } from '../not_loaded.ts';
import type { LearnerInfo } from '../service.ts';
import type { FigureAnswer } from './figure_worker.ts';
import { thin } from './series.ts';

/** What is exported of a run. */
export interface ExportedRun extends EvaluatedStarts {
  readonly name: string;
  readonly learners: readonly LearnerInfo[];
  readonly rows: readonly MetricsRow[];
}

/** Milliseconds of work after which the page is let in. */
const SLICE = 8;
/** Pixels of a PNG per pixel of the chart. */
const SCALE = 2;
/** Points of a line of the chart, at most: twice its pixels. */
const MOST_POINTS = 2000;

/** The metrics as the command line writes them: metrics.csv. */
export async function metricsCsv({ rows }: ExportedRun): Promise<Blob> {
  return new Blob([METRICS_HEADER, ...(await inSlices(rows, formatRow))], { type: 'text/csv' });
}

/** The metrics as JSON: the run's name, its learners, and its rows; what was not measured is null. */
export async function metricsJson({ name, learners, rows }: ExportedRun): Promise<Blob> {
  const lines = await inSlices(rows, (row) => JSON.stringify(row));
  const head = `{"name":${JSON.stringify(name)},"learners":${JSON.stringify(learners)},"rows":[\n`;
  const separated = lines.map((line, index) => (index === 0 ? line : `,\n${line}`));
  return new Blob([head, ...separated, '\n]}\n'], { type: 'application/json' });
}

/** The learning curve as the command line draws it: curve.svg. Throws where it cannot be drawn. */
export async function curveSvg({ name, learners, rows, starts, allStarts }: ExportedRun): Promise<Blob> {
  const own = new Map(learners.map(({ seed, variant }) => [`${variant}/${seed}`, [] as MetricsRow[]]));
  await inSlices(rows, (row) => own.get(`${row.variant}/${row.seed}`)?.push(row));
  const measure = measureOfRows(rows);
  const curves = learners.map(({ label, seed, variant }) => {
    const curve = learnerCurve(label.replace(/^seed /, ''), own.get(`${variant}/${seed}`) ?? [], measure);
    return { ...curve, greedy: thinned(curve.greedy), training: thinned(curve.training) };
  });
  const svg = await drawElsewhere({ run: name, measure, learners: curves, starts, allStarts });
  return new Blob([svg], { type: 'image/svg+xml' });
}

/** The same as PNG, at twice the size. Throws where it cannot be drawn. */
export async function curvePng(run: ExportedRun): Promise<Blob> {
  const svg = await (await curveSvg(run)).text();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = SCALE * image.naturalWidth;
  canvas.height = SCALE * image.naturalHeight;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))),
      'image/png',
    ),
  );
}

/** Hands a file to the browser to keep. */
export function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Not at once: the browser reads it after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** `qmix-5-seeds-metrics.csv`: a name that every file system takes. */
export function fileName(run: string, what: string): string {
  const name = run
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${name || 'run'}-${what}`;
}

const thinned = (points: readonly CurvePoint[]): CurvePoint[] =>
  thin(points.length, MOST_POINTS).map((index) => points[index]);

/** In a worker of its own: loading the library and laying out the chart takes longer than the page may stand still. */
function drawElsewhere(question: CurveFigure): Promise<string> {
  const worker = new Worker(new URL('./figure_worker.ts', import.meta.url), {
    type: 'module',
    name: 'figure',
  });
  const answer = new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FigureAnswer>) => {
      if ('svg' in data) resolve(data.svg);
      else reject(new Error(data.reason));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(workerFault(event)));
    };
  });
  worker.postMessage(question);
  return answer.finally(() => worker.terminate());
}

/** Does something with each row, and lets the page in every few milliseconds. */
async function inSlices<T>(rows: readonly MetricsRow[], act: (row: MetricsRow) => T): Promise<T[]> {
  const results: T[] = [];
  let began = performance.now();
  for (const row of rows) {
    results.push(act(row));
    if (performance.now() - began < SLICE) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
  return results;
}
