// td_error: double-Q target, TD error and the derivative of the loss mean_b (Q_tot - y)²
//   a'_i = argmax_a Q_i(o'_i, a) online; y = r + γ (1 - terminated) Q_tot_target(s', Q_target(o', a'))
// next_actions: from AT_Q of the second half, online, writes (=) AT_ACTION there.
// chosen_values: Q_i(o_i, a_i) of a half into AT_CHOSEN.
// td_error: reads AT_TOTAL of both halves; writes (=) target and TD error into AT_TD, and
//   d = dLoss/dQ_tot = 2 (Q_tot - y) / B into AT_B2 of the second half, where b2's delta belongs.
// A workgroup takes eight rows; a thread four agents of a row, or a row.
// Cost: 4·N·A comparisons a tile
// Reference: src/reference/td_error.ts

#include lib/layout.wgsl;
#include agent_forward.wgsl;

fn next_actions(x: u32, thread: u32) {
  for (var item = thread; item < TILE * AGENTS4; item += WORKGROUP) {
    let next = x + item / AGENTS4 * ROW + HALF;
    let first = item % AGENTS4 * 4u;
    var actions = vec4f();
    for (var n = first; n < min(first + 4u, opaque(AGENTS)); n++) {
      actions[n - first] = f32(greedy_action(next, n));
    }
    rows[next + AT_ACTION + item % AGENTS4] = actions;
  }
  storageBarrier();
}

fn chosen_values(x: u32, thread: u32) {
  for (var item = thread; item < TILE * AGENTS4; item += WORKGROUP) {
    let row = x + item / AGENTS4 * ROW;
    let first = item % AGENTS4 * 4u;
    let actions = rows[row + AT_ACTION + item % AGENTS4];
    var values = vec4f();
    for (var n = first; n < min(first + 4u, opaque(AGENTS)); n++) {
      values[n - first] = q_value(row, n, u32(actions[n - first]));
    }
    rows[row + AT_CHOSEN + item % AGENTS4] = values;
  }
  storageBarrier();
}

fn td_error(x: u32, gamma: f32, thread: u32) {
  if (thread < TILE) {
    let row = x + thread * ROW;
    let outcome = rows[row + AT_TD];
    let next_value = rows[row + HALF + AT_TOTAL].x;
    // Where the episode terminated, the next value is not multiplied by 0 but left out.
    let target_value = outcome.x + select(gamma * next_value, 0.0, outcome.y > 0.0);
    let error = rows[row + AT_TOTAL].x - target_value;
    rows[row + AT_TD] = vec4f(outcome.xy, target_value, error);
    rows[row + HALF + AT_B2] = vec4f(2.0 * error / f32(BATCH), 0.0, 0.0, 0.0);
  }
  storageBarrier();
}
