"""Tags and dependency trees: a biaffine graph parser (Dozat & Manning 2017) in plain numpy.

A word is its characters' vectors (`nlp_extract.characters`) and a vector learnt from news text. Gated convolutions and
then layers of gated recurrence over the words follow; every pair of words gets a score, and the best tree is taken.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.encoder import GAP, Convolution, blocks, normalise
from nlp_extract.hashing import code
from nlp_extract.words.plain import plain
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


def word_key(word: str) -> int:
    """What the table of word vectors knows a word by."""
    return code(plain(word))


class Parser:
    """Parses sentences that are cut into words.

    Parameters
    ----------
    arrays : mapping
        The word vectors `word_keys` (v,), ascending CRC-32, and `word_table` (v + 1, w), the last
        row for other words; the rest as `nlp_extract.words.network.ParserNetwork.arrays` gives it.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        keys = arrays["word_keys"].tolist()
        self._row = dict(zip(keys, range(len(keys)), strict=True))
        self._vectors = arrays["word_table"]
        names = [
            "word_in", "char_in", "word_bias", "above", "tag", "tag_bias", "part", "part_bias", "tag_in", "pair",
            "pair_bias", "arc", "arc_head", "distance", "relation", "relation_bias",
        ]  # fmt: skip
        self._w = {name: numpy.ascontiguousarray(arrays[name], dtype=numpy.float32) for name in names}
        kinds = [str(kind) for kind in arrays["kinds"]]
        self._convolutions = [
            Convolution(arrays[f"word{i}_weights"], arrays[f"word{i}_bias"], int(kind))
            for i, kind in enumerate(kinds)
            if kind != "recurrent"
        ]
        first = len(self._convolutions)
        self._recurrences = [
            {
                name: numpy.ascontiguousarray(arrays[f"word{i}_{name}"], dtype=numpy.float32)
                for name in ("project", "project_bias", "out", "out_bias")
            }
            for i in range(first, len(kinds))
        ]
        self._tag_after = int(arrays["shape"][0]) - first

    def __call__(self, text: str, vectors: Floats, sentences: Sequence[Sequence[tuple[int, int]]]) -> list[Tree]:
        """Trees of sentences.

        Parameters
        ----------
        text : str
            Normalised (the shadow).
        vectors : ndarray, shape (len(text), w)
            Of its characters (`nlp_extract.characters.Vectors.words`).
        sentences : sequence of sequences of (start, end)
            The words, in order and apart.
        """
        trees = [Tree([], [], [], [])] * len(sentences)
        text = plain(text)
        filled = [i for i, words in enumerate(sentences) if words]
        for block in blocks([sentences[i][-1][1] - sentences[i][0][0] for i in filled], BLOCK):
            chosen = [filled[i] for i in block]
            for i, tree in zip(chosen, self._block(text, vectors, [sentences[i] for i in chosen]), strict=True):
                trees[i] = tree
        return trees

    def _block(self, text: str, vectors: Floats, sentences: list[Sequence[tuple[int, int]]]) -> list[Tree]:
        rows, starts = self._embed(text, vectors, sentences)
        sizes = [len(words) + 1 for words in sentences]
        filled = numpy.concatenate([numpy.arange(a, a + size) for a, size in zip(starts, sizes, strict=True)])
        blank = numpy.ones(len(rows), dtype=bool)
        blank[filled] = False
        for convolution in self._convolutions:
            convolution(rows, numpy.flatnonzero(blank))
        steps = _steps(sizes)
        rows = rows[filled[steps.left]]
        w = self._w
        normal = numpy.empty_like(rows)
        for i, layer in enumerate(self._recurrences, 1):
            normalise(rows, normal)
            rows += _recur(normal, layer, steps)
            if i == self._tag_after:
                normalise(rows, normal)
                tags, parts = normal @ w["tag"] + w["tag_bias"], normal @ w["part"] + w["part_bias"]
                shares = numpy.exp(tags - tags.max(axis=1, keepdims=True))
                rows += (shares / shares.sum(axis=1, keepdims=True)) @ w["tag_in"]
        # From the order of steps back to the order of words.
        order = numpy.argsort(steps.left)
        normalise(rows[order], normal)
        best_tags, best_parts = tags.argmax(axis=1)[order], parts.argmax(axis=1)[order]
        ends = numpy.cumsum(sizes).tolist()
        spans = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        pair = normal @ w["pair"] + w["pair_bias"]
        numpy.maximum(pair, pair * _SLOPE, out=pair)
        arc, label = w["arc"].shape[0], w["relation"].shape[0] // 3
        as_head, as_dependent = pair[:, :arc], pair[:, arc : 2 * arc] @ w["arc"]
        bonus = as_head @ w["arc_head"]
        reach = numpy.arange(max(sizes))
        distance = w["distance"][numpy.clip(reach[None, :] - reach[:, None], -FAR, FAR) + FAR]
        heads = []
        for span, size in zip(spans, sizes, strict=True):
            scores = as_dependent[span] @ as_head[span].T + bonus[span] + distance[:size, :size]
            numpy.fill_diagonal(scores, -1e9)
            heads.append(best_tree(scores))
        words = numpy.concatenate([numpy.arange(s.start + 1, s.stop) for s in spans])
        above = numpy.concatenate([numpy.array(h[1:]) + s.start for h, s in zip(heads, spans, strict=True)])
        relations = self._relations(pair[above, 2 * arc : 2 * arc + label], pair[words, 2 * arc + label :])
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

    def _embed(
        self, text: str, vectors: Floats, sentences: list[Sequence[tuple[int, int]]]
    ) -> tuple[Floats, list[int]]:
        """The input of the first layer and where each sentence begins (with the root above it)."""
        starts: list[int] = []
        rows: list[int] = []
        position = GAP
        for words in sentences:
            starts.append(position)
            rows.extend(range(position + 1, position + 1 + len(words)))
            position += len(words) + 1 + GAP
        unknown = len(self._row)
        keys = [self._row.get(code(text[start:end]), unknown) for words in sentences for start, end in words]
        places = numpy.array([place for words in sentences for place in words])
        # Sums over words and, every second one, over what is between them.
        begin, end = places[0, 0], places[-1, 1]
        sums = numpy.add.reduceat(vectors[begin:end], (places - begin).ravel()[:-1], axis=0)[::2]
        mean = sums / (places[:, 1] - places[:, 0])[:, None].astype(numpy.float32)
        w = self._w
        made = numpy.concatenate([vectors[places[:, 0]], vectors[places[:, 1] - 1], mean], axis=1) @ w["char_in"]
        made += self._vectors[keys].astype(numpy.float32) @ w["word_in"] + w["word_bias"]
        state = numpy.zeros((position + -position % (4 * GAP), made.shape[1]), dtype=numpy.float32)
        normalise(made, made)
        state[rows] = made
        state[starts] = w["above"]
        return state, starts

    def _relations(self, heads: Floats, dependents: Floats) -> list[int]:
        """The best relation of each pair."""
        both = numpy.concatenate([heads * dependents, heads, dependents], axis=1)
        found: list[int] = (both @ self._w["relation"] + self._w["relation_bias"]).argmax(axis=1).tolist()
        return found


@dataclasses.dataclass(frozen=True)
class _Steps:
    """The order in which recurrence visits words: first the first ones of all sentences, then the second ones, ...

    Attributes
    ----------
    left : ndarray, shape (n,)
        The words in that order.
    right : ndarray, shape (n,)
        Where in `left` the words are when sentences are read from their ends; its own inverse.
    begins : list of int
        Where each step begins in them.
    """

    left: Integers
    right: Integers
    begins: list[int]


def _steps(sizes: list[int]) -> _Steps:
    # Longest sentences first, so that those which go on are always the first ones.
    ordered = numpy.argsort(-numpy.array(sizes), kind="stable")
    lengths = numpy.array(sizes)[ordered]
    firsts = (numpy.cumsum(sizes) - sizes)[ordered]
    steps = numpy.arange(lengths[0])
    going = numpy.searchsorted(-lengths, -steps)
    which = numpy.concatenate([numpy.arange(count) for count in going])
    when = numpy.repeat(steps, going)
    begins = numpy.concatenate([[0], numpy.cumsum(going)])
    right = begins[lengths[which] - 1 - when] + which
    return _Steps(firsts[which] + when, right, begins.tolist())


def _recur(normal: Floats, layer: dict[str, Floats], steps: _Steps) -> Floats:
    """Gated recurrence (Lei et al. 2018): half of the state runs left to right, half right to left.

    Only the products of numbers wait for the word before; the matrix products are made for all words at once.
    """
    size = normal.shape[1]
    half = size // 2
    projected: Floats = normal @ layer["project"] + layer["project_bias"]
    keep = _sigmoid(projected[:, size : 2 * size])
    state: Floats = projected[:, :size] * (numpy.float32(1) - keep)
    keep[:, half:] = keep[steps.right, half:]
    state[:, half:] = state[steps.right, half:]
    before = 0
    for begin, end in itertools.pairwise(steps.begins[1:]):
        state[begin:end] += keep[begin:end] * state[before : before + end - begin]
        before = begin
    state[:, half:] = state[steps.right, half:]
    numpy.tanh(state, out=state)
    state *= _sigmoid(projected[:, 2 * size :])
    result: Floats = state @ layer["out"] + layer["out_bias"]
    return result


def _sigmoid(values: Floats) -> Floats:
    """The logistic function."""
    return numpy.float32(1) / (numpy.float32(1) + numpy.exp(-values))
