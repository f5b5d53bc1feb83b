"""Stage `initialise`: token embeddings before any gradient, from co-occurrence counts.

A truncated singular value decomposition of the positive pointwise mutual information matrix gives vectors close to
those of skip-gram with negative sampling (Levy and Goldberg 2014, "Neural Word Embedding as Implicit Matrix
Factorization"). Sentences of two languages are interleaved, so translations share contexts (Vulić and Moens 2015).
On a small compute budget this replaces the first hours of masked-language learning.
"""

from pathlib import Path

import numpy as np
from scipy import sparse
from tokenizers import Tokenizer

from .lexicon import interleave, read_glossary_pairs
from .settings import Recipe
from .sources import SOURCES
from .store import TokenStore

WINDOW = 5
SHIFT = 1.0
MINIMUM_COUNT = 2
PARALLEL_REPEATS = 6


def _cooccurrences(sequences: list[np.ndarray], vocabulary: int) -> sparse.csr_matrix:
    counts = np.zeros(vocabulary * vocabulary, dtype=np.float32)
    for ids in sequences:
        ids = ids.astype(np.int64)
        for distance in range(1, WINDOW + 1):
            for start in range(0, len(ids) - distance, 8_000_000):
                stop = min(start + 8_000_000, len(ids) - distance)
                keys, n = np.unique(ids[start:stop] * vocabulary + ids[start + distance : stop + distance], return_counts=True)
                counts[keys] += n / distance
    matrix = sparse.csr_matrix(counts.reshape(vocabulary, vocabulary))
    return (matrix + matrix.T).tocsr()


def _ppmi(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Context distribution smoothed with exponent 0.75 (Levy, Goldberg and Dagan 2015)."""
    total = counts.sum()
    rows = np.asarray(counts.sum(1)).ravel()
    columns = np.asarray(counts.sum(0)).ravel() ** 0.75
    columns *= total / columns.sum()
    m = counts.tocoo()
    keep = m.data >= MINIMUM_COUNT
    r, c, n = m.row[keep], m.col[keep], m.data[keep]
    values = np.log(n * total / (rows[r] * columns[c]) / SHIFT)
    positive = values > 0
    return sparse.csr_matrix((values[positive].astype(np.float32), (r[positive], c[positive])), shape=counts.shape)


def _svd(matrix: sparse.csr_matrix, rank: int, seed: int, iterations: int = 3) -> np.ndarray:
    """Randomised subspace iteration (Halko, Martinsson and Tropp 2011); rows weighted by the root of the spectrum."""
    rng = np.random.default_rng(seed)
    q = matrix @ rng.standard_normal((matrix.shape[1], rank + 32), dtype=np.float32)
    for _ in range(iterations):
        q, _ = np.linalg.qr(q)
        q = matrix @ (matrix.T @ q)
    q, _ = np.linalg.qr(q)
    u, s, _ = np.linalg.svd(np.asarray((matrix.T @ q).T), full_matrices=False)
    return (q @ u)[:, :rank] * np.sqrt(s[:rank])


def initialise(work: Path, recipe: Recipe) -> None:
    vocabulary, width = recipe.architecture.vocab_size, recipe.architecture.hidden_size
    sequences = []
    for source in SOURCES:
        store = TokenStore(work, source)
        if source.kind != "parallel":
            sequences.append(store.ids)
            continue
        mixed = [interleave(a, b) for a, b in store.sentence_pairs("ar")] + [interleave(a, b) for a, b in store.sentence_pairs("en")]
        sequences.append(np.tile(np.concatenate(mixed), PARALLEL_REPEATS))
    pairs = read_glossary_pairs(Tokenizer.from_file(str(work / "tokenizer.json")))
    if pairs:
        sequences.append(np.tile(np.concatenate([interleave(a, b) for a, b in pairs]), 4 * PARALLEL_REPEATS))
    vectors = _svd(_ppmi(_cooccurrences(sequences, vocabulary)), width, recipe.seed)
    vectors -= vectors[np.linalg.norm(vectors, axis=1) > 0].mean(0)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # Rows at the scale of a usual random initialisation: unit directions, standard deviation 0.02 per component … ×2.
    vectors = vectors / np.maximum(norms, 1e-6) * 0.04 * np.sqrt(width)
    empty = norms.ravel() < 1e-6
    vectors[empty] = np.random.default_rng(recipe.seed).standard_normal((int(empty.sum()), width)) * 0.02
    np.save(work / "embeddings.npy", vectors.astype(np.float32))
    print(f"initialise: {vectors.shape[0]} × {vectors.shape[1]}, {int(empty.sum())} tokens without contexts", flush=True)
