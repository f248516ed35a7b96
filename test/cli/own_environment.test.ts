import { expect, it } from 'vitest';
import { adoptEnvironment, environmentWords, quoted } from '../../src/cli/own_environment.ts';
import { ConfigError } from '../../src/config.ts';
import { makeConfig } from '../../src/presets.ts';

it('a file of an environment that comes with the project goes with no other, and none that was changed', async () => {
  const config = makeConfig('game', { environment: 'matrix' });
  const adopted = (named: object) => adoptEnvironment({ config, fingerprint: '' }, named, 'a.file');
  for (const named of [{}, { environment: 'matrix' }]) expect(await adopted(named)).toEqual(config);
  await expect(adopted({ environment: 'two-step' })).rejects.toThrow(
    new ConfigError('--environment: got "two-step", allowed: matrix, which a.file was made with'),
  );
  await expect(adopted({ environment: 'matrix', environmentChanged: true })).rejects.toThrow(
    new ConfigError('--environment-changed: only where the environment is a module of your own'),
  );
});

it('a path in a command that people copy is quoted where a shell would read more into it', () => {
  expect(quoted('runs/five-1_2.a')).toBe('runs/five-1_2.a');
  expect(quoted('my runs/$five')).toBe("'my runs/$five'");
  expect(quoted("it's")).toBe("'it'\\''s'");
  expect(environmentWords({ environment: 'matrix' }, true)).toBe('');
  expect(environmentWords({ environment: 'my own.mjs' })).toBe(" --environment 'my own.mjs'");
  expect(environmentWords({ environment: 'own.mjs' }, true)).toBe(
    ' --environment own.mjs --environment-changed',
  );
});
