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
// one half further. That is what the gradient kernel rests on.

override WORKGROUP: u32;

// Rows that a workgroup takes at a time.
const TILE = 8u;

override AGENTS: u32;            // N
override ACTIONS: u32;           // A
override OBSERVATION: u32;       // O
override STATE: u32;             // S
override WIDTH: u32;             // M
override BATCH: u32;             // B
override AGENTS4: u32;
override ACTIONS4: u32;
override OBSERVATION4: u32;
override STATE4: u32;
override HIDDEN4: u32;           // H
override WIDTH4: u32;
override HYPER4: u32;            // K

// Parameters, in quads from the start of a learner's online or target parameters.
override PARAMETERS: u32;        // in one copy of the parameters
override AGENT_PARAMETERS: u32;  // those before the mixer's
override AGENT_STRIDE: u32;      // from one agent's network to the next; 0 where all share one
override AGENT_0: u32;           // layers agents.*.0, .2, .4 within a network
override AGENT_2: u32;
override AGENT_4: u32;
override HYPER_IN: u32;          // first layers of all four hypernetworks, as one of 4 * HYPER4 outputs
override HYPER_W1: u32;          // second layers
override HYPER_B1: u32;
override HYPER_W2: u32;
override HYPER_B2: u32;

// Fields of half a row, in quads from its start. Those up to AT_ACTION are all that acting needs.
override ROW: u32;               // from one row to the next
override HALF: u32;              // from one half to the other
override AT_OBSERVATION: u32;    // [N][O4]  o
override AT_H1: u32;             // [N][H4]  after the first hidden layer
override AT_H2: u32;             // [N][H4]  after the second
override AT_Q: u32;              // [N][A4]  Q_i(o_i, .)
override AT_CHOSEN: u32;         // [N4]     Q_i(o_i, a_i)
override AT_ACTION: u32;         // [N4]     a_i, as numbers
override AT_STATE: u32;          // [S4]     s
override AT_Z: u32;              // [4][K4]  hidden layers of hyper_w1, b1, w2, b2
override AT_W1_RAW: u32;         // [N][M4]  before softplus
override AT_W1: u32;             // [N][M4]
override AT_B1: u32;             // [M4]
override AT_W2_RAW: u32;         // [M4]
override AT_W2: u32;             // [M4]
override AT_B2: u32;             // [1]      .x
override AT_HIDDEN: u32;         // [M4]     mixer's hidden layer, after ELU
override AT_TOTAL: u32;          // [1]      .x is Q_tot
override AT_TD: u32;             // [1]      reward, terminated, target, TD error
override AT_SLOPE: u32;          // [N4]     dQ_tot / dQ_i
