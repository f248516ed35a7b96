import { type DeviceReport, listDevices } from '../node/adapter.ts';

/** Prints the WebGPU adapters of this machine, and which one is used and why. Returns the exit code: 1 where there is none. */
export async function devices({ json }: { readonly json: boolean }): Promise<number> {
  const list = await listDevices();
  if (json) {
    process.stdout.write(`${JSON.stringify(list)}\n`);
  } else if (list.chosen) {
    const blocks = list.devices.map((device) => describe(device, device.kind === list.chosen));
    process.stdout.write(`${blocks.join('\n')}\nchosen: ${list.chosen} (${list.why})\n`);
  } else {
    process.stdout.write(`${list.why}\n`);
  }
  return list.chosen ? 0 : 1;
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
