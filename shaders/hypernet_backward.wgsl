// hypernet_backward: deltas of the hypernetworks' hidden layers from those of their raw outputs
//   dz_j = (dout_j W2_j) ⊙ [z_j > 0], j = those of hyper_w1, hyper_b1, hyper_w2, hyper_b2 that have one
// Reads AT_W1_RAW, AT_B1, AT_W2_RAW, AT_B2 of the second half and AT_Z of the first; writes (=) AT_Z of the second.
// A workgroup takes TILE rows; a thread TILE rows x 4 inputs at a time.
// Cost: 2·TILE·K·(N·M + 2·M + 1) FLOP a tile
// Reference: src/reference/hypernet_backward.ts

#include lib/layout.wgsl;
#include lib/dense.wgsl;
#include hypernet_forward.wgsl;

// The last layer of the j-th hypernetwork, of no inputs where they are the state, of which nothing is asked.
fn hidden_layer(x: u32, net: u32, j: u32) -> Dense {
  var layer = hyper_layer(x, net, j);
  layer.in4 = select(layer.in4, 0u, layer.x == x + AT_STATE);
  return layer;
}

fn hypernet_backward(x: u32, net: u32, thread: u32) {
  for (var j = 0u; j < opaque(HYPERNETWORKS); j++) {
    let layer = hidden_layer(x, net, j);
    dense_backward(delta_of(layer), layer.x, thread);
  }
  storageBarrier();
}
