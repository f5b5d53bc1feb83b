"""Stage `posts`: pseudo-labels for headlines and openings of articles, from a teacher that reads vectors and n-grams.

The labelled posts of ASND are few, and an encoder trained on them learns them by heart: their vectors then look more certain than those of
new posts. So a teacher is fitted on them, logistic regression on an exported encoder's vectors beside one on TF-IDF, and what it says of
texts that nobody labelled is what the encoder is trained on (Lee 2013, "Pseudo-Label"). The teacher knows more than the vectors: on dev, n-grams and
vectors together are ahead of either.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from .batches import pad
from .settings import POST_TOKENS, Recipe
from .sources import POSTS, by_name
from .tokenizer import PAD, corpus_rows, encode_texts

# Texts drawn from each source.
DRAWN = {"khaleej": 9_000, "ant": 8_000, "hespress_jazeera": 2_600, "arsas": 2_500, "arwiki": 1_500, "beauty_gaming": 500}
SHORTEST, LONGEST = 90, 240  # Characters of an opening; posts have 128 in the mean.
TITLE_RATE = 0.5
STRENGTH = 3.0
"""Inverse strength of regularisation, chosen on ASND's dev split."""


def draw_posts(work: Path, seed: int) -> list[str]:
    """Titles, where there are any, and openings of random length, cut between words."""
    rng, posts = np.random.default_rng(seed), []
    for name, count in DRAWN.items():
        rows = list(corpus_rows(work, by_name(name)))
        for i in rng.permutation(len(rows))[:count]:
            text = rows[i].get("title") if rng.random() < TITLE_RATE else None
            if not text:
                text = " ".join(rows[i]["text"].split())
                room = int(rng.integers(SHORTEST, LONGEST))
                text = text if len(text) <= room else text[:room].rsplit(" ", 1)[0]
            posts.append(text)
    return posts


def embed(encoder: Path, tokenizer: Tokenizer, texts: list[str], batch: int = 32) -> np.ndarray:
    """Unit vectors of the first tokens of each text, by the exported int8 graph: [texts, hidden]."""
    session = onnxruntime.InferenceSession(str(encoder / "onnx" / "model_quantized.onnx"))
    encoded = [np.array(e.ids, dtype=np.int64) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    vectors: list[np.ndarray] = [np.empty(0)] * len(texts)
    order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        ids = pad([encoded[i] for i in chosen], min(POST_TOKENS, max(len(encoded[i]) for i in chosen) + 2)).numpy()
        mask = (ids != PAD).astype(np.int64)
        hidden = session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})[0]
        pooled = (hidden * mask[..., None]).sum(1)
        for i, vector in zip(chosen, pooled / np.linalg.norm(pooled, axis=1, keepdims=True), strict=True):
            vectors[i] = vector
    return np.stack(vectors)


class Ngrams:
    """TF-IDF of words 1–2 and characters 2–5 of texts normalised as the tokenizer does."""

    def __init__(self, tokenizer: Tokenizer):
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=r"\S+")
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
        self.normalise, self.parts = tokenizer.normalizer.normalize_str, (words, characters)

    def fit(self, texts: list[str]) -> csr_matrix:
        return hstack([part.fit_transform(map(self.normalise, texts)) for part in self.parts]).tocsr()

    def rows(self, texts: list[str]) -> csr_matrix:
        return hstack([part.transform(map(self.normalise, texts)) for part in self.parts]).tocsr()


def pseudo_labels(encoder: Path, tokenizer: Tokenizer, labelled: list[tuple[str, str]], texts: list[str]) -> tuple[list[str], np.ndarray]:
    """The classes, and per text the mean of two fits' probabilities: [texts, classes]. Rare classes weigh as much as common ones."""
    known, labels = [text for text, _ in labelled], [label for _, label in labelled]
    ngrams = Ngrams(tokenizer)
    views = (
        (embed(encoder, tokenizer, known), embed(encoder, tokenizer, texts)),
        (ngrams.fit(known), ngrams.rows(texts)),
    )
    probabilities = []
    for train, rest in views:
        fit = LogisticRegression(C=STRENGTH, max_iter=300, class_weight="balanced").fit(train, labels)
        probabilities.append(fit.predict_proba(rest))
    return [str(x) for x in fit.classes_], np.mean(probabilities, 0)


def write_posts(work: Path, recipe: Recipe, encoder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    if (encoder / "tokenizer.json").read_bytes() != (work / "tokenizer.json").read_bytes():
        raise ValueError(f"the tokens in {work} are not those of {encoder}: run the stage tokenizer with --encoder {encoder}")
    texts = draw_posts(work, recipe.seed)
    labelled = [(row["text"], row["labels"][0]) for row in corpus_rows(work, by_name(POSTS.teacher)) if len(row["labels"]) == 1]
    classes, soft = pseudo_labels(encoder, tokenizer, labelled, texts)
    ids, offsets = encode_texts(tokenizer, texts)
    np.savez(work / "tokens" / f"{POSTS.name}.npz", ids=ids, offsets=offsets, soft=soft.astype(np.float32), classes=np.array(json.dumps(classes, ensure_ascii=False)))
    shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(classes, soft.mean(0), strict=True))
    print(f"posts: {len(texts)} texts, {100 * float((soft.max(1) > 0.5).mean()):.0f} % with one topic over a half; {shares}", flush=True)
