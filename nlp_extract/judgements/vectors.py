"""Word vectors for training: what the words of few labelled articles say is spread to words beside them in meaning.

A linear model over a sum of word vectors is a linear model over words, so the vectors are folded into the weights and
are not needed when the model is applied.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.linear import Features, LinearModel, bucket, design_matrix

_WINDOW = 5  # Words to either side.


@dataclasses.dataclass(frozen=True)
class WordVectors:
    """Vectors of unit length.

    Attributes
    ----------
    words : tuple of str, length n
    matrix : ndarray, shape (n, size)
    """

    words: tuple[str, ...]
    matrix: NDArray[numpy.float32]

    @classmethod
    def learn(
        cls, sentences: Iterable[Sequence[str]], *, size: int = 64, most: int = 30_000, least: int = 5, seed: int = 0
    ) -> WordVectors:
        """Singular vectors of positive pointwise mutual information (Levy, Goldberg and Dagan 2015).

        Parameters
        ----------
        sentences : iterable of sequences of words
        size : int
            Dimensions.
        most, least : int
            Number of words kept, and how often a word must occur.
        """
        from scipy.sparse import coo_matrix, csr_matrix
        from sklearn.utils.extmath import randomized_svd

        texts = list(sentences)
        counts = Counter(word for text in texts for word in text)
        frequent = (word for word, count in counts.items() if count >= least)
        words = sorted(frequent, key=lambda word: (-counts[word], word))[:most]
        index = {word: i for i, word in enumerate(words)}
        gap = [-1] * _WINDOW
        stream = numpy.array(
            [i for text in texts for i in [*(index.get(w, -1) for w in text), *gap]], dtype=numpy.int32
        )
        shape = (len(words), len(words))
        pairs = csr_matrix(shape, dtype=numpy.float32)
        for distance in range(1, _WINDOW + 1):
            left, right = stream[:-distance], stream[distance:]
            both = (left >= 0) & (right >= 0)
            weight = numpy.full(int(both.sum()), 1.0 / distance, dtype=numpy.float32)
            pairs = pairs + coo_matrix((weight, (left[both], right[both])), shape=shape).tocsr()
        table = (pairs + pairs.T).tocoo()
        total = numpy.bincount(table.row, weights=table.data, minlength=len(words))
        # Contexts to the power 0.75, so that rare ones do not dominate.
        damped = total**0.75
        damped *= total.sum() / damped.sum()
        information = numpy.log(table.data * total.sum() / (total[table.row] * damped[table.col]))
        kept = information > 0
        positive = csr_matrix((information[kept], (table.row[kept], table.col[kept])), shape=shape)
        left, strength, _ = randomized_svd(positive, size, n_iter=2, random_state=seed)
        matrix = left * numpy.sqrt(strength)
        matrix /= numpy.linalg.norm(matrix, axis=1, keepdims=True) + 1e-9
        return cls(tuple(words), matrix.astype(numpy.float32))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Words and their vectors in steps of 1/127 of the largest value."""
        scale = float(numpy.abs(self.matrix).max()) / 127
        steps = numpy.round(self.matrix / scale).astype(numpy.int8)
        return {"words": numpy.array(self.words), "steps": steps, "scale": numpy.array(scale)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> WordVectors:
        """From the arrays of `to_arrays`."""
        matrix = arrays["steps"].astype(numpy.float32) * numpy.float32(arrays["scale"])
        return cls(tuple(str(word) for word in arrays["words"]), matrix)

    def by_column(self, prefix: str, bits: int) -> NDArray[numpy.float32]:
        """The vectors at the columns of the features `prefix + word`, shape (2 ** bits, size)."""
        found = numpy.zeros((1 << bits, self.matrix.shape[1]), dtype=numpy.float32)
        numpy.add.at(found, [bucket(prefix + word, bits) for word in self.words], self.matrix)
        return found


def fit_with_vectors(
    rows: Sequence[Features],
    targets: NDArray[Any],
    labels: Sequence[str],
    vectors: WordVectors,
    scales: Mapping[str, float],
    *,
    bits: int,
    c: float,
    seed: int = 0,
) -> LinearModel:
    """Logistic regression over hashed features and the vectors of their words, folded into one `LinearModel`.

    Parameters
    ----------
    rows : sequence of {feature: value}, length n
    targets : ndarray
        Shape (n, k) of 0/1, or (n,) of indices into `labels`.
    vectors : WordVectors
    scales : mapping of str to float
        Prefix of the features whose words have vectors -> weight of the vectors.
    c : float
        Inverse strength of the L2 penalty.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    sparse = design_matrix(rows, bits)
    table = numpy.concatenate([vectors.by_column(p, bits) * scale for p, scale in scales.items()], axis=1)
    used = numpy.unique(sparse.indices)
    matrix = hstack([sparse[:, used], csr_matrix(sparse @ table)]).tocsr()
    weights = numpy.zeros((1 << bits, len(labels)), dtype=numpy.float32)
    intercept = numpy.zeros(len(labels), dtype=numpy.float32)
    if targets.ndim == 2:
        fitted = [
            LogisticRegression(C=c, solver="liblinear", random_state=seed, max_iter=200).fit(matrix, targets[:, k])
            for k in range(len(labels))
        ]
        learnt = [(k, model.coef_[0], model.intercept_[0]) for k, model in enumerate(fitted)]
    else:
        model = LogisticRegression(C=c, max_iter=300, tol=1e-3, random_state=seed).fit(matrix, targets)
        learnt = [(int(k), model.coef_[row], model.intercept_[row]) for row, k in enumerate(model.classes_)]
    for k, coefficients, constant in learnt:
        weights[used, k] = coefficients[: len(used)]
        weights[:, k] += table @ coefficients[len(used) :]
        intercept[k] = constant
    return LinearModel(labels, weights, intercept, bits=bits, multilabel=targets.ndim == 2)
