import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../../src/node/run.ts';
import { qmix, start, temporaryFolder, untilRunning } from './command.ts';

const launcher = fileURLToPath(new URL('../../src/cli/launch.mjs', import.meta.url));

/** Runs `qmix devices`; what it printed on standard output. */
async function devices(args: readonly string[], environment: Record<string, string>) {
  const lines: string[] = [];
  const { code } = await run(process.execPath, [launcher, 'devices', ...args], {
    environment,
    onLine: (line) => lines.push(line),
  });
  return { code, lines };
}

test('devices --json prints one object, with the adapter chosen among those found', async () => {
  const { code, lines } = await devices(['--json'], { QMIX_ADAPTER: 'swiftshader' });
  expect(code).toBe(0);
  expect(lines).toHaveLength(1);
  const list = JSON.parse(lines[0] as string);
  expect(list).toMatchObject({ chosen: 'swiftshader', why: 'QMIX_ADAPTER=swiftshader' });
  const { found, limits } = list.devices.find(({ kind }: { kind: string }) => kind === 'swiftshader');
  expect(found).toBe(true);
  expect(limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8);
});

test('devices marks the adapter chosen, with its driver, and says why', async () => {
  const { code, lines } = await devices([], { QMIX_ADAPTER: 'swiftshader' });
  expect(code).toBe(0);
  expect(lines.filter((line) => line.startsWith('* '))).toEqual([expect.stringMatching(/^\* swiftshader: /)]);
  expect(lines).toContainEqual(expect.stringMatching(/^ +driver: SwiftShader/));
  expect(lines.at(-1)).toBe('chosen: swiftshader (QMIX_ADAPTER=swiftshader)');
  const vendor = lines.filter((line) =>
    line.startsWith('    vendor google, architecture swiftshader, device '),
  );
  expect(vendor).toHaveLength(1);
  expect(lines.filter((line) => /^ {4}maxComputeInvocationsPerWorkgroup: [\d,]+$/.test(line))).not.toEqual(
    [],
  );
});

test('devices --tune measures, whatever is known of such adapters', async () => {
  const environment = { QMIX_ADAPTER: 'swiftshader', QMIX_CACHE: temporaryFolder() };
  const measuring = start(['devices', '--tune'], environment);
  await untilRunning(measuring, 'it has told what it tries', () => measuring.told().includes('\ntrying '));
  measuring.child.kill('SIGKILL');
  await measuring.ended;
});

test('devices without any adapter exits with 1 and the reason', async () => {
  const environment = { QMIX_ADAPTER: 'swiftshader', QMIX_BROWSER: '/absent/chrome' };
  const { code, lines } = await devices([], environment);
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [
      'No WebGPU adapter was found:',
      '  swiftshader: QMIX_BROWSER: got "/absent/chrome", allowed: the path of a browser\'s executable',
    ],
  });
  expect((await devices(['--json'], environment)).lines.map((line) => JSON.parse(line).chosen)).toEqual([
    undefined,
  ]);
});

test('Dawn looks at lavapipe once, and so warns of its limits once', async () => {
  const { code, stderr } = await qmix('devices');
  expect(code).toBe(0);
  const warnings = stderr.split('\n').filter((line) => line.includes('reduced from 1000000'));
  expect(new Set(warnings).size).toBe(warnings.length);
});
