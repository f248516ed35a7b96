import { drawCurve, type LearnerCurve } from '../../figures/curve.ts';

/** A worker that draws one curve, and is ended then. */

export interface FigureQuestion {
  readonly title: string;
  readonly learners: readonly LearnerCurve[];
}
export type FigureAnswer = { readonly svg: string } | { readonly reason: string };

// echarts 6.1 asks for Node's `global` wherever there is no window; this can go once it asks for globalThis.
Object.assign(self, { global: self });

self.onmessage = async ({ data }: MessageEvent<FigureQuestion>): Promise<void> => {
  let answer: FigureAnswer;
  try {
    answer = { svg: await drawCurve(data.title, data.learners) };
  } catch (error) {
    answer = { reason: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
};
