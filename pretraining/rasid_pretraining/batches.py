"""What one training step sees. Every draw depends on seed, run and step alone, so a resumed run repeats the same batches."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .lexicon import Lexicon
from .settings import Phase
from .sources import COARSE, SENTIMENT, SOURCES
from .store import TokenStore
from .tokenizer import CLS, PAD, SEP

TITLE_RATE = 0.4
ENGLISH_RATE = 0.45
SOURCES_PER_STEP = 2
BILINGUAL_RATE = 0.4
GROUP = 64  # Short texts of like length that are padded together.
SWITCH_RATE = 0.7


# Per supervised head, soft targets with a mask of the rows they are known for.
Targets = dict[str, tuple[torch.Tensor, torch.Tensor]]


@dataclass
class Texts:
    """Padded token ids and what they should be told as."""

    ids: torch.Tensor
    targets: Targets


def pad(rows: list[np.ndarray], length: int) -> torch.Tensor:
    """[CLS] tokens [SEP], cut and padded to `length`: [len(rows), length]."""
    out = np.full((len(rows), length), PAD, dtype=np.int64)
    for i, row in enumerate(rows):
        row = row[: length - 2]
        out[i, 0] = CLS
        out[i, 1 : len(row) + 1] = row
        out[i, len(row) + 1] = SEP
    return torch.from_numpy(out)


def padded_groups(rows: list[np.ndarray], size: int, most: int) -> list[tuple[list[int], torch.Tensor]]:
    """Rows of like length together, so that little of a tweet's window is padding: row numbers and [size, length ≤ most]."""
    order = sorted(range(len(rows)), key=lambda k: len(rows[k]))
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    return [(group, pad([rows[k] for k in group], min(most, len(rows[group[-1]]) + 2))) for group in groups]


class Batches:
    def __init__(self, work: Path):
        self.stores = {s.name: TokenStore(work, s) for s in SOURCES}
        self.documents = [s for s in SOURCES if s.kind == "document"]
        self.shorts = [s for s in SOURCES if s.kind == "short"]
        self.lexicon = Lexicon(work, self.stores["parallel"])
        self.classes = {name: store.classes for name, store in self.stores.items() if store.classes}
        self.classes |= {"coarse": list(COARSE), "sentiment": list(SENTIMENT)}

    def targets(self, drawn: list[tuple[str, int]]) -> Targets:
        out = {}
        for head, classes in self.classes.items():
            index = {c: i for i, c in enumerate(classes)}
            target, known = torch.zeros(len(drawn), len(classes)), torch.zeros(len(drawn), dtype=torch.bool)
            for i, (name, row) in enumerate(drawn):
                source = self.stores[name].source
                labels = self.stores[name].labels[row]
                sentiment = self.stores[name].sentiments[row]
                if head == "sentiment" and sentiment is not None:
                    labels = [sentiment]
                mapping = {"coarse": source.coarse, "sentiment": source.sentiment}.get(head)
                if mapping is None:
                    mapping = {c: c for c in labels} if name == head or (name, head) == ("parallel", "sib200") else {}
                hits = {index[mapping[x]] for x in labels if x in mapping}
                # A row with one label outside a shared head's map would teach it a half-truth.
                if hits and len(hits) == len(labels):
                    target[i, list(hits)] = 1 / len(hits)
                    known[i] = True
            if known.any():
                out[head] = (target, known)
        return out

    def pairs(self, rng: np.random.Generator, p: Phase) -> tuple[Texts, Texts]:
        """Two views of each document: a title or an early window, and a later window."""
        weights = np.array([s.weight for s in self.documents])
        chosen = rng.choice(len(self.documents), SOURCES_PER_STEP, replace=False, p=weights / weights.sum())
        drawn, first, second = [], [], []
        room = p.pair_length - 2
        for k in range(p.pairs):
            store = self.stores[self.documents[chosen[k % SOURCES_PER_STEP]].name]
            i = store.draw(rng)
            row, title = store.row(i), store.title(i)
            if len(title) and rng.random() < TITLE_RATE:
                start = int(rng.integers(max(1, len(row) - room + 1)))
                a, b = title, row[start : start + room]
            else:
                half = min(room, len(row) // 2)
                cut = int(rng.integers(half, len(row) - half + 1))
                a_start = int(rng.integers(cut - half + 1))
                b_start = int(rng.integers(cut, len(row) - half + 1))
                a, b = row[a_start : a_start + half], row[b_start : b_start + half]
            if rng.random() < p.code_switch_rate:
                a = self.lexicon.switch(rng, a, SWITCH_RATE)
            drawn.append((store.source.name, i))
            first.append(a)
            second.append(b)
        targets = self.targets(drawn)
        return Texts(pad(first, p.pair_length), targets), Texts(pad(second, p.pair_length), targets)

    def short_texts(self, rng: np.random.Generator, p: Phase) -> tuple[list[torch.Tensor], Targets]:
        """Labelled short texts, in groups of like length, and the targets of all of them, in the order of the groups."""
        sources = [s for s in self.shorts if not s.sentiment or s.name in p.sentiment_sets]
        weights = np.array([s.weight for s in sources])
        drawn, rows = [], []
        for k in rng.choice(len(sources), p.shorts, p=weights / weights.sum()):
            store = self.stores[sources[k].name]
            i = store.draw(rng)
            row = store.row(i)
            row = row[rng.random(len(row)) >= p.token_dropout]
            rows.append(self.lexicon.switch(rng, row, SWITCH_RATE) if rng.random() < p.code_switch_rate else row)
            drawn.append((store.source.name, i))
        groups = padded_groups(rows, GROUP, p.short_length)
        return [ids for _, ids in groups], self.targets([drawn[k] for group, _ in groups for k in group])

    def parallel(self, rng: np.random.Generator, p: Phase) -> tuple[Texts, Texts]:
        """A sentence and one translation: Arabic and English most often, else Arabic or English with another.

        Our own news items stand beside the sentences: they are longer, and carry topics and framing.
        """
        store, own = self.stores["parallel"], self.stores["bilingual"]
        drawn, first, second = [], [], []
        while len(drawn) < int(BILINGUAL_RATE * p.parallel):
            i = int(rng.integers(len(own.labels)))
            drawn.append(("bilingual", i))
            first.append(own.sentence("ar", i))
            second.append(own.sentence("en", i))
        # Three quarters from the longer sentences (news, health, encyclopaedia); tatoeba's phrases fill the rest.
        while len(drawn) < p.parallel:
            i = int(rng.integers(len(store.labels)))
            if len(store.sentence("en", i)) < 10 and rng.random() < 0.7:
                continue
            others = [k for k in store.languages if k not in ("ar", "en") and len(store.sentence(k, i))]
            a, b = "ar", "en"
            if others and rng.random() > ENGLISH_RATE:
                b = others[rng.integers(len(others))]
                a = "ar" if rng.random() < 0.6 else "en"
            drawn.append(("parallel", i))
            first.append(store.sentence(a, i))
            second.append(store.sentence(b, i))
        targets = self.targets(drawn)
        return Texts(pad(first, p.parallel_length), targets), Texts(pad(second, p.parallel_length), targets)
