// Sizes and places. Everything here is set from src/kernels/layout.ts, the only place that knows them.
//
// Numbers stand in quads (vec4f): every vector is padded with zeros to a multiple of four, so that no loop
// has a remainder. A name in 4 counts quads.
//
// Parameters of a learner: PARAMETERS quads online, then as many target. A dense layer is its weight,
// transposed, [4 * in4][out4] quads, followed by its bias, [out4].
//
// Rows: a batch row holds two halves of the same fields, HALF quads each. The first half is the forward
// pass at (o, s). The second is the forward pass at (o', s'), and afterwards, field by field, the loss's
// derivative by the first half's pre-activations: the delta of a layer's output x stands where x does,
// one half further. That is what the gradient kernel rests on. AT_H1 to AT_Q of the online networks at o', which are
// needed for the next actions alone, stand after both halves.

override WORKGROUP: u32;

// Rows that a workgroup takes at a time: 8, 16 or 32.
override TILE: u32;

override AGENTS: u32;            // N
override ACTIONS: u32;           // A
override OBSERVATION: u32;       // O
override STATE: u32;             // S
override WIDTH: u32;             // M
override BATCH: u32;             // B
override AGENTS4: u32;
override ACTIONS4: u32;
override INPUT4: u32;            // what an agent network takes in: O, and N more where AGENT_ID
override STATE4: u32;
override HIDDEN4: u32;           // H
override WIDTH4: u32;
override HYPER4: u32;            // K
override VALUES: u32;            // TD errors of a row: N without a mixer, else 1
override VALUES4: u32;

// What is learnt, as in src/shapes.ts.
override AGENT_ID: bool;         // the agent's one-hot number follows its observation
override MASKED: bool;           // some actions may be illegal
override MIXER: u32;             // one of those below
override ABSOLUTE: bool;         // the mixer's weights are |raw|, not softplus(raw)
const NONE = 0u;
const SUM = 1u;
const MONOTONIC = 2u;

// Parameters, in quads from the start of a learner's online or target parameters.
override PARAMETERS: u32;        // in one copy of the parameters
override AGENT_PARAMETERS: u32;  // those before the mixer's
override AGENT_STRIDE: u32;      // from one agent's network to the next; 0 where all share one
override AGENT_0: u32;           // layers agents.*.0, .2, .4 within a network
override AGENT_2: u32;
override AGENT_4: u32;
override HYPER_IN: u32;          // first layers of those hypernetworks that have two, as one
override HYPER_IN_OUT4: u32;     // its outputs, HYPER4 for each
override HYPER_W1: u32;          // last layers
override HYPER_B1: u32;
override HYPER_W2: u32;
override HYPER_B2: u32;
override HYPER_W1_FROM: u32;     // what they take in, in quads from the start of the half: part of AT_Z, or
override HYPER_B1_FROM: u32;     // AT_STATE where the hypernetwork has but this layer
override HYPER_W2_FROM: u32;
override HYPER_B2_FROM: u32;

// Fields of half a row, in quads from its start. Those up to AT_CHOSEN are all that acting needs.
// Fields of the mixer have no quads where there is none.
override ROW: u32;               // from one row to the next: an odd number of cache lines
override HALF: u32;              // from one half to the other
override AHEAD: u32;             // from a row to where its third AT_H1, AT_H2 and AT_Q count from
override AT_INPUT: u32;          // [N][I4]  o, and the agent's one-hot number where AGENT_ID
override AT_AVAILABLE: u32;      // [N][A4]  1 for each legal action; no quads where all always are
override AT_H1: u32;             // [N][H4]  after the first hidden layer
override AT_H2: u32;             // [N][H4]  after the second
override AT_Q: u32;              // [N][A4]  Q_i(o_i, .)
override AT_CHOSEN: u32;         // [N4]     Q_i(o_i, a_i)
override AT_ACTION: u32;         // [N4]     a_i, as numbers
override AT_STATE: u32;          // [S4]     s
override AT_Z: u32;              // [..][K4] hidden layers of those of hyper_w1, b1, w2, b2 that have one
override AT_W1_RAW: u32;         // [N][M4]  before it is made positive
override AT_W1: u32;             // [N][M4]
override AT_B1: u32;             // [M4]
override AT_W2_RAW: u32;         // [M4]
override AT_W2: u32;             // [M4]
override AT_B2: u32;             // [1]      .x
override AT_HIDDEN: u32;         // [M4]     mixer's hidden layer, after ELU
override AT_TOTAL: u32;          // [V4]     Q_tot; without a mixer each Q_i(o_i, a_i)
override AT_OUTCOME: u32;        // [1]      reward, terminated
override AT_TARGET: u32;         // [V4]     y
override AT_ERROR: u32;          // [V4]     TD error
override AT_SLOPE: u32;          // [N4]     dQ_tot / dQ_i
