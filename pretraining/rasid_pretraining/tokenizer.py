"""Stage `tokenizer`: trains the WordPiece vocabulary and turns the corpora into token arrays.

All normalisation stands in `tokenizer.json`, so that Python, Transformers.js and every other reader of that file see
the same tokens. Patterns are written with literal characters: both regular-expression engines read those alike.
"""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from .settings import Recipe
from .sources import SOURCES, Source

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
DROPPED = "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
FOLDED = (("[\u0622\u0623\u0625\u0671]", "\u0627"), ("[\u0649\u06cc]", "\u064a"), ("\u0629", "\u0647"), ("\u06a9", "\u0643"))
SAMPLE_CHARACTERS = {"khaleej": 30e6, "ant": 20e6, "arwiki": 40e6, "hindawi": 30e6}
PARALLEL_REPEATS = {"en": 8, "ckb": 2, "kmr": 2, "fa": 3, "tr": 4, "fr": 3}
NEWS_REPEATS = {"newsmtsc": 4}


def normalizer() -> normalizers.Normalizer:
    replacements = [normalizers.Replace(Regex(DROPPED), "")]
    replacements += [normalizers.Replace(Regex(pattern), to) for pattern, to in FOLDED]
    return normalizers.Sequence([normalizers.NFKC(), *replacements, normalizers.Lowercase()])


def corpus_rows(work: Path, source: Source) -> Iterator[dict]:
    with (work / "corpus" / f"{source.name}.jsonl").open(encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def _sample(work: Path, seed: int) -> Iterator[str]:
    """Texts for the vocabulary: news and the encyclopaedia in full measure, other languages repeated to be heard."""
    rng = random.Random(seed)
    for source in SOURCES:
        rows = list(corpus_rows(work, source))
        rng.shuffle(rows)
        budget = SAMPLE_CHARACTERS.get(source.name, 12e6)
        for row in rows:
            if source.kind == "parallel":
                for language, text in row["texts"].items():
                    for _ in range(PARALLEL_REPEATS.get(language, 1)):
                        yield text
                continue
            for _ in range(NEWS_REPEATS.get(source.name, 1)):
                yield row["text"]
            budget -= len(row["text"])
            if budget < 0:
                break


def train_tokenizer(work: Path, recipe: Recipe) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=64))
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=recipe.architecture.vocab_size, special_tokens=SPECIAL, min_frequency=5, limit_alphabet=400, show_progress=False
    )
    tokenizer.train_from_iterator(_sample(work, recipe.seed), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)]
    )
    tokenizer.save(str(work / "tokenizer.json"), pretty=False)
    print(f"tokenizer: {tokenizer.get_vocab_size()} tokens", flush=True)
    return tokenizer


def keep_tokenizer(work: Path, encoder: Path) -> Tokenizer:
    """The tokenizer of an exported encoder, so that its weights can be trained on."""
    shutil.copy(encoder / "tokenizer.json", work / "tokenizer.json")
    return Tokenizer.from_file(str(work / "tokenizer.json"))


def encode_corpus(work: Path, tokenizer: Tokenizer) -> None:
    """Writes, per source, `tokens/<name>.npz`: ids (uint16), text offsets, title offsets, and row labels as JSON."""
    target = work / "tokens"
    target.mkdir(exist_ok=True)
    for source in SOURCES:
        if source.kind == "parallel":
            columns = {}
            rows = list(corpus_rows(work, source))
            for language in {k for row in rows for k in row["texts"]}:
                texts = [row["texts"].get(language, "") for row in rows]
                columns[language] = _encode(tokenizer, texts)
            arrays = {f"{k}.{part}": array for k, pair in columns.items() for part, array in zip(("ids", "offsets"), pair, strict=True)}
        else:
            rows = list(corpus_rows(work, source))
            ids, offsets = _encode(tokenizer, [row["text"] for row in rows])
            title_ids, title_offsets = _encode(tokenizer, [row.get("title", "") for row in rows])
            arrays = {"ids": ids, "offsets": offsets, "title_ids": title_ids, "title_offsets": title_offsets}
        labels = json.dumps([row["labels"] for row in rows], ensure_ascii=False)
        sentiments = json.dumps([row.get("sentiment") for row in rows])
        np.savez(target / f"{source.name}.npz", labels=np.array(labels), sentiments=np.array(sentiments), **arrays)
        print(f"tokens {source.name}: {sum(a.size for k, a in arrays.items() if k.endswith('ids'))}", flush=True)


def _encode(tokenizer: Tokenizer, texts: list[str], chunk: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    parts, lengths = [], [0]
    for start in range(0, len(texts), chunk):
        for encoding in tokenizer.encode_batch(texts[start : start + chunk], add_special_tokens=False):
            parts.append(np.array(encoding.ids, dtype=np.uint16))
            lengths.append(len(encoding.ids))
    return (np.concatenate(parts) if parts else np.zeros(0, np.uint16)), np.cumsum(lengths, dtype=np.int64)
