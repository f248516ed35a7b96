// agent_backward: deltas of the agents' hidden layers from that of their Q-values
//   dh2 = (dq W4) ⊙ [h2 > 0], dh1 = (dh2 W2) ⊙ [h1 > 0]
// Reads AT_Q of the second half (dq: (N,A), zero but for the chosen action), AT_H1 and AT_H2 of the first;
// writes (=) AT_H2 and AT_H1 of the second.
// A workgroup takes four rows; a thread 4 rows x 4 inputs of one agent at a time.
// Cost: 8·N·(H·A + H²) FLOP a tile
// Reference: src/reference/agent_backward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;

fn agent_backward(x: u32, net: u32, thread: u32) {
  for (var item = thread; item < AGENTS * HIDDEN4; item += WORKGROUP) {
    let n = item / HIDDEN4;
    let h = x + AT_H2 + n * HIDDEN4;
    dense_backward(x + HALF + AT_Q + n * ACTIONS4, h + HALF, h, net + n * AGENT_STRIDE + AGENT_4,
                   ACTIONS4, item % HIDDEN4);
  }
  rows_barrier();
  for (var item = thread; item < AGENTS * HIDDEN4; item += WORKGROUP) {
    let n = item / HIDDEN4;
    let h = x + AT_H1 + n * HIDDEN4;
    dense_backward(x + HALF + AT_H2 + n * HIDDEN4, h + HALF, h, net + n * AGENT_STRIDE + AGENT_2,
                   HIDDEN4, item % HIDDEN4);
  }
}
