import { appendFileSync, copyFileSync, existsSync } from 'node:fs';
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
  expect((await qmix(...resume, '--environment', module)).code).toBe(0);
  appendFileSync(
    module,
    "import { writeFileSync } from 'node:fs'; writeFileSync(new URL('ran', import.meta.url), '');\n",
  );
  const changed = refusal(await qmix(...resume, '--environment', module));
  expect(changed).toMatch(/has SHA-256 [0-9a-f]{64}, allowed: [0-9a-f]{64}/);
  expect(changed).toContain('to use the changed module all the same');
  expect(existsSync(join(folder, 'ran')), 'the changed module ran').toBe(false);
  expect((await qmix(...resume, '--environment', module, '--environment-changed')).code).toBe(0);
});
