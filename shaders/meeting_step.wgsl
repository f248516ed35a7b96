// meeting_step: Meeting Gridworld's step in every environment of the learners whose STEP flag is set
// Agents move at once, each to its clamped neighbour; +10 and the end where all are on the goal, else −0.01, and a
// time-out after EPISODE_LIMIT steps; an environment that has ended or timed out begins the next episode.
// actions (L, E, N); environments (L, E, N + 3) cells of the agents and of the goal, steps, episode (=), as
// GridEnv.save has them; table (2, G): what coordinate 0..G-1 is in observations and in the state.
// Writes (=) transitions (L, E, record), whole, next things as before the reset; then what agents see and may do:
// observations (L, E, N, O), available (L, E, N, A) where MASKED; and outcomes (slot, L, E): 1 terminated,
// 2 truncated, 4 success, and from bit 3 on the place of its reward in the host's table.
// A thread per environment, which no other reads or writes. Workgroups: (E / WORKGROUP, L).
// Cost: 4·(record + N·O) bytes an environment; at a reset ⌈(N + 1) / 4⌉ draws
// Reference: src/env/meeting_gridworld.ts

#include lib/layout.wgsl;
#include lib/learner.wgsl;
#include lib/random.wgsl;

struct Call {
  rows: u32,            // environments of a learner
  step: u32,
  greedy: u32,
  first: u32,
  shared_rows: u32,
  slot: u32,            // where the step's outcomes go
}

@group(0) @binding(0) var<storage, read> learners: array<Learner>;
@group(0) @binding(1) var<uniform> call: Call;
@group(0) @binding(2) var<storage, read> actions: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<f32>;
@group(0) @binding(4) var<storage, read_write> environments: array<u32>;
@group(0) @binding(5) var<storage, read_write> observations: array<f32>;
@group(0) @binding(6) var<storage, read_write> available: array<f32>;
@group(0) @binding(7) var<storage, read_write> transitions: array<f32>;
@group(0) @binding(8) var<storage, read_write> outcomes: array<u32>;

override RECORD: u32;
override RECORD_NEXT: u32;
override RECORD_ACTIONS: u32;
override RECORD_REWARD: u32;
override RECORD_AVAILABLE: u32;
override GRID: u32;              // G
override EPISODE_LIMIT: u32;
override REWARD_STEP: f32;
override REWARD_END: f32;

const TERMINATED = 1u;
const TRUNCATED = 2u;
const SUCCESS = 4u;
const ENDED_REWARD = 8u;         // the second of the host's table

// The cell (x, y) = x·G + y that an action leads to; a move off the grid stays. The last action stays on purpose.
fn neighbour(cell: u32, action: u32) -> u32 {
  var x = cell / GRID;
  var y = cell % GRID;
  switch action {
    case 0u: { x = max(x, 1u) - 1u; }
    case 1u: { x = min(x + 1u, GRID - 1u); }
    case 2u: { y = max(y, 1u) - 1u; }
    case 3u: { y = min(y + 1u, GRID - 1u); }
    default: {}
  }
  return x * GRID + y;
}

fn legal_move(cell: u32, action: u32) -> f32 {
  return select(0.0, 1.0, action == ACTIONS - 1u || neighbour(cell, action) != cell);
}

// Coordinate c (0: x, 1: y) of a cell, as the table's part `scale` (0: observations, 1: state) has it.
fn coordinate(cell: u32, c: u32, scale: u32) -> f32 {
  return table[scale * GRID + select(cell % GRID, cell / GRID, c == 0u)];
}

// Number j of what agent i observes whose environment stands at `at`: itself, the others in order, the goal.
fn seen(at: u32, i: u32, j: u32) -> f32 {
  let place = j / 2u;
  var piece = AGENTS;
  if (place == 0u) {
    piece = i;
  } else if (j + 2u < OBSERVATION) {
    piece = select(place, place - 1u, place <= i);
  }
  return coordinate(environments[at + piece], j % 2u, 0u);
}

// What agents see and the state, to half a record.
fn record_seen(at: u32, record: u32) {
  for (var i = 0u; i < opaque(AGENTS); i++) {
    for (var j = 0u; j < opaque(OBSERVATION); j++) {
      transitions[record + i * OBSERVATION + j] = seen(at, i, j);
    }
  }
  for (var j = 0u; j < opaque(STATE); j++) {
    transitions[record + AGENTS * OBSERVATION + j] = coordinate(environments[at + j / 2u], j % 2u, 1u);
  }
}

// The choice-th cell, in index order, that none of the first `count` pieces stands on.
fn free_cell(at: u32, count: u32, choice: u32) -> u32 {
  var cell = choice;
  loop {
    var at_or_below = 0u;
    for (var k = 0u; k < count; k++) {
      at_or_below += select(0u, 1u, environments[at + k] <= cell);
    }
    if (choice + at_or_below == cell) {
      break;
    }
    cell = choice + at_or_below;
  }
  // Here and not in the loop: Naga (Firefox) refuses functions that end in a loop.
  return cell;
}

// Puts all pieces on distinct cells, uniformly, keyed by (seed, episode, environment).
fn begin_episode(at: u32, seed: u32, episode: u32, e: u32) {
  var words = vec4u();
  for (var k = 0u; k < opaque(AGENTS + 1u); k++) {
    if (k % 4u == 0u) {
      words = philox_draw(seed, STREAM_RESET, episode, e, k / 4u);
    }
    environments[at + k] = free_cell(at, k, below(words[k % 4u], GRID * GRID - k));
  }
}

@compute @workgroup_size(WORKGROUP)
fn meeting_step(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let e = id.x;
  let l = id.y;
  let learner = learners[l];
  if ((learner.flags & STEP) == 0u || e >= call.rows) {
    return;
  }
  let environment = l * call.rows + e;
  let at = environment * (AGENTS + 3u);
  let record = environment * RECORD;
  record_seen(at, record);

  let goal = environments[at + AGENTS];
  var ended = true;
  for (var i = 0u; i < opaque(AGENTS); i++) {
    let action = actions[environment * AGENTS + i];
    let cell = neighbour(environments[at + i], action);
    environments[at + i] = cell;
    ended = ended && cell == goal;
    transitions[record + RECORD_ACTIONS + i] = f32(action);
    for (var a = 0u; a < select(0u, opaque(ACTIONS), MASKED); a++) {
      transitions[record + RECORD_AVAILABLE + i * ACTIONS + a] = legal_move(cell, a);
    }
  }
  record_seen(at, record + RECORD_NEXT);
  transitions[record + RECORD_REWARD] = select(REWARD_STEP, REWARD_END, ended);
  transitions[record + RECORD_REWARD + 1u] = select(0.0, 1.0, ended);

  let steps = environments[at + AGENTS + 1u] + 1u;
  let timed_out = steps >= EPISODE_LIMIT;
  outcomes[call.slot * groups.y * call.rows + environment] =
    select(select(0u, TRUNCATED, timed_out), TERMINATED | SUCCESS | ENDED_REWARD, ended);
  if (ended || timed_out) {
    let episode = environments[at + AGENTS + 2u] + 1u;
    begin_episode(at, learner.seed, episode, e);
    environments[at + AGENTS + 1u] = 0u;
    environments[at + AGENTS + 2u] = episode;
  } else {
    environments[at + AGENTS + 1u] = steps;
  }

  for (var i = 0u; i < opaque(AGENTS); i++) {
    for (var j = 0u; j < opaque(OBSERVATION); j++) {
      observations[(environment * AGENTS + i) * OBSERVATION + j] = seen(at, i, j);
    }
    for (var a = 0u; a < select(0u, opaque(ACTIONS), MASKED); a++) {
      available[(environment * AGENTS + i) * ACTIONS + a] = legal_move(environments[at + i], a);
    }
  }
}
