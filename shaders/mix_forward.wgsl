// mix_forward: Q_tot = w2 · elu(Q w1 + b1) + b2 with w1 = softplus(raw), w2 = softplus(raw): monotonic in each Q_i
// Reads AT_CHOSEN (N), AT_W1_RAW (N,M), AT_B1 (M), AT_W2_RAW (M), AT_B2 of the half row `x`;
// writes (=) AT_W1 (N,M), AT_W2 (M), AT_HIDDEN (M), AT_TOTAL.
// A workgroup takes eight rows; a thread four units of a row, then eight threads sum a row each, in order.
// Cost: 8·M·(N + 1) FLOP and 4·M·(N + 2) transcendentals a tile
// Reference: src/reference/mix_forward.ts

#include lib/layout.wgsl;
#include lib/activation.wgsl;

fn mix_forward(x: u32, thread: u32) {
  for (var item = thread; item < TILE * WIDTH4; item += WORKGROUP) {
    let row = x + item / WIDTH4 * ROW;
    let k = item % WIDTH4;
    // softplus(0) is not 0: padded units would otherwise take part.
    let unit = lanes(k, WIDTH);
    var sum = rows[row + AT_B1 + k];
    for (var n = 0u; n < opaque(AGENTS); n++) {
      let w1 = select(vec4f(), softplus(rows[row + AT_W1_RAW + n * WIDTH4 + k]), unit);
      rows[row + AT_W1 + n * WIDTH4 + k] = w1;
      sum = fma(vec4f(rows[row + AT_CHOSEN + n / 4u][n % 4u]), w1, sum);
    }
    rows[row + AT_HIDDEN + k] = elu(sum);
    rows[row + AT_W2 + k] = select(vec4f(), softplus(rows[row + AT_W2_RAW + k]), unit);
  }
  storageBarrier();
  if (thread < TILE) {
    let row = x + thread * ROW;
    var total = rows[row + AT_B2].x;
    for (var k = 0u; k < opaque(WIDTH4); k++) {
      total += dot(rows[row + AT_HIDDEN + k], rows[row + AT_W2 + k]);
    }
    rows[row + AT_TOTAL] = vec4f(total, 0.0, 0.0, 0.0);
  }
  storageBarrier();
}
