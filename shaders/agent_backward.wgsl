// agent_backward: deltas of the agents' hidden layers from that of their Q-values
//   dh2 = (dq W4) ⊙ [h2 > 0], dh1 = (dh2 W2) ⊙ [h1 > 0]
// Reads AT_Q of the second half (dq: (N,A), zero but for the chosen action), AT_H1 and AT_H2 of the first;
// writes (=) AT_H2 and AT_H1 of the second.
// A workgroup takes TILE rows; a thread TILE rows x 4 inputs of one agent at a time.
// Cost: 2·TILE·N·(H·A + H²) FLOP a tile
// Reference: src/reference/agent_backward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;
#include agent_forward.wgsl;

fn agent_backward(x: u32, net: u32, thread: u32) {
  for (var j = 2u; j > opaque_for_all(0u); j--) {
    for (var n = 0u; n < opaque(AGENTS); n++) {
      let layer = agent_layer(x, x, net, n, j);
      dense_backward(delta_of(layer), layer.x, thread);
    }
    storageBarrier();
  }
}
