// hypernet_backward: deltas of the hypernetworks' hidden layers from those of their raw outputs
//   dz_j = (dout_j W2_j) ⊙ [z_j > 0], j = hyper_w1, hyper_b1, hyper_w2, hyper_b2
// Reads AT_W1_RAW, AT_B1, AT_W2_RAW, AT_B2 of the second half and AT_Z of the first; writes (=) AT_Z of the second.
// A workgroup takes four rows; a thread 4 rows x 4 inputs at a time.
// Cost: 8·K·(N·M + 2·M + 1) FLOP a tile
// Reference: src/reference/hypernet_backward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;

fn hypernet_backward(x: u32, net: u32, thread: u32) {
  for (var item = thread; item < 4u * HYPER4; item += WORKGROUP) {
    let j = item / HYPER4;
    let z = x + AT_Z + j * HYPER4;
    var dy = x + HALF + AT_W1_RAW;
    var w = net + HYPER_W1;
    var out4 = AGENTS * WIDTH4;
    if (j == 1u) {
      dy = x + HALF + AT_B1;
      w = net + HYPER_B1;
      out4 = WIDTH4;
    } else if (j == 2u) {
      dy = x + HALF + AT_W2_RAW;
      w = net + HYPER_W2;
      out4 = WIDTH4;
    } else if (j == 3u) {
      dy = x + HALF + AT_B2;
      w = net + HYPER_B2;
      out4 = 1u;
    }
    dense_backward(dy, z + HALF, z, w, out4, item % HYPER4);
  }
}
