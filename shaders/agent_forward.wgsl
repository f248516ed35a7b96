// agent_forward: Q_i(o_i, .) = W4 relu(W2 relu(W0 o_i + b0) + b2) + b4 for all agents of TILE rows
// Reads AT_INPUT (N,I) of the half row `seen`, writes (=) AT_H1 (N,H), AT_H2 (N,H), AT_Q (N,A) counted from `x`: the same
// half, or what AHEAD names.
// params (P) at `net`: online or target; one network per agent, or one for all (AGENT_STRIDE 0).
// A workgroup takes TILE rows; a thread TILE rows x 4 outputs of one agent at a time.
// Cost: 2·TILE·N·(I·H + H² + H·A) FLOP a tile
// Reference: src/reference/agent_forward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;

// The j-th layer of agent n's network.
fn agent_layer(seen: u32, x: u32, net: u32, n: u32, j: u32) -> Dense {
  let own = net + n * AGENT_STRIDE;
  let h1 = x + AT_H1 + n * HIDDEN4;
  let h2 = x + AT_H2 + n * HIDDEN4;
  switch (j) {
    case 0u: {
      return Dense(seen + AT_INPUT + n * INPUT4, h1, own + AGENT_0, INPUT4, HIDDEN4);
    }
    case 1u: {
      return Dense(h1, h2, own + AGENT_2, HIDDEN4, HIDDEN4);
    }
    default: {
      return Dense(h2, x + AT_Q + n * ACTIONS4, own + AGENT_4, HIDDEN4, ACTIONS4);
    }
  }
}

fn agent_forward(x: u32, net: u32, thread: u32) {
  for (var j = 0u; j < opaque_for_all(3u); j++) {
    for (var n = 0u; n < opaque(AGENTS); n++) {
      dense_forward(agent_layer(x, x, net, n, j), j < 2u, thread);
    }
    storageBarrier();
  }
}

// Q_n(o_n, a), AT_Q counted from `x`.
fn q_value(x: u32, n: u32, a: u32) -> f32 {
  return rows[x + AT_Q + n * ACTIONS4 + a / 4u][a % 4u];
}

// Whether agent n may take action a in the half row `x`.
fn legal(x: u32, n: u32, a: u32) -> bool {
  return !MASKED || rows[x + AT_AVAILABLE + n * ACTIONS4 + a / 4u][a % 4u] > 0.0;
}

// argmax over the a that are legal in the half row `seen` of Q_n(o_n, a), AT_Q counted from `x`; ties go to the lowest
// action. 0 where none is legal.
fn greedy_action(seen: u32, x: u32, n: u32) -> u32 {
  var best = 0u;
  var best_q = -0x1.fffffep+127f;
  for (var a = 0u; a < opaque(ACTIONS); a++) {
    let q = q_value(x, n, a);
    if (q > best_q && legal(seen, n, a)) {
      best = a;
      best_q = q;
    }
  }
  return best;
}

// The lanes of quad k of agent n's input that are its one-hot number, which follows the observation.
fn one_hot(n: u32, k: u32) -> vec4f {
  let lane = vec4u(4u * k) + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(), vec4f(1.0), (lane == vec4u(OBSERVATION + n)) & vec4<bool>(AGENT_ID));
}
