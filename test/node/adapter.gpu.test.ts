import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { listDevices, openNodeGpu } from '../../src/node/adapter.ts';
import { findSwiftShader } from '../../src/node/vulkan.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-adapter-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Hides the drivers that are installed for all programs, and puts `drivers` in their place. */
function installDrivers(name: string, drivers: Record<string, string>): void {
  const place = join(folder, name, 'vulkan', 'icd.d');
  mkdirSync(place, { recursive: true });
  for (const [file, text] of Object.entries(drivers)) writeFileSync(join(place, file), text);
  vi.stubEnv('XDG_DATA_DIRS', join(folder, name));
  vi.stubEnv('XDG_DATA_HOME', join(folder, 'empty'));
}

/** An executable that stands for a browser without a software adapter. */
function bareBrowser(): string {
  const path = join(folder, 'bare');
  writeFileSync(path, '#!/bin/sh\nexit 0\n');
  chmodSync(path, 0o755);
  return path;
}

async function failure(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

describe('an adapter that is forced', () => {
  test('by an unknown name is an error with the names allowed', async () => {
    vi.stubEnv('QMIX_ADAPTER', 'voodoo');
    const message = 'QMIX_ADAPTER: got "voodoo", allowed: auto, hardware, lavapipe, swiftshader';
    expect(await failure(openNodeGpu())).toBe(message);
    expect(await failure(listDevices())).toBe(message);
  });

  test('is an error where lavapipe is not installed', async () => {
    vi.stubEnv('QMIX_ADAPTER', 'lavapipe');
    installDrivers('none', {});
    expect(await failure(openNodeGpu())).toBe(
      'No WebGPU adapter was found:\n  lavapipe: not installed (package mesa-vulkan-drivers)',
    );
  });

  test('is an error where its driver cannot be used', async () => {
    vi.stubEnv('QMIX_ADAPTER', 'lavapipe');
    const driver = {
      ICD: { api_version: '1.3.0', library_path: 'libabsent.so' },
      file_format_version: '1.0.0',
    };
    installDrivers('broken', { 'lvp_icd.json': JSON.stringify(driver) });
    expect(await failure(openNodeGpu())).toContain('lvp_icd.json: refused by Dawn (needs Mesa 24)');
  });

  test('is an error where the browser comes without SwiftShader', async () => {
    vi.stubEnv('QMIX_ADAPTER', 'swiftshader');
    vi.stubEnv('QMIX_BROWSER', bareBrowser());
    expect(await failure(openNodeGpu())).toContain(`the browser ${join(folder, 'bare')} comes without it`);
  });

  test('is an error where the browser named is none', async () => {
    vi.stubEnv('QMIX_ADAPTER', 'swiftshader');
    vi.stubEnv('QMIX_BROWSER', join(folder, 'absent'));
    expect(await failure(openNodeGpu())).toContain(`QMIX_BROWSER: got "${join(folder, 'absent')}"`);
  });

  test('opens, with another where one has been opened, and computes', async () => {
    vi.stubEnv('QMIX_ADAPTER', 'swiftshader');
    const opened = await openNodeGpu();
    expect(opened.kind).toBe('swiftshader');
    expect(opened.name).toMatch(/SwiftShader/);
    expect(opened.chosen).toBe('QMIX_ADAPTER=swiftshader');
    const again = await opened.gpu.requestAdapter();
    for (const adapter of [opened.adapter, again]) expect(await doubled(adapter, 21)).toBe(42);
  });
});

describe('the adapter chosen', () => {
  test('is the one that the list names, for the reason it names', async () => {
    const opened = await openNodeGpu();
    const list = await listDevices();
    expect(list.chosen).toBe(opened.kind);
    expect(list.why).toBe(opened.chosen);
    expect(list.devices.map(({ kind }) => kind)).toContain(opened.kind);
    expect(list.devices.find(({ kind }) => kind === opened.kind)).toMatchObject({
      found: true,
      name: opened.name,
    });
    expect(JSON.parse(JSON.stringify(list))).toEqual(list);
    expect(await doubled(opened.adapter, 4)).toBe(8);
  });

  test("is the user's driver where a variable names one, and the variable stays as it is", async () => {
    const { file } = await findSwiftShader(true);
    vi.stubEnv('VK_DRIVER_FILES', file);
    const opened = await openNodeGpu();
    expect(opened.kind).toBe('system');
    expect(opened.name).toMatch(/SwiftShader/);
    expect(opened.chosen).toBe('named by VK_DRIVER_FILES');
    await listDevices();
    expect(process.env.VK_DRIVER_FILES).toBe(file);
  });

  test('is none where nothing is installed: everything tried is named', async () => {
    installDrivers('nothing', {});
    // Hides hardware too, on machines that have it.
    vi.stubEnv('VK_DRIVER_FILES', join(folder, 'absent.json'));
    vi.stubEnv('QMIX_BROWSER', bareBrowser());
    const message = await failure(openNodeGpu({ fetch: false }));
    expect(message.split('\n').map((line) => line.trim().split(':')[0])).toEqual([
      'No WebGPU adapter was found',
      'hardware',
      'lavapipe',
      'swiftshader',
    ]);
    const list = await listDevices({ fetch: false });
    expect(list.chosen).toBeUndefined();
    expect(list.why).toBe(message);
    expect(list.devices.map(({ found }) => found)).toEqual([false, false, false]);
  });
});

/** Twice a number, by the adapter. */
async function doubled(adapter: GPUAdapter | null, value: number): Promise<number | undefined> {
  if (!adapter) throw new Error('no adapter');
  const device = await adapter.requestDevice();
  const code = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
    @compute @workgroup_size(1) fn main() { x[0] = 2 * x[0]; }`;
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: 'auto', compute });
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: 4, usage });
  const read = device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, new Float32Array([value]));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const layout = pipeline.getBindGroupLayout(0);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, read, 0, 4);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const [result] = new Float32Array(read.getMappedRange());
  device.destroy();
  return result;
}
