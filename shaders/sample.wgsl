// sample: draws a batch from replay, uniformly with replacement, and lays it out in rows
// Row b of update u of a learner takes slot below(philox(seed, SAMPLE, u, b), filled); IN_ORDER: slot b.
// replay (L, capacity, record) f32, records as src/shapes.ts recordLayout has them;
// writes (=) AT_INPUT and AT_STATE of both halves, AT_ACTION and AT_OUTCOME of the first and, where MASKED,
// AT_AVAILABLE of the second.
// A workgroup takes TILE rows; a thread builds one quad at a time, its padding zero.
// Cost: 4·TILE·record bytes read a tile
// Reference: src/reference/sample.ts

#include lib/layout.wgsl;
#include lib/random.wgsl;

override CAPACITY: u32;
override RECORD: u32;
override RECORD_NEXT: u32;
override RECORD_ACTIONS: u32;
override RECORD_REWARD: u32;
override RECORD_AVAILABLE: u32;
override IN_ORDER: bool = false;

var<workgroup> slots: array<u32, TILE>;

// Quad k of the `size` numbers that start at `first`, over `quad`.
fn replay_quad(first: u32, size: u32, k: u32, quad: vec4f) -> vec4f {
  var result = quad;
  for (var c = 4u * k; c < min(4u * k + 4u, size); c++) {
    result[c % 4u] = replay[first + c];
  }
  return result;
}

fn sample(x: u32, first_row: u32, learner: u32, seed: u32, stored: u32, update: u32, thread: u32) {
  for (var r = thread; r < TILE; r += WORKGROUP) {
    let b = first_row + r;
    let drawn = below(philox(seed, STREAM_SAMPLE, update, b).x, min(stored, CAPACITY));
    // Rows that only pad the last tile hold any transition: no one reads them.
    slots[r] = select(drawn, min(b, CAPACITY - 1u), IN_ORDER);
  }
  workgroupBarrier();
  let seen4 = AGENTS * INPUT4;
  let half4 = seen4 + STATE4;
  let actions_end4 = 2u * half4 + AGENTS4;
  let row4 = actions_end4 + 1u + select(0u, AGENTS * ACTIONS4, MASKED);
  for (var item = thread; item < TILE * row4; item += WORKGROUP) {
    let r = item / row4;
    let k = item % row4;
    let record = (learner * CAPACITY + slots[r]) * RECORD;
    let row = x + r * ROW;
    if (k < 2u * half4) {
      let half = k / half4;
      let i = k % half4;
      let source = record + half * RECORD_NEXT;
      let half_row = row + half * HALF;
      if (i < seen4) {
        let n = i / INPUT4;
        let j = i % INPUT4;
        rows[half_row + AT_INPUT + i] = replay_quad(source + n * OBSERVATION, OBSERVATION, j, one_hot(n, j));
      } else {
        let j = i - seen4;
        rows[half_row + AT_STATE + j] = replay_quad(source + AGENTS * OBSERVATION, STATE, j, vec4f());
      }
    } else if (k < actions_end4) {
      let j = k - 2u * half4;
      rows[row + AT_ACTION + j] = replay_quad(record + RECORD_ACTIONS, AGENTS, j, vec4f());
    } else if (k == actions_end4) {
      rows[row + AT_OUTCOME] = replay_quad(record + RECORD_REWARD, 2u, 0u, vec4f());
    } else {
      let i = k - actions_end4 - 1u;
      let first = record + RECORD_AVAILABLE + i / ACTIONS4 * ACTIONS;
      rows[row + HALF + AT_AVAILABLE + i] = replay_quad(first, ACTIONS, i % ACTIONS4, vec4f());
    }
  }
  storageBarrier();
}
