"""Marks of characters: B, I, E, S with a label, or O; and the best sequence of them that is well formed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy
from numpy.typing import NDArray

from nlp_extract.layers import Label

LABELS: tuple[Label, ...] = ("LOC", "ORG", "PER")
TAGS = ("O", *(f"{place}-{label}" for label in LABELS for place in "BIES"))


def _follows(first: str, second: str) -> bool:
    """Whether a mark may stand after another: a name that is open goes on or ends, and nothing else does."""
    if first[0] in "BI":
        return second[0] in "IE" and first[2:] == second[2:]
    return second[0] in "OBS"


FOLLOWS = numpy.array([[_follows(a, b) for b in TAGS] for a in TAGS])
_BEGINS = numpy.array([tag[0] in "OBS" for tag in TAGS])
_ENDS = numpy.array([tag[0] in "OES" for tag in TAGS])
_PENALTY = numpy.where(FOLLOWS, 0.0, -1e4).astype(numpy.float32)


def encode(length: int, names: Iterable[tuple[int, int, Label]]) -> NDArray[numpy.int64]:
    """The marks of a sentence, as indices into `TAGS`."""
    marks = numpy.zeros(length, dtype=numpy.int64)
    for start, end, label in names:
        first = 1 + 4 * LABELS.index(label)
        if end - start == 1:
            marks[start] = first + 3
        else:
            marks[start:end] = first + 1
            marks[start], marks[end - 1] = first, first + 2
    return marks


def decode(scores: NDArray[numpy.float32]) -> NDArray[numpy.int64]:
    """The best well-formed sequence.

    Parameters
    ----------
    scores : ndarray, shape (n, len(TAGS))
        Logarithms of probabilities, or anything that adds up.
    """
    best = scores.argmax(axis=1)
    if len(best) == 0 or (FOLLOWS[best[:-1], best[1:]].all() and _BEGINS[best[0]] and _ENDS[best[-1]]):
        return cast("NDArray[numpy.int64]", best)
    # O to O is always allowed: only stretches without a clear O need the search.
    return _viterbi(scores)


def _viterbi(scores: NDArray[numpy.float32]) -> NDArray[numpy.int64]:
    count = len(scores)
    back = numpy.zeros((count, len(TAGS)), dtype=numpy.int64)
    total = scores[0] + numpy.where(_BEGINS, 0.0, -1e4)
    for i in range(1, count):
        candidates = total[:, None] + _PENALTY
        back[i] = candidates.argmax(axis=0)
        total = candidates.max(axis=0) + scores[i]
    path = numpy.empty(count, dtype=numpy.int64)
    path[-1] = int((total + numpy.where(_ENDS, 0.0, -1e4)).argmax())
    for i in range(count - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def names(marks: NDArray[Any]) -> list[tuple[int, int, Label]]:
    """The names in a well-formed sequence."""
    found: list[tuple[int, int, Label]] = []
    begin = 0
    for i in numpy.flatnonzero(marks).tolist():
        kind, place = divmod(int(marks[i]) - 1, 4)
        if place in (0, 3):
            begin = i
        if place in (2, 3):
            found.append((begin, i + 1, LABELS[kind]))
    return found
