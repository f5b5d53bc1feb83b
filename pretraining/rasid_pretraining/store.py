"""Token arrays of one source in memory, with the views that batches are cut from."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .sources import Source


class TokenStore:
    """`ids[offsets[i]:offsets[i + 1]]` is row i; parallel sources hold one such pair of arrays per language."""

    def __init__(self, work: Path, source: Source):
        path = work / "tokens" / f"{source.name}.npz"
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: run the stages normalise and tokenizer first")
        arrays = np.load(path)
        self.source = source
        self.labels: list[list[str]] = json.loads(str(arrays["labels"]))
        # A sentiment beside the topics that `labels` holds; null where a source has none.
        self.sentiments: list[str | None] = json.loads(str(arrays["sentiments"]))
        if source.kind == "parallel":
            languages = sorted({k.split(".")[0] for k in arrays.files if "." in k})
            self.languages = {k: (arrays[f"{k}.ids"], arrays[f"{k}.offsets"]) for k in languages}
        else:
            self.ids, self.offsets = arrays["ids"], arrays["offsets"]
            self.title_ids, self.title_offsets = arrays["title_ids"], arrays["title_offsets"]
            lengths = np.diff(self.offsets)
            self.usable = np.flatnonzero(lengths >= (48 if source.kind == "document" else 1))
        self.classes = sorted({label for row in self.labels for label in row})
        self._cumulative = self._balanced() if source.kind == "short" else None

    def _balanced(self) -> np.ndarray:
        """Cumulative odds of the usable rows: a class of n rows is drawn in proportion to the square root of n."""
        counts = Counter(label for i in self.usable for label in self.labels[i])
        odds = [sum(counts[x] ** -0.5 for x in self.labels[i]) / max(1, len(self.labels[i])) for i in self.usable]
        return np.cumsum(odds) / np.sum(odds)

    def draw(self, rng: np.random.Generator) -> int:
        """A row long enough to learn from."""
        if self._cumulative is None:
            return int(self.usable[rng.integers(len(self.usable))])
        return int(self.usable[np.searchsorted(self._cumulative, rng.random())])

    def row(self, i: int) -> np.ndarray:
        return self.ids[self.offsets[i] : self.offsets[i + 1]]

    def title(self, i: int) -> np.ndarray:
        return self.title_ids[self.title_offsets[i] : self.title_offsets[i + 1]]

    def sentence(self, language: str, i: int) -> np.ndarray:
        ids, offsets = self.languages[language]
        return ids[offsets[i] : offsets[i + 1]]

    def sentence_pairs(self, pivot: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Every sentence of the pivot language with each of its translations."""
        for language in self.languages:
            for i in range(len(self.labels)):
                a, b = self.sentence(pivot, i), self.sentence(language, i)
                if language != pivot and len(a) and len(b):
                    yield a, b
