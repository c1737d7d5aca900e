"""Boosted regression trees: trained with scikit-learn, applied with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.models import npz


class BoostedTrees:
    """A sum of binary trees over numeric features, put through the logistic function.

    Parameters
    ----------
    arrays : mapping of ndarray
        `feature`, `left`, `right` (int32), `threshold`, `value` (float32), each of shape (trees, nodes); a leaf
        points to itself. `prior`, shape (1,): the sum without trees. `depth`, shape (1,).
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.arrays = dict(arrays)
        self.depth = int(arrays["depth"][0])
        # All trees in one row of nodes: an index is enough to find one.
        count, size = arrays["feature"].shape
        self._roots = numpy.arange(count) * size
        self._feature = arrays["feature"].ravel().astype(numpy.int64)
        self._threshold = arrays["threshold"].ravel()
        self._value = arrays["value"].ravel()
        left, right = ((arrays[name] + self._roots[:, None]).ravel() for name in ("left", "right"))
        self._next = numpy.stack([right, left])

    def predict_proba(self, rows: NDArray[Any]) -> NDArray[numpy.float64]:
        """Probabilities, shape (n,), of feature rows of shape (n, features)."""
        rows = rows.astype(numpy.float32)
        each = numpy.arange(len(rows))[:, None]
        nodes = numpy.repeat(self._roots[None, :], len(rows), axis=0)
        for _ in range(self.depth):
            low = rows[each, self._feature[nodes]] <= self._threshold[nodes]
            nodes = self._next[low.view(numpy.int8), nodes]
        total = self.arrays["prior"][0] + self._value[nodes].astype(numpy.float64).sum(axis=1)
        result: NDArray[numpy.float64] = 1.0 / (1.0 + numpy.exp(-total))
        return result

    def to_files(self, name: str) -> dict[str, bytes]:
        """`{name}.npz`."""
        return {f"{name}.npz": npz(self.arrays)}


def fit_boosting(
    rows: NDArray[Any],
    targets: NDArray[Any],
    *,
    trees: int = 120,
    depth: int = 4,
    rate: float = 0.06,
    leaf: int = 40,
    seed: int = 0,
) -> BoostedTrees:
    """Train on features, shape (n, k), and 0/1 targets, shape (n,)."""
    from sklearn.ensemble import GradientBoostingClassifier

    fitted = GradientBoostingClassifier(
        n_estimators=trees, max_depth=depth, learning_rate=rate, min_samples_leaf=leaf, subsample=0.7,
        max_features=0.5, random_state=seed,
    ).fit(rows.astype(numpy.float32), targets)  # fmt: skip
    grown = [row[0].tree_ for row in fitted.estimators_]
    size = max(tree.node_count for tree in grown)
    shape = (len(grown), size)
    arrays: dict[str, NDArray[Any]] = {
        "feature": numpy.zeros(shape, dtype=numpy.int32),
        "left": numpy.zeros(shape, dtype=numpy.int32),
        "right": numpy.zeros(shape, dtype=numpy.int32),
        "threshold": numpy.zeros(shape, dtype=numpy.float32),
        "value": numpy.zeros(shape, dtype=numpy.float32),
    }
    for n, tree in enumerate(grown):
        own = numpy.arange(tree.node_count)
        leaves = tree.children_left < 0
        arrays["left"][n, : len(own)] = numpy.where(leaves, own, tree.children_left)
        arrays["right"][n, : len(own)] = numpy.where(leaves, own, tree.children_right)
        arrays["feature"][n, : len(own)] = numpy.where(leaves, 0, tree.feature)
        arrays["threshold"][n, : len(own)] = numpy.where(leaves, 0, tree.threshold)
        arrays["value"][n, : len(own)] = rate * tree.value[:, 0, 0]
    share = float(numpy.mean(targets))
    arrays["prior"] = numpy.array([numpy.log(share / (1 - share))])
    arrays["depth"] = numpy.array([depth])
    return BoostedTrees(arrays)
