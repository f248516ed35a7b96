// dense_forward: y = act(x Wᵀ + b), dense_backward: dx = (dy W) ⊙ [h > 0], for a tile of eight rows
// x, y, h are quads in `rows` of the tile's first row, w the layer's first quad in `params`.
// A thread computes 8 rows x 4 numbers. All threads read the same inputs, which are therefore
// staged in workgroup memory, a piece at a time; a weight quad is loaded once for eight rows. Each number is summed in order
// by one thread: how work is spread changes no bit.
// Cost of a layer: 16·in·out FLOP a tile; for 128 multiply-adds, 4 loads of weights and 8 of staged quads.
// The kernel binds `params`, `rows` and `learners`.

struct Dense {
  x: u32,
  y: u32,
  w: u32,
  in4: u32,
  out4: u32,
}

// Quads that are staged at a time, of eight rows each: 4 KiB.
const PIECE = 32u;
var<workgroup> staged: array<vec4f, PIECE * TILE>;

// Quads start..start+count-1 at x, eight rows of each, one after another.
fn stage(x: u32, start: u32, count: u32, thread: u32) {
  workgroupBarrier();
  for (var i = thread; i < count * TILE; i += WORKGROUP) {
    staged[i] = rows[x + i % TILE * ROW + start + i / TILE];
  }
  workgroupBarrier();
}

// Four rows of a staged quad, a column each.
fn staged_rows(i: u32) -> mat4x4f {
  return mat4x4f(staged[i], staged[i + 1u], staged[i + 2u], staged[i + 3u]);
}

// Four rows of quads of the transposed weight, a column each.
fn weights(at: u32, out4: u32) -> mat4x4f {
  return mat4x4f(params[at], params[at + out4], params[at + 2u * out4], params[at + 3u * out4]);
}

fn dense_forward(layer: Dense, relu: bool, thread: u32) {
  let in4 = opaque(layer.in4);
  let out4 = opaque(layer.out4);
  for (var first = 0u; first < out4; first += WORKGROUP) {
    let o = first + thread;
    let busy = o < out4;
    let bias = params[layer.w + 4u * in4 * out4 + min(o, out4 - 1u)];
    var y0 = mat4x4f(bias, bias, bias, bias);
    var y1 = y0;
    for (var start = 0u; start < in4; start += PIECE) {
      let count = min(PIECE, in4 - start);
      stage(layer.x, start, count, thread);
      // Loops of no turns instead of branches: lavapipe steps over the one, but runs through the other.
      for (var k = 0u; k < select(0u, count, busy); k++) {
        let w = weights(layer.w + 4u * (start + k) * out4 + o, out4);
        y0 += w * staged_rows(k * TILE);
        y1 += w * staged_rows(k * TILE + 4u);
      }
    }
    var y = array<vec4f, TILE>(y0[0], y0[1], y0[2], y0[3], y1[0], y1[1], y1[2], y1[3]);
    for (var r = 0u; r < select(0u, TILE, busy); r++) {
      rows[layer.y + r * ROW + o] = select(y[r], max(y[r], vec4f()), relu);
    }
  }
  storageBarrier();
}

// dy stands at layer.x, dx goes to layer.y; in4, out4 and w are the layer's own. `h` is the value of the ReLU
// that made x: the delta passes where it is positive.
fn dense_backward(layer: Dense, h: u32, thread: u32) {
  let in4 = opaque(layer.in4);
  let out4 = opaque(layer.out4);
  for (var first = 0u; first < in4; first += WORKGROUP) {
    let i = first + thread;
    let busy = i < in4;
    var x0 = mat4x4f();
    var x1 = mat4x4f();
    for (var start = 0u; start < out4; start += PIECE) {
      let count = min(PIECE, out4 - start);
      stage(layer.x, start, count, thread);
      for (var k = 0u; k < select(0u, count, busy); k++) {
        let w = transpose(weights(layer.w + 4u * i * out4 + start + k, out4));
        x0 += w * staged_rows(k * TILE);
        x1 += w * staged_rows(k * TILE + 4u);
      }
    }
    var x = array<vec4f, TILE>(x0[0], x0[1], x0[2], x0[3], x1[0], x1[1], x1[2], x1[3]);
    for (var r = 0u; r < select(0u, TILE, busy); r++) {
      let at = r * ROW + i;
      rows[layer.y + at] = select(vec4f(), x[r], rows[h + at] > vec4f());
    }
  }
  storageBarrier();
}
