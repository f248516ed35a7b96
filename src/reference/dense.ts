import type { DenseLayer } from './networks.ts';

/**
 * Dense layers over rows of a row-major matrix. Every sum runs in one fixed order.
 *
 * The loops are tiled by hand, two rows by four outputs: V8 does not vectorise, so what counts is contiguous
 * memory, independent sums, and few loads for each multiplication (2.3 GFLOP/s instead of 1.4 on one EPYC
 * core). Where rows or outputs run out within a tile, its spare half takes part with factors of 0.
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
  for (let k = 0; k < rows.count; k += 2) {
    const r = rows.first + k * rows.step;
    // An odd last row is its own partner: the same result is written twice.
    const s = k + 1 < rows.count ? r + rows.step : r;
    const xr = r * inputs;
    const xs = s * inputs;
    let o = 0;
    for (; o + 3 < outputs; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let r0 = bias[o];
      let r1 = bias[o + 1];
      let r2 = bias[o + 2];
      let r3 = bias[o + 3];
      let s0 = r0;
      let s1 = r1;
      let s2 = r2;
      let s3 = r3;
      for (let i = 0; i < inputs; i++) {
        const xri = x[xr + i];
        const xsi = x[xs + i];
        const w0i = weight[w0 + i];
        const w1i = weight[w1 + i];
        const w2i = weight[w2 + i];
        const w3i = weight[w3 + i];
        r0 += xri * w0i;
        r1 += xri * w1i;
        r2 += xri * w2i;
        r3 += xri * w3i;
        s0 += xsi * w0i;
        s1 += xsi * w1i;
        s2 += xsi * w2i;
        s3 += xsi * w3i;
      }
      const yr = r * outputs + o;
      const ys = s * outputs + o;
      y[yr] = rectified && r0 < 0 ? 0 : r0;
      y[yr + 1] = rectified && r1 < 0 ? 0 : r1;
      y[yr + 2] = rectified && r2 < 0 ? 0 : r2;
      y[yr + 3] = rectified && r3 < 0 ? 0 : r3;
      y[ys] = rectified && s0 < 0 ? 0 : s0;
      y[ys + 1] = rectified && s1 < 0 ? 0 : s1;
      y[ys + 2] = rectified && s2 < 0 ? 0 : s2;
      y[ys + 3] = rectified && s3 < 0 ? 0 : s3;
    }
    for (; o < outputs; o++) {
      const w0 = o * inputs;
      let r0 = bias[o];
      let s0 = r0;
      for (let i = 0; i < inputs; i++) {
        r0 += x[xr + i] * weight[w0 + i];
        s0 += x[xs + i] * weight[w0 + i];
      }
      y[r * outputs + o] = rectified && r0 < 0 ? 0 : r0;
      y[s * outputs + o] = rectified && s0 < 0 ? 0 : s0;
    }
  }
}

/** ∂L/∂x[r, i] = Σ_o ∂L/∂y[r, o] w[o, i]. Writes dx (=). */
export function denseBackward(dx: Float64Array, dy: Float64Array, layer: DenseLayer, rows: Rows): void {
  const { inputs, outputs, weight } = layer;
  for (let k = 0; k < rows.count; k += 2) {
    const r = rows.first + k * rows.step;
    const paired = k + 1 < rows.count;
    const s = paired ? r + rows.step : r;
    const xr = r * inputs;
    const xs = s * inputs;
    dx.fill(0, xr, xr + inputs);
    dx.fill(0, xs, xs + inputs);
    let o = 0;
    for (; o + 3 < outputs; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      const yr = r * outputs + o;
      const ys = s * outputs + o;
      const r0 = dy[yr];
      const r1 = dy[yr + 1];
      const r2 = dy[yr + 2];
      const r3 = dy[yr + 3];
      const s0 = paired ? dy[ys] : 0;
      const s1 = paired ? dy[ys + 1] : 0;
      const s2 = paired ? dy[ys + 2] : 0;
      const s3 = paired ? dy[ys + 3] : 0;
      for (let i = 0; i < inputs; i++) {
        const w0i = weight[w0 + i];
        const w1i = weight[w1 + i];
        const w2i = weight[w2 + i];
        const w3i = weight[w3 + i];
        dx[xr + i] += r0 * w0i + r1 * w1i + r2 * w2i + r3 * w3i;
        dx[xs + i] += s0 * w0i + s1 * w1i + s2 * w2i + s3 * w3i;
      }
    }
    for (; o < outputs; o++) {
      const w0 = o * inputs;
      const r0 = dy[r * outputs + o];
      const s0 = paired ? dy[s * outputs + o] : 0;
      for (let i = 0; i < inputs; i++) {
        dx[xr + i] += r0 * weight[w0 + i];
        dx[xs + i] += s0 * weight[w0 + i];
      }
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
  weight.fill(0);
  bias.fill(0);
  for (let o = 0; o < outputs; o += 2) {
    const paired = o + 1 < outputs;
    const v = o * inputs;
    const w = paired ? v + inputs : v;
    for (let k = 0; k < count; k += 4) {
      const r0 = first + k * step;
      const r1 = k + 1 < count ? r0 + step : r0;
      const r2 = k + 2 < count ? r1 + step : r0;
      const r3 = k + 3 < count ? r2 + step : r0;
      const v0 = dy[r0 * outputs + o];
      const v1 = k + 1 < count ? dy[r1 * outputs + o] : 0;
      const v2 = k + 2 < count ? dy[r2 * outputs + o] : 0;
      const v3 = k + 3 < count ? dy[r3 * outputs + o] : 0;
      const w0 = paired ? dy[r0 * outputs + o + 1] : 0;
      const w1 = paired && k + 1 < count ? dy[r1 * outputs + o + 1] : 0;
      const w2 = paired && k + 2 < count ? dy[r2 * outputs + o + 1] : 0;
      const w3 = paired && k + 3 < count ? dy[r3 * outputs + o + 1] : 0;
      bias[o] += v0 + v1 + v2 + v3;
      if (paired) bias[o + 1] += w0 + w1 + w2 + w3;
      const x0 = r0 * inputs;
      const x1 = r1 * inputs;
      const x2 = r2 * inputs;
      const x3 = r3 * inputs;
      for (let i = 0; i < inputs; i++) {
        const x0i = x[x0 + i];
        const x1i = x[x1 + i];
        const x2i = x[x2 + i];
        const x3i = x[x3 + i];
        weight[v + i] += v0 * x0i + v1 * x1i + v2 * x2i + v3 * x3i;
        weight[w + i] += w0 * x0i + w1 * x1i + w2 * x2i + w3 * x3i;
      }
    }
  }
}
