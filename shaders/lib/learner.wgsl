// What a learner is told from outside: written by the host, read by every kernel. src/kernels/learners.ts

struct Learner {
  seed: u32,
  stored: u32,         // transitions stored so far, those of this step included
  flags: u32,          // STORE | TRAIN | COPY | STEP
  zero: u32,           // always 0; see opaque
  epsilon: f32,
  gamma: f32,
  clip_norm: f32,
  tau: f32,
  agent_rate: f32,     // learning rates
  mixer_rate: f32,
  unused1: f32,
  unused2: f32,
}

const STORE = 1u;
const TRAIN = 2u;
const COPY = 4u;
const STEP = 8u;

// What a learner tells: written by the kernels alone.
struct Progress {
  updates: u32,        // updates made
  failed: u32,         // 0, or the number (from 1) of the update whose gradient was not finite
}

// A number whose value compilers cannot see, for the ends of loops. Mesa unrolls loops of known length, and
// lavapipe (25, LLVM 15) then takes half a minute to compile one of 32 turns; a dozen loops, many minutes.
fn opaque(value: u32) -> u32 {
  return value + hidden_zero;
}

// The same for loops around a barrier, which must end for all threads alike, as WGSL believes of no private variable.
fn opaque_for_all(value: u32) -> u32 {
  return value + learners[0].zero;
}

// Loaded once by every entry point: a load at each turn of a loop would cost a CPU adapter more than the turn.
var<private> hidden_zero: u32;

fn hide_zero() {
  hidden_zero = learners[0].zero;
}
