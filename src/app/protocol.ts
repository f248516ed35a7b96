import type { MetricsRow } from '../train/metrics.ts';

/**
 * What page and worker say to each other. The worker decides everything; the page asks and draws.
 */

/** A run as a form or a link asks for it: assignments FIELD=VALUE, later ones over earlier ones. Not checked. */
export type Settings = readonly string[];

/** What is wrong with one field of the settings. */
export interface Problem {
  /** Configuration's name of the field, or what stood in its place. */
  readonly field: string;
  /** For people: the field, the value and what is allowed. */
  readonly message: string;
}

/** Configuration that the form shows, as the texts that its fields hold. */
export interface FormValues {
  readonly preset: string;
  readonly seeds: string;
  readonly gridSize: string;
}

export type Command =
  /** The first: settings of the page's link. */
  | { readonly type: 'open'; readonly link: Settings }
  | { readonly type: 'check'; readonly settings: Settings }
  | { readonly type: 'start'; readonly settings: Settings }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Asks for one `position`: where the board's game is after its next step. */
  | { readonly type: 'play' };

/** What trains, for people. */
export interface Backend {
  readonly kind: 'webgpu' | 'cpu';
  readonly adapter: string;
  /** WebGPU computed by the CPU. */
  readonly software: boolean;
  /** Why it is not WebGPU; empty where it is. */
  readonly notice: string;
}

/** How far a run is. Counts are of one learner: the one that went furthest. */
export interface Progress {
  readonly updates: number;
  readonly environmentSteps: number;
  readonly episodes: number;
  /** Updates a second, of each learner, over the last seconds; 0 while none is made. */
  readonly updatesPerSecond: number;
  /** Seconds of training so far, pauses not counted. */
  readonly seconds: number;
  readonly epsilon: number;
  /** Mean over learners, of the last 100 episodes of each; NaN before the first. */
  readonly trainingSuccess: number;
  /** Greedy success over all starts, each learner's latest, 0..1; NaN before its first evaluation. */
  readonly success: readonly number[];
  /** Greedy length / optimal length over the solved starts, the same. */
  readonly lengthRatio: readonly number[];
  /** Updates until each learner first solved every start; 0: not yet. */
  readonly solvedUpdates: readonly number[];
}

export interface RunInfo {
  readonly preset: string;
  readonly gridSize: number;
  readonly agents: number;
  readonly seeds: readonly number[];
  /** Updates after which a learner is finished. */
  readonly updates: number;
  /** Starts that a greedy evaluation plays. */
  readonly starts: number;
}

/** A moment of the board's game: the greedy policy of the first seed, from random starts. */
export interface Position {
  /** [N + 1] cells of the agents, then the goal's */
  readonly cells: readonly number[];
  /** [N] action that led here, by name; empty at an episode's start */
  readonly actions: readonly string[];
  /** Steps taken in this episode. */
  readonly step: number;
  /** Steps that an optimal team needs from this episode's start. */
  readonly optimal: number;
  readonly outcome: 'playing' | 'met' | 'timeout';
}

export type Phase = 'training' | 'paused';

export type Message =
  | {
      readonly type: 'opened';
      readonly backend: Backend;
      /** The link's configuration, as far as it was accepted. */
      readonly values: FormValues;
      /** What the form shows for each preset. */
      readonly presets: Readonly<Record<string, FormValues>>;
      /** The link's settings of fields that the form does not show. */
      readonly others: Settings;
      readonly problems: readonly Problem[];
    }
  /** Answers `check`, and a `start` that was refused. */
  | { readonly type: 'checked'; readonly problems: readonly Problem[]; readonly refused: boolean }
  | { readonly type: 'begun'; readonly run: RunInfo }
  | { readonly type: 'progress'; readonly phase: Phase; readonly progress: Progress }
  | { readonly type: 'rows'; readonly rows: readonly MetricsRow[] }
  | { readonly type: 'position'; readonly position: Position }
  | { readonly type: 'finished'; readonly progress: Progress }
  | { readonly type: 'failed'; readonly reason: string };
