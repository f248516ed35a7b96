// dense_forward: y = act(x Wᵀ + b), dense_backward: dx = dy W ⊙ [h > 0], both for 4 rows x 4 numbers.
// The register tile that all networks are made of: a thread loads every weight quad once for four rows.
// x, y are quads in `rows` of the tile's first row; w the layer's first quad in `params`.
// Each output is summed in order by one thread: how work is spread changes no bit.
// Cost of a layer: 2 * 4 * in * out FLOP a tile; 8 loads for 64 fused multiply-adds.
// Needs `params` and `rows` to be bound by the kernel.

fn dense_forward(x: u32, y: u32, w: u32, in4: u32, out4: u32, o: u32, relu: bool) {
  let bias = params[w + 4u * in4 * out4 + o];
  var y0 = bias;
  var y1 = bias;
  var y2 = bias;
  var y3 = bias;
  var at = w + o;
  for (var k = 0u; k < in4; k++) {
    let w0 = params[at];
    let w1 = params[at + out4];
    let w2 = params[at + 2u * out4];
    let w3 = params[at + 3u * out4];
    at += 4u * out4;
    let x0 = rows[x + k];
    let x1 = rows[x + ROW + k];
    let x2 = rows[x + 2u * ROW + k];
    let x3 = rows[x + 3u * ROW + k];
    y0 = fma(vec4f(x0.w), w3, fma(vec4f(x0.z), w2, fma(vec4f(x0.y), w1, fma(vec4f(x0.x), w0, y0))));
    y1 = fma(vec4f(x1.w), w3, fma(vec4f(x1.z), w2, fma(vec4f(x1.y), w1, fma(vec4f(x1.x), w0, y1))));
    y2 = fma(vec4f(x2.w), w3, fma(vec4f(x2.z), w2, fma(vec4f(x2.y), w1, fma(vec4f(x2.x), w0, y2))));
    y3 = fma(vec4f(x3.w), w3, fma(vec4f(x3.z), w2, fma(vec4f(x3.y), w1, fma(vec4f(x3.x), w0, y3))));
  }
  if (relu) {
    y0 = max(y0, vec4f());
    y1 = max(y1, vec4f());
    y2 = max(y2, vec4f());
    y3 = max(y3, vec4f());
  }
  rows[y + o] = y0;
  rows[y + ROW + o] = y1;
  rows[y + 2u * ROW + o] = y2;
  rows[y + 3u * ROW + o] = y3;
}

// `h` is the quad of the ReLU's value that x was: the delta passes where it is positive. Input quad i.
fn dense_backward(dy: u32, dx: u32, h: u32, w: u32, out4: u32, i: u32) {
  var x0 = vec4f();
  var x1 = vec4f();
  var x2 = vec4f();
  var x3 = vec4f();
  let at = w + 4u * i * out4;
  for (var o = 0u; o < out4; o++) {
    let w0 = params[at + o];
    let w1 = params[at + out4 + o];
    let w2 = params[at + 2u * out4 + o];
    let w3 = params[at + 3u * out4 + o];
    let d0 = rows[dy + o];
    let d1 = rows[dy + ROW + o];
    let d2 = rows[dy + 2u * ROW + o];
    let d3 = rows[dy + 3u * ROW + o];
    x0 += vec4f(dot(d0, w0), dot(d0, w1), dot(d0, w2), dot(d0, w3));
    x1 += vec4f(dot(d1, w0), dot(d1, w1), dot(d1, w2), dot(d1, w3));
    x2 += vec4f(dot(d2, w0), dot(d2, w1), dot(d2, w2), dot(d2, w3));
    x3 += vec4f(dot(d3, w0), dot(d3, w1), dot(d3, w2), dot(d3, w3));
  }
  rows[dx + i] = select(vec4f(), x0, rows[h + i] > vec4f());
  rows[dx + ROW + i] = select(vec4f(), x1, rows[h + ROW + i] > vec4f());
  rows[dx + 2u * ROW + i] = select(vec4f(), x2, rows[h + 2u * ROW + i] > vec4f());
  rows[dx + 3u * ROW + i] = select(vec4f(), x3, rows[h + 3u * ROW + i] > vec4f());
}

// All of a workgroup's writes to `rows` so far become visible to all of its threads.
fn rows_barrier() {
  storageBarrier();
}
