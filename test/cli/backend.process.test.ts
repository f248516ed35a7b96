import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SMALL, start, temporaryFolder } from './command.ts';

/** No driver, and no software adapter asked for: a machine without any adapter. */
const NO_ADAPTER = { VK_DRIVER_FILES: '/nonexistent/driver.json', QMIX_ADAPTER: 'hardware' };

const train = (backend: string, out: string, environment: Record<string, string> = NO_ADAPTER) =>
  start(['train', ...SMALL, '--updates', '5', '--backend', backend, '--out', out, '--json'], environment)
    .ended;

describe('a machine without an adapter', () => {
  it('trains on the reference where the backend is left open, and says so', async () => {
    const { code, stdout, stderr } = await train('auto', join(temporaryFolder(), 'run'));
    expect(code).toBe(0);
    expect(stderr).toContain('no WebGPU adapter, so the float64 reference on the CPU is used');
    expect(JSON.parse(stdout).backend).toBe('cpu');
  });

  it('refuses --backend webgpu, and leaves no folder behind', async () => {
    const out = join(temporaryFolder(), 'run');
    const { code, stdout, stderr } = await train('webgpu', out);
    expect(code).toBe(1);
    expect(stderr).toContain('error: No WebGPU adapter was found:');
    expect(JSON.parse(stdout).error).toContain('No WebGPU adapter was found:');
    expect(existsSync(out)).toBe(false);
  });

  it('is not what a misspelt QMIX_ADAPTER is taken for', async () => {
    const { code, stderr } = await train('auto', join(temporaryFolder(), 'run'), { QMIX_ADAPTER: 'lavapie' });
    expect(code).toBe(1);
    expect(stderr).toContain('QMIX_ADAPTER: got "lavapie", allowed: auto, hardware, lavapipe, swiftshader');
  });
});
