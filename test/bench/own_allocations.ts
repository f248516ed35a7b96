import { Session } from 'node:inspector/promises';

/** Bytes allocated on the heap, by who did it. */
export interface Allocations {
  /** By this project's own functions (src/), as `function (file:line)`. */
  readonly own: ReadonlyMap<string, number>;
  readonly ownBytes: number;
  /** By everything: API objects, promises of the runtime, and the project's. */
  readonly allBytes: number;
}

/** Bytes between two samples. What is found is off by about the root of (bytes found · this). */
export const SAMPLING = 16;

interface Node {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly Node[];
}

/** What `work` allocates, garbage included, by V8's sampling heap profiler. */
export async function allocationsOf(work: () => Promise<void>): Promise<Allocations> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: SAMPLING,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as never);
    await work();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    const own = new Map<string, number>();
    let allBytes = 0;
    const visit = ({ callFrame, selfSize, children }: Node): void => {
      allBytes += selfSize;
      const file = /\/(src\/.*?)(\?|$)/.exec(callFrame.url)?.[1];
      if (file && selfSize > 0) {
        const name = `${callFrame.functionName || 'anonymous'} (${file}:${callFrame.lineNumber + 1})`;
        own.set(name, (own.get(name) ?? 0) + selfSize);
      }
      for (const child of children) visit(child);
    };
    visit(profile.head as Node);
    const ownBytes = [...own.values()].reduce((sum, bytes) => sum + bytes, 0);
    return { own, ownBytes, allBytes };
  } finally {
    session.disconnect();
  }
}
