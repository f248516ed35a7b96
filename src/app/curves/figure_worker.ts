import { drawCurve, type LearnerCurve } from '../../figures/curve.ts';

/** A worker that draws one curve, and is ended then. */

export interface FigureQuestion {
  readonly title: string;
  readonly learners: readonly LearnerCurve[];
}
export type FigureAnswer = { readonly svg: string } | { readonly reason: string };

self.onmessage = async ({ data }: MessageEvent<FigureQuestion>): Promise<void> => {
  let answer: FigureAnswer;
  try {
    answer = { svg: await drawCurve(data.title, data.learners) };
  } catch (error) {
    answer = { reason: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
};
