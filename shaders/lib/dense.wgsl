// dense_forward: y = act(x Wᵀ + b), dense_backward: dx = (dy W) ⊙ [h > 0], for a tile of TILE rows
// x, y, h are quads in `rows` of the tile's first row, w the layer's first quad in `params`.
// A thread computes TILE rows x 4 numbers at a time, in matrices that stay in registers: for 16·TILE multiply-adds it
// loads 4 quads of weights and TILE of inputs, the same for all threads (spread.wgsl). Each number is summed in order by
// one thread: how work is spread changes no bit.
// There is no barrier: layers that do not wait for one another follow each other without.
// Cost of a layer: 2·TILE·in·out FLOP a tile.
// The kernel binds `params`, `rows` and `learners`.

#include eight.wgsl;

struct Dense {
  x: u32,
  y: u32,
  w: u32,
  in4: u32,
  out4: u32,
}

// The way back through a layer of the first half: from its output's delta to its input's, one half further.
fn delta_of(layer: Dense) -> Dense {
  return Dense(layer.y + HALF, layer.x + HALF, layer.w, layer.in4, layer.out4);
}

// Four rows of quads of the transposed weight, a column each.
fn weights(at: u32, out4: u32) -> mat4x4f {
  return mat4x4f(params[at], params[at + out4], params[at + 2u * out4], params[at + 3u * out4]);
}

// The four numbers of TILE rows that a thread has computed, to be taken one after another.
fn tile_quads(y0: Eight, y1: Eight, y2: Eight, y3: Eight) -> array<vec4f, 32> {
  return array<vec4f, 32>(
    y0.a[0], y0.a[1], y0.a[2], y0.a[3], y0.b[0], y0.b[1], y0.b[2], y0.b[3],
    y1.a[0], y1.a[1], y1.a[2], y1.a[3], y1.b[0], y1.b[1], y1.b[2], y1.b[3],
    y2.a[0], y2.a[1], y2.a[2], y2.a[3], y2.b[0], y2.b[1], y2.b[2], y2.b[3],
    y3.a[0], y3.a[1], y3.a[2], y3.a[3], y3.b[0], y3.b[1], y3.b[2], y3.b[3],
  );
}

// What a thread has computed of eight rows, from the tile's row `first` on, goes to `to` in the first row and what
// `place` says further down. Written out, for adapters on which a loop through an array costs more than its stores: APART.
fn put_eight(to: u32, first: u32, y: Eight, least: vec4f) {
  rows[to + place(first) * ROW] = max(y.a[0], least);
  rows[to + place(first + 1u) * ROW] = max(y.a[1], least);
  rows[to + place(first + 2u) * ROW] = max(y.a[2], least);
  rows[to + place(first + 3u) * ROW] = max(y.a[3], least);
  rows[to + place(first + 4u) * ROW] = max(y.b[0], least);
  rows[to + place(first + 5u) * ROW] = max(y.b[1], least);
  rows[to + place(first + 6u) * ROW] = max(y.b[2], least);
  rows[to + place(first + 7u) * ROW] = max(y.b[3], least);
}

// The same of deltas, which pass where the quad of their row at `h` is positive.
fn pass_row(to: u32, h: u32, row: u32, x: vec4f) {
  rows[to + row] = select(vec4f(), x, rows[h + row] > vec4f());
}

fn pass_eight(to: u32, h: u32, first: u32, x: Eight) {
  pass_row(to, h, place(first) * ROW, x.a[0]);
  pass_row(to, h, place(first + 1u) * ROW, x.a[1]);
  pass_row(to, h, place(first + 2u) * ROW, x.a[2]);
  pass_row(to, h, place(first + 3u) * ROW, x.a[3]);
  pass_row(to, h, place(first + 4u) * ROW, x.b[0]);
  pass_row(to, h, place(first + 5u) * ROW, x.b[1]);
  pass_row(to, h, place(first + 6u) * ROW, x.b[2]);
  pass_row(to, h, place(first + 7u) * ROW, x.b[3]);
}

fn dense_forward(layer: Dense, relu: bool, thread: u32) {
  let in4 = opaque(layer.in4);
  let out4 = layer.out4;
  // What is below is cut off.
  let least = vec4f(select(-0x1.fffffep+127f, 0.0, relu));
  for (var first = 0u; first < out4; first += WORKGROUP) {
    // Threads past the last output repeat it, as a subgroup loads together, and keep it to themselves.
    let o = min(first + thread, out4 - 1u);
    let bias = all_eight(params[layer.w + 4u * in4 * out4 + o]);
    var y0 = bias;
    var y1 = bias;
    var y2 = bias;
    var y3 = bias;
    for (var k = 0u; k < in4; k++) {
      let w = weights(layer.w + 4u * k * out4 + o, out4);
      let x = layer.x + k;
      y0 = add_product(y0, w, eight(x, ROW));
      if (TILE > 8u) {
        y1 = add_product(y1, w, eight(x + 8u * ROW, ROW));
      }
      if (TILE > 16u) {
        y2 = add_product(y2, w, eight(x + 16u * ROW, ROW));
        y3 = add_product(y3, w, eight(x + 24u * ROW, ROW));
      }
    }
    if (APART) {
      if (first + thread < out4) {
        let to = layer.y + o;
        put_eight(to, 0u, y0, least);
        if (TILE > 8u) {
          put_eight(to, 8u, y1, least);
        }
        if (TILE > 16u) {
          put_eight(to, 16u, y2, least);
          put_eight(to, 24u, y3, least);
        }
      }
    } else {
      var y = tile_quads(y0, y1, y2, y3);
      for (var r = 0u; r < select(0u, opaque(TILE), first + thread < out4); r++) {
        rows[layer.y + place(r) * ROW + o] = max(y[r], least);
      }
    }
  }
}

// dy stands at layer.x, dx goes to layer.y; in4, out4 and w are the layer's own. `h` is the value of the ReLU
// that made x: the delta passes where it is positive.
fn dense_backward(layer: Dense, h: u32, thread: u32) {
  let in4 = layer.in4;
  let out4 = opaque(layer.out4);
  for (var first = 0u; first < in4; first += WORKGROUP) {
    let i = min(first + thread, in4 - 1u);
    var x0 = Eight();
    var x1 = Eight();
    var x2 = Eight();
    var x3 = Eight();
    for (var k = 0u; k < out4; k++) {
      let w = transpose(weights(layer.w + 4u * i * out4 + k, out4));
      let dy = layer.x + k;
      x0 = add_product(x0, w, eight(dy, ROW));
      if (TILE > 8u) {
        x1 = add_product(x1, w, eight(dy + 8u * ROW, ROW));
      }
      if (TILE > 16u) {
        x2 = add_product(x2, w, eight(dy + 16u * ROW, ROW));
        x3 = add_product(x3, w, eight(dy + 24u * ROW, ROW));
      }
    }
    if (APART) {
      if (first + thread < in4) {
        pass_eight(layer.y + i, h + i, 0u, x0);
        if (TILE > 8u) {
          pass_eight(layer.y + i, h + i, 8u, x1);
        }
        if (TILE > 16u) {
          pass_eight(layer.y + i, h + i, 16u, x2);
          pass_eight(layer.y + i, h + i, 24u, x3);
        }
      }
    } else {
      var x = tile_quads(x0, x1, x2, x3);
      for (var r = 0u; r < select(0u, opaque(TILE), first + thread < in4); r++) {
        let at = place(r) * ROW + i;
        rows[layer.y + at] = select(vec4f(), x[r], rows[h + at] > vec4f());
      }
    }
  }
}
