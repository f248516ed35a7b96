// agent_backward: deltas of the agents' hidden layers from that of their Q-values
//   dh2 = (dq W4) ⊙ [h2 > 0], dh1 = (dh2 W2) ⊙ [h1 > 0]
// Reads AT_Q of the second half (dq: (N,A), zero but for the chosen action), AT_H1 and AT_H2 of the first;
// writes (=) AT_H2 and AT_H1 of the second.
// A workgroup takes eight rows; a thread 8 rows x 4 inputs of one agent at a time.
// Cost: 16·N·(H·A + H²) FLOP a tile
// Reference: src/reference/agent_backward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;
#include agent_forward.wgsl;

fn agent_backward(x: u32, net: u32, thread: u32) {
  for (var j = 0u; j < opaque(2u * AGENTS); j++) {
    let layer = agent_layer(x, net, j / 2u, 2u - j % 2u);
    dense_backward(Dense(layer.y + HALF, layer.x + HALF, layer.w, layer.in4, layer.out4), layer.x, thread);
  }
}
