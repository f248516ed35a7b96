// sample: draws a batch from replay, uniformly with replacement, and lays it out in rows
// Row b of update u of a learner takes slot below(philox(seed, SAMPLE, u, b), filled); IN_ORDER: slot b.
// replay (L, capacity, record) f32, records as src/shapes.ts recordLayout has them;
// writes (=) AT_OBSERVATION and AT_STATE of both halves, AT_ACTION and AT_TD of the first.
// A workgroup takes eight rows; a thread builds one quad at a time, its padding zero.
// Cost: 4·record·4 bytes read a tile
// Reference: src/reference/sample.ts

#include lib/layout.wgsl;
#include lib/random.wgsl;

override CAPACITY: u32;
override RECORD: u32;
override RECORD_NEXT: u32;
override RECORD_ACTIONS: u32;
override RECORD_REWARD: u32;
override IN_ORDER: bool = false;

var<workgroup> slots: array<u32, TILE>;

// Quad k of the `size` numbers that start at `first`.
fn replay_quad(first: u32, size: u32, k: u32) -> vec4f {
  var quad = vec4f();
  for (var c = 0u; c < min(4u, size - 4u * k); c++) {
    quad[c] = replay[first + 4u * k + c];
  }
  return quad;
}

fn sample(x: u32, first_row: u32, learner: u32, seed: u32, stored: u32, update: u32, thread: u32) {
  if (thread < TILE) {
    let b = first_row + thread;
    let drawn = below(philox(seed, STREAM_SAMPLE, update, b).x, min(stored, CAPACITY));
    // Rows that only pad the last tile hold any transition: no one reads them.
    slots[thread] = select(drawn, min(b, CAPACITY - 1u), IN_ORDER);
  }
  workgroupBarrier();
  let seen4 = AGENTS * OBSERVATION4;
  let half4 = seen4 + STATE4;
  let row4 = 2u * half4 + AGENTS4 + 1u;
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
        let n = i / OBSERVATION4;
        rows[half_row + AT_OBSERVATION + i] = replay_quad(source + n * OBSERVATION, OBSERVATION, i % OBSERVATION4);
      } else {
        rows[half_row + AT_STATE + i - seen4] = replay_quad(source + AGENTS * OBSERVATION, STATE, i - seen4);
      }
    } else if (k < row4 - 1u) {
      rows[row + AT_ACTION + k - 2u * half4] = replay_quad(record + RECORD_ACTIONS, AGENTS, k - 2u * half4);
    } else {
      rows[row + AT_TD] = replay_quad(record + RECORD_REWARD, 2u, 0u);
    }
  }
  storageBarrier();
}
