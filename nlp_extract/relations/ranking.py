"""Choice among alternatives: a linear model whose scores are a softmax over the alternatives of one group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.linear import LinearModel, Rows, design_matrix

_CLOSE = 1e-6  # the optimisation ends when a step improves the likelihood by less, relatively


def group_softmax(scores: NDArray[Any], sizes: Sequence[int]) -> NDArray[numpy.float64]:
    """Probabilities within each group of consecutive scores; groups are not empty."""
    if not len(scores):
        return numpy.zeros(0)
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]]).astype(numpy.int64)
    values = scores.astype(numpy.float64)
    values = numpy.exp(values - numpy.repeat(numpy.maximum.reduceat(values, starts), sizes))
    shares: NDArray[numpy.float64] = values / numpy.repeat(numpy.add.reduceat(values, starts), sizes)
    return shares


def fit_ranking(
    rows: Rows,
    targets: NDArray[Any],
    sizes: Sequence[int],
    label: str,
    *,
    bits: int = 18,
    c: float = 1.0,
    iterations: int = 100,
    base: LinearModel | None = None,
) -> LinearModel:
    """Train by the log-likelihood of the right alternatives (several may be right), with an L2 penalty.

    Parameters
    ----------
    rows : sequence of {feature: value}, length n, or ndarray of columns, shape (n, features)
    targets : ndarray of 0/1, shape (n,)
        At least one 1 a group.
    sizes : sequence of int
        Lengths of the groups, in order; they add up to n.
    c : float
        Inverse strength of the penalty.
    base : LinearModel, optional
        A model to start from: the penalty is then on the distance from its weights. Its `bits` count.
    """
    from scipy.optimize import minimize

    bits = bits if base is None else base.bits
    matrix = design_matrix(rows, bits)
    offset = numpy.zeros(len(rows)) if base is None else matrix @ base.weights[:, 0].astype(numpy.float32)
    # Only columns in use are optimised; both ways round, each row of a product stays in the cache.
    used = numpy.unique(matrix.indices)
    matrix = matrix[:, used]
    turned = matrix.T.tocsr()
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]]).astype(numpy.int64)
    right = targets.astype(numpy.float64)

    def objective(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        values = offset + matrix @ weights.astype(numpy.float32)
        shares = group_softmax(values, sizes)
        mass = numpy.maximum(numpy.add.reduceat(shares * right, starts), 1e-12)
        wanted = shares * right / numpy.repeat(mass, sizes)
        gradient = turned @ (shares - wanted).astype(numpy.float32) + weights / c
        return float(-numpy.log(mass).sum() + weights @ weights / (2 * c)), gradient

    result = minimize(
        objective, numpy.zeros(len(used)), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "ftol": _CLOSE}
    )
    weights = numpy.zeros((1 << bits, 1), dtype=numpy.float32)
    if base is not None:
        weights += base.weights
    weights[used, 0] += result.x
    return LinearModel([label], weights, numpy.zeros(1), bits=bits, multilabel=True)
