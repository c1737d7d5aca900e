"""The network applied: names in sentences, with the probability of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

from nlp_extract.encoder import Encoder, Floats
from nlp_extract.layers import Label
from nlp_extract.mentions.entities.tags import decode, names
from nlp_extract.models import ModelFolder

# Longest piece the network reads at once; longer sentences are cut, at a clause's end where one is near.
LONGEST = 500
_ENDS = "，,、;； "
Scored = tuple[int, int, Label, float]


class Recogniser:
    """Encoder and outputs of a model folder.

    Parameters
    ----------
    folder : ModelFolder
        `network.npz`: the arrays of `Encoder`, and `head_{style}` (d, tags) with `head_{style}_bias` (tags,).
    """

    def __init__(self, folder: ModelFolder) -> None:
        arrays = folder.arrays("network.npz")
        self.encoder = Encoder(arrays)
        self._heads = {
            name.removeprefix("head_"): (values.astype(numpy.float32), arrays[f"{name}_bias"].astype(numpy.float32))
            for name, values in arrays.items()
            if name.startswith("head_") and not name.endswith("_bias")
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
        parts = [part for piece in pieces for part in _cut(piece)]
        vectors = self.encoder(parts)
        weights, bias = self._heads[style]
        found: list[list[Scored]] = []
        k = 0
        for piece in pieces:
            scored: list[Scored] = []
            offset = 0
            for part in _cut(piece):
                scored += [(s + offset, e + offset, n, p) for s, e, n, p in _names(vectors[k] @ weights + bias)]
                offset += len(part)
                k += 1
            found.append(scored)
        return found


def _names(logits: Floats) -> list[Scored]:
    marks = decode(logits)
    found = names(marks)
    if not found:
        return []
    # The score of a name is the geometric mean of its marks' probabilities.
    chosen = log_softmax(logits)[numpy.arange(len(marks)), marks]
    return [(s, e, label, float(numpy.exp(chosen[s:e].mean()))) for s, e, label in found]


def log_softmax(logits: NDArray[numpy.float32]) -> NDArray[numpy.float32]:
    """Logarithms of probabilities, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[numpy.float32] = shifted - numpy.log(numpy.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _cut(piece: str) -> list[str]:
    parts = []
    while len(piece) > LONGEST:
        end = max(piece.rfind(mark, LONGEST // 2, LONGEST) for mark in _ENDS) + 1 or LONGEST
        parts.append(piece[:end])
        piece = piece[end:]
    return [*parts, piece]
