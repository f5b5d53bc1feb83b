"""Word pairs across languages: from our own glossaries, and from the parallel sentences by Dice's coefficient."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .sources import BILINGUAL
from .store import TokenStore

MINIMUM_DICE = 0.35
MINIMUM_PAIRS = 4
MOST_TOKENS = 4
# Arabic writes the article, "and" and short prepositions onto the word.
PREFIXES = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل")


def interleave(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Two sentences merged in proportion to their lengths, so that translations come to stand near one another."""
    order = np.argsort(np.concatenate([np.arange(len(a)) / len(a), np.arange(len(b)) / len(b) + 1e-6]), kind="stable")
    return np.concatenate([a, b])[order]


def read_glossaries() -> Iterator[tuple[str, str]]:
    """The `English<TAB>Arabic` lines of every glossary, the Arabic without its article."""
    for path in sorted(BILINGUAL.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            parts = [part.strip() for part in line.split("\t")]
            if len(parts) != 2 or not all(parts):
                raise ValueError(f"{path.name}:{number}: expected English<TAB>Arabic")
            yield parts[0], parts[1].removeprefix("ال")


def read_glossary_pairs(tokenizer: Tokenizer) -> list[tuple[np.ndarray, np.ndarray]]:
    """Token ids (Arabic, English) of each glossary line, with the prefixes Arabic words take."""

    def tokens(text: str) -> np.ndarray:
        return np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.uint16)

    return [(tokens(prefix + arabic), tokens(english)) for english, arabic in read_glossaries() for prefix in PREFIXES]


class Lexicon:
    """Whole words as token sequences, each with the sequences of the other language that may stand in for it."""

    def __init__(self, work: Path, parallel: TokenStore):
        tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        vocabulary = tokenizer.get_vocab()
        self.continues = np.zeros(65_536, dtype=bool)
        self.continues[[i for piece, i in vocabulary.items() if piece.startswith("##")]] = True
        self.table: dict[tuple[int, ...], list[np.ndarray]] = {}
        for k, (arabic, english) in enumerate(read_glossary_pairs(tokenizer)):
            self._add(arabic, english)
            if k % len(PREFIXES) == 0:
                self._add(english, arabic)
        self._add_aligned(parallel, {i for piece, i in vocabulary.items() if not piece.startswith("##")})
        self.starts = np.zeros(65_536, dtype=bool)
        self.starts[[key[0] for key in self.table]] = True

    def _add(self, word: np.ndarray, translation: np.ndarray) -> None:
        if 0 < len(word) <= MOST_TOKENS and len(translation):
            self.table.setdefault(tuple(word.tolist()), []).append(translation)

    def _add_aligned(self, parallel: TokenStore, whole: set[int]) -> None:
        """Single tokens that keep turning up in each other's translations and stand in no glossary."""
        ar, en, both = Counter(), Counter(), Counter()
        for i in range(len(parallel.labels)):
            a, e = (whole.intersection(parallel.sentence(language, i).tolist()) for language in ("ar", "en"))
            ar.update(a)
            en.update(e)
            both.update((x, y) for x in a for y in e)
        for (x, y), n in both.items():
            if n >= MINIMUM_PAIRS and 2 * n / (ar[x] + en[y]) >= MINIMUM_DICE and x != y and (x,) not in self.table:
                self._add(np.array([x]), np.array([y], dtype=np.uint16))

    def switch(self, rng: np.random.Generator, row: np.ndarray, rate: float) -> np.ndarray:
        """The tokens with that share of their known words translated (code-switching); the longest match wins."""
        parts, last = [], 0
        for spot in np.flatnonzero(self.starts[row] & (rng.random(len(row)) < rate)):
            if spot < last:
                continue
            for end in range(min(len(row), spot + MOST_TOKENS), spot, -1):
                options = self.table.get(tuple(row[spot:end].tolist()))
                if options and not (end < len(row) and self.continues[row[end]]):
                    parts += [row[last:spot], options[rng.integers(len(options))]]
                    last = end
                    break
        return np.concatenate([*parts, row[last:]]) if parts else row
