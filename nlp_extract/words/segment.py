"""Where words begin: a learnt segmenter, or jieba; mentions decide first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy
import rjieba
from numpy.typing import NDArray

from nlp_extract.encoder import Floats

Standard = Literal["ud", "pku", "msr", "jieba"]
# Of a character's four classes: begins a word, inside, ends it, is one.
BEGIN, MIDDLE, END, SINGLE = range(4)


class Segmenter:
    """Cuts an article into words.

    Parameters
    ----------
    arrays : mapping
        For each standard `{standard}` (w, 4) and `{standard}_bias` (4,).
    standard : str
        Whose words: `ud` (Universal Dependencies, GSD), `pku` (People's Daily) or `msr` (MSRA).
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], standard: str = "ud") -> None:
        self._weights = arrays[standard].astype(numpy.float32)
        self._bias = arrays[f"{standard}_bias"].astype(numpy.float32)

    def __call__(self, rows: Floats) -> list[int]:
        """Offsets at which a word begins, 0 left out, from the vectors of characters (`Vectors.words`)."""
        scores = rows @ self._weights + self._bias
        opens = numpy.logaddexp(scores[1:, BEGIN], scores[1:, SINGLE])
        stays = numpy.logaddexp(scores[1:, MIDDLE], scores[1:, END])
        closes = numpy.logaddexp(scores[:-1, END], scores[:-1, SINGLE])
        goes_on = numpy.logaddexp(scores[:-1, BEGIN], scores[:-1, MIDDLE])
        found: list[int] = (numpy.flatnonzero(opens - stays + closes - goes_on > 0) + 1).tolist()
        return found


def jieba_borders(piece: str) -> list[int]:
    """Offsets at which a word begins, 0 left out, by jieba's dictionary and hidden Markov model."""
    return list(itertools.accumulate(map(len, rjieba.cut(piece))))[:-1]


def words_of(text: str, borders: Iterable[int]) -> list[str]:
    """The text cut at borders and around white space; nothing is lost."""
    cuts = sorted({0, len(text), *borders, *_white(text)})
    return [text[a:b] for a, b in itertools.pairwise(cuts)]


def _white(text: str) -> Iterable[int]:
    for offset, character in enumerate(text):
        if character.isspace():
            yield offset
            yield offset + 1
