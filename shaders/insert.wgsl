// insert: puts a step's transitions into the replay ring
// transitions (L, E, record) f32, replay (L, capacity, record) (=): number stored - E + e goes to its slot
// modulo the capacity, for the learners whose STORE flag is set. A thread per number. Workgroups: (E·record / WORKGROUP, L).
// Cost: 8 bytes a number
// Reference: src/reference/insert.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;

@group(0) @binding(0) var<storage, read> transitions: array<f32>;
@group(0) @binding(1) var<storage, read_write> replay: array<f32>;
@group(0) @binding(2) var<storage, read> learners: array<Learner>;

override ENVIRONMENTS: u32;
override CAPACITY: u32;
override RECORD: u32;

@compute @workgroup_size(WORKGROUP)
fn insert(@builtin(global_invocation_id) id: vec3u) {
  let learner = learners[id.y];
  if ((learner.flags & STORE) != 0u && id.x < ENVIRONMENTS * RECORD) {
    let slot = (learner.stored - ENVIRONMENTS + id.x / RECORD) % CAPACITY;
    replay[(id.y * CAPACITY + slot) * RECORD + id.x % RECORD] = transitions[id.y * ENVIRONMENTS * RECORD + id.x];
  }
}
