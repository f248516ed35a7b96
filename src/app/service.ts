import type { Episode } from '../inspect/look.ts';
import type { RunState } from '../run/keeper.ts';
import type { MetricsRow } from '../train/metrics.ts';

export type { RunState };

/**
 * What the page can ask of the worker that trains, by comlink, and what the worker tells while a run goes on. The
 * worker decides everything; the page asks and draws.
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

/** One field of the configuration, for a form. */
export interface FieldSpec {
  /** The configuration's name: `gridSize`. */
  readonly name: string;
  /** The same in words: `Grid size`. */
  readonly label: string;
  /** One sentence. */
  readonly hint: string;
  readonly kind: 'choice' | 'switch' | 'number' | 'text';
  /** Of a choice. */
  readonly choices: readonly string[];
  /** Of a number; undefined where there is no bound. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly integer: boolean;
  /** `updates`, `environment steps`, …; empty where it has none */
  readonly unit: string;
  /** Can be changed while a run goes on. */
  readonly live: boolean;
}

/** Fields that belong together, in the order of the form. */
export interface FieldGroup {
  readonly title: string;
  /** Shown at once; others are folded. */
  readonly open: boolean;
  readonly fields: readonly FieldSpec[];
}

/** Texts of all fields of a configuration, by name. */
export type Values = Readonly<Record<string, string>>;

/** Settings, read as far as they can be used. */
export interface Reading {
  /** Of the configuration that the valid ones make. */
  readonly values: Values;
  /** Of the preset that it starts from, for the environment that it names. */
  readonly defaults: Values;
  readonly problems: readonly Problem[];
  /** The shortest settings that make the same configuration: for links. */
  readonly link: Settings;
}

/** What trains, for people. */
export interface Backend {
  readonly kind: 'webgpu' | 'cpu';
  readonly adapter: string;
  /** WebGPU computed by the CPU. */
  readonly software: boolean;
  /** Why it is not WebGPU; empty where it is. */
  readonly notice: string;
}

/** A learner of a run, for people. */
export interface LearnerInfo {
  /** `seed 2025`, or `variant 0, seed 2025` where there are variants. */
  readonly label: string;
  readonly seed: number;
  readonly variant: number;
}

/** What does not change while a run goes on. */
export interface RunInfo {
  readonly id: string;
  readonly name: string;
  readonly algorithm: string;
  /** How Q_tot comes from the agents' Q-values: by hypernetworks (QMIX), as their sum (VDN), or not at all. */
  readonly mixer: 'monotonic' | 'sum' | 'none';
  /** Whether all agents share one network; whether an agent's network sees the agent's number. */
  readonly sharedAgents: boolean;
  readonly agentId: boolean;
  readonly environment: string;
  /** Whether some actions are not legal everywhere. */
  readonly masked: boolean;
  /** What can be drawn of it: a grid with pieces, a game's tables, or neither. */
  readonly picture: 'grid' | 'game' | 'none';
  readonly gridSize: number;
  readonly agents: number;
  /** Names of the pieces on the grid, agents first: `agent 1`, `agent 2`, `goal`. */
  readonly pieces: readonly string[];
  /** Names of the actions. */
  readonly actions: readonly string[];
  readonly learners: readonly LearnerInfo[];
  /** Updates after which a learner is finished. */
  readonly updates: number;
  /** It is finished, too, once it has solved every start. */
  readonly stopWhenSolved: boolean;
  /** Starts that a greedy evaluation plays; whether they are all that there are. */
  readonly starts: number;
  readonly allStarts: boolean;
  /** Whether `outcomes` can be had: all starts are played, of two agents on a grid. */
  readonly mapped: boolean;
  readonly link: Settings;
}

/** How far a run is. Counts are of one learner: the one that went furthest. */
export interface Progress {
  readonly updates: number;
  readonly environmentSteps: number;
  readonly episodes: number;
  /** A second, of each learner, over the last seconds; 0 while none is made. */
  readonly updatesPerSecond: number;
  readonly stepsPerSecond: number;
  /** Seconds of training so far, pauses not counted. */
  readonly seconds: number;
  /** Seconds to the last update, at the rate of the last minute; NaN where that is not known yet. */
  readonly secondsLeft: number;
  readonly epsilon: number;
  /** Mean over learners, of the last 100 episodes of each; NaN before the first. */
  readonly trainingSuccess: number;
  /** Greedy success, each learner's latest, 0..1; NaN before its first evaluation. */
  readonly success: readonly number[];
  /** Greedy length / optimal length over the solved starts, the same. */
  readonly lengthRatio: readonly number[];
  /** Updates until each learner first solved every start; 0: not yet. */
  readonly solvedUpdates: readonly number[];
}

/** Where a run ended. */
export interface RunEnd {
  readonly state: RunState;
  /** SHA-256 of all learners' online parameters (src/train/hash.ts). */
  readonly hash: string;
  /** What went wrong; empty where nothing did. */
  readonly reason: string;
  /** It failed for no reason of its own: it can go on from where it was saved last. */
  readonly goesOn: boolean;
}

/** What the worker tells of the run that it holds. */
export interface RunListener {
  /** What the run is: first of all. */
  begun(run: RunInfo): void;
  /** What it is now, where it was changed. */
  changed(run: RunInfo): void;
  /** It goes on from somewhere before: none of the rows so far count, those that do follow. */
  restarted(): void;
  /** Its device was lost, and from where it goes on. */
  lost(text: string): void;
  progress(state: RunState, progress: Progress): void;
  rows(rows: readonly MetricsRow[]): void;
  ended(end: RunEnd, progress: Progress): void;
  /** Whether it can be saved has changed: why it could not be, or nothing where it was. It goes on in any case. */
  saved(problem: string): void;
}

/** A run as it is kept. */
export interface KeptRun {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly changed: number;
  readonly state: RunState;
  readonly hash: string;
  readonly reason: string;
  readonly info: RunInfo;
  readonly progress: Progress;
  /** Bytes that it takes: checkpoint and rows. */
  readonly bytes: number;
}

/** What a kept run is opened for: to go on at once, to go on when it is told to, or to be looked at as it is kept. */
export type Manner = 'train' | 'pause' | 'show';

/** Either what is wrong with what was asked for, or the run, and what to know about it (empty: nothing). */
export type Begun =
  | { readonly run: RunInfo; readonly notice: string; readonly problems: readonly [] }
  | { readonly run: undefined; readonly notice: ''; readonly problems: readonly Problem[] };

/** Either what is wrong with a file, or the kept run that was made of it. */
export type Imported =
  | { readonly id: string; readonly problem: '' }
  | { readonly id: undefined; readonly problem: string };

export interface TrainingService {
  backend(): Promise<Backend>;
  fields(): Promise<readonly FieldGroup[]>;
  read(settings: Settings): Promise<Reading>;
  /** Has everything ready for a run of these settings, if they are valid, before it is begun. */
  prepare(settings: Settings): Promise<void>;
  /** Begins a run. `keep`: it is saved as it goes; `paused`: it waits to be told to go on. */
  begin(settings: Settings, keep: boolean, listener: RunListener, paused?: boolean): Promise<Begun>;
  /** Opens a kept run, to do this with it; `settings`: to end when these say. */
  open(id: string, manner: Manner, listener: RunListener, settings?: Settings): Promise<Begun>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** One step of all environments, with its updates, and then a pause. */
  step(): Promise<void>;
  /** Ends the run where it stands: evaluates, hashes, keeps. */
  stop(): Promise<void>;
  /** Environment steps a second of each copy; Infinity: as fast as it can. */
  setSpeed(stepsPerSecond: number): Promise<void>;
  /** Whether the run would go on from where it is now if it ended when these settings say. */
  goesFurther(settings: Settings): Promise<boolean>;
  /** Changes what can change while the run goes on, and nothing else. */
  change(settings: Settings): Promise<readonly Problem[]>;
  /**
   * Plays an episode with a learner's policy as it is now, from these cells or from a random start;
   * `exploring`: with the run's ε.
   */
  episode(learner: number, exploring: boolean, cells?: readonly number[]): Promise<Episode>;
  /** How the greedy policy did from each start at its last evaluation (START_OUTCOME). */
  outcomes(learner: number): Promise<Uint8Array | undefined>;
  /** What a learner has learned of every state of a game. */
  game(learner: number): Promise<readonly GameState[]>;
  /** The run as a checkpoint that the command line reads. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  /** Keeps the run of a checkpoint's file, paused, or finished where it is. */
  importRun(bytes: Uint8Array, fileName: string): Promise<Imported>;
}

/** What a learner has learned of one state of a game of two agents, beside what is true. */
export interface GameState {
  /** Name of the state. */
  readonly state: string;
  /** [2][A] each agent's Q-values */
  readonly agents: readonly (readonly number[])[];
  /** [A][A] Q_tot, rows by agent 1's action; undefined without a mixer */
  readonly joint: readonly (readonly number[])[] | undefined;
  /** [2] */
  readonly greedy: readonly number[];
  /** [A][A] the largest discounted return after each joint action */
  readonly optimal: readonly (readonly number[])[];
}
