"""Tags and dependency trees: a biaffine graph parser (Dozat & Manning 2017) in plain numpy.

A word is its characters' vectors (`nlp_extract.encoder`) and a vector learnt from news text. A gated convolution and
layers of gated recurrence over the words follow; every pair of words gets a score, and the best tree is taken.
"""

from __future__ import annotations

import dataclasses
import itertools
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.encoder import GAP, WIDTH, Encoder, blocks, normalise
from nlp_extract.words.trees import best_tree

Floats = NDArray[numpy.float32]
Integers = NDArray[numpy.int64]
# Characters of sentences that are parsed together.
BLOCK = 2_500
# Distances further than this count as this.
FAR = 32
_SLOPE = numpy.float32(0.1)


@dataclasses.dataclass(frozen=True)
class Tree:
    """A sentence of n words: heads (-1 for the root), and indices into the parser's names."""

    heads: list[int]
    relations: list[int]
    tags: list[int]
    parts: list[int]


class Parser:
    """Parses sentences that are cut into words.

    Parameters
    ----------
    arrays : mapping
        Those of `Encoder`; the word vectors `word_keys` (v,), ascending CRC-32, and `word_table` (v + 1, w), the last
        row for other words; the rest as `nlp_extract.words.network.ParserNetwork.arrays` gives it.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._encoder = Encoder(arrays)
        self._row = {int(key): row for row, key in enumerate(arrays["word_keys"])}
        self._vectors = arrays["word_table"]
        names = [
            "word_in", "char_in", "word_bias", "above", "tag", "tag_bias", "part", "part_bias", "tag_in", "pair",
            "pair_bias", "arc", "arc_head", "distance", "relation", "relation_bias",
        ]  # fmt: skip
        self._w = {name: numpy.ascontiguousarray(arrays[name], dtype=numpy.float32) for name in names}
        self._kinds = [str(kind) for kind in arrays["kinds"]]
        self._layers = [
            {
                name[len(f"word{i}_") :]: numpy.ascontiguousarray(value, dtype=numpy.float32)
                for name, value in arrays.items()
                if name.startswith(f"word{i}_")
            }
            for i in range(len(self._kinds))
        ]
        self._tag_after = int(arrays["shape"][0])

    def __call__(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """Trees of sentences of words; the words are plain (`nlp_extract.words.plain`) and not empty."""
        trees = [Tree([], [], [], [])] * len(sentences)
        filled = [i for i, words in enumerate(sentences) if words]
        for block in blocks([sum(map(len, sentences[i])) for i in filled], BLOCK):
            chosen = [filled[i] for i in block]
            for i, tree in zip(chosen, self._block([sentences[i] for i in chosen]), strict=True):
                trees[i] = tree
        return trees

    def _block(self, sentences: list[Sequence[str]]) -> list[Tree]:
        rows, starts = self._embed(sentences)
        sizes = [len(words) + 1 for words in sentences]
        spans = [slice(start, start + size) for start, size in zip(starts, sizes, strict=True)]
        mask = numpy.zeros((len(rows), 1), dtype=numpy.float32)
        for span in spans:
            mask[span] = 1
        steps = _steps(spans)
        w = self._w
        reach = numpy.arange(max(sizes))
        distance = numpy.clip(reach[None, :] - reach[:, None], -FAR, FAR) + FAR
        tags = parts = rows
        normal = numpy.empty_like(rows)
        for i, (kind, layer) in enumerate(zip(self._kinds, self._layers, strict=True)):
            if kind == "recurrent":
                _recur(rows, layer, steps)
            else:
                _convolve(rows, layer, mask, int(kind))
            if i + 1 == self._tag_after:
                normalise(rows, normal)
                tags = normal @ w["tag"] + w["tag_bias"]
                parts = normal @ w["part"] + w["part_bias"]
                shares = numpy.exp(tags - tags.max(axis=1, keepdims=True))
                rows += (shares / shares.sum(axis=1, keepdims=True)) @ w["tag_in"]
                rows *= mask
        normalise(rows, normal)
        pair = normal @ w["pair"] + w["pair_bias"]
        numpy.maximum(pair, pair * _SLOPE, out=pair)
        arc, label = w["arc"].shape[0], w["relation"].shape[0] // 3
        as_head, as_dependent = pair[:, :arc], pair[:, arc : 2 * arc] @ w["arc"]
        bonus = as_head @ w["arc_head"]
        heads = []
        for span, size in zip(spans, sizes, strict=True):
            scores = as_dependent[span] @ as_head[span].T + bonus[span] + w["distance"][distance[:size, :size]]
            numpy.fill_diagonal(scores, -1e9)
            heads.append(best_tree(scores))
        words = numpy.concatenate([numpy.arange(s.start + 1, s.stop) for s in spans])
        above = numpy.concatenate([numpy.array(h[1:]) + s.start for h, s in zip(heads, spans, strict=True)])
        relations = self._relations(pair[above, 2 * arc : 2 * arc + label], pair[words, 2 * arc + label :])
        best_tags, best_parts = tags.argmax(axis=1), parts.argmax(axis=1)
        trees, position = [], 0
        for span, found in zip(spans, heads, strict=True):
            inner = slice(span.start + 1, span.stop)
            trees.append(
                Tree(
                    [head - 1 for head in found[1:]],
                    relations[position : position + len(found) - 1],
                    best_tags[inner].tolist(),
                    best_parts[inner].tolist(),
                )
            )
            position += len(found) - 1
        return trees

    def _embed(self, sentences: list[Sequence[str]]) -> tuple[Floats, list[int]]:
        """The input of the first layer and where each sentence begins (with the root above it)."""
        characters = numpy.concatenate(self._encoder(["".join(words) for words in sentences]))
        begins: list[int] = []
        keys: list[int] = []
        starts: list[int] = []
        rows: list[int] = []
        ends: list[int] = []
        unknown = len(self._row)
        place, position = 0, GAP
        for words in sentences:
            starts.append(position)
            rows.extend(range(position + 1, position + 1 + len(words)))
            position += len(words) + 1 + GAP
            for word in words:
                begins.append(place)
                place += len(word)
                ends.append(place)
                keys.append(self._row.get(zlib.crc32(word.encode("utf-8", "replace")), unknown))
        first, last = numpy.array(begins), numpy.array(ends)
        sums = numpy.concatenate([numpy.zeros((1, self._encoder.size)), numpy.cumsum(characters, 0, dtype=float)])
        mean = ((sums[last] - sums[first]) / (last - first)[:, None]).astype(numpy.float32)
        w = self._w
        made = numpy.concatenate([characters[first], characters[last - 1], mean], axis=1) @ w["char_in"]
        made += self._vectors[keys].astype(numpy.float32) @ w["word_in"] + w["word_bias"]
        state = numpy.zeros((position, made.shape[1]), dtype=numpy.float32)
        normalise(made, made)
        state[rows] = made
        state[starts] = w["above"]
        return state, starts

    def _relations(self, heads: Floats, dependents: Floats) -> list[int]:
        """The best relation of each pair."""
        both = numpy.concatenate([heads * dependents, heads, dependents], axis=1)
        found: list[int] = (both @ self._w["relation"] + self._w["relation_bias"]).argmax(axis=1).tolist()
        return found


def _convolve(rows: Floats, layer: dict[str, Floats], mask: Floats, dilation: int) -> None:
    """A residual layer of gated convolution, as in `nlp_extract.encoder`."""
    count, size = rows.shape
    padded = numpy.zeros((count + 2 * GAP, size), dtype=numpy.float32)
    normalise(rows, padded[GAP:-GAP])
    gates: Floats = numpy.zeros((count, 2 * size), dtype=numpy.float32) + layer["bias"]
    for k in range(WIDTH):
        begin = GAP + (k - 1) * dilation
        gates += padded[begin : begin + count] @ layer["weights"][k]
    rows += gates[:, :size] / (1 + numpy.exp(-gates[:, size:])) * mask


@dataclasses.dataclass(frozen=True)
class _Steps:
    """The order in which recurrence visits words: first the first ones of all sentences, then the second ones, ...

    Attributes
    ----------
    left, right : ndarray, shape (n,)
        Rows of the words counted from the left and from the right end.
    begins : list of int
        Where each step begins in them.
    """

    left: Integers
    right: Integers
    begins: list[int]


def _steps(spans: list[slice]) -> _Steps:
    # Longest sentences first, so that those which go on are always the first ones.
    ordered = sorted(spans, key=lambda span: span.start - span.stop)
    lengths = numpy.array([span.stop - span.start for span in ordered])
    firsts = numpy.array([span.start for span in ordered])
    steps = numpy.arange(lengths[0])
    going = numpy.searchsorted(-lengths, -steps)
    which = numpy.concatenate([numpy.arange(count) for count in going])
    when = numpy.repeat(steps, going)
    begins = numpy.concatenate([[0], numpy.cumsum(going)]).tolist()
    return _Steps(firsts[which] + when, firsts[which] + lengths[which] - 1 - when, begins)


def _recur(rows: Floats, layer: dict[str, Floats], steps: _Steps) -> None:
    """A residual layer of gated recurrence (Lei et al. 2018): half of the state runs left to right, half right to left.

    Only the products of numbers wait for the word before; the matrix products are made for all words at once.
    """
    size = rows.shape[1]
    half = size // 2
    normal = numpy.empty_like(rows)
    normalise(rows, normal)
    projected = normal @ layer["project"] + layer["project_bias"]
    keep = _sigmoid(projected[:, size : 2 * size])
    new = projected[:, :size] * (1 - keep)
    keep = numpy.concatenate([keep[steps.left, :half], keep[steps.right, half:]], axis=1)
    state = numpy.concatenate([new[steps.left, :half], new[steps.right, half:]], axis=1)
    before = 0
    for begin, end in itertools.pairwise(steps.begins[1:]):
        state[begin:end] += keep[begin:end] * state[before : before + end - begin]
        before = begin
    mixed = numpy.zeros_like(rows)
    mixed[steps.left, :half] = state[:, :half]
    mixed[steps.right, half:] = state[:, half:]
    numpy.tanh(mixed, out=mixed)
    mixed *= _sigmoid(projected[:, 2 * size :])
    rows[steps.left] += mixed[steps.left] @ layer["out"] + layer["out_bias"]


def _sigmoid(values: Floats) -> Floats:
    """The logistic function."""
    return numpy.float32(1) / (numpy.float32(1) + numpy.exp(-values))
