import type { DenseLayer } from './networks.ts';

/**
 * Dense layers over rows of a row-major matrix. All sums run in a fixed order. The inner loops run along
 * contiguous memory, four outputs or rows at a time: V8 does not vectorise, so what counts is independent
 * sums and few loads for each multiplication.
 */

/** Which rows of a matrix a layer works on: first, first + step, … (count of them). */
export interface Rows {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** y[r, o] = b[o] + Σ_i x[r, i] w[o, i], and with `rectified` the larger of that and 0. x [·, I], y [·, O]. */
export function denseForward(
  y: Float64Array,
  x: Float64Array,
  layer: DenseLayer,
  rectified: boolean,
  rows: Rows,
): void {
  const { inputs, outputs, weight, bias } = layer;
  for (let k = 0; k < rows.count; k++) {
    const r = rows.first + k * rows.step;
    const xr = r * inputs;
    const yr = r * outputs;
    let o = 0;
    for (; o + 3 < outputs; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let y0 = bias[o];
      let y1 = bias[o + 1];
      let y2 = bias[o + 2];
      let y3 = bias[o + 3];
      for (let i = 0; i < inputs; i++) {
        const xi = x[xr + i];
        y0 += xi * weight[w0 + i];
        y1 += xi * weight[w1 + i];
        y2 += xi * weight[w2 + i];
        y3 += xi * weight[w3 + i];
      }
      y[yr + o] = rectified && y0 < 0 ? 0 : y0;
      y[yr + o + 1] = rectified && y1 < 0 ? 0 : y1;
      y[yr + o + 2] = rectified && y2 < 0 ? 0 : y2;
      y[yr + o + 3] = rectified && y3 < 0 ? 0 : y3;
    }
    for (; o < outputs; o++) {
      const w0 = o * inputs;
      let y0 = bias[o];
      for (let i = 0; i < inputs; i++) y0 += x[xr + i] * weight[w0 + i];
      y[yr + o] = rectified && y0 < 0 ? 0 : y0;
    }
  }
}

/** ∂L/∂x[r, i] = Σ_o ∂L/∂y[r, o] w[o, i]. Writes dx (=). */
export function denseBackward(dx: Float64Array, dy: Float64Array, layer: DenseLayer, rows: Rows): void {
  const { inputs, outputs, weight } = layer;
  for (let k = 0; k < rows.count; k++) {
    const r = rows.first + k * rows.step;
    const xr = r * inputs;
    const yr = r * outputs;
    dx.fill(0, xr, xr + inputs);
    let o = 0;
    for (; o + 3 < outputs; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      const d0 = dy[yr + o];
      const d1 = dy[yr + o + 1];
      const d2 = dy[yr + o + 2];
      const d3 = dy[yr + o + 3];
      for (let i = 0; i < inputs; i++) {
        dx[xr + i] += d0 * weight[w0 + i] + d1 * weight[w1 + i] + d2 * weight[w2 + i] + d3 * weight[w3 + i];
      }
    }
    for (; o < outputs; o++) {
      const w0 = o * inputs;
      const d0 = dy[yr + o];
      for (let i = 0; i < inputs; i++) dx[xr + i] += d0 * weight[w0 + i];
    }
  }
}

/** Through a rectifier that gave `y`: ∂L/∂y becomes ∂L/∂(its argument); at 0 the derivative is 0, as PyTorch's. */
export function rectifierBackward(dy: Float64Array, y: Float64Array): void {
  for (let j = 0; j < dy.length; j++) if (y[j] === 0) dy[j] = 0;
}

/** ∂L/∂w[o, i] = Σ_r ∂L/∂y[r, o] x[r, i] and ∂L/∂b[o] = Σ_r ∂L/∂y[r, o]. Writes `gradient` (=). */
export function denseGradient(gradient: DenseLayer, dy: Float64Array, x: Float64Array, rows: Rows): void {
  const { inputs, outputs, weight, bias } = gradient;
  const { first, step, count } = rows;
  for (let o = 0; o < outputs; o++) {
    const w0 = o * inputs;
    weight.fill(0, w0, w0 + inputs);
    let sum = 0;
    let k = 0;
    for (; k + 3 < count; k += 4) {
      const r0 = first + k * step;
      const r1 = r0 + step;
      const r2 = r1 + step;
      const r3 = r2 + step;
      const d0 = dy[r0 * outputs + o];
      const d1 = dy[r1 * outputs + o];
      const d2 = dy[r2 * outputs + o];
      const d3 = dy[r3 * outputs + o];
      sum += d0 + d1 + d2 + d3;
      const x0 = r0 * inputs;
      const x1 = r1 * inputs;
      const x2 = r2 * inputs;
      const x3 = r3 * inputs;
      for (let i = 0; i < inputs; i++) {
        weight[w0 + i] += d0 * x[x0 + i] + d1 * x[x1 + i] + d2 * x[x2 + i] + d3 * x[x3 + i];
      }
    }
    for (; k < count; k++) {
      const r0 = first + k * step;
      const d0 = dy[r0 * outputs + o];
      const x0 = r0 * inputs;
      sum += d0;
      for (let i = 0; i < inputs; i++) weight[w0 + i] += d0 * x[x0 + i];
    }
    bias[o] = sum;
  }
}
