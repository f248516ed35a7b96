// mix_backward: from d = dLoss/dQ_tot to the deltas of the hypernetworks' raw outputs and of the chosen Q-values
//   dq[n, a] = d dQ_tot/dQ_n where a was chosen, else 0
//   sum, none  dQ_tot/dQ_n = 1, and without a mixer d is the agent's own
//   monotonic  dQ_tot/dQ_n = s · w1[n] with s = w2 ⊙ elu'(hidden), dQ_tot / d(pre-activation of hidden);
//              db1 = d s, dw1_raw[n] = d s Q_n p(w1_raw[n]), dw2_raw = d hidden p(w2_raw), db2 = d,
//              p the derivative of what makes the weights positive
// Reads d from AT_TOTAL of the second half, where td_error put it, and the first half's forward pass;
// writes (=) AT_Q of the second half, AT_SLOPE of the first and, monotonic, AT_HIDDEN (s), AT_B1, AT_W1_RAW,
// AT_W2_RAW, AT_B2 of the second.
// A workgroup takes TILE rows; a thread four units of a row, then four agents of a row.
// Cost: TILE·M·(3·N + 3) FLOP and TILE/2·M·(N + 1) transcendentals a tile
// Reference: src/reference/mix_backward.ts

#include lib/layout.wgsl;
#include lib/activation.wgsl;
#include mix_forward.wgsl;

fn mix_backward(x: u32, thread: u32) {
  if (MIXER == MONOTONIC) {
    mix_units_backward(x, thread);
    storageBarrier();
  }
  for (var item = thread; item < TILE * AGENTS4; item += WORKGROUP) {
    let row = x + item / AGENTS4 * ROW;
    let delta = row + HALF;
    let first = item % AGENTS4 * 4u;
    var slopes = vec4f();
    for (var n = first; n < min(first + 4u, opaque(AGENTS)); n++) {
      let slope = agent_slope(row, n);
      slopes[n - first] = slope;
      let value = select(0u, n, MIXER == NONE);
      let d = rows[delta + AT_TOTAL + value / 4u][value % 4u];
      let action = u32(rows[row + AT_ACTION + n / 4u][n % 4u]);
      for (var a = 0u; a < opaque(ACTIONS4); a++) {
        let chosen = vec4u(4u * a) + vec4u(0u, 1u, 2u, 3u) == vec4u(action);
        rows[delta + AT_Q + n * ACTIONS4 + a] = select(vec4f(), vec4f(d * slope), chosen);
      }
    }
    rows[row + AT_SLOPE + item % AGENTS4] = slopes;
  }
}

// dQ_tot/dQ_n of a row.
fn agent_slope(row: u32, n: u32) -> f32 {
  if (MIXER != MONOTONIC) {
    return 1.0;
  }
  var slope = 0.0;
  for (var k = 0u; k < opaque(WIDTH4); k++) {
    slope += dot(rows[row + HALF + AT_HIDDEN + k], rows[row + AT_W1 + n * WIDTH4 + k]);
  }
  return slope;
}

// Deltas of what the hypernetworks generated.
fn mix_units_backward(x: u32, thread: u32) {
  for (var item = thread; item < TILE * WIDTH4; item += WORKGROUP) {
    let row = x + item / WIDTH4 * ROW;
    let delta = row + HALF;
    let k = item % WIDTH4;
    let d = rows[delta + AT_TOTAL].x;
    let hidden = rows[row + AT_HIDDEN + k];
    let s = rows[row + AT_W2 + k] * elu_slope(hidden);
    rows[delta + AT_HIDDEN + k] = s;
    rows[delta + AT_B1 + k] = d * s;
    rows[delta + AT_W2_RAW + k] = d * hidden * positive_slope(rows[row + AT_W2_RAW + k]);
    for (var n = 0u; n < opaque(AGENTS); n++) {
      let q = rows[row + AT_CHOSEN + n / 4u][n % 4u];
      rows[delta + AT_W1_RAW + n * WIDTH4 + k] = d * s * q * positive_slope(rows[row + AT_W1_RAW + n * WIDTH4 + k]);
    }
    if (k == 0u) {
      rows[delta + AT_B2] = vec4f(d, 0.0, 0.0, 0.0);
    }
  }
}
