// spread: eight quads of `rows` that all threads of a subgroup want
// Each thread loads all of them: neighbours ask for one address, which hardware answers once. spread_eight.wgsl and
// spread_four.wgsl are the same for adapters on a CPU. A kernel is put together with one of the three by
// src/kernels/spread.ts.

// Rows of a tile are stored in a loop, which compiles sooner; see dense.wgsl.
const APART = false;

fn find_lane() {
}

// Which of the eight quads a thread has in place j.
fn place(j: u32) -> u32 {
  return j;
}

// Quads at, at + step, …, at + 7 step, a column each.
fn eight(at: u32, step: u32) -> Eight {
  return Eight(
    mat4x4f(rows[at], rows[at + step], rows[at + 2u * step], rows[at + 3u * step]),
    mat4x4f(rows[at + 4u * step], rows[at + 5u * step], rows[at + 6u * step], rows[at + 7u * step]),
  );
}
