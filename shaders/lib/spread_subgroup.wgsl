// spread: eight quads of `rows` that all threads of a subgroup want
// For adapters on a CPU, which load for every thread anew, and whose subgroups have exactly SPREAD = 4 or 8 threads:
// each thread loads one or two of the quads and tells the others. That is what makes a dense layer several times faster
// there than with spread.wgsl. Subgroups must not part ways before a call.

override SPREAD: u32;

var<private> lane: u32;

// To be called before all else, by all threads. Their number as a builtin would be a parameter that the entry points of
// kernels without subgroups must not have.
fn find_lane() {
  lane = subgroupExclusiveAdd(1u);
}

// Quads at, at + step, …, at + 7 step, a column each.
fn eight(at: u32, step: u32) -> Eight {
  let a = rows[at + lane * step];
  let first = mat4x4f(subgroupBroadcast(a, 0u), subgroupBroadcast(a, 1u), subgroupBroadcast(a, 2u), subgroupBroadcast(a, 3u));
  if (SPREAD == 8u) {
    return Eight(first, mat4x4f(
      subgroupBroadcast(a, 4u), subgroupBroadcast(a, 5u), subgroupBroadcast(a, 6u), subgroupBroadcast(a, 7u)));
  }
  let b = rows[at + (4u + lane) * step];
  return Eight(first, mat4x4f(
    subgroupBroadcast(b, 0u), subgroupBroadcast(b, 1u), subgroupBroadcast(b, 2u), subgroupBroadcast(b, 3u)));
}
