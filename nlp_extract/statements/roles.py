"""The scorer of roles: linear over n-grams, radial basis function over what sentences mean and where they stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, npz
from nlp_extract.statements.features import Cut, dense, grams
from nlp_extract.statements.upstream import Upstream
from nlp_extract.statements.vectors import Vectors

GAMMA = 0.8


@dataclasses.dataclass(frozen=True)
class Roles:
    """Probabilities of roles for the sentences of an article.

    Attributes
    ----------
    linear : LinearModel
        Over `features.grams`, one weight vector a role.
    vectors : Vectors
    centre : ndarray, shape (d,)
        The mean of sentences' meanings.
    axes : ndarray, shape (width, d)
        Directions that the rows of `features.dense` are projected on.
    landmarks : ndarray, shape (m, d)
        Projected sentences that others are compared with.
    weights : ndarray, shape (m, k)
        What likeness with a landmark says for a role.
    slope, offset : ndarray, shape (k,)
        From score to log odds (Platt 1999).
    """

    linear: LinearModel
    vectors: Vectors
    centre: NDArray[numpy.float32]
    axes: NDArray[numpy.float32]
    landmarks: NDArray[numpy.float32]
    weights: NDArray[numpy.float32]
    slope: NDArray[numpy.float32]
    offset: NDArray[numpy.float32]

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the roles."""
        return self.linear.labels

    def chances(self, upstream: Upstream) -> NDArray[numpy.float32]:
        """Probability of every role of every sentence, shape (sentences, k)."""
        shadow = upstream.text.shadow
        cut = Cut.of(shadow[s.start : s.end] for s in upstream.text.sentences)
        places = dense(upstream, cut, self.vectors, self.centre) @ self.axes
        values = linear_scores(self.linear, *grams(cut)) + likeness(places, self.landmarks) @ self.weights
        odds = self.slope * values + self.offset
        chances: NDArray[numpy.float32] = 1 / (1 + numpy.exp(-numpy.clip(odds, -30, 30)))
        return chances

    def stretches(self, texts: Sequence[str]) -> NDArray[numpy.float32]:
        """What the words of stretches say for every role, for comparison with each other; shape (n, k)."""
        return linear_scores(self.linear, *grams(Cut.of(texts)))

    def files(self) -> dict[str, bytes]:
        """For a model folder."""
        rest: dict[str, NDArray[Any]] = {
            "centre": self.centre,
            "axes": self.axes.astype(numpy.float16),
            "landmarks": self.landmarks.astype(numpy.float16),
            "weights": self.weights,
            "slope": self.slope,
            "offset": self.offset,
        }
        return {**self.linear.to_files("linear"), "vectors.npz": npz(self.vectors.arrays()), "kernel.npz": npz(rest)}

    @classmethod
    def of(cls, folder: ModelFolder) -> Roles:
        """From the model folder."""
        rest = {name: value.astype(numpy.float32) for name, value in folder.arrays("kernel.npz").items()}
        linear = LinearModel.from_arrays(folder.arrays("linear.npz"))
        return cls(linear, Vectors.from_arrays(folder.arrays("vectors.npz")), **rest)


def linear_scores(
    model: LinearModel, columns: NDArray[numpy.int64], lengths: NDArray[numpy.int64]
) -> NDArray[numpy.float32]:
    """Decision values of stretches, shape (n, k), from their `grams`; a stretch's vector has length 1."""
    sums = model.sums(columns, lengths)
    sums /= numpy.sqrt(numpy.maximum(lengths, 1)[:, None], dtype=numpy.float32)
    return model.intercept + sums


def likeness(rows: NDArray[numpy.float32], landmarks: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """Radial basis function of each row and each landmark, shape (n, m)."""
    half = 0.5 * numpy.square(landmarks).sum(axis=1)[None, :] + 0.5 * numpy.square(rows).sum(axis=1)[:, None]
    values: NDArray[numpy.float32] = numpy.exp(GAMMA * (rows @ landmarks.T - half))
    return values
