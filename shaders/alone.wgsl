// alone: each operation of update_rows as a kernel of its own, for tests and benchmarks
// Bindings, rows and workgroups are update_rows'. An operation on half a row takes the half and the network
// that the overrides name. Learners that do not train are left alone.

#include update_rows.wgsl;

override SECOND_HALF: bool = false;
override TARGET_NETWORK: bool = false;

// Where a workgroup's rows and its learner's network begin.
struct Place {
  trains: bool,
  row: u32,
  half_row: u32,       // the half of the row that SECOND_HALF says
  net: u32,
}

fn find_place(group: vec3u) -> Place {
  let row = (group.y * TILES + group.x) * TILE * ROW;
  let net = group.y * 2u * PARAMETERS;
  return Place((learners[group.y].flags & TRAIN) != 0u, row, row + select(0u, HALF, SECOND_HALF),
               net + select(0u, PARAMETERS, TARGET_NETWORK));
}

@compute @workgroup_size(WORKGROUP)
fn sample_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    let learner = learners[group.y];
    sample(at.row, group.x * TILE, group.y, learner.seed, learner.stored, progress[group.y].updates, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn agent_forward_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    agent_forward(at.half_row, at.net, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn agent_backward_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    agent_backward(at.row, at.net, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn hypernet_forward_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    hypernet_forward(at.half_row, at.net, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn hypernet_backward_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    hypernet_backward(at.row, at.net, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn mix_forward_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    mix_forward(at.half_row, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn mix_backward_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    mix_backward(at.row, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn next_actions_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    next_actions(at.row, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn chosen_values_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    chosen_values(at.half_row, thread);
  }
}

@compute @workgroup_size(WORKGROUP)
fn td_error_alone(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let at = find_place(group);
  if (at.trains) {
    td_error(at.row, learners[group.y].gamma, thread);
  }
}
