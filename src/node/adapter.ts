import { ConfigError, show } from '../config_error.ts';
import { adapterName } from '../gpu/gpu.ts';
import { createDawn, requestAdapter } from './dawn.ts';
import { driverVariable, findLavapipe, findSwiftShader, installedDrivers, loadVulkan } from './vulkan.ts';

/** The kinds of adapter that Node can have, in the order in which they are preferred. */
const KINDS = ['hardware', 'lavapipe', 'swiftshader'] as const;
type Kind = (typeof KINDS)[number];

export interface NodeGpuOptions {
  /** A browser may be downloaded or installed for its software adapter where there is no other. Default true. */
  readonly fetch?: boolean;
  /** Receives progress of such a download, a line at a time. Default: standard error. */
  readonly log?: (line: string) => void;
}

export interface NodeGpu {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** The adapter's name, for people. */
  readonly name: string;
  readonly kind: Kind | 'system';
  /** Why this adapter and no other. */
  readonly chosen: string;
}

interface Found {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
}

/** An adapter that was looked for: what was found, or why nothing was. */
interface Probe {
  readonly kind: Kind | 'system';
  readonly found?: Found;
  /** A software adapter that came up where hardware was looked for. */
  readonly passed?: Found;
  /** Where it was found, or why it was not. */
  readonly detail: string;
}

export interface DeviceReport {
  readonly kind: Kind | 'system';
  readonly found: boolean;
  readonly detail: string;
  readonly name?: string;
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  /** Name and version of the driver, where the adapter tells. */
  readonly description?: string;
  /** Bytes, except for counts of invocations, workgroups and buffers. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly features?: readonly string[];
}

export interface DeviceList {
  readonly devices: readonly DeviceReport[];
  /** The one that training would take; none where `why` is the reason. */
  readonly chosen?: Kind | 'system';
  readonly why: string;
}

/**
 * Opens the best WebGPU adapter this machine has, in Dawn: hardware, else lavapipe, else the SwiftShader that
 * comes with a browser, which is fetched where there is none. Environment variable
 * QMIX_ADAPTER=auto|hardware|lavapipe|swiftshader forces one. Installs WebGPU's constants (GPUBufferUsage, …)
 * as globals.
 * @throws ConfigError with each kind that was tried and why it failed.
 */
export async function openNodeGpu(options: NodeGpuOptions = {}): Promise<NodeGpu> {
  const wanted = wantedKinds();
  const failed: Probe[] = [];
  for (const kind of wanted) {
    const probe = await look(kind, wanted.length > 1, options, failed);
    if (probe.found) return chosen(probe, failed, wanted.length === 1);
    failed.push(probe);
  }
  throw new ConfigError(noAdapter(failed));
}

/** Every kind of adapter, found or not, and which one `openNodeGpu` would take. Throws ConfigError only for a bad QMIX_ADAPTER. */
export async function listDevices(options: NodeGpuOptions = {}): Promise<DeviceList> {
  const wanted = wantedKinds();
  const probes = new Map<Kind, Probe>();
  for (const kind of KINDS) {
    const earlier = [...probes.values()];
    probes.set(kind, await look(kind, wanted.length > 1, { ...options, fetch: false }, earlier));
  }
  const last = wanted[wanted.length - 1] as Kind;
  if (options.fetch !== false && last === 'swiftshader' && !wanted.some((kind) => probes.get(kind)?.found)) {
    probes.set(last, await look(last, wanted.length > 1, options));
  }
  const inOrder = wanted.map((kind) => probes.get(kind) as Probe);
  const best = inOrder.findIndex((probe) => probe.found);
  const devices = [...probes.values()].map(report);
  if (best < 0) return { devices, why: noAdapter(inOrder) };
  const choice = chosen(inOrder[best] as Probe, inOrder.slice(0, best), wanted.length === 1);
  return { devices, chosen: choice.kind, why: choice.chosen };
}

/** The kinds to look for, in order. Throws ConfigError for a QMIX_ADAPTER that is none of them. */
export function wantedKinds(): readonly Kind[] {
  const value = process.env.QMIX_ADAPTER || 'auto';
  if (value === 'auto') return process.platform === 'linux' ? KINDS : ['hardware'];
  const forced = KINDS.find((kind) => kind === value);
  if (!forced) throw new ConfigError(`QMIX_ADAPTER: got ${show(value)}, allowed: auto, ${KINDS.join(', ')}`);
  return [forced];
}

/**
 * @param auto the kind was not asked for by name, so that what the user's own settings lead to is as good.
 * @param earlier what was looked for before.
 */
async function look(
  kind: Kind,
  auto: boolean,
  options: NodeGpuOptions,
  earlier: readonly Probe[] = [],
): Promise<Probe> {
  try {
    if (kind === 'hardware') return await lookForHardware(auto || process.platform !== 'linux');
    if (process.platform !== 'linux') return { kind, detail: 'used on Linux only' };
    const driver =
      kind === 'lavapipe' ? findLavapipe() : await findSwiftShader(options.fetch ?? true, options.log);
    // Each instance of Dawn that sees lavapipe prints two warnings about limits, for which it has no switch.
    const passed = earlier.find((probe) => probe.passed)?.passed;
    if (kind === 'lavapipe' && passed && /llvmpipe/.test(adapterName(passed.adapter.info))) {
      return { kind, found: passed, detail: driver.file };
    }
    loadVulkan(driver.folder);
    const gpu = await createDawn(driver.file);
    const adapter = await requestAdapter(gpu, driver.file);
    if (adapter) return { kind, found: { gpu, adapter }, detail: driver.file };
    return {
      kind,
      detail: `${driver.file}: refused by Dawn${kind === 'lavapipe' ? ' (needs Mesa 24)' : ''}`,
    };
  } catch (error) {
    return { kind, detail: error instanceof Error ? error.message : String(error) };
  }
}

async function lookForHardware(auto: boolean): Promise<Probe> {
  const variable = driverVariable();
  if (process.platform === 'linux') {
    if (!variable && installedDrivers().length === 0) {
      return { kind: 'hardware', detail: 'no Vulkan driver is installed' };
    }
    loadVulkan();
  }
  const gpu = await createDawn();
  const adapter = await requestAdapter(gpu);
  if (!adapter) return { kind: 'hardware', detail: 'no adapter' };
  const found = { gpu, adapter };
  if (!adapter.info.isFallbackAdapter) return { kind: 'hardware', found, detail: 'found by the system' };
  // Whoever sets the variable wants that driver; and where the system brings a software adapter, it is the only one.
  if (auto && variable) return { kind: 'system', found, detail: `named by ${variable}` };
  if (auto && process.platform !== 'linux') return { kind: 'system', found, detail: 'a software adapter' };
  return {
    kind: 'hardware',
    detail: `only a software adapter: ${adapterName(adapter.info)}`,
    passed: found,
  };
}

function chosen(probe: Probe, failed: readonly Probe[], forced: boolean): NodeGpu {
  const { gpu, adapter } = probe.found as NonNullable<Probe['found']>;
  const why = forced && process.platform === 'linux' ? [`QMIX_ADAPTER=${probe.kind}`] : [probe.detail];
  const reasons = [...why, ...failed.map(({ kind, detail }) => `no ${kind}: ${detail}`)];
  return { gpu, adapter, name: adapterName(adapter.info), kind: probe.kind, chosen: reasons.join('; ') };
}

const noAdapter = (failed: readonly Probe[]): string =>
  [
    'No WebGPU adapter was found:',
    ...failed.map(({ kind, detail }) => `  ${kind}: ${detail.replaceAll('\n', '\n    ')}`),
  ].join('\n');

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

function report({ kind, found, detail }: Probe): DeviceReport {
  if (!found) return { kind, found: false, detail };
  const { info, limits, features } = found.adapter;
  return {
    kind,
    found: true,
    detail,
    name: adapterName(info),
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    limits: Object.fromEntries(LIMITS.map((name) => [name, Number(limits[name])])),
    features: ['timestamp-query', 'shader-f16', 'subgroups'].filter((name) => features.has(name)),
  };
}
