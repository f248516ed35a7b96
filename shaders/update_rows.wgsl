// update_rows: the first of an update's three dispatches. For eight rows of the batch of one learner:
// sample, online and target networks, double-Q target, TD error, and backward to every layer's delta.
// params (L, 2, P) online then target, rows (L, rows, 2, HALF), replay (L, capacity, record); all quads but replay.
// Workgroups: (tiles of eight rows, L). Rows are independent of each other until `gradient` sums them.
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

@compute @workgroup_size(WORKGROUP)
fn update_rows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let l = group.y;
  let learner = learners[l];
  if ((learner.flags & TRAIN) == 0u || progress[l].failed != 0u) {
    return;
  }
  let row = (l * TILES + group.x) * TILE * ROW;
  let next = row + HALF;
  let online = l * 2u * PARAMETERS;
  let delayed = online + PARAMETERS;

  sample(row, group.x * TILE, l, learner.seed, learner.stored, progress[l].updates, thread);

  // Three times forward: online at o' for the actions, target at (o', s') for their value, online at (o, s).
  // A loop, so that compilers, which inline everything, see each network once.
  for (var turn = 0u; turn < 3u; turn++) {
    let x = select(next, row, turn == 2u);
    let net = select(online, delayed, turn == 1u);
    agent_forward(x, net, thread);
    if (turn == 0u) {
      next_actions(row, thread);
    } else {
      chosen_values(x, thread);
      if (MIXER == MONOTONIC) {
        hypernet_forward(x, net, thread);
      }
      mix_forward(x, thread);
    }
  }

  td_error(row, learner.gamma, thread);
  mix_backward(row, thread);
  if (MIXER == MONOTONIC) {
    hypernet_backward(row, online, thread);
  }
  agent_backward(row, online, thread);
}
