// act: ε-greedy actions, a_i = argmax_a Q_i(o_i, a), or with probability ε any legal action
// observations (L or 1, rows, N, O) f32, available (L or 1, rows, N, A) f32 where MASKED, actions (L, rows, N) (=).
// Agent i of row e at step t explores when unit_interval(w.x) < ε, with number below(w.y, count) of its legal
// actions, w = philox(seed, EXPLORE, t, e·N + i).
// A workgroup takes tiles of TILE rows, one after another, in scratch of its own. Workgroups: (groups, L).
// Cost: 2·N·(I·H + H² + H·A) FLOP a row
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
@group(0) @binding(6) var<storage, read> available: array<f32>;

#include agent_forward.wgsl;

// Lays out what TILE rows see and may do; rows past the last repeat it, and are not written out.
fn load_inputs(x: u32, tile: u32, source: u32, thread: u32) {
  let row4 = AGENTS * INPUT4;
  for (var item = thread; item < TILE * row4; item += WORKGROUP) {
    let r = item / row4;
    let n = item % row4 / INPUT4;
    let k = item % INPUT4;
    let first = ((source + min(tile * TILE + r, call.rows - 1u)) * AGENTS + n) * OBSERVATION;
    var quad = one_hot(n, k);
    for (var c = 4u * k; c < min(4u * k + 4u, OBSERVATION); c++) {
      quad[c % 4u] = observations[first + c];
    }
    rows[x + r * ROW + AT_INPUT + item % row4] = quad;
  }
  let legal4 = select(0u, AGENTS * ACTIONS4, MASKED);
  for (var item = thread; item < TILE * legal4; item += WORKGROUP) {
    let r = item / legal4;
    let n = item % legal4 / ACTIONS4;
    let k = item % ACTIONS4;
    let first = ((source + min(tile * TILE + r, call.rows - 1u)) * AGENTS + n) * ACTIONS;
    var quad = vec4f();
    for (var c = 4u * k; c < min(4u * k + 4u, ACTIONS); c++) {
      quad[c % 4u] = available[first + c];
    }
    rows[x + r * ROW + AT_AVAILABLE + item % legal4] = quad;
  }
  storageBarrier();
}

// One of agent n's legal actions in the half row `x`, drawn by `word`.
fn random_action(x: u32, n: u32, word: u32) -> u32 {
  if (!MASKED) {
    return below(word, ACTIONS);
  }
  var count = 0u;
  for (var a = 0u; a < opaque(ACTIONS); a++) {
    count += select(0u, 1u, legal(x, n, a));
  }
  var left = below(word, count);
  var action = 0u;
  for (var a = 0u; a < opaque(ACTIONS); a++) {
    if (legal(x, n, a)) {
      if (left == 0u) {
        action = a;
      }
      // Wraps around after the one that is taken.
      left--;
    }
  }
  return action;
}

@compute @workgroup_size(WORKGROUP)
fn act(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
       @builtin(local_invocation_index) thread: u32) {
  find_lane();
  hide_zero();
  let l = call.first + group.y;
  let learner = learners[l];
  let epsilon = select(learner.epsilon, 0.0, call.greedy == 1u);
  let source = select(group.y * call.rows, 0u, call.shared_rows == 1u);
  let x = (group.y * groups.x + group.x) * TILE * ROW;
  for (var tile = group.x; tile * TILE < call.rows; tile += groups.x) {
    load_inputs(x, tile, source, thread);
    agent_forward(x, l * 2u * PARAMETERS, thread);
    for (var item = thread; item < TILE * AGENTS; item += WORKGROUP) {
      let e = tile * TILE + item / AGENTS;
      let n = item % AGENTS;
      if (e < call.rows) {
        let words = philox(learner.seed, STREAM_EXPLORE, call.step, e * AGENTS + n);
        let row = x + item / AGENTS * ROW;
        var action = 0u;
        if (unit_interval(words.x) < epsilon) {
          action = random_action(row, n, words.y);
        } else {
          action = greedy_action(row, row, n);
        }
        actions[(group.y * call.rows + e) * AGENTS + n] = action;
      }
    }
    storageBarrier();
  }
}
