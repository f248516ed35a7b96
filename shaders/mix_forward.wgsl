// mix_forward: Q_tot from the agents' Q-values
//   monotonic  Q_tot = w2 · elu(Q w1 + b1) + b2, w1 and w2 made positive from raw (softplus, or the absolute value)
//   sum        Q_tot = Σ_n Q_n
//   none       a value of its own for each agent: Q_n
// Reads AT_CHOSEN (N) and, monotonic, AT_W1_RAW (N,M), AT_B1 (M), AT_W2_RAW (M), AT_B2 of the half row `x`;
// writes (=) AT_TOTAL (V) and, monotonic, AT_W1 (N,M), AT_W2 (M), AT_HIDDEN (M).
// A workgroup takes TILE rows; a thread four units of a row, then a value of a row, summed in order.
// Cost: TILE·M·(N + 1) FLOP and TILE/2·M·(N + 2) transcendentals a tile
// Reference: src/reference/mix_forward.ts

#include lib/layout.wgsl;
#include lib/activation.wgsl;

fn mix_forward(x: u32, thread: u32) {
  if (MIXER == MONOTONIC) {
    mix_units(x, thread);
    storageBarrier();
  }
  mix_totals(x, thread);
}

fn mix_totals(x: u32, thread: u32) {
  for (var item = thread; item < TILE * VALUES4; item += WORKGROUP) {
    let row = x + item / VALUES4 * ROW;
    let value = item % VALUES4;
    var total = vec4f();
    switch (MIXER) {
      case NONE: {
        total = rows[row + AT_CHOSEN + value];
      }
      case SUM: {
        for (var n = 0u; n < opaque(AGENTS); n++) {
          total.x += rows[row + AT_CHOSEN + n / 4u][n % 4u];
        }
      }
      default: {
        total.x = rows[row + AT_B2].x;
        for (var k = 0u; k < opaque(WIDTH4); k++) {
          total.x += dot(rows[row + AT_HIDDEN + k], rows[row + AT_W2 + k]);
        }
      }
    }
    rows[row + AT_TOTAL + value] = total;
  }
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
}
