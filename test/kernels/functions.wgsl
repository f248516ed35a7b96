// The functions of shaders/lib that need no rows, one thread an input: for their cases alone.

#include ../../shaders/lib/random.wgsl;
#include ../../shaders/lib/activation.wgsl;

@group(0) @binding(0) var<storage, read> words: array<vec4u>;
@group(0) @binding(1) var<storage, read> numbers: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> words_out: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> numbers_out: array<vec4f>;

// philox of (seed, stream, step, index), the high words of two products, and a draw below a bound.
@compute @workgroup_size(1)
fn random(@builtin(global_invocation_id) id: vec3u) {
  let w = words[id.x];
  words_out[2u * id.x] = philox(w.x, w.y, w.z, w.w);
  words_out[2u * id.x + 1u] = vec4u(multiply_high(w.x, w.y), multiply_high(w.z, w.w), below(w.x, w.w), 256u * STREAM_EXPLORE + STREAM_SAMPLE);
  numbers_out[id.x] = vec4f(unit_interval(w.x), unit_interval(w.y), unit_interval(w.z), unit_interval(w.w));
}

@compute @workgroup_size(1)
fn activation(@builtin(global_invocation_id) id: vec3u) {
  let x = numbers[id.x];
  numbers_out[4u * id.x] = softplus(x);
  numbers_out[4u * id.x + 1u] = sigmoid(x);
  numbers_out[4u * id.x + 2u] = elu(x);
  numbers_out[4u * id.x + 3u] = elu_slope(elu(x));
}
