// dense_forward: y = act(x Wᵀ + b), dense_backward: dx = (dy W) ⊙ [h > 0], for a tile of eight rows
// A layer is `blocks` equal layers side by side (the agents' networks): block j maps in4 quads at x + j·in4 of
// each row to out4 quads at y + j·out4, with parameters at w + j·stride. x, y are quads in `rows` of the tile's
// first row, w one in `params`.
// A thread computes 8 rows x 4 numbers. What all threads read, they first stage in workgroup memory, in as
// many pieces as that takes; a weight quad is loaded once for eight rows. Each number is summed in order by
// one thread: how work is spread changes no bit.
// Cost of a layer: 16·in·out FLOP a tile; 4 loads of weights and 2 of staged matrices for 128 multiply-adds.
// The kernel binds `params`, `rows` and `learners`.

struct Dense {
  x: u32,
  y: u32,
  w: u32,
  in4: u32,
  out4: u32,
  blocks: u32,
  stride: u32,
}

// Quads of eight rows that fit: 12 KiB of the 16 that every adapter has.
const STAGED = 96u;
var<workgroup> staged: array<vec4f, STAGED * TILE>;

// Quads first..first+count-1 of blocks block..block+blocks-1 (size4 quads each): eight rows of each, one after another.
fn stage(x: u32, size4: u32, block: u32, blocks: u32, first: u32, count: u32, thread: u32) {
  workgroupBarrier();
  for (var i = thread; i < blocks * count * TILE; i += WORKGROUP) {
    let r = i % TILE;
    let quad = i / TILE;
    staged[i] = rows[x + r * ROW + (block + quad / count) * size4 + first + quad % count];
  }
  workgroupBarrier();
}

// Four rows of a staged quad; a row is a column.
fn staged_rows(i: u32) -> mat4x4f {
  return mat4x4f(staged[i], staged[i + 1u], staged[i + 2u], staged[i + 3u]);
}

fn dense_forward(layer: Dense, relu: bool, thread: u32) {
  let in4 = opaque(layer.in4);
  let out4 = layer.out4;
  let total = opaque(layer.blocks * out4);
  for (var first = 0u; first < total; first += WORKGROUP) {
    // The blocks that this round's threads work on, and how much of each can be staged at a time.
    let block = first / out4;
    let blocks = (min(first + WORKGROUP, total) - 1u) / out4 - block + 1u;
    let piece = STAGED / blocks;
    let busy = first + thread < total;
    let item = min(first + thread, total - 1u);
    let w = layer.w + item / out4 * layer.stride + item % out4;
    let bias = params[w + 4u * in4 * out4];
    var y0 = mat4x4f(bias, bias, bias, bias);
    var y1 = y0;
    for (var start = 0u; start < in4; start += piece) {
      let count = min(piece, in4 - start);
      stage(layer.x, in4, block, blocks, start, count, thread);
      let mine = TILE * (item / out4 - block) * count;
      var at = w + 4u * start * out4;
      for (var k = 0u; k < select(0u, count, busy); k++) {
        let quad = mat4x4f(params[at], params[at + out4], params[at + 2u * out4], params[at + 3u * out4]);
        at += 4u * out4;
        y0 += quad * staged_rows(mine + TILE * k);
        y1 += quad * staged_rows(mine + TILE * k + 4u);
      }
    }
    if (busy) {
      let floor = select(vec4f(-0x1.fffffep+127), vec4f(), relu);
      var y = array<vec4f, TILE>(y0[0], y0[1], y0[2], y0[3], y1[0], y1[1], y1[2], y1[3]);
      for (var r = 0u; r < opaque(TILE); r++) {
        rows[layer.y + r * ROW + item] = max(y[r], floor);
      }
    }
  }
  storageBarrier();
}

// `layer.x` is where dy stands and `layer.y` where dx goes: out4 and in4 are still the layer's own.
// `h` is the value of the ReLU that made x: the delta passes where it is positive.
fn dense_backward(layer: Dense, h: u32, thread: u32) {
  let in4 = layer.in4;
  let out4 = opaque(layer.out4);
  let total = opaque(layer.blocks * in4);
  for (var first = 0u; first < total; first += WORKGROUP) {
    let block = first / in4;
    let blocks = (min(first + WORKGROUP, total) - 1u) / in4 - block + 1u;
    let piece = STAGED / blocks;
    let busy = first + thread < total;
    let item = min(first + thread, total - 1u);
    let w = layer.w + item / in4 * layer.stride + item % in4 * 4u * out4;
    var x0 = mat4x4f();
    var x1 = mat4x4f();
    for (var start = 0u; start < out4; start += piece) {
      let count = min(piece, out4 - start);
      stage(layer.x, out4, block, blocks, start, count, thread);
      let mine = TILE * (item / in4 - block) * count;
      for (var k = 0u; k < select(0u, count, busy); k++) {
        let at = w + start + k;
        let quad = transpose(mat4x4f(params[at], params[at + out4], params[at + 2u * out4], params[at + 3u * out4]));
        x0 += quad * staged_rows(mine + TILE * k);
        x1 += quad * staged_rows(mine + TILE * k + 4u);
      }
    }
    if (busy) {
      var x = array<vec4f, TILE>(x0[0], x0[1], x0[2], x0[3], x1[0], x1[1], x1[2], x1[3]);
      for (var r = 0u; r < opaque(TILE); r++) {
        let at = r * ROW + item;
        rows[layer.y + at] = select(vec4f(), x[r], rows[h + at] > vec4f());
      }
    }
  }
  storageBarrier();
}
