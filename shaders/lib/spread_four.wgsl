// spread: eight quads of `rows` that all threads of a subgroup want
// For adapters on a CPU whose subgroups have four threads. As spread_eight.wgsl, but what another thread has loaded is
// taken by swapping with it, the cheapest that SwiftShader knows: each thread gets the eight quads in an order of its
// own, which `place` tells. Subgroups must not part ways before a call.

// Rows of a tile are stored one by one (dense.wgsl): from an array at a place that is only known when it runs, SwiftShader
// takes number by number.
const APART = true;

var<private> lane: u32;

fn find_lane() {
  lane = subgroupExclusiveAdd(1u);
}

// Which of the eight quads a thread has in place j: its neighbours' numbers differ from its own in one bit or two.
fn place(j: u32) -> u32 {
  return j ^ lane;
}

fn swapped(quad: vec4f) -> mat4x4f {
  return mat4x4f(quad, quadSwapX(quad), quadSwapY(quad), quadSwapDiagonal(quad));
}

// Quads at, at + step, …, at + 7 step, a column each: column j is the one that `place` says.
fn eight(at: u32, step: u32) -> Eight {
  return Eight(swapped(rows[at + lane * step]), swapped(rows[at + (4u + lane) * step]));
}
