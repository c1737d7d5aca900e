"""The network applied: names in sentences, with the probability of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

from nlp_extract.characters import characters_of, cut
from nlp_extract.encoder import Floats
from nlp_extract.layers import Label, TextLayer
from nlp_extract.mentions.entities.tags import decode, names
from nlp_extract.models import ModelFolder

Scored = tuple[int, int, Label, float]


class Recogniser:
    """The outputs of a model folder, and the characters they read.

    Parameters
    ----------
    folder : ModelFolder
        `heads.npz`: for each style `{style}` (d, tags) and `{style}_bias` (tags,); an own model has its `encoder.npz`.
    """

    def __init__(self, folder: ModelFolder) -> None:
        arrays = folder.arrays("heads.npz")
        self.characters = characters_of(folder)
        self._heads = {
            name: (values.astype(numpy.float32), arrays[f"{name}_bias"].astype(numpy.float32))
            for name, values in arrays.items()
            if not name.endswith("_bias")
        }

    @property
    def styles(self) -> tuple[str, ...]:
        """The conventions the model has outputs for."""
        return tuple(sorted(self._heads))

    def __call__(self, pieces: Sequence[str], style: str = "news") -> list[list[Scored]]:
        """Names in each piece: start, end, label, score.

        Parameters
        ----------
        pieces : sequence of str
            Normalised sentences (the shadow).
        style : str
            Whose convention: `news` (the labelled articles) or `msra`.
        """
        parts = [cut(piece) for piece in pieces]
        vectors = iter(self.characters([part for own in parts for part in own]))
        weights, bias = self._heads[style]
        found: list[list[Scored]] = []
        for own in parts:
            scored: list[Scored] = []
            offset = 0
            for part in own:
                scored += _names(next(vectors)[0] @ weights + bias, offset)
                offset += len(part)
            found.append(scored)
        return found

    def article(self, text: TextLayer) -> list[Scored]:
        """Names in an article, by the convention of the labelled ones."""
        vectors = self.characters.article(text)
        weights, bias = self._heads["news"]
        return [
            name
            for part in vectors.parts
            for name in _names(vectors.names[part.start : part.end] @ weights + bias, part.start)
        ]


def _names(logits: Floats, offset: int) -> list[Scored]:
    marks = decode(logits)
    found = names(marks)
    if not found:
        return []
    # The score of a name is the geometric mean of its marks' probabilities.
    chosen = log_softmax(logits)[numpy.arange(len(marks)), marks]
    return [(s + offset, e + offset, label, float(numpy.exp(chosen[s:e].mean()))) for s, e, label in found]


def log_softmax(logits: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """Logarithms of probabilities, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[numpy.float32] = shifted - numpy.log(numpy.exp(shifted).sum(axis=1, keepdims=True))
    return result
