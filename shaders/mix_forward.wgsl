// mix_forward: Q_tot from the agents' Q-values
//   monotonic  Q_tot = w2 · elu(Q w1 + b1) + b2, w1 and w2 made positive from raw (softplus, or the absolute value)
//   sum        Q_tot = Σ_n Q_n
//   none       a value of its own for each agent: Q_n
// Reads AT_CHOSEN (N) and, monotonic, AT_W1_RAW (N,M), AT_B1 (M), AT_W2_RAW (M), AT_B2 of the half row `x`;
// writes (=) AT_TOTAL (V) and, monotonic, AT_W1 (N,M), AT_W2 (M), AT_HIDDEN (M).
// A workgroup takes eight rows; a thread four units of a row, then eight threads sum a row each, in order.
// Cost: 8·M·(N + 1) FLOP and 4·M·(N + 2) transcendentals a tile
// Reference: src/reference/mix_forward.ts

#include lib/layout.wgsl;
#include lib/activation.wgsl;

fn mix_forward(x: u32, thread: u32) {
  if (MIXER == MONOTONIC) {
    mix_units(x, thread);
  }
  if (thread < TILE) {
    let row = x + thread * ROW;
    switch (MIXER) {
      case NONE: {
        for (var n = 0u; n < opaque(AGENTS4); n++) {
          rows[row + AT_TOTAL + n] = rows[row + AT_CHOSEN + n];
        }
      }
      case SUM: {
        var total = 0.0;
        for (var n = 0u; n < opaque(AGENTS); n++) {
          total += rows[row + AT_CHOSEN + n / 4u][n % 4u];
        }
        rows[row + AT_TOTAL] = vec4f(total, 0.0, 0.0, 0.0);
      }
      default: {
        var total = rows[row + AT_B2].x;
        for (var k = 0u; k < opaque(WIDTH4); k++) {
          total += dot(rows[row + AT_HIDDEN + k], rows[row + AT_W2 + k]);
        }
        rows[row + AT_TOTAL] = vec4f(total, 0.0, 0.0, 0.0);
      }
    }
  }
  storageBarrier();
}

// What makes the mixer's weights positive, and its derivative (that of |x| at 0 is 0, as in PyTorch).
fn positive(x: vec4f) -> vec4f {
  if (ABSOLUTE) {
    return abs(x);
  }
  return softplus(x);
}

fn positive_slope(x: vec4f) -> vec4f {
  if (ABSOLUTE) {
    return sign(x);
  }
  return sigmoid(x);
}

// The monotonic mixer's hidden layer.
fn mix_units(x: u32, thread: u32) {
  for (var item = thread; item < TILE * WIDTH4; item += WORKGROUP) {
    let row = x + item / WIDTH4 * ROW;
    let k = item % WIDTH4;
    // softplus(0) is not 0: padded units would otherwise take part.
    let unit = lanes(k, WIDTH);
    var sum = rows[row + AT_B1 + k];
    for (var n = 0u; n < opaque(AGENTS); n++) {
      let w1 = select(vec4f(), positive(rows[row + AT_W1_RAW + n * WIDTH4 + k]), unit);
      rows[row + AT_W1 + n * WIDTH4 + k] = w1;
      sum = fma(vec4f(rows[row + AT_CHOSEN + n / 4u][n % 4u]), w1, sum);
    }
    rows[row + AT_HIDDEN + k] = elu(sum);
    rows[row + AT_W2 + k] = select(vec4f(), positive(rows[row + AT_W2_RAW + k]), unit);
  }
  storageBarrier();
}
