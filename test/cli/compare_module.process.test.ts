import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Ended, qmix, SMALL, temporaryFolder, withoutProgress } from './command.ts';

/** The one line that a refusal is. */
function refusal({ code, stderr, stdout }: Ended): string {
  expect([code, stdout]).toEqual([1, '']);
  expect(withoutProgress(stderr)).toMatch(/^error: [^\n]*\n$/);
  return stderr;
}

it('a comparison on a module goes on only with the module named, as it was, or as changed on purpose', async () => {
  const folder = temporaryFolder();
  const module = join(folder, 'mine.mjs');
  const out = join(folder, 'comparison');
  copyFileSync('src/env/examples/plates.mjs', module);
  const compare = [
    'compare',
    '--backend',
    'cpu',
    '--environment',
    module,
    ...SMALL,
    '--algorithms',
    'iql,vdn',
  ];
  expect((await qmix(...compare, '--seeds', '3', '--updates', '20', '--out', out)).code).toBe(0);

  const resume = ['compare', '--resume', out];
  expect(refusal(await qmix(...resume))).toContain(
    `which is run only if you name it: --environment ${module}`,
  );
  // Moved, it is the same: what is finished stays, and what is not goes on.
  const moved = join(folder, 'moved.mjs');
  renameSync(module, moved);
  const [iql, vdn] = ['iql', 'vdn'].map((name) => join(out, name, 'summary.json'));
  const before = readFileSync(iql, 'utf8');
  rmSync(vdn);
  expect((await qmix(...resume, '--environment', moved)).code).toBe(0);
  expect(readFileSync(iql, 'utf8')).toBe(before);
  expect(JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')).config.environment).toBe(moved);
  appendFileSync(
    moved,
    "import { writeFileSync } from 'node:fs'; writeFileSync(new URL('ran', import.meta.url), '');\n",
  );
  const changed = refusal(await qmix(...resume, '--environment', moved));
  expect(changed).toMatch(/has SHA-256 [0-9a-f]{64}, allowed: [0-9a-f]{64}/);
  expect(changed).toContain('to use the changed module all the same');
  expect(existsSync(join(folder, 'ran')), 'the changed module ran').toBe(false);
  rmSync(vdn);
  const mixed = await qmix(...resume, '--environment', moved, '--environment-changed');
  expect(mixed.code).toBe(0);
  const versions = [iql, vdn].map((file) => JSON.parse(readFileSync(file, 'utf8')).environmentFingerprint);
  expect(mixed.stdout).toContain(`runs ended on versions of SHA-256 ${versions.join(', ')}.`);
});
