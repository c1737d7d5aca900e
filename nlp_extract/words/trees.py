"""Dependency trees from scores: the best head for each word, cycles repaired (Chu & Liu 1965, Edmonds 1967)."""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.floating]
_NEVER = -1e9
_CANDIDATES = 3
_ROUNDING = 1e-2


def best_tree(scores: Floats) -> list[int]:
    """The head of every word in a tree with one root.

    Parameters
    ----------
    scores : ndarray, shape (n + 1, n + 1)
        `scores[d, h]`: how well word h heads word d; word 0 is the root above the sentence.

    Returns
    -------
    list of int, length n + 1
        0 for the root's one child; the first entry is 0 and means nothing.
    """
    heads = scores.argmax(axis=1)
    heads[0] = 0
    greedy: list[int] = heads.tolist()
    if greedy[1:].count(0) == 1 and _cycle(greedy) is None:
        return greedy
    # Which word is the root is decided by trying the likeliest ones.
    below = scores[1:, 1:].max(axis=1)
    gain = scores[1:, 0] - below
    most = float(below.sum()) + _ROUNDING
    best: tuple[float, list[int]] | None = None
    for root in numpy.argsort(-gain, kind="stable")[:_CANDIDATES] + 1:
        if best is not None and most + gain[root - 1] < best[0]:
            # Not even the best heads, a tree or not, give more.
            break
        rooted = scores.astype(numpy.float64)
        rooted[:, 0] = _NEVER
        rooted[root, 0] = -_NEVER
        tree = _spanning(rooted)
        value = float(scores[numpy.arange(1, len(scores)), tree[1:]].sum())
        if best is None or value > best[0]:
            best = (value, tree)
    assert best is not None
    return best[1]


def _cycle(heads: list[int]) -> list[int] | None:
    """The words of one cycle, None in a tree."""
    seen = [0] * len(heads)
    for start in range(1, len(heads)):
        word = start
        while word and not seen[word]:
            seen[word] = start
            word = heads[word]
        if word and seen[word] == start:
            cycle, other = [word], heads[word]
            while other != word:
                cycle.append(other)
                other = heads[other]
            return cycle
    return None


def _spanning(scores: Floats) -> list[int]:
    """The maximum spanning tree below word 0: contract a cycle, solve, expand."""
    heads = scores.argmax(axis=1)
    heads[0] = 0
    found = _cycle(heads.tolist())
    if found is None:
        plain: list[int] = heads.tolist()
        return plain
    cycle = numpy.array(found)
    outside = numpy.ones(len(scores), dtype=bool)
    outside[cycle] = False
    rest = numpy.flatnonzero(outside)
    size = len(rest)
    smaller = numpy.full((size + 1, size + 1), 2 * _NEVER)
    smaller[:size, :size] = scores[rest[:, None], rest]
    entering = scores[cycle[:, None], rest] - scores[cycle, heads[cycle]][:, None]
    entry = entering.argmax(axis=0)
    smaller[size, :size] = entering[entry, numpy.arange(size)]
    leaving = scores[rest[:, None], cycle]
    way_out = leaving.argmax(axis=1)
    smaller[:size, size] = leaving[numpy.arange(size), way_out]
    numpy.fill_diagonal(smaller, 2 * _NEVER)
    solved = _spanning(smaller)
    for row in range(1, size):
        heads[rest[row]] = cycle[way_out[row]] if solved[row] == size else rest[solved[row]]
    broken = solved[size]
    heads[cycle[entry[broken]]] = rest[broken]
    result: list[int] = heads.tolist()
    return result
