"""Where words begin: a learnt segmenter, or jieba; mentions decide first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy
import rjieba
from numpy.typing import NDArray

from nlp_extract.encoder import Encoder
from nlp_extract.words.plain import plain

Standard = Literal["ud", "pku", "msr", "jieba"]
# Of a character's four classes: begins a word, inside, ends it, is one.
BEGIN, MIDDLE, END, SINGLE = range(4)


class Segmenter:
    """Cuts pieces of text into words.

    Parameters
    ----------
    arrays : mapping
        Those of `nlp_extract.encoder.Encoder`, and for each standard `{standard}` (size, 4) and `{standard}_bias` (4,).
    standard : str
        Whose words: `ud` (Universal Dependencies, GSD), `pku` (People's Daily) or `msr` (MSRA).
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], standard: str = "ud") -> None:
        self._encoder = Encoder(arrays)
        self._weights = arrays[standard].astype(numpy.float32)
        self._bias = arrays[f"{standard}_bias"].astype(numpy.float32)

    def __call__(self, pieces: Sequence[str]) -> list[list[int]]:
        """Offsets inside each piece at which a word begins, 0 left out."""
        return [
            self._borders(rows) if len(rows) > 1 else [] for rows in self._encoder([plain(piece) for piece in pieces])
        ]

    def _borders(self, rows: NDArray[numpy.float32]) -> list[int]:
        scores = rows @ self._weights + self._bias
        opens = numpy.logaddexp(scores[1:, BEGIN], scores[1:, SINGLE])
        stays = numpy.logaddexp(scores[1:, MIDDLE], scores[1:, END])
        closes = numpy.logaddexp(scores[:-1, END], scores[:-1, SINGLE])
        goes_on = numpy.logaddexp(scores[:-1, BEGIN], scores[:-1, MIDDLE])
        found: list[int] = (numpy.flatnonzero(opens - stays + closes - goes_on > 0) + 1).tolist()
        return found


def jieba_borders(pieces: Sequence[str]) -> list[list[int]]:
    """As `Segmenter`, by jieba's dictionary and hidden Markov model."""
    found = []
    for piece in pieces:
        borders, position = [], 0
        for word in rjieba.cut(piece):
            position += len(word)
            borders.append(position)
        found.append(borders[:-1])
    return found


def words_of(text: str, borders: Iterable[int]) -> list[str]:
    """The text cut at borders and around white space; nothing is lost."""
    cuts = sorted({0, len(text), *borders, *_white(text)})
    return [text[a:b] for a, b in itertools.pairwise(cuts)]


def _white(text: str) -> Iterable[int]:
    for offset, character in enumerate(text):
        if character.isspace():
            yield offset
            yield offset + 1
