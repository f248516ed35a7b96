// matmul_spread: C = A B as matmul.wgsl does it, 32 rows x 4 columns a thread, A as the dense layers get their inputs:
// a subgroup's threads load for each other. What is fastest on adapters on a CPU.
// rows: A (M, K), b (K, N), c (M, N), row-major, in quads along K and N. Writes c (=).
// Workgroups: (N / (4 · WORKGROUP), M / 32)
// Cost: 2·M·N·K FLOP
// Reference: src/bench/matmul.ts

#include ../lib/eight.wgsl;

struct Call {
  k4: u32,
  n4: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@group(0) @binding(3) var<uniform> call: Call;

override WORKGROUP: u32;
override TILE: u32;

fn put(at: u32, y: mat4x4f, first: u32) {
  c[at + place(first) * call.n4] = y[0];
  c[at + place(first + 1u) * call.n4] = y[1];
  c[at + place(first + 2u) * call.n4] = y[2];
  c[at + place(first + 3u) * call.n4] = y[3];
}

fn put_eight(at: u32, y: Eight) {
  put(at, y.a, 0u);
  put(at, y.b, 4u);
}

@compute @workgroup_size(WORKGROUP)
fn matmul_spread(@builtin(global_invocation_id) id: vec3u) {
  find_lane();
  let o = id.x;
  let row = TILE * id.y;
  let k4 = call.k4;
  let n4 = call.n4;
  var y0 = Eight();
  var y1 = Eight();
  var y2 = Eight();
  var y3 = Eight();
  for (var k = 0u; k < k4; k++) {
    let at = 4u * k * n4 + o;
    let w = mat4x4f(b[at], b[at + n4], b[at + 2u * n4], b[at + 3u * n4]);
    let x = row * k4 + k;
    y0 = add_product(y0, w, eight(x, k4));
    if (TILE > 8u) {
      y1 = add_product(y1, w, eight(x + 8u * k4, k4));
    }
    if (TILE > 16u) {
      y2 = add_product(y2, w, eight(x + 16u * k4, k4));
      y3 = add_product(y3, w, eight(x + 24u * k4, k4));
    }
  }
  let to = row * n4 + o;
  put_eight(to, y0);
  if (TILE > 8u) {
    put_eight(to + 8u * n4, y1);
  }
  if (TILE > 16u) {
    put_eight(to + 16u * n4, y2);
    put_eight(to + 24u * n4, y3);
  }
}
