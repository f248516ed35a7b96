// copy_target: target ← online, for the learners whose COPY flag is set
// params (L, 2, P) quads, online then target (=). A thread per quad. Workgroups: (P / WORKGROUP, L).
// Cost: 8 bytes a parameter
// Reference: src/reference/optimise.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;

@group(0) @binding(0) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(1) var<storage, read> learners: array<Learner>;

@compute @workgroup_size(WORKGROUP)
fn copy_target(@builtin(global_invocation_id) id: vec3u) {
  if ((learners[id.y].flags & COPY) != 0u && id.x < PARAMETERS) {
    let online = id.y * 2u * PARAMETERS + id.x;
    params[online + PARAMETERS] = params[online];
  }
}
