import {
  curvePng,
  curveSvg,
  download,
  type ExportedRun,
  fileName,
  metricsCsv,
  metricsJson,
} from './curves/export.ts';

/** What can be taken home of a run's metrics: how each is made, and what the file is called after the run's name. */
const MAKERS = {
  csv: { make: metricsCsv, what: 'metrics.csv' },
  json: { make: metricsJson, what: 'metrics.json' },
  svg: { make: curveSvg, what: 'curve.svg' },
  png: { make: curvePng, what: 'curve.png' },
} as const;
export type Format = keyof typeof MAKERS;
export const FORMATS = Object.keys(MAKERS) as Format[];

/** Throws an Error for people where it cannot be made. */
export async function exportRun(run: ExportedRun, format: Format): Promise<void> {
  const { make, what } = MAKERS[format];
  download(fileName(run.name, what), await make(run));
}

/** A checkpoint, as the command line reads it. */
export function exportCheckpoint(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  download(fileName(name, 'checkpoint.safetensors'), new Blob([bytes], { type: 'application/octet-stream' }));
}
