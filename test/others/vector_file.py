"""The problem of a file of src/verify/vectors for Python: read, checked and timed alike in every framework. Needs NumPy."""

import json
import statistics
import struct
import time
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[2] / "src" / "verify" / "vectors" / "meeting-2-agents.safetensors"
HYPERNETWORKS = ("hyper_w1", "hyper_b1", "hyper_w2", "hyper_b2")
CLIP_EPSILON = 1e-6
"""As PyTorch's clip_grad_norm_ adds to the norm it divides by."""
LOSS_BOUND = 1e-4
"""Largest relative error of a loss, as in problem.ts."""


class Problem:
    """Parameters, settings, a batch of B transitions, and the losses that a right update has."""

    def __init__(self, batch_size: int):
        tensors, metadata = read_safetensors(FILE)
        config = json.loads(metadata["config"])
        if batch_size % config["batch"] != 0 or batch_size < config["batch"]:
            raise SystemExit(f"--batch: got {batch_size}, allowed: multiples of {config['batch']}")
        self.agents, self.actions = config["agents"], config["actions"]
        self.hidden, self.width = config["hidden"], config["embed"]
        self.observation, self.state = config["obs"], config["state"]
        self.gamma, self.clip, self.rate = config["gamma"], config["clip"], config["lr"]
        self.mixer_rate = self.rate / 2
        self.losses = [update["loss"] for update in json.loads(metadata["metrics"])]
        part = lambda prefix: {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)}
        self.online, self.target = part("online."), part("target.")
        # The file's rows over and over: their mean, and so the losses, stay what they are.
        repeats = batch_size // config["batch"]
        self.batch = {name: np.concatenate([t] * repeats) for name, t in part("batch.").items()}

    def check(self, who: str, losses: list[float]) -> float:
        """Exits where losses of the first updates differ from the file's; returns the largest relative error."""
        worst = 0.0
        for step, (got, expected) in enumerate(zip(losses, self.losses, strict=True)):
            error = abs(got - expected) / abs(expected)
            if not error <= LOSS_BOUND:
                raise SystemExit(f"{who}: loss of update {step + 1}: got {got}, expected {expected}")
            worst = max(worst, error)
        return worst


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    types = {"F32": np.float32, "I32": np.int32}
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata


def measure(run, rounds: int, seconds: float = 1.0) -> dict:
    """Times run(updates), which returns when they are done: medians over rounds, in ms an update."""
    run(20)
    begun = time.perf_counter()
    run(20)
    updates = max(1, round(seconds / ((time.perf_counter() - begun) / 20)))
    clock, cpu = [], []
    for _ in range(rounds):
        begun, begun_cpu = time.perf_counter(), time.process_time()
        run(updates)
        clock.append(1e3 * (time.perf_counter() - begun) / updates)
        cpu.append(1e3 * (time.process_time() - begun_cpu) / updates)
    return {
        "ms": statistics.median(clock),
        "least": min(clock),
        "most": max(clock),
        "cpuMs": statistics.median(cpu),
        "updates": updates,
        "rounds": rounds,
    }
