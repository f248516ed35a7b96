// act: ε-greedy actions, a_i = argmax_a Q_i(o_i, a), or with probability ε any action
// observations (L or 1, rows, N, O) f32, actions (L, rows, N) (=).
// Agent i of row e at step t explores when unit_interval(w.x) < ε, with below(w.y, A), w = philox(seed, EXPLORE, t, e·N + i).
// A workgroup takes tiles of eight rows, one after another, in scratch of its own. Workgroups: (groups, L).
// Cost: 2·N·(O·H + H² + H·A) FLOP a row
// Reference: src/reference/act.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;
#include lib/random.wgsl;

struct Call {
  rows: u32,            // per learner
  step: u32,
  greedy: u32,          // 1: ε is 0
  first: u32,           // the first learner of the dispatch
  shared_rows: u32,     // 1: all learners see the same observations
}

@group(0) @binding(0) var<storage, read> params: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> learners: array<Learner>;
@group(0) @binding(3) var<storage, read> observations: array<f32>;
@group(0) @binding(4) var<storage, read_write> actions: array<u32>;
@group(0) @binding(5) var<uniform> call: Call;

#include agent_forward.wgsl;

// Lays out the observations of eight rows; rows past the last repeat it, and are not written out.
fn load_observations(x: u32, tile: u32, source: u32, thread: u32) {
  let row4 = AGENTS * OBSERVATION4;
  for (var item = thread; item < TILE * row4; item += WORKGROUP) {
    let r = item / row4;
    let n = item % row4 / OBSERVATION4;
    let k = item % OBSERVATION4;
    let first = ((source + min(tile * TILE + r, call.rows - 1u)) * AGENTS + n) * OBSERVATION + 4u * k;
    var quad = vec4f();
    for (var c = 0u; c < min(4u, OBSERVATION - 4u * k); c++) {
      quad[c] = observations[first + c];
    }
    rows[x + r * ROW + AT_OBSERVATION + item % row4] = quad;
  }
  storageBarrier();
}

@compute @workgroup_size(WORKGROUP)
fn act(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
       @builtin(local_invocation_index) thread: u32) {
  let l = call.first + group.y;
  let learner = learners[l];
  let epsilon = select(learner.epsilon, 0.0, call.greedy == 1u);
  let source = select(group.y * call.rows, 0u, call.shared_rows == 1u);
  let x = (group.y * groups.x + group.x) * TILE * ROW;
  for (var tile = group.x; tile * TILE < call.rows; tile += groups.x) {
    load_observations(x, tile, source, thread);
    agent_forward(x, l * 2u * PARAMETERS, thread);
    for (var item = thread; item < TILE * AGENTS; item += WORKGROUP) {
      let e = tile * TILE + item / AGENTS;
      let n = item % AGENTS;
      if (e < call.rows) {
        let words = philox(learner.seed, STREAM_EXPLORE, call.step, e * AGENTS + n);
        var action = below(words.y, ACTIONS);
        if (unit_interval(words.x) >= epsilon) {
          action = greedy_action(x + item / AGENTS * ROW, n);
        }
        actions[(group.y * call.rows + e) * AGENTS + n] = action;
      }
    }
    storageBarrier();
  }
}
