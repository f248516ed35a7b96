// gradient: dW[i, o] = Σ_b x[b, i] dy[b, o], db[o] = Σ_b dy[b, o]: an update's second dispatch
// rows (L, rows, ROW): x is a field of the first half, its layer's delta dy the same of the second.
// Writes (=) gradients (L, P), laid out as params, and partials (L, JOBS + 2): each job's Σ gradient²,
// then Σ_b (TD error)² and Σ_b Q_tot. Counts the update.
// A job is 32 inputs x 32 outputs of one layer, for eight threads: each takes 32 inputs x 4 outputs, in matrices that
// stay in registers, and the outputs' biases where the inputs are the layer's first. Rows are summed in order by one thread.
// Workgroups: (groups of WORKGROUP / 8 jobs, and one for the sums over rows, L).
// Where agents share a network, `repeat` = N: rows b and agents n, in that order, all count.
// Cost: 2·B·P FLOP; 9 quads loaded for 128 multiply-adds
// Reference: src/reference/dense.ts (denseGradient)

#include lib/layout.wgsl;
#include lib/learner.wgsl;
#include lib/eight.wgsl;

struct Job {
  weight: u32,      // the layer's first quad in params
  x: u32,           // its input's first quad in a row
  dy: u32,          // its delta's first quad in a row
  in4: u32,
  out4: u32,
  i: u32,           // the job's first input quad, a multiple of 8, and output quad
  o: u32,
  repeat: u32,      // inputs per row
  x_step: u32,      // quads from one to the next
  dy_step: u32,
  unused0: u32,
  unused1: u32,
}

@group(0) @binding(0) var<storage, read> rows: array<vec4f>;
@group(0) @binding(1) var<storage, read> jobs: array<Job>;
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;
@group(0) @binding(4) var<storage, read> learners: array<Learner>;
@group(0) @binding(5) var<storage, read_write> progress: array<Progress>;

override TILES: u32;
override JOBS: u32;

// Threads of a job. Part of the result, since it decides how Σ gradient² is split: no tuning.
const JOB_THREADS = 8u;
var<workgroup> sums: array<vec2f, WORKGROUP>;

// g + dy xᵀ for one quad of each, a column an input. Not as a sum of matrices, for which SwiftShader, computing in the
// order it is told, would put the whole product into memory first.
fn add_outer(g: mat4x4f, dy: vec4f, x: vec4f) -> mat4x4f {
  return mat4x4f(g[0] + dy * x.x, g[1] + dy * x.y, g[2] + dy * x.z, g[3] + dy * x.w);
}

// Writes the gradients of input quad i where it is below `end`; returns their Σ gradient².
fn put_quad(job: Job, out: u32, i: u32, end: u32, g: mat4x4f) -> f32 {
  let to = out + 4u * i * job.out4;
  if (i < end) {
    gradients[to] = g[0];
    gradients[to + job.out4] = g[1];
    gradients[to + 2u * job.out4] = g[2];
    gradients[to + 3u * job.out4] = g[3];
  }
  return select(0.0, dot(g[0], g[0]) + dot(g[1], g[1]) + dot(g[2], g[2]) + dot(g[3], g[3]), i < end);
}

// The gradients of a thread's share of a job, output quad o, which it keeps to itself unless they are its own; returns
// Σ gradient² over what it writes.
fn job_gradient(job: Job, l: u32, o: u32, own: bool) -> f32 {
  var g0 = mat4x4f();
  var g1 = mat4x4f();
  var g2 = mat4x4f();
  var g3 = mat4x4f();
  var g4 = mat4x4f();
  var g5 = mat4x4f();
  var g6 = mat4x4f();
  var g7 = mat4x4f();
  var bias = vec4f();
  // The few inputs of a first layer have a loop of their own. One of the two makes no turns: lavapipe steps over that,
  // while it runs through both sides of a branch.
  let narrow = job.in4 - job.i <= 4u;
  let count = opaque(BATCH) * job.repeat;
  var n = 0u;
  var row = l * TILES * TILE * ROW;
  for (var b = 0u; b < select(count, 0u, narrow); b++) {
    // Quads past the layer's last input are other fields of the row; what comes of them is not written.
    let x = eight(row + job.x + n * job.x_step + job.i, 1u);
    let dy = rows[row + job.dy + n * job.dy_step + o];
    bias += dy;
    g0 = add_outer(g0, dy, x.a[0]);
    g1 = add_outer(g1, dy, x.a[1]);
    g2 = add_outer(g2, dy, x.a[2]);
    g3 = add_outer(g3, dy, x.a[3]);
    g4 = add_outer(g4, dy, x.b[0]);
    g5 = add_outer(g5, dy, x.b[1]);
    g6 = add_outer(g6, dy, x.b[2]);
    g7 = add_outer(g7, dy, x.b[3]);
    n = select(n + 1u, 0u, n + 1u == job.repeat);
    row += select(0u, ROW, n == 0u);
  }
  for (var b = 0u; b < select(0u, count, narrow); b++) {
    let x = eight(row + job.x + n * job.x_step + job.i, 1u);
    let dy = rows[row + job.dy + n * job.dy_step + o];
    bias += dy;
    g0 = add_outer(g0, dy, x.a[0]);
    g1 = add_outer(g1, dy, x.a[1]);
    g2 = add_outer(g2, dy, x.a[2]);
    g3 = add_outer(g3, dy, x.a[3]);
    n = select(n + 1u, 0u, n + 1u == job.repeat);
    row += select(0u, ROW, n == 0u);
  }
  let out = l * PARAMETERS + job.weight + o;
  let end = select(0u, job.in4, own);
  // Added in pairs, and pairs in pairs, so that the order in which a thread has the quads changes no bit.
  let s0 = put_quad(job, out, job.i + place(0u), end, g0) + put_quad(job, out, job.i + place(1u), end, g1);
  let s2 = put_quad(job, out, job.i + place(2u), end, g2) + put_quad(job, out, job.i + place(3u), end, g3);
  let s4 = put_quad(job, out, job.i + place(4u), end, g4) + put_quad(job, out, job.i + place(5u), end, g5);
  let s6 = put_quad(job, out, job.i + place(6u), end, g6) + put_quad(job, out, job.i + place(7u), end, g7);
  var sum = (s0 + s2) + (s4 + s6);
  if (job.i == 0u && own) {
    gradients[out + 4u * job.in4 * job.out4] = bias;
    sum += dot(bias, bias);
  }
  return sum;
}

// A thread's share of Σ_b (TD error)² and Σ_b Q_tot.
fn row_sums(l: u32, thread: u32) -> vec2f {
  var sum = vec2f();
  for (var b = thread; b < opaque(BATCH); b += JOB_THREADS) {
    let row = (l * TILES * TILE + b) * ROW;
    for (var k = 0u; k < opaque(VALUES4); k++) {
      let error = rows[row + AT_ERROR + k];
      sum += vec2f(dot(error, error), dot(rows[row + AT_TOTAL + k], vec4f(1.0)));
    }
  }
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
            @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let l = group.y;
  if ((learners[l].flags & TRAIN) == 0u) {
    return;
  }
  let index = group.x * (WORKGROUP / JOB_THREADS) + thread / JOB_THREADS;
  let share = thread % JOB_THREADS;
  let is_job = index < JOBS;
  if (group.x + 1u < groups.x) {
    // Threads past the last job or output repeat it, as a subgroup loads together, and write nothing.
    let job = jobs[min(index, JOBS - 1u)];
    let o = job.o + share;
    let own = is_job && o < job.out4;
    sums[thread] = vec2f(job_gradient(job, l, min(o, job.out4 - 1u), own), 0.0);
  } else {
    sums[thread] = row_sums(l, share);
  }
  workgroupBarrier();
  if (share != 0u) {
    return;
  }
  var sum = vec2f();
  for (var s = 0u; s < opaque(JOB_THREADS); s++) {
    sum += sums[thread + s];
  }
  let at = l * (JOBS + 2u);
  if (group.x + 1u < groups.x) {
    if (is_job) {
      partials[at + index] = sum.x;
    }
  } else if (thread == 0u) {
    partials[at + JOBS] = sum.x;
    partials[at + JOBS + 1u] = sum.y;
    // After a failed update none counts any more.
    progress[l].updates += select(0u, 1u, progress[l].failed == 0u);
  }
}
