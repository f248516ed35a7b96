import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const exists = (path: string): boolean => existsSync(new URL(path, root));
const shaders = readdirSync(new URL('shaders/', root), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.wgsl'))
  .map(
    (name) => [name.replaceAll('\\', '/'), readFileSync(new URL(`shaders/${name}`, root), 'utf8')] as const,
  );
/** Each operation has a file; what they share lies in lib. */
const operations = shaders.filter(([name]) => !name.includes('/'));
const isKernel = (text: string): boolean => /^@compute\b/m.test(text);

/** Puts a kernel's operations, which have files of their own, together for tests. */
const ALONE = 'alone.wgsl';

describe('shaders', () => {
  it('are deterministic: workgroups tell each other nothing within a dispatch, as nothing is atomic', () => {
    expect(shaders.length).toBeGreaterThan(20);
    const atomic = shaders.filter(([, text]) => /\batomic/.test(text.replace(/\/\/.*/g, '')));
    expect(atomic.map(([name]) => name)).toEqual([]);
  });

  it.each(operations.filter(([name]) => name !== ALONE))(
    '%s has a header with equation, layout, cost and reference, and cases of its name',
    (file, text) => {
      const name = file.replace('.wgsl', '');
      const header = /^(?:\/\/.*\n)+/.exec(text)![0];
      expect(header).toMatch(new RegExp(`^// ${name}: `));
      expect(header).toMatch(/^\/\/ Cost\b.*: /m);
      const [, reference] = /^\/\/ Reference: (src\/\S+\.ts)/m.exec(header)!;
      expect(exists(reference), reference).toBe(true);
      expect(exists(`test/kernels/${name}.cases.ts`)).toBe(true);
      if (isKernel(text)) expect(exists(`src/kernels/${name}.ts`), 'host twin').toBe(true);
    },
  );
});
