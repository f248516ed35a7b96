// matmul: C = A B, the yardstick of `bench`: how many multiply-adds a second this adapter can be brought to
// a (M, K), b (K, N), c (M, N), row-major, in quads along K and N. Writes c (=). Nothing that trains runs it.
// What is fastest differs from adapter to adapter, so there are several ways; the fastest is the peak:
//   rows4   4 rows x 8 columns a thread, everything from storage
//   rows8   8 rows x 4 columns a thread, everything from storage
//   staged  8 rows x 8 columns a thread; the workgroup's rows of A stand in workgroup memory, behind one barrier
//   tiled   8 rows x 4 columns a thread, 64 x 64 a workgroup; pieces of A and B in workgroup memory
// Sums are kept in single variables: SwiftShader keeps arrays in memory.
// Workgroups of the first three: (N / (columns · WORKGROUP), M / rows); of tiled: (N / 64, M / 64).
// Cost: 2·M·N·K FLOP
// Reference: src/bench/matmul.ts

// Its numbers are what compilers cannot see: loops of known length would be unrolled.
struct Call {
  k4: u32,
  n4: u32,
}

@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(3) var<uniform> call: Call;

override WORKGROUP: u32;

// y + x W for four rows of W, one after another.
fn accumulate(y: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], y))));
}

// Rows 4k..4k+3 of B, column quad o.
fn weights(k: u32, o: u32) -> mat4x4f {
  let at = 4u * k * call.n4 + o;
  return mat4x4f(b[at], b[at + call.n4], b[at + 2u * call.n4], b[at + 3u * call.n4]);
}

@compute @workgroup_size(WORKGROUP)
fn rows4(@builtin(global_invocation_id) id: vec3u) {
  let o = 2u * id.x;
  let row = 4u * id.y;
  let k4 = call.k4;
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  var z0 = vec4f();
  var z1 = vec4f();
  var z2 = vec4f();
  var z3 = vec4f();
  for (var k = 0u; k < k4; k++) {
    let w = weights(k, o);
    let v = weights(k, o + 1u);
    let at = row * k4 + k;
    let x0 = a[at];
    y0 = accumulate(y0, x0, w);
    z0 = accumulate(z0, x0, v);
    let x1 = a[at + k4];
    y1 = accumulate(y1, x1, w);
    z1 = accumulate(z1, x1, v);
    let x2 = a[at + 2u * k4];
    y2 = accumulate(y2, x2, w);
    z2 = accumulate(z2, x2, v);
    let x3 = a[at + 3u * k4];
    y3 = accumulate(y3, x3, w);
    z3 = accumulate(z3, x3, v);
  }
  let out = row * call.n4 + o;
  c[out] = y0;
  c[out + 1u] = z0;
  c[out + call.n4] = y1;
  c[out + call.n4 + 1u] = z1;
  c[out + 2u * call.n4] = y2;
  c[out + 2u * call.n4 + 1u] = z2;
  c[out + 3u * call.n4] = y3;
  c[out + 3u * call.n4 + 1u] = z3;
}

@compute @workgroup_size(WORKGROUP)
fn rows8(@builtin(global_invocation_id) id: vec3u) {
  let o = id.x;
  let row = 8u * id.y;
  let k4 = call.k4;
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  var y4 = vec4f();
  var y5 = vec4f();
  var y6 = vec4f();
  var y7 = vec4f();
  for (var k = 0u; k < k4; k++) {
    let w = weights(k, o);
    let at = row * k4 + k;
    y0 = accumulate(y0, a[at], w);
    y1 = accumulate(y1, a[at + k4], w);
    y2 = accumulate(y2, a[at + 2u * k4], w);
    y3 = accumulate(y3, a[at + 3u * k4], w);
    y4 = accumulate(y4, a[at + 4u * k4], w);
    y5 = accumulate(y5, a[at + 5u * k4], w);
    y6 = accumulate(y6, a[at + 6u * k4], w);
    y7 = accumulate(y7, a[at + 7u * k4], w);
  }
  let out = row * call.n4 + o;
  c[out] = y0;
  c[out + call.n4] = y1;
  c[out + 2u * call.n4] = y2;
  c[out + 3u * call.n4] = y3;
  c[out + 4u * call.n4] = y4;
  c[out + 5u * call.n4] = y5;
  c[out + 6u * call.n4] = y6;
  c[out + 7u * call.n4] = y7;
}

// Eight rows of up to 384 numbers, quad by quad: 12 KiB of the 16 that every adapter has.
const STAGED_K4 = 96u;
var<workgroup> panel: array<vec4f, 8u * STAGED_K4>;

@compute @workgroup_size(WORKGROUP)
fn staged(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let o = 2u * id.x;
  let row = 8u * id.y;
  let k4 = call.k4;
  for (var i = thread; i < 8u * k4; i += WORKGROUP) {
    panel[i % k4 * 8u + i / k4] = a[row * k4 + i];
  }
  workgroupBarrier();
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  var y4 = vec4f();
  var y5 = vec4f();
  var y6 = vec4f();
  var y7 = vec4f();
  var z0 = vec4f();
  var z1 = vec4f();
  var z2 = vec4f();
  var z3 = vec4f();
  var z4 = vec4f();
  var z5 = vec4f();
  var z6 = vec4f();
  var z7 = vec4f();
  for (var k = 0u; k < k4; k++) {
    let w = weights(k, o);
    let v = weights(k, o + 1u);
    let x0 = panel[8u * k];
    y0 = accumulate(y0, x0, w);
    z0 = accumulate(z0, x0, v);
    let x1 = panel[8u * k + 1u];
    y1 = accumulate(y1, x1, w);
    z1 = accumulate(z1, x1, v);
    let x2 = panel[8u * k + 2u];
    y2 = accumulate(y2, x2, w);
    z2 = accumulate(z2, x2, v);
    let x3 = panel[8u * k + 3u];
    y3 = accumulate(y3, x3, w);
    z3 = accumulate(z3, x3, v);
    let x4 = panel[8u * k + 4u];
    y4 = accumulate(y4, x4, w);
    z4 = accumulate(z4, x4, v);
    let x5 = panel[8u * k + 5u];
    y5 = accumulate(y5, x5, w);
    z5 = accumulate(z5, x5, v);
    let x6 = panel[8u * k + 6u];
    y6 = accumulate(y6, x6, w);
    z6 = accumulate(z6, x6, v);
    let x7 = panel[8u * k + 7u];
    y7 = accumulate(y7, x7, w);
    z7 = accumulate(z7, x7, v);
  }
  let out = row * call.n4 + o;
  c[out] = y0;
  c[out + 1u] = z0;
  c[out + call.n4] = y1;
  c[out + call.n4 + 1u] = z1;
  c[out + 2u * call.n4] = y2;
  c[out + 2u * call.n4 + 1u] = z2;
  c[out + 3u * call.n4] = y3;
  c[out + 3u * call.n4 + 1u] = z3;
  c[out + 4u * call.n4] = y4;
  c[out + 4u * call.n4 + 1u] = z4;
  c[out + 5u * call.n4] = y5;
  c[out + 5u * call.n4 + 1u] = z5;
  c[out + 6u * call.n4] = y6;
  c[out + 6u * call.n4 + 1u] = z6;
  c[out + 7u * call.n4] = y7;
  c[out + 7u * call.n4 + 1u] = z7;
}

// 64 rows x 16 numbers of A and 16 x 64 of B at a time: 4 KiB each.
const PIECE4 = 4u;
var<workgroup> a_tile: array<vec4f, 64u * PIECE4>;
var<workgroup> b_tile: array<vec4f, 4u * PIECE4 * 16u>;

@compute @workgroup_size(16, 8)
fn tiled(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u,
         @builtin(local_invocation_index) thread: u32) {
  let k4 = call.k4;
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  var y4 = vec4f();
  var y5 = vec4f();
  var y6 = vec4f();
  var y7 = vec4f();
  for (var start = 0u; start < k4; start += PIECE4) {
    workgroupBarrier();
    for (var i = thread; i < 64u * PIECE4; i += 128u) {
      a_tile[i] = a[(64u * group.y + i / PIECE4) * k4 + start + i % PIECE4];
      b_tile[i] = b[(4u * start + i / 16u) * call.n4 + 16u * group.x + i % 16u];
    }
    workgroupBarrier();
    for (var k = 0u; k < min(PIECE4, k4); k++) {
      let at = 64u * k + local.x;
      let w = mat4x4f(b_tile[at], b_tile[at + 16u], b_tile[at + 32u], b_tile[at + 48u]);
      let row = 8u * local.y * PIECE4 + k;
      y0 = accumulate(y0, a_tile[row], w);
      y1 = accumulate(y1, a_tile[row + PIECE4], w);
      y2 = accumulate(y2, a_tile[row + 2u * PIECE4], w);
      y3 = accumulate(y3, a_tile[row + 3u * PIECE4], w);
      y4 = accumulate(y4, a_tile[row + 4u * PIECE4], w);
      y5 = accumulate(y5, a_tile[row + 5u * PIECE4], w);
      y6 = accumulate(y6, a_tile[row + 6u * PIECE4], w);
      y7 = accumulate(y7, a_tile[row + 7u * PIECE4], w);
    }
  }
  let out = (64u * group.y + 8u * local.y) * call.n4 + 16u * group.x + local.x;
  c[out] = y0;
  c[out + call.n4] = y1;
  c[out + 2u * call.n4] = y2;
  c[out + 3u * call.n4] = y3;
  c[out + 4u * call.n4] = y4;
  c[out + 5u * call.n4] = y5;
  c[out + 6u * call.n4] = y6;
  c[out + 7u * call.n4] = y7;
}
