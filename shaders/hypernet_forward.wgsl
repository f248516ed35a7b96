// hypernet_forward: the mixer's weights from the state, raw: out_j = W2_j relu(W0_j s + b0_j) + b2_j
// for j = hyper_w1 (N·M outputs, agent-major), hyper_b1 (M), hyper_w2 (M), hyper_b2 (1).
// Reads AT_STATE (S), writes (=) AT_Z (4,K), AT_W1_RAW (N,M), AT_B1 (M), AT_W2_RAW (M), AT_B2 of half row `x`.
// The four hidden layers see the same input and are one dense layer of 4·K outputs.
// A workgroup takes four rows; a thread 4 rows x 4 outputs at a time.
// Cost: 8·(4·S·K + K·(N·M + 2·M + 1)) FLOP a tile
// Reference: src/reference/hypernet_forward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;

fn hypernet_forward(x: u32, net: u32, thread: u32) {
  for (var item = thread; item < 4u * HYPER4; item += WORKGROUP) {
    dense_forward(x + AT_STATE, x + AT_Z, net + HYPER_IN, STATE4, 4u * HYPER4, item, true);
  }
  rows_barrier();
  let w1_end = AGENTS * WIDTH4;
  let b1_end = w1_end + WIDTH4;
  let w2_end = b1_end + WIDTH4;
  for (var item = thread; item <= w2_end; item += WORKGROUP) {
    var z = x + AT_Z;
    var y = x + AT_W1_RAW;
    var w = net + HYPER_W1;
    var out4 = AGENTS * WIDTH4;
    var o = item;
    if (item >= w2_end) {
      z += 3u * HYPER4;
      y = x + AT_B2;
      w = net + HYPER_B2;
      out4 = 1u;
      o = 0u;
    } else if (item >= b1_end) {
      z += 2u * HYPER4;
      y = x + AT_W2_RAW;
      w = net + HYPER_W2;
      out4 = WIDTH4;
      o = item - b1_end;
    } else if (item >= w1_end) {
      z += HYPER4;
      y = x + AT_B1;
      w = net + HYPER_B1;
      out4 = WIDTH4;
      o = item - w1_end;
    }
    dense_forward(z, y, w, HYPER4, out4, o, false);
  }
  rows_barrier();
}
