"""Stage `train`: masked-language, contrastive and supervised objectives in one run; resumable step for step."""

import os
import sys
import time
import zlib
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .batches import Batches, Targets
from .model import Bert, mean_pool
from .settings import Architecture, Phase, Recipe
from .tokenizer import MASK, PAD

# Without these, glibc hands every large tensor back to the kernel and pays for its pages again at each step.
MALLOC = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "99999999999", "MALLOC_TOP_PAD_": "268435456"}
HEAD_SCALE = 12.0
HEAD_RATE = 5.0  # Heads are small, and new after `restore`: they learn faster than what they teach.
# Some windows stand at a random position, so that all 512 position vectors are trained by short windows too.
OFFSET_RATE = 0.15


class Objectives(nn.Module):
    """The encoder with the heads that only training needs."""

    def __init__(self, recipe: Recipe, classes: dict[str, list[str]]):
        super().__init__()
        a = recipe.architecture
        self.bert = Bert(a)
        self.transform = nn.Sequential(nn.Linear(a.hidden_size, a.hidden_size), nn.ReLU(), nn.LayerNorm(a.hidden_size))
        self.vocabulary_bias = nn.Parameter(torch.zeros(a.vocab_size))
        self.heads = nn.ModuleDict({name: nn.Linear(a.hidden_size, len(c)) for name, c in classes.items()})
        self.temperature = recipe.temperature

    def vectors(self, ids: torch.Tensor, offset: int, mask_rate: float, generator: torch.Generator):
        """Pooled vectors [n, hidden] and the masked-language loss (zero where mask_rate is)."""
        device = self.vocabulary_bias.device
        if not mask_rate:
            ids = ids.to(device)
            return mean_pool(self.bert(ids, ids != PAD, offset), ids != PAD), torch.zeros((), device=device)
        # Drawn on the CPU, so that a run sees the same masks wherever it is trained.
        chosen = (torch.rand(ids.shape, generator=generator) < mask_rate) & (ids >= 5)
        shown = torch.where(chosen, MASK, ids)
        noise = chosen & (torch.rand(ids.shape, generator=generator) < 0.1)
        shown = torch.where(noise, torch.randint(5, self.vocabulary_bias.numel(), ids.shape, generator=generator), shown)
        shown, chosen, ids = shown.to(device), chosen.to(device), ids.to(device)
        real = ids != PAD
        hidden = self.bert(shown, real, offset)
        return mean_pool(hidden, real), self.masked_language_loss(hidden[chosen], ids[chosen])

    def masked_language_loss(self, hidden: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        table = self.bert.embeddings.word_embeddings.weight
        losses = []
        for h, w in zip(hidden.split(1024), wanted.split(1024), strict=True):
            losses.append(F.cross_entropy((self.transform(h) @ table.T + self.vocabulary_bias).float(), w, reduction="sum"))
        return torch.stack(losses).sum() / max(1, len(wanted))

    def nt_xent(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Chen et al. 2020: in-batch negatives from both sides. A translation must come closer than every other text of
        the same language does; with negatives of the other side alone, the languages drift apart as a whole.
        """
        both = torch.cat([a, b]).float()
        similarity = (both @ both.T / self.temperature).fill_diagonal_(-1e4)
        return F.cross_entropy(similarity, torch.arange(len(both), device=both.device).roll(len(a)))

    def supervised(self, vectors: torch.Tensor, targets: Targets, dropout: float, generator: torch.Generator) -> torch.Tensor:
        device = vectors.device
        total = torch.zeros((), device=device)
        if dropout:
            vectors = vectors * (torch.rand(vectors.shape, generator=generator) >= dropout).to(device) / (1 - dropout)
        for head, (target, known) in targets.items():
            target, known = target.to(device), known.to(device)
            logits = self.heads[head](vectors[known] * HEAD_SCALE).float()
            total = total + F.cross_entropy(logits, target[known], reduction="sum") / len(known)
        return total


def learning_rate(phase: Phase, step: int) -> float:
    warm = min(1.0, (step + 1) / phase.warmup_steps) if phase.warmup_steps else 1.0
    return warm * phase.learning_rate * ((1 - step / phase.steps) if phase.decay else 1.0) + 1e-6


def losses(net: Objectives, batches: Batches, phase: Phase, seed: tuple[int, ...]) -> tuple[dict[str, torch.Tensor], int]:
    """The weighted objectives of one step, and how many tokens it read."""
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(hash(seed) % 2**31)
    top = net.bert.embeddings.position_embeddings.num_embeddings

    def offset(length: int) -> int:
        return int(rng.integers(top - length + 1)) if rng.random() < OFFSET_RATE else 0

    first, second = batches.pairs(rng, phase)
    a, mlm_a = net.vectors(first.ids, offset(phase.pair_length), phase.mask_rate, generator)
    b, mlm_b = net.vectors(second.ids, offset(phase.pair_length), phase.mask_rate, generator)
    source, target = batches.parallel(rng, phase)
    s, mlm_s = net.vectors(source.ids, 0, phase.mask_rate, generator)
    t, mlm_t = net.vectors(target.ids, 0, phase.mask_rate, generator)
    shorts, short_targets = batches.short_texts(rng, phase)
    read = [net.vectors(ids, offset(ids.shape[1]), phase.mask_rate, generator) for ids in shorts]
    v, tokens = torch.cat([x for x, _ in read]), sum(ids.numel() for ids in shorts)
    mlm_v = sum(ids.numel() * mlm for ids, (_, mlm) in zip(shorts, read, strict=True)) / tokens
    views = ((a, first.targets), (b, second.targets), (s, source.targets), (t, target.targets), (v, short_targets))
    supervised = [net.supervised(x, y, phase.vector_dropout, generator) for x, y in views]
    parts = {
        "mlm": phase.mlm_weight * (0.4 * (mlm_a + mlm_b) + 0.15 * (mlm_s + mlm_t) + 0.1 * mlm_v),
        "pairs": phase.contrastive_weight * net.nt_xent(a, b),
        "parallel": 0.5 * phase.contrastive_weight * net.nt_xent(s, t),
        "supervised": phase.supervised_weight * (sum(supervised[:4]) / 2 + supervised[4]),
    }
    return parts, tokens + sum(x.ids.numel() for x in (first, second, source, target))


def save(path: Path, state: dict) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.rename(path)


def load_last(work: Path, run: str) -> dict | None:
    path = work / "runs" / run / "last.pt"
    return torch.load(path, map_location="cpu", weights_only=False) if path.exists() else None


def bf16_is_fast(device: torch.device) -> bool:
    """A CPU without instructions for bf16 emulates its products, 70 times slower than fp32 ones."""
    return device.type == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def train(work: Path, run: str, recipe: Recipe, from_run: str | None, threads: int) -> None:
    if any(os.environ.get(k) != v for k, v in MALLOC.items()):
        os.execve(sys.executable, [sys.executable, "-m", "rasid_pretraining", *sys.argv[1:]], os.environ | MALLOC)
    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    folder = work / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    batches = Batches(work)
    own = load_last(work, run)
    done = own["step"] if own else 0
    state = own or (load_last(work, from_run) if from_run else None)
    if state is None and from_run:
        raise FileNotFoundError(f"run {from_run} has no checkpoint")
    if state is not None:  # Its shape is kept: `prune` may have changed it.
        recipe = replace(recipe, architecture=Architecture(**state["recipe"]["architecture"]))
    if own is not None and own["recipe"] != recipe.as_dict():
        raise ValueError(f"run {run} was begun with another recipe; choose another --run or delete {folder}")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = Objectives(recipe, batches.classes).to(device)
    heads = set(net.heads.parameters())
    decayed = [p for p in net.parameters() if p.dim() == 2 and p not in heads]
    plain = [p for p in net.parameters() if p.dim() != 2 and p not in heads]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay, "rate": 1.0},
        {"params": plain, "weight_decay": 0.0, "rate": 1.0},
        {"params": list(net.heads.parameters()), "weight_decay": recipe.weight_decay, "rate": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)
    if state is None:
        table = work / "embeddings.npy"
        if not table.exists():
            raise FileNotFoundError(f"{table} is missing: run the stage initialise first")
        with torch.no_grad():
            net.bert.embeddings.word_embeddings.weight.copy_(torch.from_numpy(np.load(table)))
    else:
        # Heads of labelled sets that came since the other run begin anew.
        new_heads = net.state_dict().keys() - state["net"].keys()
        net.load_state_dict(state["net"] | {k: net.state_dict()[k] for k in new_heads})
        # A restored encoder comes without, and new heads make it useless: the warm-up of the phase builds it anew.
        if state["optimizer"] is not None and not new_heads:
            optimizer.load_state_dict(state["optimizer"])
    # A run that goes on from another one must not be shown the same batches again.
    begin = (recipe.seed, zlib.crc32(run.encode()))
    net.train()
    began, seen, sums = time.time(), 0, {}
    for step in range(done, recipe.steps):
        number, within = recipe.phase_at(step)
        phase = recipe.phases[number]
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * learning_rate(phase, within)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16_is_fast(device)):
            parts, tokens = losses(net, batches, phase, (*begin, number, step))
        torch.stack([x.float() for x in parts.values()]).sum().backward()
        nn.utils.clip_grad_norm_(net.parameters(), recipe.gradient_clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        for k, x in parts.items():
            sums[k] = sums.get(k, 0.0) + float(x.detach())
        seen += tokens
        if (step + 1) % recipe.log_every == 0:
            speed = seen / (time.time() - began)
            left = (time.time() - began) / (step + 1 - done) * (recipe.steps - step - 1)
            shown = "  ".join(f"{k} {x / recipe.log_every:.3f}" for k, x in sums.items())
            line = f"step {step + 1}/{recipe.steps}  {shown}  {speed:,.0f} tokens/s  {left / 60:.0f} min left"
            print(line, flush=True)
            with (folder / "log.txt").open("a") as log:
                log.write(line + "\n")
            sums = {}
        if (step + 1) % recipe.checkpoint_every == 0 or step + 1 == recipe.steps:
            save(folder / "last.pt", {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1,
                                      "recipe": asdict(recipe), "classes": batches.classes})
