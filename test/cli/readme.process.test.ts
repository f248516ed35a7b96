import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qmix, SMALL, temporaryFolder } from './command.ts';

const readme = readFileSync('README.md', 'utf8');
/** Commands as the README has users type them, or names them in a sentence; each with what follows it there. */
const typed = [
  ...readme.matchAll(/^npm run --silent qmix -- ([\w-]+)([^\n#]*)/gm),
  ...readme.matchAll(/`(?:npm run --silent qmix -- )?([a-z][a-z-]+)((?:\s+--?[^`]*)?)`/g),
].map(([, name, rest]) => ({ name, options: rest.match(/--[a-z][a-z-]*/g) ?? [] }));

const helpOf = async (...command: string[]): Promise<string> => {
  const { code, stdout } = await qmix(...command, '--help');
  expect(code, command.join(' ')).toBe(0);
  expect(stdout).toContain(`Usage: qmix ${command.join(' ')}`.trimEnd());
  return stdout;
};

describe('every command of the README', () => {
  it('is one of the command line, which has no other, and has the options that stand behind it', async () => {
    const commands = [...(await helpOf()).matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name]) => name);
    const shown = readme.matchAll(/^npm run --silent qmix -- ([\w-]+)/gm);
    expect([...new Set([...shown].map(([, name]) => name))].sort()).toEqual(commands.toSorted());
    let options = 0;
    for (const command of commands) {
      const help = await helpOf(command);
      const told = new Set([
        '--json',
        ...typed.filter(({ name }) => name === command).flatMap((own) => own.options),
      ]);
      const known = new Set(help.match(/(?<=^ {2})--[a-z-]+|(?<=, )--help/gm));
      expect(
        [...told].filter((option) => !known.has(option)),
        command,
      ).toEqual([]);
      options += told.size;
    }
    expect(options).toBeGreaterThan(30);
  });

  /** `bench` has it in bench.process.test.ts, as it takes longer. */
  it('prints one JSON object on standard output, and nothing else there, with --json', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    const small = [
      '--backend',
      'cpu',
      ...SMALL,
      '--environment',
      'two-step',
      '--updates',
      '30',
      '--seeds',
      '1',
    ];
    for (const args of [
      ['train', ...small, '--out', run],
      ['evaluate', run],
      ['export', run, '--out', join(folder, 'policy.safetensors')],
      ['inspect', run],
      ['sweep', ...small, '--vary', 'gamma=0.9,0.99', '--out', join(folder, 'sweep')],
      ['compare', ...small, '--algorithms', 'vdn,qmix', '--out', join(folder, 'comparison')],
      ['check-environment', 'src/env/examples/plates.mjs'],
      ['devices'],
    ]) {
      const { code, stdout } = await qmix(...args, '--json');
      expect(code, args[0]).toBe(0);
      expect(stdout.indexOf('\n'), args[0]).toBe(stdout.length - 1);
      expect(JSON.parse(stdout), args[0]).toBeTypeOf('object');
    }
  });

  it('saves every minute, where nothing else is said', async () => {
    expect(readme).toContain('every minute (`--save-seconds`)');
    for (const command of ['train', 'sweep', 'compare']) {
      expect((await helpOf(command)).replace(/\s+/g, ' ')).toMatch(
        /--save-seconds <n> [^-]*\(default: "60"\)/,
      );
    }
  });
});
