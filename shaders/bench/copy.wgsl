// copy: target = source, the yardstick of `bench` for memory: how many bytes a second this adapter moves
// source (Q) quads, target (Q) (=). A thread copies quads `stride` apart, so that neighbours read neighbours.
// Workgroups: as many as `stride` / WORKGROUP, on one axis.
// Cost: 32 bytes a quad
// Reference: src/bench/copy.ts

struct Call {
  quads: u32,
  stride: u32,
}

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4f>;
@group(0) @binding(2) var<uniform> call: Call;

override WORKGROUP: u32;

@compute @workgroup_size(WORKGROUP)
fn copy(@builtin(global_invocation_id) id: vec3u) {
  for (var i = id.x; i < call.quads; i += call.stride) {
    result[i] = source[i];
  }
}
