import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Who in src may import whom, from the bottom to the top: a row names only what stands above it. A name is a folder or
 * a file of src, the folder of shaders, a package, or `node:` for all that is Node's. A folder's files may import each
 * other. A row for a file adds to its folder's. Imports of types count: the table is about what has to be read to
 * understand a file.
 */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  'config_error.ts': 'zod',
  'hyperparameters.ts': '',
  'random.ts': '',
  'shapes.ts': '',
  'tensor.ts': '',
  'sha256.ts': '@noble/hashes',
  'safetensors.ts': 'config_error.ts tensor.ts',
  'seeds.ts': 'config_error.ts',

  env: 'config_error.ts random.ts',
  'config.ts': 'zod config_error.ts env',
  'config_fields.ts': 'zod config.ts env seeds.ts',
  'presets.ts': 'config.ts config_error.ts',

  // What runs kernels knows nothing of learning; kernels know nothing of environments, but for the step of one.
  gpu: '',
  kernels: 'shaders gpu hyperparameters.ts shapes.ts',
  'kernels/meeting_step.ts': 'env',
  'kernels/step_kernels.ts': 'env',

  // The learner knows neither environments nor who drives it. The reference shares its interface, and no kernel.
  learner: 'zod config.ts config_error.ts gpu hyperparameters.ts kernels random.ts shapes.ts tensor.ts',
  reference:
    'config_error.ts hyperparameters.ts random.ts shapes.ts tensor.ts ' +
    'learner/initialise.ts learner/learner.ts learner/snapshot_table.ts',

  // Training hands the learner its environment's step kernel and reads the kernel's outcomes.
  train:
    'config.ts config_error.ts env learner safetensors.ts sha256.ts shapes.ts tensor.ts ' +
    'kernels/step_kernel.ts kernels/step_kernels.ts',

  // A run knows neither where it is kept nor who shows it.
  run: 'config.ts config_error.ts env gpu learner tensor.ts train',

  inspect: 'config.ts env reference shapes.ts tensor.ts train',
  verify:
    'zod config_error.ts gpu hyperparameters.ts kernels learner random.ts reference safetensors.ts shapes.ts tensor.ts',
  bench:
    'shaders/bench config.ts env gpu kernels learner presets.ts random.ts reference shapes.ts train verify',
  compare: 'random.ts train',
  figures: 'echarts compare train',

  // Only these two need Node.
  node: 'node: webgpu config.ts config_error.ts env gpu learner/tune.ts',
  cli:
    'node: cli-progress commander vite bench compare config.ts config_error.ts env figures gpu inspect kernels/tuning.ts learner node ' +
    'presets.ts reference run safetensors.ts seeds.ts shapes.ts tensor.ts train verify',

  app:
    'comlink idb uplot bench compare config.ts config_error.ts config_fields.ts env figures gpu inspect learner presets.ts reference ' +
    'run seeds.ts train verify',
};

interface Import {
  /** Below src. */
  readonly file: string;
  readonly line: number;
  /** Below src, below the project's root if it is not in src, or a package. */
  readonly target: string;
}

/** Static imports and exports, dynamic imports, Vite's globs; and addresses of files, which Vite bundles too. */
const FORMS = [
  /^(?:import|export)\b(?:[\s\w$*{},]*\bfrom)?\s*['"]([^'"]+)['"]/gm,
  /\bimport(?:\.meta\.glob)?\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]*\.\w+)['"]/g,
];

/** Lines of comments made empty, as they may show imports. */
const withoutComments = (text: string): string => text.replace(/^[ \t]*(?:\/\/|\/?\*).*/gm, '');

function importsOf(file: string, text: string): Import[] {
  const code = withoutComments(text);
  return FORMS.flatMap((form) =>
    [...code.matchAll(form)].map(({ 1: specifier, index }) => ({
      file,
      line: code.slice(0, index).split('\n').length,
      target: resolve(file, specifier),
    })),
  );
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier.replace(/^node:/, 'node:/');
  const path = posix.join('src', posix.dirname(file), specifier.split('?')[0]);
  return path.replace(/^src\//, '');
}

const liesIn = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);
/** The folder of src that a file is in, or the file itself. */
const partOf = (file: string): string => file.split('/')[0];
const show = ({ file, line, target }: Import): string => `src/${file}:${line} imports ${target}`;

const root = new URL('../src/', import.meta.url);
const texts = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|mts|mjs)$/.test(name))
    .sort()
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(new URL(name, root), 'utf8')]),
);
const imports = [...texts].flatMap(([file, text]) => importsOf(file, text));
const rows = Object.entries(MAY_IMPORT).map(([place, names]) => ({
  place,
  targets: names.split(' ').filter((name) => name !== ''),
}));

/** A circle for each arrow that leads back to where the walk came from. */
function circles(all: readonly Import[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const { target } of all.filter((one) => one.file === file)) walk(target);
    path.pop();
    done.add(file);
  };
  for (const { file } of all) walk(file);
  return found;
}

describe('imports in src', () => {
  it('are allowed by the table', () => {
    const forbidden = imports.filter(({ file, target }) => {
      const own = rows.filter(({ place }) => liesIn(file, place));
      return ![partOf(file), ...own.flatMap(({ targets }) => targets)].some((name) => liesIn(target, name));
    });
    expect(forbidden.map(show)).toEqual([]);
  });

  it('go in no circles', () => {
    expect(circles(imports)).toEqual([]);
  });

  it('are all found: no other path to a file stands in the code', () => {
    for (const [file, text] of texts) {
      const paths = withoutComments(text).matchAll(
        /['"`](\.\.?\/[^'"`\s]*\.(?:m?[jt]s|css|wgsl|safetensors)\b.*?)['"`]/g,
      );
      const found = new Set(importsOf(file, text).map(({ target }) => target));
      expect(
        [...paths].map(([, path]) => resolve(file, path)).filter((path) => !found.has(path)),
        file,
      ).toEqual([]);
    }
  });
});

describe('the table', () => {
  it('has a row for every part of src, and no other', () => {
    const parts = new Set([...texts.keys()].map(partOf));
    expect([...parts].filter((part) => !(part in MAY_IMPORT))).toEqual([]);
    expect(
      rows
        .map(({ place }) => place)
        .filter((place) => ![...texts.keys()].some((file) => liesIn(file, place))),
    ).toEqual([]);
  });

  it('points one way: a row names only what stands above it', () => {
    const back = rows.flatMap(({ place, targets }, at) =>
      targets
        .filter((name) => rows.findIndex((row) => liesIn(name, row.place)) >= at)
        .map((name) => `${place} → ${name}`),
    );
    expect(back).toEqual([]);
  });

  it('allows nothing that nobody does', () => {
    const unused = rows.flatMap(({ place, targets }) =>
      targets
        .filter((name) => !imports.some(({ file, target }) => liesIn(file, place) && liesIn(target, name)))
        .map((name) => `${place} → ${name}`),
    );
    expect(unused).toEqual([]);
  });
});

describe('the search for imports', () => {
  it('finds every form, each with its line', () => {
    const text = `import * as z from 'zod';
import './style.css';
import code from '../../shaders/act.wgsl';
import whole, { type A, b as c } from './whole.ts';
import type {
  D,
} from "../train/d.ts";
export * from './all.ts';
export * as names from './names.ts';
export type { E } from './e.ts';
import { readFileSync } from 'node:fs';
/** import { no } from './no.ts'; */
// const no = import('./no.ts');
export const nothing = 'from', address = './no.ts';
const later = await import('./later.ts');
type Late = import('./late.ts').Late;
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const site = new URL('https://example.org/a.ts');
const text = import.meta.glob('../verify/vectors/*.safetensors', { eager: true });
import bundle from './thread.ts?bundled';
`;
    const found = importsOf('app/file.ts', text).map(({ line, target }) => `${line} ${target}`);
    expect(found.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual([
      '1 zod',
      '2 app/style.css',
      '3 shaders/act.wgsl',
      '4 app/whole.ts',
      '5 train/d.ts',
      '8 app/all.ts',
      '9 app/names.ts',
      '10 app/e.ts',
      '11 node:/fs',
      '15 app/later.ts',
      '16 app/late.ts',
      '17 app/worker.ts',
      '19 verify/vectors/*.safetensors',
      '20 app/thread.ts',
    ]);
  });

  it('finds circles of any length, and names their files', () => {
    const arrow = (file: string, target: string): Import => ({ file, line: 1, target });
    expect(circles([arrow('a', 'b'), arrow('b', 'c'), arrow('a', 'c'), arrow('c', 'd')])).toEqual([]);
    expect(
      circles([arrow('a', 'b'), arrow('b', 'c'), arrow('c', 'd'), arrow('d', 'b'), arrow('e', 'e')]),
    ).toEqual(['b → c → d → b', 'e → e']);
  });
});
