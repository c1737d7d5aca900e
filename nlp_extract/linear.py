"""Linear models over hashed features: trained with scikit-learn, applied with numpy alone.

Scikit-learn and scipy take about a second to import; applying a linear model needs neither.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.hashing import code
from nlp_extract.models import ModelFolder, npz

Features = Mapping[str, float]
# Rows to train on: named features, or the columns of each row (`nlp_extract.crosses`), shape (n, features).
Rows = Sequence[Features] | NDArray[numpy.int64]


def bucket(feature: str, bits: int) -> int:
    """The column of a feature: CRC-32 of its UTF-8 bytes, folded to `bits` bits."""
    return code(feature) & ((1 << bits) - 1)


class LinearModel:
    """One weight vector a label; probabilities by the logistic function or softmax.

    Parameters
    ----------
    labels : sequence of str
        Names of the outputs, length k.
    weights : ndarray, shape (2 ** bits, k)
        Float16 or float32.
    intercept : ndarray, shape (k,)
    multilabel : bool
        Independent logistic outputs (True) or one softmax (False).
    """

    def __init__(
        self,
        labels: Sequence[str],
        weights: NDArray[Any],
        intercept: NDArray[Any],
        *,
        bits: int,
        multilabel: bool,
    ) -> None:
        self.labels = tuple(labels)
        self.weights = numpy.ascontiguousarray(weights)
        self.intercept = numpy.asarray(intercept, dtype=numpy.float32)
        self.bits = bits
        self.multilabel = multilabel

    def scores(self, rows: Sequence[Features]) -> NDArray[numpy.float32]:
        """Decision values, shape (n, k)."""
        lengths = numpy.fromiter(map(len, rows), numpy.int64, len(rows))
        count = int(lengths.sum())
        # Hashing a feature anew takes no longer than finding it in a cache, which would be the largest thing in memory.
        names = itertools.chain.from_iterable(rows)
        columns = numpy.fromiter(map(zlib.crc32, map(str.encode, names)), numpy.int64, count) & ((1 << self.bits) - 1)
        values = numpy.fromiter(itertools.chain.from_iterable(row.values() for row in rows), numpy.float32, count)
        return self.intercept + self.sums(columns, lengths, values)

    def sums(
        self, columns: NDArray[numpy.int64], lengths: NDArray[numpy.int64], values: NDArray[numpy.float32] | None = None
    ) -> NDArray[numpy.float32]:
        """Sums of the weights of rows one behind the other, shape (n, k), without the intercept.

        Parameters
        ----------
        columns : ndarray, shape (features of all rows,)
        lengths : ndarray, shape (n,)
            How many features each row has.
        values : ndarray, shape (features of all rows,), optional
            Of the features; 1 where not given.
        """
        result = numpy.zeros((len(lengths), len(self.labels)), dtype=numpy.float32)
        filled = lengths > 0
        if filled.any():
            products = self.weights[columns].astype(numpy.float32)
            if values is not None:
                products *= values[:, None]
            result[filled] = numpy.add.reduceat(products, (numpy.cumsum(lengths) - lengths)[filled], axis=0)
        return result

    def scores_at(self, columns: NDArray[numpy.int64]) -> NDArray[numpy.float32]:
        """Decision values, shape (n, k), of rows given by their columns (`crosses`), shape (features, n)."""
        values: NDArray[numpy.float32] = self.weights[columns].sum(axis=0, dtype=numpy.float32) + self.intercept
        return values

    def predict_proba(self, rows: Sequence[Features]) -> NDArray[numpy.float32]:
        """Probabilities, shape (n, k)."""
        return self._proba(self.scores(rows))

    def proba_at(self, columns: NDArray[numpy.int64]) -> NDArray[numpy.float32]:
        """Probabilities, shape (n, k), of rows given by their columns, shape (features, n)."""
        return self._proba(self.scores_at(columns))

    def _proba(self, values: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
        if self.multilabel:
            return (1.0 / (1.0 + numpy.exp(-values))).astype(numpy.float32)
        values = numpy.exp(values - values.max(axis=1, keepdims=True))
        shares: NDArray[numpy.float32] = (values / values.sum(axis=1, keepdims=True)).astype(numpy.float32)
        return shares

    def to_files(self, name: str) -> dict[str, bytes]:
        """`{name}.npz`, only the rows that are not zero."""
        used = numpy.flatnonzero(numpy.any(self.weights != 0, axis=1)).astype(numpy.uint32)
        arrays: dict[str, NDArray[Any]] = {
            "rows": used,
            "weights": self.weights[used].astype(numpy.float16),
            "intercept": self.intercept,
            "labels": numpy.array(self.labels),
            "shape": numpy.array([self.bits, int(self.multilabel)], dtype=numpy.int64),
        }
        return {f"{name}.npz": npz(arrays)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> LinearModel:
        """From the arrays of `to_files`."""
        bits, multilabel = (int(v) for v in arrays["shape"])
        weights = numpy.zeros((1 << bits, len(arrays["labels"])), dtype=numpy.float16)
        weights[arrays["rows"]] = arrays["weights"]
        labels = [str(label) for label in arrays["labels"]]
        return cls(labels, weights, arrays["intercept"], bits=bits, multilabel=bool(multilabel))


def linear_model(folder: ModelFolder | None, name: str) -> LinearModel | None:
    """The linear model `{name}.npz` of a model folder; None for no folder."""
    return None if folder is None else LinearModel.from_arrays(folder.arrays(f"{name}.npz"))


def design_matrix(rows: Rows, bits: int) -> Any:
    """The scipy CSR matrix of feature rows, shape (n, 2 ** bits); for training."""
    from scipy.sparse import csr_matrix

    if isinstance(rows, numpy.ndarray):
        count, width = rows.shape
        pointers = numpy.arange(count + 1) * width
        return csr_matrix((numpy.ones(rows.size, numpy.float32), rows.ravel(), pointers), shape=(count, 1 << bits))
    columns = [bucket(feature, bits) for row in rows for feature in row]
    values = [value for row in rows for value in row.values()]
    pointers = numpy.concatenate([[0], numpy.cumsum([len(row) for row in rows])])
    return csr_matrix((values, columns, pointers), shape=(len(rows), 1 << bits), dtype=numpy.float32)


def fit_linear(
    rows: Rows,
    targets: NDArray[Any],
    labels: Sequence[str],
    *,
    bits: int = 18,
    c: float = 1.0,
    class_weight: str | None = None,
    sample_weight: NDArray[Any] | None = None,
    seed: int = 0,
    base: LinearModel | None = None,
    table: NDArray[numpy.float32] | None = None,
    tol: float = 1e-4,
) -> LinearModel:
    """Train by scikit-learn's logistic regression, or adapt a trained model to more data.

    Parameters
    ----------
    rows : sequence of {feature: value}, length n, or ndarray of columns, shape (n, features)
    targets : ndarray
        Shape (n, k) of 0/1 for a multi-label model, or (n,) of indices into `labels`.
    c : float
        Inverse strength of the L2 penalty.
    base : LinearModel, optional
        A model to start from: the penalty is then on the distance from its weights, so that what the new data says
        nothing about stays as it was (MAP adaptation, Chelba & Acero 2004). Its `bits` count.
    table : ndarray, shape (2 ** bits, d), optional
        Vectors of the columns; a row's sum of them is d further features, whose weights are folded into those of the
        columns. Not used with `base`.
    tol : float
        Where the solver stops; not used with `base`.
    """
    if base is not None:
        return _adapt(base, rows, targets, labels, c=c, class_weight=class_weight, sample_weight=sample_weight)
    from sklearn.linear_model import LogisticRegression

    matrix = design_matrix(rows, bits)
    if table is not None:
        from scipy.sparse import csr_matrix, hstack

        matrix = hstack([matrix, csr_matrix(matrix @ table)]).tocsr()
    multilabel = targets.ndim == 2
    weights = numpy.zeros((matrix.shape[1], len(labels)), dtype=numpy.float32)
    intercept = numpy.zeros(len(labels), dtype=numpy.float32)
    if multilabel:
        for k in range(len(labels)):
            if targets[:, k].min() == targets[:, k].max():
                intercept[k] = 10.0 if targets[0, k] else -10.0
                continue
            fitted = LogisticRegression(
                C=c, solver="liblinear", class_weight=class_weight, random_state=seed, max_iter=200, tol=tol
            ).fit(matrix, targets[:, k], sample_weight=sample_weight)
            weights[:, k], intercept[k] = fitted.coef_[0], fitted.intercept_[0]
    elif targets.min() == targets.max():
        intercept[int(targets[0])] = 10.0
    else:
        fitted = LogisticRegression(C=c, class_weight=class_weight, random_state=seed, max_iter=500, tol=tol).fit(
            matrix, targets, sample_weight=sample_weight
        )
        if len(fitted.classes_) == 2:
            first, second = (int(i) for i in fitted.classes_)
            weights[:, second], intercept[second] = fitted.coef_[0], fitted.intercept_[0]
            intercept[[k for k in range(len(labels)) if k not in (first, second)]] = -30.0
        else:
            intercept[:] = -30.0
            for row, k in enumerate(fitted.classes_):
                weights[:, int(k)], intercept[int(k)] = fitted.coef_[row], fitted.intercept_[row]
    if table is not None:
        weights = weights[: 1 << bits] + table @ weights[1 << bits :]
    return LinearModel(labels, weights, intercept, bits=bits, multilabel=multilabel)


def _adapt(
    base: LinearModel,
    rows: Rows,
    targets: NDArray[Any],
    labels: Sequence[str],
    *,
    c: float,
    class_weight: str | None,
    sample_weight: NDArray[Any] | None,
) -> LinearModel:
    """Logistic regression whose penalty is on the distance from the weights of `base`."""
    from scipy.optimize import minimize
    from sklearn.utils.class_weight import compute_sample_weight

    multilabel = targets.ndim == 2
    weights = numpy.zeros((1 << base.bits, len(labels)), dtype=numpy.float32)
    intercept = numpy.full(len(labels), -10.0 if multilabel else -30.0, dtype=numpy.float32)
    for k, label in enumerate(labels):
        if label in base.labels:
            weights[:, k] = base.weights[:, base.labels.index(label)]
            intercept[k] = base.intercept[base.labels.index(label)]
    matrix = design_matrix(rows, base.bits)
    wanted = targets.astype(numpy.float64) if multilabel else numpy.eye(len(labels))[targets]
    importance = numpy.ones(len(rows)) if sample_weight is None else numpy.asarray(sample_weight, dtype=numpy.float64)
    share = importance[:, None] * numpy.ones(len(labels))
    if class_weight is not None:
        columns = [targets[:, k] for k in range(len(labels))] if multilabel else [targets] * len(labels)
        share = share * numpy.stack([compute_sample_weight(class_weight, column) for column in columns], axis=1)
    start = matrix @ weights + intercept
    # Only columns that occur can move.
    used = numpy.unique(matrix.indices)
    compact = matrix[:, used].astype(numpy.float64)
    shape = (len(used) + 1, len(labels))

    def loss(flat: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        step = flat.reshape(shape)
        values = start + compact @ step[:-1] + step[-1]
        if multilabel:
            error = 1.0 / (1.0 + numpy.exp(-numpy.clip(values, -500, 500))) - wanted
            cost = numpy.logaddexp(0.0, values) - wanted * values
        else:
            top = values - values.max(axis=1, keepdims=True)
            total = numpy.log(numpy.exp(top).sum(axis=1, keepdims=True))
            error = numpy.exp(top - total) - wanted
            cost = wanted * (total - top)
        error = error * share
        gradient = numpy.concatenate([compact.T @ error, error.sum(axis=0)[None]]) + step / c
        return float((cost * share).sum() + (step**2).sum() / (2 * c)), gradient.ravel()

    found = minimize(loss, numpy.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    step = found.x.reshape(shape).astype(numpy.float32)
    weights[used] += step[:-1]
    return LinearModel(labels, weights, intercept + step[-1], bits=base.bits, multilabel=multilabel)
