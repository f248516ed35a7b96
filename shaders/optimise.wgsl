// optimise: clip by the global norm, Adam, Polyak: an update's third dispatch
//   g ← g min(1, clip / (‖g‖ + 1e-6)); m ← β1 m + (1 - β1) g; v ← β2 v + (1 - β2) g²
//   p ← p - rate m / (1 - β1^t) / (sqrt(v / (1 - β2^t)) + ε); target ← target + tau (p - target)
// Kingma & Ba 2015 as in PyTorch; RMSprop is β1 = 0 without corrections; gradients (L, P), params (L, 2, P), moments (L, 2, P): m then v. All (=).
// corrections[t - 1] = (1 / (1 - β1^t), 1 / sqrt(1 - β2^t)), from float64: in f32 the powers would be off by 6e-5.
// metrics (L): loss, ‖g‖, mean Q_tot, count: (+=), since the host last read and cleared them.
// A gradient whose norm is not finite is not applied; the learner then stands still (Progress.failed).
// A thread takes a quad, then the one that many threads further. Each workgroup sums the partial sums of squares anew,
// in one order. Workgroups: (as many as there shall be, L).
// Cost: 12 FLOP and 36 bytes a parameter, 28 where targets are copied instead of followed
// Reference: src/reference/optimise.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;

@group(0) @binding(0) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(2) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read> partials: array<f32>;
@group(0) @binding(4) var<storage, read> learners: array<Learner>;
@group(0) @binding(5) var<storage, read_write> progress: array<Progress>;
@group(0) @binding(6) var<storage, read_write> metrics: array<vec4f>;
@group(0) @binding(7) var<storage, read> corrections: array<vec2f>;

override JOBS: u32;
override BETA1: f32;
override BETA2: f32;
override ONE_MINUS_BETA1: f32;
override ONE_MINUS_BETA2: f32;
override EPSILON: f32;

// Sums that the partial sums are first gathered in. Part of the result: no tuning.
const SUMS = 32u;
var<workgroup> sums: array<f32, SUMS>;

fn squared_norm(l: u32, thread: u32) -> f32 {
  for (var s = thread; s < SUMS; s += WORKGROUP) {
    var sum = 0.0;
    for (var job = s; job < opaque(JOBS); job += SUMS) {
      sum += partials[l * (JOBS + 2u) + job];
    }
    sums[s] = sum;
  }
  workgroupBarrier();
  var total = 0.0;
  for (var s = 0u; s < opaque(SUMS); s++) {
    total += sums[s];
  }
  return total;
}

@compute @workgroup_size(WORKGROUP)
fn optimise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) thread: u32) {
  hide_zero();
  let l = group.y;
  let learner = learners[l];
  if ((learner.flags & TRAIN) == 0u) {
    return;
  }
  let norm = sqrt(squared_norm(l, thread));
  // WGSL promises nothing for NaN and infinity in f32: their exponent bits are all ones.
  let finite = (bitcast<u32>(norm) & 0x7f800000u) != 0x7f800000u;
  let applies = finite && progress[l].failed == 0u;
  let t = progress[l].updates;
  let scale = min(1.0, learner.clip_norm / (norm + 1e-6));
  let correction = corrections[clamp(t, 1u, arrayLength(&corrections)) - 1u];
  let end = select(0u, PARAMETERS, applies);
  for (var at = group.x * WORKGROUP + thread; at < end; at += groups.x * WORKGROUP) {
    let rate = select(learner.mixer_rate, learner.agent_rate, at < AGENT_PARAMETERS) * correction.x;
    let online = l * 2u * PARAMETERS + at;
    let delayed = online + PARAMETERS;
    let g = gradients[l * PARAMETERS + at] * scale;
    let m = BETA1 * moments[online] + ONE_MINUS_BETA1 * g;
    let v = BETA2 * moments[delayed] + ONE_MINUS_BETA2 * g * g;
    let p = params[online] - rate * m / (sqrt(v) * correction.y + EPSILON);
    moments[online] = m;
    moments[delayed] = v;
    params[online] = p;
    if (learner.tau != 0.0) {
      params[delayed] += learner.tau * (p - params[delayed]);
    }
  }
  if (group.x == 0u && thread == 0u) {
    if (applies) {
      let sum = l * (JOBS + 2u) + JOBS;
      let count = f32(BATCH * VALUES);
      metrics[l] += vec4f(partials[sum] / count, norm, partials[sum + 1u] / count, 1.0);
    } else if (progress[l].failed == 0u) {
      progress[l].failed = t;
    }
  }
}
