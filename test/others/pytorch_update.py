"""The report's update in PyTorch, eager, as it is commonly written: the time of one, and of several learners.

    python test/others/pytorch_update.py [--threads 1] [--batch 32] [--rounds 7] [--learners 32] [--json]

--learners N also times N learners one after another, and N in the same calls (torch.func.vmap). Needs PyTorch, NumPy.
"""

import argparse
import copy
import json

import torch
from torch import nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

from vector_file import CLIP_EPSILON, HYPERNETWORKS, Problem, measure


class Qmix(nn.Module):
    """Separate agent networks and the monotonic mixer. Parameters are named as in the file."""

    def __init__(self, problem: Problem):
        super().__init__()
        hidden, width, state = problem.hidden, problem.width, problem.state
        self.agents = nn.ModuleList(
            nn.Sequential(
                nn.Linear(problem.observation, hidden),
                nn.ReLU(),
                nn.Linear(hidden, hidden),
                nn.ReLU(),
                nn.Linear(hidden, problem.actions),
            )
            for _ in range(problem.agents)
        )
        outputs = (problem.agents * width, width, width, 1)
        self.mixer = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Linear(state, width), nn.ReLU(), nn.Linear(width, size))
                for name, size in zip(HYPERNETWORKS, outputs, strict=True)
            }
        )

    def values(self, observations: torch.Tensor) -> torch.Tensor:
        """[B, N, A] of observations [B, N, O]."""
        return torch.stack([agent(observations[:, i]) for i, agent in enumerate(self.agents)], 1)

    def mix(self, q: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """Q_tot [B] of the agents' values [B, N]."""
        w1, b1, w2, b2 = (self.mixer[name](states) for name in HYPERNETWORKS)
        w1 = nn.functional.softplus(w1).view(q.shape[0], q.shape[1], -1)
        hidden = nn.functional.elu(torch.bmm(q.unsqueeze(1), w1).squeeze(1) + b1)
        return (hidden * nn.functional.softplus(w2)).sum(1) + b2.squeeze(1)

    def forward(self, what: str, *inputs: torch.Tensor) -> torch.Tensor:
        return getattr(self, what)(*inputs)


def chosen(q: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
    return q.gather(2, actions.unsqueeze(2)).squeeze(2)


class Learner:
    def __init__(self, problem: Problem, batch: dict[str, torch.Tensor]):
        self.problem, self.batch = problem, batch
        self.online, self.target = loaded(problem, problem.online), loaded(problem, problem.target)
        self.optimizer = adam(problem, dict(self.online.named_parameters()))

    def update(self) -> torch.Tensor:
        batch, problem = self.batch, self.problem
        with torch.no_grad():
            actions = self.online.values(batch["next_obs"]).argmax(2)
            next_q = chosen(self.target.values(batch["next_obs"]), actions)
            next_total = self.target.mix(next_q, batch["next_state"])
            target = batch["reward"] + problem.gamma * (1 - batch["terminated"]) * next_total
        q = chosen(self.online.values(batch["obs"]), batch["actions"])
        loss = nn.functional.mse_loss(self.online.mix(q, batch["state"]), target)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.online.parameters(), problem.clip, foreach=True)
        self.optimizer.step()
        return loss.detach()


def adam(problem: Problem, parameters: dict[str, torch.Tensor]) -> torch.optim.Adam:
    """Fused, the fastest of PyTorch's three on a CPU too."""
    part = lambda prefix: [value for name, value in parameters.items() if name.startswith(prefix)]
    groups = [{"params": part("agents."), "lr": problem.rate}, {"params": part("mixer."), "lr": problem.mixer_rate}]
    return torch.optim.Adam(groups, fused=True)


def loaded(problem: Problem, parameters) -> Qmix:
    network = Qmix(problem)
    network.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()})
    return network


class VmappedLearners:
    """N learners in the same calls: parameters stacked, [N, ...], and each learner's gradient clipped alone."""

    def __init__(self, problem: Problem, batch: dict[str, torch.Tensor], learners: int):
        self.problem = problem
        # Each has a batch of its own, as learners that train would.
        self.batch = {name: torch.stack([value] * learners) for name, value in batch.items()}
        self.network = copy.deepcopy(loaded(problem, problem.online)).to("meta")
        self.online = stack_module_state([loaded(problem, problem.online)] * learners)[0]
        self.target = stack_module_state([loaded(problem, problem.target)] * learners)[0]
        self.optimizer = adam(problem, self.online)
        self.gradients = vmap(grad_and_value(self.loss))

    def call(self, parameters, *inputs):
        return functional_call(self.network, parameters, inputs)

    def loss(self, online, target, next_actions, batch) -> torch.Tensor:
        next_q = chosen(self.call(target, "values", batch["next_obs"]), next_actions)
        next_total = self.call(target, "mix", next_q, batch["next_state"])
        y = batch["reward"] + self.problem.gamma * (1 - batch["terminated"]) * next_total
        q = chosen(self.call(online, "values", batch["obs"]), batch["actions"])
        return nn.functional.mse_loss(self.call(online, "mix", q, batch["state"]), y)

    @torch.no_grad()
    def update(self) -> torch.Tensor:
        online = {name: value.detach() for name, value in self.online.items()}
        greedy = vmap(lambda parameters, seen: self.call(parameters, "values", seen).argmax(2))
        actions = greedy(online, self.batch["next_obs"])
        gradients, losses = self.gradients(online, self.target, actions, self.batch)
        norm = torch.stack([g.flatten(1).square().sum(1) for g in gradients.values()]).sum(0).sqrt()
        scale = (self.problem.clip / (norm + CLIP_EPSILON)).clamp(max=1)
        for name, parameter in self.online.items():
            gradient = gradients[name]
            parameter.grad = gradient.mul_(scale.view(-1, *[1] * (gradient.dim() - 1)))
        self.optimizer.step()
        return losses


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--learners", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    problem = Problem(options.batch)
    batch = {name: torch.tensor(value) for name, value in problem.batch.items()}
    batch["actions"] = batch["actions"].long()

    def repeated(update):
        def run(updates: int) -> None:
            for _ in range(updates):
                update()

        return run

    def row(name: str, update, learners: int) -> dict:
        timing = measure(repeated(update), options.rounds)
        rate = 1e3 * learners / timing["ms"]
        return {"name": name, "learners": learners, **timing, "learnerUpdatesPerSecond": rate}

    def checked(name: str, update) -> float:
        """The losses of all learners, before anything is timed."""
        losses = torch.stack([update().reshape(-1) for _ in problem.losses])
        return max(problem.check(name, column.tolist()) for column in losses.T)

    one = Learner(problem, batch)
    errors = {"eager": checked("eager", one.update)}
    rows = [row("eager", one.update, 1)]
    if options.learners > 0:
        several = [Learner(problem, batch) for _ in range(options.learners)]

        def in_turn() -> torch.Tensor:
            return torch.stack([learner.update() for learner in several])

        errors["eager, in turn"] = checked("eager, in turn", in_turn)
        rows.append(row("eager, in turn", in_turn, options.learners))
        together = VmappedLearners(problem, batch, options.learners)
        errors["eager, vmap"] = checked("eager, vmap", together.update)
        rows.append(row("eager, vmap", together.update, options.learners))
    for one_row in rows:
        one_row["lossError"] = errors[one_row["name"]]
    if options.json:
        print(json.dumps({"torch": torch.__version__, "threads": options.threads, "batch": options.batch, "rows": rows}))
        return
    print(f"PyTorch {torch.__version__}, {options.threads} threads, batch {options.batch}, {options.rounds} rounds")
    for r in rows:
        print(
            f"{r['name']:<16}{r['learners']:>4} learners {r['ms']:9.3f} ms ({r['least']:.3f} - {r['most']:.3f}), "
            f"CPU {r['cpuMs']:.3f} ms, {r['learnerUpdatesPerSecond']:.0f} learner-updates/s, "
            f"loss error {r['lossError']:.1e}"
        )


if __name__ == "__main__":
    main()
