// td_error: double-Q target, TD error and the derivative of the loss mean (Q_tot - y)²
//   a'_i = argmax_a Q_i(o'_i, a) online, over legal a; y = r + γ (1 - terminated) Q_tot_target(s', Q_target(o', a'))
//   the mean is over the batch and, without a mixer, over the agents, each with its own Q_i for Q_tot
// next_actions: from AT_Q ahead (online at o'), writes (=) AT_ACTION of the second half.
// chosen_values: Q_i(o_i, a_i) of a half into AT_CHOSEN.
// td_error: reads AT_OUTCOME and AT_TOTAL of both halves; writes (=) AT_TARGET, AT_ERROR, and over AT_TOTAL of the
//   second half d = dLoss/dQ_tot = 2 (Q_tot - y) / (B·V).
// A workgroup takes TILE rows; a thread four agents or values of a row: its own from one operation to the next, so
// that chosen_values follows next_actions, and td_error mix_totals, without a barrier.
// Cost: TILE/2·N·A comparisons a tile
// Reference: src/reference/td_error.ts

#include lib/layout.wgsl;
#include lib/activation.wgsl;
#include agent_forward.wgsl;

fn next_actions(x: u32, thread: u32) {
  for (var item = thread; item < TILE * AGENTS4; item += WORKGROUP) {
    let row = x + item / AGENTS4 * ROW;
    let next = row + HALF;
    let first = item % AGENTS4 * 4u;
    var actions = vec4f();
    for (var n = first; n < min(first + 4u, opaque(AGENTS)); n++) {
      actions[n - first] = f32(greedy_action(next, row + AHEAD, n));
    }
    rows[next + AT_ACTION + item % AGENTS4] = actions;
  }
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
}

fn td_error(x: u32, gamma: f32, thread: u32) {
  for (var item = thread; item < TILE * VALUES4; item += WORKGROUP) {
    let row = x + item / VALUES4 * ROW;
    let k = item % VALUES4;
    let outcome = rows[row + AT_OUTCOME];
    // Where the episode terminated, the next value is not multiplied by 0 but left out.
    let next = select(gamma * rows[row + HALF + AT_TOTAL + k], vec4f(), outcome.y > 0.0);
    // Padding stays 0.
    let target_value = select(vec4f(), outcome.x + next, lanes(k, VALUES));
    let error = rows[row + AT_TOTAL + k] - target_value;
    rows[row + AT_TARGET + k] = target_value;
    rows[row + AT_ERROR + k] = error;
    rows[row + HALF + AT_TOTAL + k] = 2.0 * error / f32(BATCH * VALUES);
  }
}
