import { expect, test } from 'vitest';
import { run } from '../../src/node/run.ts';

/** Runs a shell's script; also the lines that were told. */
async function shell(script: string, options: Parameters<typeof run>[2] = {}) {
  const lines: string[] = [];
  return { ...(await run('sh', ['-c', script], { ...options, onLine: (line) => lines.push(line) })), lines };
}

test('a command is told by its exit code, its lines, and the end of what it said', async () => {
  expect(await shell('echo one; sleep 0.1; echo two; echo three >&2; exit 3')).toEqual({
    code: 3,
    output: expect.stringMatching(/^one\n(two\nthree|three\ntwo)\n$/),
    lines: ['one', 'two'],
  });
  const long = await shell('i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done; echo end');
  expect(long.output).toHaveLength(8000);
  expect(long.output).toMatch(/line 1999\nend\n$/);
  expect(long.lines).toHaveLength(2001);
  // Whatever comes in pieces, lines are whole.
  expect((await shell('printf on; sleep 0.1; printf "e\\ntwo"')).lines).toEqual(['one']);
});

test('a command has the environment of this process, changed as asked', async () => {
  const { output } = await shell('echo $QMIX_TOLD; test -n "$PATH" && echo found', {
    environment: { QMIX_TOLD: 'told' },
  });
  expect(output).toBe('told\nfound\n');
});

test('one that cannot start, is killed or is ended says why', async () => {
  expect(await run('/absent/command', [])).toEqual({ code: -1, output: expect.stringContaining('ENOENT') });
  expect(await shell('echo begun; kill -9 $$')).toMatchObject({
    code: -1,
    output: 'begun\n\nended by SIGKILL',
  });
  const ended = await shell('echo begun; exec sleep 100', { limitSeconds: 1.5, silenceSeconds: 100 });
  expect(ended).toMatchObject({
    code: -1,
    output: expect.stringMatching(/^(begun\n)?\nnot finished after 1\.5 s$/),
  });
  const silent = await shell('exec sleep 100', { limitSeconds: 100, silenceSeconds: 0.5 });
  expect(silent).toMatchObject({ code: -1, output: '\nno sign of progress for 0.5 s' });
});
