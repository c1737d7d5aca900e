"""Vectors of an article's characters, from which names, words and trees are read (`models/characters`).

Two stages: the encoder (`nlp_extract.encoder`), trained on names, and above it a reader, trained on words and tags
while the encoder stands still. Entities read the first, words and syntax the second; an article is read once for all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import numpy
from numpy.typing import NDArray

from nlp_extract.encoder import Convolutions, Encoder, Floats, Integers, blocks, pack
from nlp_extract.errors import ModelError, message
from nlp_extract.layers import Span, TextLayer
from nlp_extract.models import ModelFolder, default_root, load_model

# Longest piece the network reads at once; longer sentences are cut, at a clause's end where one is near.
LONGEST = 500
_ENDS = "，,、;； "
# Bigrams are hashed to 2 ** PAIR_BITS rows of the reader's table.
PAIR_BITS = 15


@dataclasses.dataclass(frozen=True)
class Vectors:
    """An article of n characters, read.

    Attributes
    ----------
    parts : tuple of Span
        The pieces that were read apart.
    names : ndarray, shape (n, d)
        Of the first stage; zeros between the pieces.
    words : ndarray, shape (n, w)
        Of the second stage; w is 0 where there is none.
    """

    parts: tuple[Span, ...]
    names: Floats
    words: Floats


class Reader:
    """The second stage: gated convolutions over both ends of the encoder and a table of bigrams.

    Parameters
    ----------
    arrays : mapping
        `pair_table` (2 ** PAIR_BITS, p) of any number type; `input` (2 d + 2 p, w) and `input_bias` (w,); layers and
        `dilations` as `nlp_extract.encoder.Encoder` has them.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._table = arrays["pair_table"]
        self._input = arrays["input"].astype(numpy.float32)
        self._bias = arrays["input_bias"].astype(numpy.float32)
        self.size = self._input.shape[1]
        self._layers = Convolutions(arrays)

    def rows(self, first: Floats, last: Floats, pairs: Integers, blank: Integers) -> Floats:
        """Vectors of a packed sequence, from the encoder's and the rows of the bigrams, shape (2, n)."""
        size = first.shape[1]
        state: Floats = first @ self._input[:size]
        state += last @ self._input[size : 2 * size]
        both = self._table[pairs.T].reshape(len(first), -1).astype(numpy.float32)
        state += both @ self._input[2 * size :]
        state += self._bias
        state[blank] = 0.0
        self._layers(state, blank)
        return state


class Characters:
    """Both stages applied. The last article's vectors are kept until `release`: its components read it one by one."""

    def __init__(self, encoder: Mapping[str, NDArray[Any]], reader: Mapping[str, NDArray[Any]] | None = None) -> None:
        self.encoder = Encoder(encoder)
        self.reader = None if reader is None else Reader(reader)
        self._kept: tuple[TextLayer, Vectors] | None = None

    def article(self, text: TextLayer) -> Vectors:
        """The vectors of an article."""
        kept = self._kept
        if kept is None or kept[0] is not text:
            kept = (text, self._article(text))
            self._kept = kept
        return kept[1]

    def release(self) -> None:
        """Forget the last article."""
        self._kept = None

    def __call__(self, pieces: Sequence[str]) -> list[tuple[Floats, Floats]]:
        """Vectors of both stages for the characters of each piece, `LONGEST` of them at most."""
        spans, length = [], 0
        for piece in pieces:
            spans.append(Span(length, length + len(piece)))
            length += len(piece)
        found = self._read("".join(pieces), spans)
        return [(found.names[s.start : s.end], found.words[s.start : s.end]) for s in spans]

    def _article(self, text: TextLayer) -> Vectors:
        spans = []
        for sentence in text.sentences:
            start = sentence.start
            for part in cut(text.shadow[sentence.start : sentence.end]):
                spans.append(Span(start, start + len(part)))
                start += len(part)
        return self._read(text.shadow, spans)

    def _read(self, text: str, spans: Sequence[Span]) -> Vectors:
        width = 0 if self.reader is None else self.reader.size
        names = numpy.zeros((len(text), self.encoder.size), dtype=numpy.float32)
        words = numpy.zeros((len(text), width), dtype=numpy.float32)
        for block in blocks([span.end - span.start for span in spans]):
            chosen = [spans[i] for i in block]
            codes, starts = pack([text[span.start : span.end] for span in chosen])
            features = self.encoder.vocabulary.features(codes)
            first, last = self.encoder.rows(features)
            if self.reader is not None:
                pairs = features.bigrams >> (self.encoder.vocabulary.bits - PAIR_BITS)
                upper = self.reader.rows(first, last, pairs, numpy.flatnonzero(~features.mask))
            for span, start in zip(chosen, starts, strict=True):
                rows = slice(start, start + span.end - span.start)
                names[span.start : span.end] = last[rows]
                if self.reader is not None:
                    words[span.start : span.end] = upper[rows]
        return Vectors(tuple(spans), names, words)


def cut(piece: str) -> list[str]:
    """A sentence in parts of at most `LONGEST` characters."""
    parts = []
    while len(piece) > LONGEST:
        end = max(piece.rfind(mark, LONGEST // 2, LONGEST) for mark in _ENDS) + 1 or LONGEST
        parts.append(piece[:end])
        piece = piece[end:]
    return [*parts, piece]


# Models that read the same vectors share them, and the article that was read last.
_known: WeakValueDictionary[str, Characters] = WeakValueDictionary()


def characters_of(folder: ModelFolder) -> Characters:
    """What a component's model reads: its own encoder where it has one, else the shipped characters.

    Raises
    ------
    ModelError
        NX105: the model was trained on other characters than the shipped ones; NX101 to NX104 as `ModelFolder.read`.
    """
    source = folder if "encoder.npz" in folder.files else load_model("characters")
    if source is not folder:
        reads = folder.meta.get("reads", {})
        if not reads or any(source.meta["files"].get(name) != digest for name, digest in reads.items()):
            component = folder.meta["component"]
            raise ModelError(message("NX105", component=component, path=default_root() / "characters"))
    found = _known.get(source.digest)
    if found is None:
        reader = source.arrays("reader.npz") if "reader.npz" in source.files else None
        found = Characters(source.arrays("encoder.npz"), reader)
        _known[source.digest] = found
    return found
