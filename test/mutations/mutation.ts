/** One defect as someone might make it, in one place of a source: a wrong operator, index, column, default or order. */
interface Change {
  readonly file: string;
  /** Occurs once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A kernel's case notices it: `red` begins the case's title. */
export interface ShaderMutation extends Change {
  readonly kind: 'shaders';
  readonly red: string;
}

/** A test of vitest notices it. */
export interface CodeMutation extends Change {
  readonly kind: Exclude<Kind, 'shaders'>;
  readonly red: NamedTest;
}

export type Mutation = ShaderMutation | CodeMutation;

export interface NamedTest {
  readonly file: string;
  /** Begins the test's own name, without those of the groups around it. */
  readonly name: string;
}

/** What is mutated, each in a list of its own: shaders with their host twins, then folders of the TypeScript. */
export const KINDS = ['shaders', 'config', 'train', 'env', 'compare', 'cli', 'verify', 'app'] as const;
export type Kind = (typeof KINDS)[number];

type Row = readonly [find: string, replace: string, red: string];

/** Mutations of one file that tests of one other file notice. */
export const noticed =
  (kind: CodeMutation['kind']) =>
  (file: string, by: string, ...rows: readonly Row[]): CodeMutation[] =>
    rows.map(([find, replace, name]) => ({ kind, file, find, replace, red: { file: by, name } }));

/** Whether what notices it needs a GPU, processes or a browser. */
export const isSlow = ({ red }: Mutation): boolean =>
  typeof red === 'string' || /\.(gpu|process|page|long)\.test\.ts$/.test(red.file);

/** `src/train/best.ts: a > b → a < b`, on one line. */
export const describeMutation = ({ file, find, replace }: Change): string =>
  `${file}: ${oneLine(find)} → ${oneLine(replace)}`;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim() || '(nothing)';
