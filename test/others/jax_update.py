"""The report's update in JAX, the whole step in one jit, state donated.

    python test/others/jax_update.py [--threads 1] [--batch 32] [--rounds 7] [--learners 32] [--json]

--learners N also times N learners in the same calls (vmap). Needs JAX and NumPy.
"""

import argparse
import json
import os

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--learners", type=int, default=0)
parser.add_argument("--json", action="store_true")
options = parser.parse_args()
os.environ["JAX_PLATFORMS"] = "cpu"
if options.threads == 1:
    # XLA takes as many threads as it may run on cores, and has no other setting that holds for all of its pools.
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:1]))

import jax
import jax.numpy as jnp

from vector_file import CLIP_EPSILON, HYPERNETWORKS, Problem, measure

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def network(problem: Problem, parameters) -> dict:
    """Agents' layers stacked over agents, [N, in, out] and [N, 1, out]; hypernetworks' [in, out] and [out]."""
    dense = lambda name: (jnp.array(parameters[f"{name}.weight"].T), jnp.array(parameters[f"{name}.bias"]))
    agents = []
    for layer in (0, 2, 4):
        weights, biases = zip(*(dense(f"agents.{i}.{layer}") for i in range(problem.agents)), strict=True)
        agents.append((jnp.stack(weights), jnp.stack(biases)[:, None]))
    mixer = {name: [dense(f"mixer.{name}.{layer}") for layer in (0, 2)] for name in HYPERNETWORKS}
    return {"agents": agents, "mixer": mixer}


def values(agents, observations):
    """[N, B, A] of observations [N, B, O]."""
    (w1, b1), (w2, b2), (w3, b3) = agents
    return jax.nn.relu(jax.nn.relu(observations @ w1 + b1) @ w2 + b2) @ w3 + b3


def chosen(q, actions):
    """[N, B]"""
    return jnp.take_along_axis(q, actions[..., None], -1)[..., 0]


def mix(mixer, q, states):
    """Q_tot [B] of the agents' values [N, B]."""
    def generate(name):
        (w1, b1), (w2, b2) = mixer[name]
        return jax.nn.relu(states @ w1 + b1) @ w2 + b2

    agents, batch = q.shape
    w1 = jax.nn.softplus(generate("hyper_w1")).reshape(batch, agents, -1)
    hidden = jax.nn.elu(jnp.einsum("nb,bnm->bm", q, w1) + generate("hyper_b1"))
    return (hidden * jax.nn.softplus(generate("hyper_w2"))).sum(-1) + generate("hyper_b2")[:, 0]


def update_rule(problem: Problem):
    rates = {"agents": problem.rate, "mixer": problem.mixer_rate}

    def update(state, target, batch):
        online, first, second, count = state
        actions = values(online["agents"], batch["next_obs"]).argmax(-1)
        next_q = chosen(values(target["agents"], batch["next_obs"]), actions)
        next_total = mix(target["mixer"], next_q, batch["next_state"])
        y = batch["reward"] + problem.gamma * (1 - batch["terminated"]) * next_total

        def loss_of(parameters):
            q = chosen(values(parameters["agents"], batch["obs"]), batch["actions"])
            return jnp.square(mix(parameters["mixer"], q, batch["state"]) - y).mean()

        loss, gradient = jax.value_and_grad(loss_of)(online)
        norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(gradient)))
        scale = jnp.minimum(1, problem.clip / (norm + CLIP_EPSILON))
        gradient = jax.tree.map(lambda g: g * scale, gradient)
        count += 1
        first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradient)
        second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradient)
        whole1, whole2 = 1 - BETA1**count, jnp.sqrt(1 - BETA2**count)
        online = {
            group: jax.tree.map(
                lambda p, m, v: p - rate / whole1 * m / (jnp.sqrt(v) / whole2 + EPSILON),
                online[group],
                first[group],
                second[group],
            )
            for group, rate in rates.items()
        }
        return (online, first, second, count), loss

    return update


class Learner:
    """One learner, or `learners` of them in the same calls."""

    def __init__(self, problem: Problem, batch, learners: int = 0):
        copies = lambda tree: jax.tree.map(lambda x: jnp.stack([x] * learners), tree) if learners else tree
        online = network(problem, problem.online)
        zeros = lambda: jax.tree.map(jnp.zeros_like, online)
        self.state = copies((online, zeros(), zeros(), jnp.float32(0)))
        self.target = copies(network(problem, problem.target))
        self.batch = copies(batch)
        rule = update_rule(problem)
        self.step = jax.jit(jax.vmap(rule) if learners else rule, donate_argnums=0)

    def update(self):
        self.state, loss = self.step(self.state, self.target, self.batch)
        return loss

    def run(self, updates: int) -> None:
        for _ in range(updates):
            loss = self.update()
        loss.block_until_ready()


def main() -> None:
    problem = Problem(options.batch)
    batch = {name: jnp.array(value) for name, value in problem.batch.items()}
    for name in ("obs", "next_obs"):
        batch[name] = jnp.array(batch[name].transpose(1, 0, 2))
    batch["actions"] = jnp.array(batch["actions"].T)

    rows = []
    for learners in [0, options.learners] if options.learners else [0]:
        learner = Learner(problem, batch, learners)
        name = "jit, vmap" if learners else "jit"
        losses = jnp.stack([jnp.atleast_1d(learner.update()) for _ in problem.losses])
        error = max(problem.check(name, column.tolist()) for column in losses.T)
        timing = measure(learner.run, options.rounds)
        rate = 1e3 * max(learners, 1) / timing["ms"]
        rows.append(
            {
                "name": name,
                "learners": max(learners, 1),
                **timing,
                "learnerUpdatesPerSecond": rate,
                "lossError": error,
            }
        )
    if options.json:
        print(json.dumps({"jax": jax.__version__, "threads": options.threads, "batch": options.batch, "rows": rows}))
        return
    print(f"JAX {jax.__version__}, {options.threads} threads, batch {options.batch}, {options.rounds} rounds")
    for r in rows:
        print(
            f"{r['name']:<16}{r['learners']:>4} learners {r['ms']:9.3f} ms ({r['least']:.3f} - {r['most']:.3f}), "
            f"CPU {r['cpuMs']:.3f} ms, {r['learnerUpdatesPerSecond']:.0f} learner-updates/s, "
            f"loss error {r['lossError']:.1e}"
        )


if __name__ == "__main__":
    main()
