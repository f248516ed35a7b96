import { below, philox, STREAM } from '../random.ts';

/**
 * Statistics over few runs, as Agarwal et al. (2021), "Deep Reinforcement Learning at the Edge of the
 * Statistical Precipice", recommend them and their library rliable defines them. Scores are [tasks][runs]; a
 * comparison on one environment has one task.
 */
export type Scores = readonly (readonly number[])[];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What is told of a set of scores. */
export interface Aggregate {
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation, divided by count − 1; NaN of a single score. */
  readonly standardDeviation: number;
  /** Interquartile mean. */
  readonly iqm: number;
  /** 95% intervals of both. */
  readonly meanInterval: Interval;
  readonly iqmInterval: Interval;
}

/** Resamples of an interval; rliable's default. */
const RESAMPLES = 50_000;
/** Seed of all resamples: equal scores give equal intervals. */
const SEED = 0x2021;
const CONFIDENCE = 0.95;

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/** Mean of the middle half: ⌊count / 4⌋ of the lowest and as many of the highest are left out. */
export const interquartileMean = (values: readonly number[]): number =>
  trimmedMean(Float64Array.from(values));

/** As interquartileMean; sorts `values`. */
function trimmedMean(values: Float64Array): number {
  values.sort();
  const cut = Math.floor(values.length / 4);
  let sum = 0;
  for (let index = cut; index < values.length - cut; index++) sum += values[index];
  return sum / (values.length - 2 * cut);
}

/** Quantile `share` (0..1) of sorted values, linear between neighbours (NumPy's default). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * 95% percentile intervals of mean and interquartile mean by the stratified bootstrap: each resample draws, for
 * every task, as many of its runs as there are, with replacement. Draws depend on nothing but the sizes.
 */
export function bootstrap(
  scores: Scores,
  resamples = RESAMPLES,
): Pick<Aggregate, 'meanInterval' | 'iqmInterval'> {
  const total = scores.reduce((sum, runs) => sum + runs.length, 0);
  const drawn = new Float64Array(total);
  const means = new Float64Array(resamples);
  const iqms = new Float64Array(resamples);
  const words = new Uint32Array(4);
  for (let resample = 0; resample < resamples; resample++) {
    let at = 0;
    for (const runs of scores) {
      for (let run = 0; run < runs.length; run++, at++) {
        if (at % 4 === 0) philox(words, SEED, STREAM.bootstrap, resample, at / 4);
        drawn[at] = runs[below(words[at % 4], runs.length)];
      }
    }
    let sum = 0;
    for (let index = 0; index < total; index++) sum += drawn[index];
    means[resample] = sum / total;
    iqms[resample] = trimmedMean(drawn);
  }
  return { meanInterval: percentiles(means), iqmInterval: percentiles(iqms) };
}

function percentiles(values: Float64Array): Interval {
  values.sort();
  return { low: quantile(values, (1 - CONFIDENCE) / 2), high: quantile(values, (1 + CONFIDENCE) / 2) };
}

/** All of it; of no scores, NaN. */
export function aggregate(scores: readonly number[], resamples?: number): Aggregate {
  return {
    count: scores.length,
    mean: mean(scores),
    standardDeviation: standardDeviation(scores),
    iqm: interquartileMean(scores),
    ...bootstrap([scores], resamples),
  };
}
