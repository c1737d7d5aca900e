"""Word vectors learnt from plain news text: words that stand in the same contexts lie close together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.hashing import code

WORDS, CONTEXTS, RARE, WINDOW, DIMENSIONS = 30_000, 15_000, 4, 5, 100
# Words a sentence has on average, to tell how rare a word is.
_SENTENCE = 28


class Vectors:
    """Vectors of words, the longer the rarer the word; words are kept as hash values.

    Parameters
    ----------
    hashes : ndarray of uint32, shape (n,)
    values : ndarray of int8, shape (n, d)
    scales : ndarray of float, shape (n,)
        What a row of `values` is multiplied by.
    """

    def __init__(self, hashes: NDArray[Any], values: NDArray[Any], scales: NDArray[Any]) -> None:
        self.hashes, self.values, self.scales = hashes, values, scales
        order = numpy.argsort(hashes, kind="stable")
        self._known = hashes[order]
        # The last row is that of unknown words.
        self._table = numpy.zeros((len(values) + 1, values.shape[1]), dtype=numpy.float32)
        self._table[:-1] = (values.astype(numpy.float32) * scales.astype(numpy.float32)[:, None])[order]

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self.values.shape[1])

    def means(
        self, hashes: NDArray[numpy.uint32], begins: NDArray[numpy.int64], ends: NDArray[numpy.int64]
    ) -> NDArray[numpy.float32]:
        """The direction of each stretch of words, shape (n, d): of length 1, or 0 when none is known.

        Parameters
        ----------
        hashes : ndarray, shape (words,)
            `nlp_extract.hashing.code` of the words.
        begins, ends : ndarray, shape (n,)
        """
        rows = numpy.full(len(hashes) + 1, len(self._known))
        places = numpy.minimum(numpy.searchsorted(self._known, hashes), len(self._known) - 1)
        rows[:-1] = numpy.where(self._known[places] == hashes, places, rows[:-1])
        sums = numpy.add.reduceat(self._table[rows], numpy.stack([begins, ends], axis=1).ravel(), axis=0)[::2]
        sums[begins == ends] = 0
        return unit(sums)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For an npz file."""
        return {"hashes": self.hashes, "values": self.values, "scales": self.scales}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Vectors:
        """From what `arrays` gave."""
        return cls(arrays["hashes"], arrays["values"], arrays["scales"])


def unit(rows: NDArray[Any]) -> NDArray[numpy.float32]:
    """Rows at length 1, those of 0 left."""
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    result: NDArray[numpy.float32] = (rows / numpy.maximum(lengths, 1e-6)).astype(numpy.float32)
    return result


def learn_vectors(texts: Sequence[Sequence[str]], seed: int = 0) -> Vectors:
    """Learn vectors from texts cut into words.

    Positive pointwise mutual information with the words up to `WINDOW` places away (Levy & Goldberg 2014), reduced by
    a truncated singular value decomposition.
    """
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    counts = Counter(word for words in texts for word in words if not word.isspace())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    vocabulary = {word: n for n, (word, count) in enumerate(ranked[:WORDS]) if count >= RARE or n < DIMENSIONS}
    # Between two texts lie as many unknown words as the window is wide.
    gap = [-1] * WINDOW
    ids = numpy.array([n for words in texts for n in (*(vocabulary.get(w, -1) for w in words), *gap)], numpy.int64)
    size, contexts = len(vocabulary), min(CONTEXTS, len(vocabulary))
    table = csr_matrix((size, contexts), dtype=numpy.float32)
    for offset in range(1, WINDOW + 1):
        for left, right in ((ids[:-offset], ids[offset:]), (ids[offset:], ids[:-offset])):
            kept = (left >= 0) & (right >= 0) & (right < contexts)
            weight = numpy.full(int(kept.sum()), 1 - (offset - 1) / WINDOW, numpy.float32)
            table = table + csr_matrix((weight, (left[kept], right[kept])), shape=(size, contexts))
    table = table.tocoo()
    row_sums = numpy.bincount(table.row, table.data, size)
    column_sums = numpy.bincount(table.col, table.data, contexts) ** 0.75
    expected = row_sums[table.row] * column_sums[table.col] / column_sums.sum()
    information = numpy.log(table.data / expected)
    kept = information > 0
    positive = csr_matrix(
        (information[kept].astype(numpy.float32), (table.row[kept], table.col[kept])), shape=(size, contexts)
    )
    dimensions = min(DIMENSIONS, contexts - 1)
    left, strength, _ = randomized_svd(positive, dimensions, n_iter=3, random_state=seed)
    total = sum(counts.values()) / _SENTENCE
    rarity = numpy.log1p(total / numpy.array([counts[word] for word in vocabulary]))
    vectors = unit(left * numpy.sqrt(strength)) * rarity[:, None]
    scales = numpy.maximum(numpy.abs(vectors).max(axis=1), 1e-6) / 127
    values = numpy.rint(vectors / scales[:, None]).astype(numpy.int8)
    hashes = numpy.array([code(word) for word in vocabulary], dtype=numpy.uint32)
    return Vectors(hashes, values, scales.astype(numpy.float16))
