// update_rows: the first of an update's three dispatches. For TILE rows of the batch of one learner:
// sample, online and target networks, double-Q target, TD error, and backward to every layer's delta.
// params (L, 2, P) online then target, rows (L, rows, ROW), replay (L, capacity, record); all quads but replay.
// Workgroups: (tiles of TILE rows, L). Rows are independent of each other until `gradient` sums them.
// Cost at the report's sizes: 0.49 MFLOP a row of the update's 0.65.
// Reference: src/reference/update.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;

@group(0) @binding(0) var<storage, read> params: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> learners: array<Learner>;
@group(0) @binding(3) var<storage, read> progress: array<Progress>;
@group(0) @binding(4) var<storage, read> replay: array<f32>;

#include sample.wgsl;
#include agent_forward.wgsl;
#include agent_backward.wgsl;
#include hypernet_forward.wgsl;
#include hypernet_backward.wgsl;
#include mix_forward.wgsl;
#include mix_backward.wgsl;
#include td_error.wgsl;

override TILES: u32;

// Layers of the agents, three times: online at (o, s), target at (o', s'), and online at o' for the next actions; then of
// the hypernetworks, online and target.
fn forward_layers(phase: u32) -> u32 {
  return 3u * AGENTS + select(0u, 2u * hyper_layers(phase), MIXER == MONOTONIC);
}

fn forward_layer(row: u32, l: u32, phase: u32, i: u32) -> Dense {
  let online = l * 2u * PARAMETERS;
  if (i < 3u * AGENTS) {
    let turn = i / AGENTS;
    let seen = row + select(HALF, 0u, turn == 0u);
    let x = select(seen, row + AHEAD, turn == 2u);
    return agent_layer(seen, x, online + select(0u, PARAMETERS, turn == 1u), i % AGENTS, phase);
  }
  let j = i - 3u * AGENTS;
  let second = j >= hyper_layers(phase);
  let net = online + select(0u, PARAMETERS, second);
  return hyper_phase_layer(row + select(0u, HALF, second), net, phase, j % max(1u, hyper_layers(phase)));
}

fn forward_phase(row: u32, l: u32, phase: u32, thread: u32) {
  for (var i = 0u; i < opaque(forward_layers(phase)); i++) {
    dense_forward(forward_layer(row, l, phase, i), phase == 0u || (phase == 1u && i < 3u * AGENTS), thread);
  }
}

// The agents' third layers and all of the hypernetworks' last; then the agents' second.
fn backward_layers(phase: u32) -> u32 {
  return AGENTS + select(0u, HYPERNETWORKS, MIXER == MONOTONIC && phase == 0u);
}

fn backward_layer(row: u32, net: u32, phase: u32, i: u32) -> Dense {
  if (i < AGENTS) {
    return agent_layer(row, row, net, i, 2u - phase);
  }
  return hidden_layer(row, net, i - AGENTS);
}

fn backward_phase(row: u32, net: u32, phase: u32, thread: u32) {
  for (var i = 0u; i < opaque(backward_layers(phase)); i++) {
    let layer = backward_layer(row, net, phase, i);
    dense_backward(delta_of(layer), layer.x, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn update_rows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let l = group.y;
  let learner = learners[l];
  if ((learner.flags & TRAIN) == 0u || progress[l].failed != 0u) {
    return;
  }
  let row = (l * TILES + group.x) * TILE * ROW;
  let online = l * 2u * PARAMETERS;

  sample(row, group.x * TILE, l, learner.seed, learner.stored, progress[l].updates, thread);

  // Phases, each of layers that wait for those of the phase before. Not a loop: lavapipe keeps whatever lives in a loop
  // around a barrier in memory, which takes half as long again.
  forward_phase(row, l, 0u, thread);
  storageBarrier();
  forward_phase(row, l, 1u, thread);
  storageBarrier();
  forward_phase(row, l, 2u, thread);
  storageBarrier();

  next_actions(row, thread);
  // Both halves, by loops, as compilers inline every call.
  for (var half = 0u; half < opaque(2u); half++) {
    chosen_values(row + half * HALF, thread);
  }
  storageBarrier();
  if (MIXER == MONOTONIC) {
    for (var half = 0u; half < opaque(2u); half++) {
      mix_units(row + half * HALF, thread);
    }
    storageBarrier();
  }
  for (var half = 0u; half < opaque(2u); half++) {
    mix_totals(row + half * HALF, thread);
  }
  td_error(row, learner.gamma, thread);
  storageBarrier();
  mix_backward(row, thread);
  storageBarrier();
  backward_phase(row, online, 0u, thread);
  storageBarrier();
  backward_phase(row, online, 1u, thread);
}
