"""Stage `prune`: fewer units in the feed-forward layers, so that the encoder is faster, at the least change of what it computes.

Optimal Brain Surgeon (Hassibi and Stork 1993) over whole units, as Kurtic et al. (2023, "ZipLM") remove them: a unit's loss is what the
layer's output changes by on real tokens when the other units take over as well as they can; the cheapest goes, one at a time.
"""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .batches import Batches, pad
from .model import attention_bias
from .settings import Architecture, Recipe
from .sources import SOURCES
from .tokenizer import PAD
from .train import Objectives, load_last, save

WINDOWS = 96  # Of each source that is trained on.
LENGTH = 128
DAMPING = 1e-4  # Of the mean of the diagonal, so that units that always fire together can be told apart.


def calibration_ids(batches: Batches, rng: np.random.Generator) -> torch.Tensor:
    """Windows of every source, shuffled: [n, LENGTH]."""
    rows = []
    for source in SOURCES:
        store = batches.stores[source.name]
        if source.kind == "parallel":
            chosen = rng.integers(len(store.labels), size=WINDOWS)
            rows += [row for i in chosen for row in (store.sentence("ar", i), store.sentence("en", i)) if len(row)]
        elif source.weight:
            rows += [store.row(store.draw(rng)) for _ in range(WINDOWS)]
    return pad([rows[i] for i in rng.permutation(len(rows))], LENGTH)


def remove_units(gram: np.ndarray, weight: np.ndarray, keep: int) -> tuple[np.ndarray, np.ndarray]:
    """Which units stay, and what they and the constant now weigh.

    gram: [units + 1, units + 1], mean products of the units' values, the last being a constant 1, which always stays.
    weight: [units + 1, width], what each adds to the output; the constant's row is the bias.
    """
    units = len(gram) - 1
    inverse = np.linalg.inv(gram + DAMPING * np.diag(gram).mean() * np.eye(units + 1))
    weight, left = weight.copy(), np.ones(units, dtype=bool)
    for _ in range(units - keep):
        diagonal = np.diag(inverse)[:units]
        losses = np.where(left, (weight[:units] ** 2).sum(1) / np.where(left, diagonal, 1.0), np.inf)
        j = int(losses.argmin())
        column = inverse[:, j].copy() / inverse[j, j]
        weight -= np.outer(column, weight[j])
        inverse -= np.outer(column, inverse[j])
        left[j] = False
    kept = np.flatnonzero(left)
    return kept, weight[np.append(kept, units)]


@torch.no_grad()
def prune(work: Path, recipe: Recipe, from_run: str, run: str, units: int) -> None:
    state = load_last(work, from_run)
    if state is None:
        raise FileNotFoundError(f"run {from_run} has no checkpoint in {work}")
    recipe = replace(recipe, architecture=Architecture(**state["recipe"]["architecture"]))
    before = recipe.architecture.intermediate_size
    if not 0 < units < before:
        raise ValueError(f"run {from_run} has {before} units a layer: --units {units} is not between 1 and {before - 1}")
    batches = Batches(work)
    net = Objectives(recipe, batches.classes)
    net.load_state_dict(net.state_dict() | {k: v for k, v in state["net"].items() if k.startswith("bert.")})
    ids = calibration_ids(batches, np.random.default_rng(recipe.seed))
    real = ids != PAD
    attend = attention_bias(real)
    x = net.bert.embeddings(ids, torch.arange(LENGTH))
    for i, layer in enumerate(net.bert.encoder["layer"]):
        first, second = layer.intermediate["dense"], layer.output.dense
        parts = zip(x.split(64), attend.split(64), strict=True)
        inner = torch.cat([layer.attention["output"](layer.attention["self"](part, mask), part) for part, mask in parts])
        hidden = F.relu(first(inner[real])).double()
        hidden = torch.cat([hidden, torch.ones(len(hidden), 1, dtype=torch.double)], 1)
        weight = torch.cat([second.weight.T, second.bias[None]]).double()
        kept, remaining = remove_units((hidden.T @ hidden / len(hidden)).numpy(), weight.numpy(), units)
        wanted, output = hidden @ weight, hidden[:, np.append(kept, before)] @ torch.from_numpy(remaining)
        lost = float((output - wanted).square().sum() / (wanted - wanted.mean(0)).square().sum())
        print(f"prune: layer {i}: {len(kept)} of {len(first.bias)} units keep {100 * (1 - lost):.1f} % of the variance of its output", flush=True)
        first.weight, first.bias = torch.nn.Parameter(first.weight[kept]), torch.nn.Parameter(first.bias[kept])
        second.weight = torch.nn.Parameter(torch.from_numpy(remaining[:-1].T.copy()).float())
        second.bias = torch.nn.Parameter(torch.from_numpy(remaining[-1].copy()).float())
        x = layer.output(F.relu(first(inner)), inner)
    pruned = replace(recipe, architecture=replace(recipe.architecture, intermediate_size=units))
    folder = work / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "last.pt", {"net": net.state_dict(), "optimizer": None, "step": 0, "recipe": asdict(pruned), "classes": batches.classes})
