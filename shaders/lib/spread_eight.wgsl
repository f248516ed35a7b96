// spread: eight quads of `rows` that all threads of a subgroup want
// For adapters on a CPU, which load for every thread anew, and whose subgroups have eight threads: each thread loads one
// of the quads and tells the others. That is what makes a dense layer several times faster there than with spread.wgsl.
// Subgroups must not part ways before a call.

// Rows of a tile are stored in a loop: as fast, and compiled sooner; see dense.wgsl.
const APART = false;

var<private> lane: u32;

// To be called before all else, by all threads. Their number as a builtin would be a parameter that the entry points of
// kernels without subgroups must not have.
fn find_lane() {
  lane = subgroupExclusiveAdd(1u);
}

fn place(j: u32) -> u32 {
  return j;
}

// Quads at, at + step, …, at + 7 step, a column each.
fn eight(at: u32, step: u32) -> Eight {
  let q = rows[at + lane * step];
  return Eight(
    mat4x4f(subgroupBroadcast(q, 0u), subgroupBroadcast(q, 1u), subgroupBroadcast(q, 2u), subgroupBroadcast(q, 3u)),
    mat4x4f(subgroupBroadcast(q, 4u), subgroupBroadcast(q, 5u), subgroupBroadcast(q, 6u), subgroupBroadcast(q, 7u)),
  );
}
