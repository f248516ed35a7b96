import type { Gpu } from '../gpu/gpu.ts';
import type { Tuning } from '../kernels/tuning.ts';
import { knownTuning } from '../learner/known_tuning.ts';
import { learnerOptions } from '../learner/learner.ts';
import { describeTuning } from '../learner/measure_tuning.ts';
import { recall, tune } from '../learner/tune.ts';
import { type DeviceReport, listDevices } from '../node/adapter.ts';
import { tuningFile } from '../node/tuning_file.ts';
import { makeConfig } from '../presets.ts';
import { configuredShape } from '../train/environments.ts';
import { openWebGpu } from './backend.ts';
import { print, printJson, say } from './output.ts';

export interface DevicesOptions {
  readonly json?: boolean;
  /** Measure how kernels are best cut up on the adapter chosen, and keep it. */
  readonly tune?: boolean;
}

/** Prints the WebGPU adapters of this machine, and which one is used and why. Returns the exit code: 1 where there is none. */
export async function devices({ json, tune: measures }: DevicesOptions): Promise<number> {
  const list = await listDevices();
  if (!list.chosen) {
    print(json ? `${JSON.stringify(list)}\n` : `${list.why}\n`);
    return 1;
  }
  const gpu = await openWebGpu();
  try {
    const tuning = await tuningInUse(gpu, measures === true);
    if (json) {
      printJson({ ...list, tuning });
    } else {
      const blocks = list.devices.map((device) => describe(device, device.kind === list.chosen));
      const choice = tuning.choice ? describeTuning(tuning.choice) : 'not yet measured';
      print(
        `${blocks.join('\n')}\ntuning of preset ${PRESET}, one learner: ${choice} (${tuning.source})\n` +
          `chosen: ${list.chosen} (${list.why})\n`,
      );
    }
  } finally {
    gpu.destroy();
  }
  return 0;
}

/** Whose sizes the tuning is shown for, and measured. */
const PRESET = 'solve';

/** How kernels are cut up on this adapter, and why so. */
async function tuningInUse(
  gpu: Gpu,
  measures: boolean,
): Promise<{ readonly choice?: Tuning; readonly source: string }> {
  const config = makeConfig(PRESET);
  const options = learnerOptions(config, configuredShape(config));
  if (measures) {
    const choice = await tune(gpu, options, (text) => say(`trying ${text}`));
    return { choice, source: `measured now, kept in ${tuningFile()}` };
  }
  const remembered = await recall(gpu, options);
  if (remembered) return { choice: remembered, source: `measured, from ${tuningFile()}` };
  const known = knownTuning(gpu, options);
  if (known) return { choice: known, source: 'known of such adapters' };
  return { source: 'at the first use of these sizes, or by devices --tune' };
}

function describe(device: DeviceReport, chosen: boolean): string {
  const title = `${chosen ? '*' : ' '} ${device.kind}: `;
  if (!device.found) return `${title}not found (${device.detail})\n`;
  const lines = [
    `${title}${device.name}`,
    `    found: ${device.detail}`,
    `    vendor ${device.vendor || 'not told'}, architecture ${device.architecture || 'not told'}, device ${device.device || 'not told'}`,
    `    driver: ${device.description || 'not told'}`,
    `    features: ${device.features?.join(', ') || 'none of those used'}`,
    ...Object.entries(device.limits ?? {}).map(
      ([name, value]) => `    ${name}: ${value.toLocaleString('en')}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
