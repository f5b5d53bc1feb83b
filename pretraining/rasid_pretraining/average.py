"""Stage `average`: the mean of the weights of several decayed runs (Wortsman et al. 2022, "Model soups").

Runs that were decayed from checkpoints of one stable run lie close enough together for their mean to be better than each.
"""

from pathlib import Path

import torch

from .train import load_last, save


def average(work: Path, runs: list[str], run: str) -> None:
    states = []
    for name in runs:
        state = load_last(work, name)
        if state is None:
            raise FileNotFoundError(f"run {name} has no checkpoint in {work}")
        states.append(state)
    first = states[0]["recipe"]["architecture"]
    for name, state in zip(runs, states, strict=True):
        if state["recipe"]["architecture"] != first:
            raise ValueError(f"run {name} has another architecture than {runs[0]}")
    nets = [state["net"] for state in states]
    # Heads that some run lacks are left out; the stage train begins them anew.
    shared = [key for key in nets[0] if all(key in net for net in nets)]
    mean = {key: torch.stack([net[key].float() for net in nets]).mean(0) for key in shared}
    folder = work / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "last.pt", {**states[-1], "net": mean, "optimizer": None})
    print(f"average: {', '.join(runs)} → {run}", flush=True)
