// hypernet_forward: the mixer's weights from the state, raw: out_j = W2_j relu(W0_j s + b0_j) + b2_j
// for j = hyper_w1 (N·M outputs, agent-major), hyper_b1 (M), hyper_w2 (M), hyper_b2 (1).
// Reads AT_STATE (S), writes (=) AT_Z (4,K), AT_W1_RAW (N,M), AT_B1 (M), AT_W2_RAW (M), AT_B2 of half row `x`.
// The four hidden layers see the same input and are one dense layer of 4·K outputs.
// A workgroup takes eight rows; a thread 8 rows x 4 outputs at a time.
// Cost: 16·(4·S·K + K·(N·M + 2·M + 1)) FLOP a tile
// Reference: src/reference/hypernet_forward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;

// The second layer of the j-th hypernetwork.
fn hyper_layer(x: u32, net: u32, j: u32) -> Dense {
  let z = x + AT_Z + j * HYPER4;
  switch (j) {
    case 0u: {
      return Dense(z, x + AT_W1_RAW, net + HYPER_W1, HYPER4, AGENTS * WIDTH4);
    }
    case 1u: {
      return Dense(z, x + AT_B1, net + HYPER_B1, HYPER4, WIDTH4);
    }
    case 2u: {
      return Dense(z, x + AT_W2_RAW, net + HYPER_W2, HYPER4, WIDTH4);
    }
    default: {
      return Dense(z, x + AT_B2, net + HYPER_B2, HYPER4, 1u);
    }
  }
}

fn hypernet_forward(x: u32, net: u32, thread: u32) {
  for (var j = 0u; j < opaque(5u); j++) {
    var layer = Dense(x + AT_STATE, x + AT_Z, net + HYPER_IN, STATE4, 4u * HYPER4);
    if (j > 0u) {
      layer = hyper_layer(x, net, j - 1u);
    }
    dense_forward(layer, j == 0u, thread);
  }
}
