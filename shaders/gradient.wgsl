// gradient: dW[i, o] = Σ_b x[b, i] dy[b, o], db[o] = Σ_b dy[b, o]: an update's second dispatch
// rows (L, rows, 2, HALF): x is a field of the first half, its layer's delta dy the same of the second.
// Writes (=) gradients (L, P), laid out as params, and partials (L, JOBS + 2): each workgroup's Σ gradient²,
// then Σ_b (TD error)² and Σ_b Q_tot, which the workgroup after the last job sums. Counts the update.
// A workgroup (a job) takes 64 tiles of one layer, a thread a tile of 4 inputs x 4 outputs, or the bias of 4
// outputs; rows are summed in order by one thread. Workgroups: (JOBS + 1, L).
// Where agents share a network, `repeat` = N: rows b and agents n, in that order, all count.
// Cost: 2·B·P FLOP; 2 loads for 16 multiply-adds
// Reference: src/reference/gradient.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;

struct Job {
  weight: u32,      // the layer's first quad in params
  x: u32,           // its input's first quad in a row
  dy: u32,          // its delta's first quad in a row
  in4: u32,
  out4: u32,
  first: u32,       // first of the 64 tiles; tile = input quad * out4 + output quad, bias last
  repeat: u32,      // inputs per row
  x_step: u32,      // quads from one to the next
  dy_step: u32,
  unused0: u32,
  unused1: u32,
  unused2: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<vec4f>;
@group(0) @binding(1) var<storage, read> jobs: array<Job>;
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;
@group(0) @binding(4) var<storage, read> learners: array<Learner>;
@group(0) @binding(5) var<storage, read_write> progress: array<Progress>;

override TILES: u32;
override JOBS: u32;

// Part of the result, since it decides how Σ gradient² is split: no tuning.
const THREADS = 64u;
var<workgroup> sums: array<vec2f, THREADS>;

// The sum over the workgroup's threads, as a tree; valid in thread 0.
fn tree_sum(value: vec2f, thread: u32) -> vec2f {
  sums[thread] = value;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) {
      sums[thread] += sums[thread + half];
    }
    workgroupBarrier();
  }
  return sums[0];
}

// The gradient of one tile; returns Σ gradient² over it.
fn tile_gradient(job: Job, l: u32, tile: u32) -> f32 {
  let i = tile / job.out4;
  let o = tile % job.out4;
  let out = l * PARAMETERS + job.weight + 4u * i * job.out4 + o;
  var row = l * TILES * TILE * ROW;
  if (i == job.in4) {
    var bias = vec4f();
    for (var b = 0u; b < opaque(BATCH); b++) {
      for (var n = 0u; n < job.repeat; n++) {
        bias += rows[row + job.dy + n * job.dy_step + o];
      }
      row += ROW;
    }
    gradients[out] = bias;
    return dot(bias, bias);
  }
  var g0 = vec4f();
  var g1 = vec4f();
  var g2 = vec4f();
  var g3 = vec4f();
  for (var b = 0u; b < opaque(BATCH); b++) {
    for (var n = 0u; n < job.repeat; n++) {
      let x = rows[row + job.x + n * job.x_step + i];
      let dy = rows[row + job.dy + n * job.dy_step + o];
      g0 = fma(vec4f(x.x), dy, g0);
      g1 = fma(vec4f(x.y), dy, g1);
      g2 = fma(vec4f(x.z), dy, g2);
      g3 = fma(vec4f(x.w), dy, g3);
    }
    row += ROW;
  }
  gradients[out] = g0;
  gradients[out + job.out4] = g1;
  gradients[out + 2u * job.out4] = g2;
  gradients[out + 3u * job.out4] = g3;
  return dot(g0, g0) + dot(g1, g1) + dot(g2, g2) + dot(g3, g3);
}

@compute @workgroup_size(THREADS)
fn gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let l = group.y;
  if ((learners[l].flags & TRAIN) == 0u) {
    return;
  }
  // `progress` is written below, so a branch on it must not enclose a barrier.
  let failed = progress[l].failed != 0u;
  var value = vec2f();
  if (failed) {
    // Whatever failed stays as it was.
  } else if (group.x < JOBS) {
    let job = jobs[group.x];
    let tile = job.first + thread;
    if (tile < (job.in4 + 1u) * job.out4) {
      value.x = tile_gradient(job, l, tile);
    }
  } else {
    for (var b = thread; b < opaque(BATCH); b += THREADS) {
      let row = (l * TILES * TILE + b) * ROW;
      for (var k = 0u; k < opaque(VALUES4); k++) {
        let error = rows[row + AT_ERROR + k];
        value += vec2f(dot(error, error), dot(rows[row + AT_TOTAL + k], vec4f(1.0)));
      }
    }
  }
  let sum = tree_sum(value, thread);
  if (thread == 0u && !failed) {
    let at = l * (JOBS + 2u);
    if (group.x < JOBS) {
      partials[at + group.x] = sum.x;
    } else {
      partials[at + JOBS] = sum.x;
      partials[at + JOBS + 1u] = sum.y;
      progress[l].updates++;
    }
  }
}
