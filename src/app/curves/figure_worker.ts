import { type CurveFigure, drawCurve } from '../../figures/curve.ts';
import { messageOf } from '../message_of.ts';

/** A worker that draws one curve, and is ended then. */

export type FigureAnswer = { readonly svg: string } | { readonly reason: string };

// echarts 6.1 asks for Node's `global` wherever there is no window; this can go once it asks for globalThis.
Object.assign(self, { global: self });

self.onmessage = async ({ data }: MessageEvent<CurveFigure>): Promise<void> => {
  let answer: FigureAnswer;
  try {
    answer = { svg: await drawCurve(data) };
  } catch (error) {
    answer = { reason: messageOf(error) };
  }
  self.postMessage(answer);
};
