/**
 * Two agents in a corridor of seven cells, each with a pressure plate of its own somewhere in it. Both plates
 * pressed at once open the gate: +1, and the episode ends; every other step costs 0.02.
 *
 * All that an environment remembers is inside the function, as every call makes a copy of its own.
 */
const CELLS = 7;
const MOVES = [-1, 0, 1];

export default function makePlates() {
  let agents;
  let plates;

  const place = (cell) => cell / (CELLS - 1);
  const look = () => ({
    // Each agent sees itself and its plate; the state has everything.
    observations: agents.map((cell, i) => [place(cell), place(plates[i])]),
    state: [...agents, ...plates].map(place),
    // No one can walk through the walls at both ends.
    actionMask: agents.map((cell) => MOVES.map((move) => cell + move >= 0 && cell + move < CELLS)),
  });

  return {
    agents: 2,
    actions: MOVES.length,
    observationSize: 2,
    stateSize: 4,
    episodeLimit: 15,

    reset(random) {
      const cell = () => Math.floor(random() * CELLS);
      plates = [cell(), cell()];
      // Nobody starts on the own plate.
      agents = plates.map((plate) => (plate + 1 + Math.floor(random() * (CELLS - 1))) % CELLS);
      return look();
    },

    step(actions) {
      agents = agents.map((cell, i) => cell + MOVES[actions[i]]);
      const open = agents.every((cell, i) => cell === plates[i]);
      return { ...look(), reward: open ? 1 : -0.02, terminated: open };
    },
  };
}
