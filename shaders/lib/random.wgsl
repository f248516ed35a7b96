// philox: counter-based random numbers, Philox4x32-10 (Salmon et al., SC 2011).
// Bit for bit the function in src/random.ts, where the streams and their keys are explained.

const STREAM_RESET = 2u;
const STREAM_EXPLORE = 3u;
const STREAM_SAMPLE = 4u;

// Upper 32 bits of a 64-bit product: WGSL has no wider integers, so it is put together from 16-bit parts.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox(seed: u32, stream: u32, step: u32, index: u32) -> vec4u {
  return philox_draw(seed, stream, step, index, 0u);
}

fn philox_draw(seed: u32, stream: u32, step: u32, index: u32, draw: u32) -> vec4u {
  var c = vec4u(step, index, draw, 0u);
  var key = vec2u(seed, stream);
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiply_high(0xd2511f53u, c.x);
    let high1 = multiply_high(0xcd9e8d57u, c.z);
    c = vec4u(high1 ^ c.y ^ key.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ key.y, 0xd2511f53u * c.x);
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// A word as a number in [0, 1): its upper 24 bits, exact in f32.
fn unit_interval(word: u32) -> f32 {
  return f32(word >> 8u) * 0x1p-24;
}

// A word as a whole number in 0..bound-1.
fn below(word: u32, bound: u32) -> u32 {
  return multiply_high(word, bound);
}
