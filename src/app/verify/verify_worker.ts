import type { Gpu } from '../../gpu/gpu.ts';
import { type Outcome, refused, verifyOrRefuse } from '../../verify/outcome.ts';
import { openBrowserGpu } from '../backend.ts';
import { messageOf } from '../message_of.ts';
import type { VectorSource, VerifyCommand, VerifyMessage } from './verify_protocol.ts';

/** The worker that verifies. To stop, the page ends it and makes another. */

const tell = (message: VerifyMessage): void => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<VerifyCommand>): void => {
  void verify(data.files).catch((error) => tell({ type: 'failed', reason: messageOf(error) }));
};

async function verify(files: readonly VectorSource[]): Promise<void> {
  let gpu: Gpu;
  try {
    gpu = await openBrowserGpu();
    tell({ type: 'opened', adapter: gpu.name, software: gpu.software });
  } catch (error) {
    tell({ type: 'impossible', reason: messageOf(error) });
    return;
  }
  try {
    for (const source of files) {
      tell({ type: 'begun', file: source.name });
      tell({ type: 'outcome', outcome: await verifyOne(gpu, source) });
    }
    tell({ type: 'finished' });
  } finally {
    gpu.destroy();
  }
}

/** A file that cannot be loaded fails by its name, as a broken one does; the others are still verified. */
async function verifyOne(gpu: Gpu, { name, url }: VectorSource): Promise<Outcome> {
  let bytes: Uint8Array;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    return refused(name, `could not be loaded: ${messageOf(error)}`);
  }
  return verifyOrRefuse(gpu, bytes, name);
}
