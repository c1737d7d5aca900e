"""Word vectors from plain text: which words stand just before and after a word (PPMI, truncated SVD)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.hashing import code

OFFSETS = (-2, -1, 1, 2)


def word_vectors(
    sentences: Sequence[Sequence[str]], *, words: int = 20_000, contexts: int = 8_000, size: int = 128, seed: int = 0
) -> tuple[NDArray[numpy.uint32], NDArray[numpy.int8], float]:
    """Vectors of the most frequent words.

    Parameters
    ----------
    sentences : sequence of sequences of str
    words, contexts : int
        Words that get a vector, and words that count as neighbours.
    size : int
        Length of a vector.

    Returns
    -------
    keys : ndarray of uint32, shape (v,)
        CRC-32 of the words, ascending.
    table : ndarray of int8, shape (v + 1, size)
        Their vectors; the last row, zeros, is for any other word.
    scale : float
        What an entry of 1 stands for, so that entries have variance 1.
    """
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    counts = Counter(word for sentence in sentences for word in sentence)
    common = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:words]]
    row = {word: i for i, word in enumerate(common)}
    flat = numpy.array([row.get(w, -1) for s in sentences for w in (*s, *[""] * len(OFFSETS))], dtype=numpy.int64)
    shape = (len(common), contexts * len(OFFSETS))
    total: Any = csr_matrix(shape, dtype=numpy.float64)
    for k, offset in enumerate(OFFSETS):
        left, right = (flat[:-offset], flat[offset:]) if offset > 0 else (flat[-offset:], flat[:offset])
        kept = (left >= 0) & (right >= 0) & (right < contexts)
        ones = numpy.ones(int(kept.sum()))
        total = total + csr_matrix((ones, (left[kept], right[kept] + contexts * k)), shape=shape)
    coo = total.tocoo()
    by_word = numpy.asarray(total.sum(axis=1)).ravel()
    by_context = numpy.asarray(total.sum(axis=0)).ravel() ** 0.75
    information = numpy.log(coo.data * by_context.sum() / (by_word[coo.row] * by_context[coo.col]))
    positive = csr_matrix((numpy.maximum(information, 0), (coo.row, coo.col)), shape=shape)
    left, values, _ = randomized_svd(positive, n_components=size, n_iter=4, random_state=seed)
    dense = left * values**0.5
    dense /= numpy.maximum(numpy.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    scale = float(numpy.quantile(numpy.abs(dense), 0.9999)) / 127
    table = numpy.clip(numpy.rint(dense / scale), -127, 127).astype(numpy.int8)
    # Two words with one checksum: the more frequent one stays.
    first: dict[int, int] = {}
    for word, i in row.items():
        first.setdefault(code(word), i)
    keys = sorted(first)
    rows = numpy.concatenate([table[[first[key] for key in keys]], numpy.zeros((1, size), dtype=numpy.int8)])
    return numpy.array(keys, dtype=numpy.uint32), rows, scale / float(dense.std())
