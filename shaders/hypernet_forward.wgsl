// hypernet_forward: the mixer's weights from the state, raw: out_j = W2_j relu(W0_j s + b0_j) + b2_j, or, where
// the hypernetwork has one layer, W0_j s + b0_j; j = hyper_w1 (N·M outputs, agent-major), hyper_b1 (M),
// hyper_w2 (M), hyper_b2 (1).
// Reads AT_STATE (S), writes (=) AT_Z (..,K), AT_W1_RAW (N,M), AT_B1 (M), AT_W2_RAW (M), AT_B2 of half row `x`.
// The hidden layers see the same input and are one dense layer.
// A workgroup takes TILE rows; a thread TILE rows x 4 outputs at a time.
// Cost: 2·TILE·(4·S·K + K·(N·M + 2·M + 1)) FLOP a tile
// Reference: src/reference/hypernet_forward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;

const HYPERNETWORKS = 4u;

// The last layer of the j-th hypernetwork.
fn hyper_layer(x: u32, net: u32, j: u32) -> Dense {
  switch (j) {
    case 0u: {
      return Dense(x + HYPER_W1_FROM, x + AT_W1_RAW, net + HYPER_W1, inputs4(HYPER_W1_FROM), AGENTS * WIDTH4);
    }
    case 1u: {
      return Dense(x + HYPER_B1_FROM, x + AT_B1, net + HYPER_B1, inputs4(HYPER_B1_FROM), WIDTH4);
    }
    case 2u: {
      return Dense(x + HYPER_W2_FROM, x + AT_W2_RAW, net + HYPER_W2, inputs4(HYPER_W2_FROM), WIDTH4);
    }
    default: {
      return Dense(x + HYPER_B2_FROM, x + AT_B2, net + HYPER_B2, inputs4(HYPER_B2_FROM), 1u);
    }
  }
}

// Quads that a layer which reads `field` takes in.
fn inputs4(field: u32) -> u32 {
  return select(HYPER4, STATE4, field == AT_STATE);
}

// Layers that wait for those of the phase before: the hidden ones, as one, then the last.
fn hyper_layers(phase: u32) -> u32 {
  switch (phase) {
    case 0u: {
      return 1u;
    }
    case 1u: {
      return HYPERNETWORKS;
    }
    default: {
      return 0u;
    }
  }
}

fn hyper_phase_layer(x: u32, net: u32, phase: u32, j: u32) -> Dense {
  if (phase == 0u) {
    return Dense(x + AT_STATE, x + AT_Z, net + HYPER_IN, STATE4, HYPER_IN_OUT4);
  }
  return hyper_layer(x, net, j);
}

fn hypernet_forward(x: u32, net: u32, thread: u32) {
  for (var phase = 0u; phase < opaque_for_all(2u); phase++) {
    for (var j = 0u; j < opaque(hyper_layers(phase)); j++) {
      dense_forward(hyper_phase_layer(x, net, phase, j), phase == 0u, thread);
    }
    storageBarrier();
  }
}
