"""Word pairs across languages: from our own glossary, and from the parallel sentences by Dice's coefficient."""

from collections import Counter
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .store import TokenStore

GLOSSARY = Path(__file__).parent.parent / "glossary.tsv"
MINIMUM_DICE = 0.35
MINIMUM_PAIRS = 4
# Arabic writes the article, "and" and short prepositions onto the word.
PREFIXES = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل")


def interleave(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Two sentences merged in proportion to their lengths, so that translations come to stand near one another."""
    order = np.argsort(np.concatenate([np.arange(len(a)) / len(a), np.arange(len(b)) / len(b) + 1e-6]), kind="stable")
    return np.concatenate([a, b])[order]


def read_glossary_pairs(tokenizer: Tokenizer) -> list[tuple[np.ndarray, np.ndarray]]:
    """Token ids (Arabic, English) of each `English<TAB>Arabic` line, with the prefixes Arabic words take."""
    if not GLOSSARY.exists():
        return []

    def tokens(text: str) -> np.ndarray:
        return np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.uint16)

    pairs = []
    for number, line in enumerate(GLOSSARY.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split("\t")
        if len(parts) != 2 or not all(part.strip() for part in parts):
            raise ValueError(f"{GLOSSARY.name}:{number}: expected English<TAB>Arabic")
        english, arabic = tokens(parts[0]), parts[1].strip().removeprefix("ال")
        pairs += [(tokens(prefix + arabic), english) for prefix in PREFIXES]
    return pairs


def arabic_to_english(work: Path, parallel: TokenStore) -> dict[int, list[np.ndarray]]:
    """Single Arabic tokens and the English token sequences that may stand in for them (code-switching)."""
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    whole = {i for piece, i in tokenizer.get_vocab().items() if not piece.startswith("##")}
    table: dict[int, list[np.ndarray]] = {}
    for arabic, english in read_glossary_pairs(tokenizer):
        if len(arabic) == 1:
            table.setdefault(int(arabic[0]), []).append(english)
    ar, en, both = Counter(), Counter(), Counter()
    for i in range(len(parallel.labels)):
        a, e = (whole.intersection(parallel.sentence(language, i).tolist()) for language in ("ar", "en"))
        ar.update(a)
        en.update(e)
        both.update((x, y) for x in a for y in e)
    for (x, y), n in both.items():
        if n >= MINIMUM_PAIRS and 2 * n / (ar[x] + en[y]) >= MINIMUM_DICE and x != y and x not in table:
            table[x] = [np.array([y], dtype=np.uint16)]
    return table
