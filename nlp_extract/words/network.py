"""The networks of segmenter and parser in PyTorch, for training; nothing at run time imports this."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp_extract.characters import PAIR_BITS
from nlp_extract.encoder import WIDTH
from nlp_extract.words.parser import FAR

CLASSES = 4
# Width of a bigram's vector in the reader, and its layers.
PAIR = 32
DILATIONS = (1, 2)


def product(rows: Any, weights: Any, bias: Any = None) -> Any:
    """`rows @ weights + bias`."""
    return functional.linear(rows, weights.t(), bias)


def matrix(rows: int, columns: int) -> Any:
    """A matrix to train, of the size that keeps variances."""
    return torch.nn.Parameter(torch.randn(rows, columns) * rows**-0.5)


def zeros(*shape: int) -> Any:
    """A bias to train."""
    return torch.nn.Parameter(torch.zeros(*shape))


class ReaderNetwork(torch.nn.Module):
    """The second stage of `nlp_extract.characters`, with outputs that teach it.

    Vectors of characters become their place in a word, by standard, and the tag of their word, by corpus that has tags.
    """

    def __init__(self, inputs: int, size: int, standards: Sequence[str], tags: dict[str, int]) -> None:
        super().__init__()
        self.standards = list(standards)
        self.input, self.input_bias = matrix(inputs + 2 * PAIR, size), zeros(size)
        self.pair_table = torch.nn.Parameter(torch.randn(1 << PAIR_BITS, PAIR) * 0.1)
        scale = (WIDTH * size) ** -0.5
        self.layers = torch.nn.ParameterList(
            torch.nn.Parameter(torch.randn(WIDTH * size, 2 * size) * scale) for _ in DILATIONS
        )
        self.biases = torch.nn.ParameterList(zeros(2 * size) for _ in DILATIONS)
        self.places, self.places_bias = matrix(size, CLASSES * len(standards)), zeros(CLASSES * len(standards))
        self.tags = torch.nn.ParameterDict({name: matrix(size, count) for name, count in sorted(tags.items())})

    def forward(self, vectors: Any, pairs: Any, mask: Any) -> tuple[Any, dict[str, Any]]:
        """Scores (n, standards, 4) and by corpus (n, tags) of a packed sequence."""
        looked_up = functional.embedding(pairs, self.pair_table, sparse=True).flatten(1)
        rows = torch.cat([vectors, looked_up], 1)
        state = self._drop(product(rows, self.input, self.input_bias)) * mask
        for weights, bias, dilation in zip(self.layers, self.biases, DILATIONS, strict=True):
            normal = functional.layer_norm(state, state.shape[1:]) * mask
            padded = functional.pad(normal, (0, 0, dilation, dilation))
            window = torch.cat([padded[: len(rows)], normal, padded[2 * dilation :]], 1)
            state = (state + self._drop(functional.glu(product(window, weights, bias), 1))) * mask
        state = functional.layer_norm(state, state.shape[1:])
        places = product(state, self.places, self.places_bias)
        return (
            places.view(len(places), len(self.standards), CLASSES),
            {name: product(state, weights) for name, weights in self.tags.items()},
        )

    def _drop(self, rows: Any) -> Any:
        return functional.dropout(rows, 0.15, self.training)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of `nlp_extract.characters.Reader`."""
        table = self.pair_table.detach().numpy()
        scale = numpy.maximum(numpy.quantile(numpy.abs(table), 0.9999, axis=0), 1e-6) / 127
        weights = self.input.detach().numpy().astype(numpy.float32).copy()
        # Columns of the table have their own scale; it moves into the rows of the input matrix.
        weights[-2 * PAIR :] *= numpy.concatenate([scale, scale])[:, None]
        size = weights.shape[1]
        found: dict[str, NDArray[Any]] = {
            "pair_table": numpy.clip(numpy.rint(table / scale), -127, 127).astype(numpy.int8),
            "input": weights,
            "input_bias": half(self.input_bias),
            "dilations": numpy.array(DILATIONS, dtype=numpy.int64),
        }
        for i, (layer, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            found[f"layer{i}"] = half(layer).reshape(WIDTH, size, 2 * size)
            found[f"layer{i}_bias"] = half(bias)
        return found

    def heads(self) -> dict[str, NDArray[Any]]:
        """The arrays of `nlp_extract.words.segment.Segmenter`."""
        found = {}
        for i, name in enumerate(self.standards):
            part = slice(CLASSES * i, CLASSES * (i + 1))
            found[name] = half(self.places[:, part])
            found[f"{name}_bias"] = half(self.places_bias[part])
        return found


@dataclasses.dataclass(frozen=True)
class ParserShape:
    """Sizes of the parser over the words; `layers` are dilations of convolutions or `recurrent`."""

    size: int = 192
    layers: tuple[str, ...] = ("1", "recurrent", "recurrent", "recurrent")
    arc: int = 128
    label: int = 96
    tag_after: int = 2
    dropout: float = 0.3
    word_dropout: float = 0.15


@dataclasses.dataclass(frozen=True)
class Batch:
    """b sentences of at most t words.

    Attributes
    ----------
    characters : ndarray, shape (n, c)
        Vectors of the characters of all sentences.
    first, last : ndarray, shape (b, t)
        Rows of a word's first and last character.
    vectors : ndarray, shape (b, t)
        Rows of the table of word vectors.
    mask : ndarray, shape (b, t)
        1 where there is a word.
    heads, relations, tags, parts : ndarray, shape (b, t)
        The truth; -1 where there is none. Heads count from 1, 0 is the root.
    """

    characters: Any
    first: Any
    last: Any
    vectors: Any
    mask: Any
    heads: Any
    relations: Any
    tags: Any
    parts: Any


class ParserNetwork(torch.nn.Module):
    """See `nlp_extract.words.parser.Parser`."""

    def __init__(
        self, characters: int, vectors: NDArray[Any], shape: ParserShape, relations: int, tags: int, parts: int
    ) -> None:
        super().__init__()
        self.shape = shape
        size, scale = shape.size, (WIDTH * shape.size) ** -0.5
        self.register_buffer("vectors", torch.from_numpy(vectors.astype(numpy.float32)))
        self.word_in, self.word_bias = matrix(vectors.shape[1], size), zeros(size)
        self.char_in = matrix(3 * characters, size)
        self.above = torch.nn.Parameter(torch.randn(size) * 0.1)
        self.layers = torch.nn.ModuleList()
        for kind in shape.layers:
            if kind == "recurrent":
                parts_of = {
                    "project": matrix(size, 3 * size), "project_bias": zeros(3 * size),
                    "out": matrix(size, size), "out_bias": zeros(size),
                }  # fmt: skip
                with torch.no_grad():
                    parts_of["project_bias"][size : 2 * size] = 1.0
            else:
                weights = torch.nn.Parameter(torch.randn(WIDTH * size, 2 * size) * scale)
                parts_of = {"weights": weights, "bias": zeros(2 * size)}
            self.layers.append(torch.nn.ParameterDict(parts_of))
        self.tag, self.tag_bias, self.tag_in = matrix(size, tags), zeros(tags), matrix(tags, size)
        self.part, self.part_bias = matrix(size, parts), zeros(parts)
        width = 2 * shape.arc + 2 * shape.label
        self.pair, self.pair_bias = matrix(size, width), zeros(width)
        self.arc, self.arc_head, self.distance = zeros(shape.arc, shape.arc), zeros(shape.arc), zeros(2 * FAR + 1)
        self.relation, self.relation_bias = matrix(3 * shape.label, relations), zeros(relations)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> ParserNetwork:
        """A trained network, from the arrays of `nlp_extract.words.parser.Parser`."""
        shape = ParserShape(
            size=len(arrays["word_bias"]), layers=tuple(map(str, arrays["kinds"])), arc=len(arrays["arc"]),
            label=len(arrays["relation"]) // 3, tag_after=int(arrays["shape"][0]),
        )  # fmt: skip
        counts = [len(arrays[f"{name}_bias"]) for name in ("relation", "tag", "part")]
        network = cls(len(arrays["char_in"]) // 3, arrays["word_table"], shape, *counts)
        with torch.no_grad():
            for name, value in network.named_parameters():
                # `layers.0.bias` is `word0_bias`.
                found = arrays[re.sub(r"layers\.(\d+)\.", r"word\1_", name)]
                value.copy_(torch.from_numpy(found.astype(numpy.float32)).reshape(value.shape))
        return network

    def forward(self, batch: Batch) -> tuple[Any, Any, Any, Any, Any]:
        """Scores of arcs (b, t + 1, t + 1), halves for relations (b, t + 1, label) twice, of tags and of parts."""
        shape = self.shape
        characters = batch.characters
        sums = functional.pad(characters.cumsum(0), (0, 0, 1, 0))
        lengths = (batch.last - batch.first + 1)[..., None]
        mean = (sums[batch.last + 1] - sums[batch.first]) / lengths
        left = product(torch.cat([characters[batch.first], characters[batch.last], mean], 2), self.char_in)
        right = product(self.vectors[batch.vectors], self.word_in, self.word_bias)
        if self.training:
            # A word loses its characters or its vector, never both.
            draw = torch.rand(*batch.mask.shape, 1)
            left, right = left * (draw > shape.word_dropout), right * (draw < 1 - shape.word_dropout)
        rows = self._drop(functional.layer_norm((left + right), (shape.size,)))
        rows = torch.cat([self.above.expand(len(rows), 1, -1), rows], 1)
        mask = functional.pad(batch.mask, (1, 0), value=1.0)
        rows = rows * mask[..., None]
        count = rows.shape[1]
        reach = torch.arange(count)
        distance = (reach[None] - reach[:, None]).clamp(-FAR, FAR) + FAR
        tags = parts = None
        for i, (kind, layer) in enumerate(zip(shape.layers, self.layers, strict=True)):
            normal = functional.layer_norm(rows, (shape.size,)) * mask[..., None]
            update = _recur(normal, layer, mask) if kind == "recurrent" else _gate(normal, layer, int(kind))
            rows = rows + self._drop(update) * mask[..., None]
            if i + 1 == shape.tag_after:
                normal = functional.layer_norm(rows, (shape.size,))
                tags = product(normal, self.tag, self.tag_bias)
                parts = product(normal, self.part, self.part_bias)
                rows = (rows + product(tags.softmax(2), self.tag_in)) * mask[..., None]
        normal = self._drop(functional.layer_norm(rows, (shape.size,)))
        pair = self._drop(functional.leaky_relu(product(normal, self.pair, self.pair_bias), 0.1))
        as_head, as_dependent, label_head, label_dependent = pair.split([shape.arc] * 2 + [shape.label] * 2, 2)
        scores = product(as_dependent, self.arc) @ as_head.transpose(1, 2) + (as_head @ self.arc_head)[:, None]
        scores = scores + self.distance[distance]
        scores = scores.masked_fill(mask[:, None] == 0, -1e9).masked_fill(torch.eye(count, dtype=torch.bool), -1e9)
        return scores, label_head, label_dependent, tags, parts

    def relations(self, label_head: Any, label_dependent: Any, heads: Any) -> Any:
        """Scores of relations (b, t, relations) to given heads (b, t), rows of `label_head`."""
        chosen = torch.gather(label_head, 1, heads[..., None].expand(-1, -1, label_head.shape[2]))
        mine = label_dependent[:, 1:]
        return product(torch.cat([chosen * mine, chosen, mine], 2), self.relation, self.relation_bias)

    def _drop(self, rows: Any) -> Any:
        # One mask for all words of a sentence (Gal & Ghahramani 2016).
        return rows * functional.dropout(torch.ones_like(rows[:, :1]), self.shape.dropout, self.training)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of `nlp_extract.words.parser.Parser`, without word vectors."""
        found: dict[str, NDArray[Any]] = {}
        for name, value in self.named_parameters(recurse=False):
            found[name] = half(value)
        for i, layer in enumerate(self.layers):
            for name, value in layer.items():
                array = half(value)
                found[f"word{i}_{name}"] = array.reshape(WIDTH, -1, array.shape[1]) if name == "weights" else array
        found["kinds"] = numpy.array(self.shape.layers)
        found["shape"] = numpy.array([self.shape.tag_after], dtype=numpy.int64)
        return found


def _recur(normal: Any, layer: Any, mask: Any) -> Any:
    count, size = normal.shape[1:]
    new, keep, out = product(normal, layer["project"], layer["project_bias"]).chunk(3, 2)
    keep = keep.sigmoid() * mask[..., None]
    new = new * (1 - keep) * mask[..., None]

    def turned(rows: Any) -> Any:
        # The second half of the state runs from right to left.
        return torch.cat([rows[..., : size // 2], rows[..., size // 2 :].flip(1)], 2)

    news, keeps = turned(new).unbind(1), turned(keep).unbind(1)
    state, states = torch.zeros_like(news[0]), []
    for i in range(count):
        state = torch.addcmul(news[i], keeps[i], state)
        states.append(state)
    mixed = turned(torch.stack(states, 1)).tanh() * out.sigmoid()
    return product(mixed, layer["out"], layer["out_bias"])


def _gate(normal: Any, layer: Any, dilation: int) -> Any:
    count = normal.shape[1]
    padded = functional.pad(normal, (0, 0, dilation, dilation))
    window = torch.cat([padded[:, :count], normal, padded[:, 2 * dilation :]], 2)
    return functional.glu(product(window, layer["weights"], layer["bias"]), 2)


def half(value: Any) -> NDArray[Any]:
    """A parameter as float16."""
    array: NDArray[Any] = value.detach().numpy().astype(numpy.float16)
    return array
