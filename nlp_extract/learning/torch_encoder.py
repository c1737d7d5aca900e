"""The network of `nlp_extract.encoder` in PyTorch, for training; nothing at run time imports this."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp_extract.encoder import ROLES, WIDTH, Features, Vocabulary

# Random numbers for dropout.
POOL = 1 << 24


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of the network."""

    chars: int = 64
    bigrams: int = 48
    ngrams: int = 40
    size: int = 192
    dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4)


class TorchEncoder(torch.nn.Module):
    """See `nlp_extract.encoder.Encoder`; dropout on the input and on every layer.

    Activations are bfloat16, parameters float32.
    """

    def __init__(self, vocabulary: Vocabulary, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.vocabulary, self.shape, self.dropout = vocabulary, shape, dropout
        self._pool: Any = None
        self._random = numpy.random.default_rng(0)

        def table(rows: int, width: int) -> Any:
            return torch.nn.Parameter(torch.randn(rows, width) * 0.1)

        self.char_table = table(len(vocabulary.chars) + 1, shape.chars)
        self.bigram_table = table(1 << vocabulary.bits, shape.bigrams)
        self.ngram_table = table(max(len(vocabulary.ngrams), 1), shape.ngrams)
        width = shape.chars + 2 * shape.bigrams + ROLES * shape.ngrams
        self.input = torch.nn.Parameter(torch.randn(width, shape.size) / width**0.5)
        self.input_bias = torch.nn.Parameter(torch.zeros(shape.size))
        scale = (WIDTH * shape.size) ** -0.5
        self.layers = torch.nn.ParameterList(
            torch.nn.Parameter(torch.randn(WIDTH * shape.size, 2 * shape.size) * scale) for _ in shape.dilations
        )
        self.biases = torch.nn.ParameterList(torch.nn.Parameter(torch.zeros(2 * shape.size)) for _ in shape.dilations)

    def tables(self) -> list[Any]:
        """The embedding tables, whose gradients are sparse."""
        return [self.char_table, self.bigram_table, self.ngram_table]

    def dense(self) -> list[Any]:
        """All other parameters."""
        return [self.input, self.input_bias, *self.layers, *self.biases]

    def forward(self, features: Features) -> Any:
        """Vectors of a packed sequence, shape (n, size), bfloat16."""
        count = len(features.chars)
        chars = functional.embedding(torch.from_numpy(features.chars), self.char_table, sparse=True)
        pairs = functional.embedding(torch.from_numpy(features.bigrams), self.bigram_table, sparse=True)
        offsets = torch.from_numpy(numpy.searchsorted(features.slots, numpy.arange(count * ROLES)))
        matched = functional.embedding_bag(
            torch.from_numpy(features.ngrams), self.ngram_table, offsets, mode="mean", sparse=True
        )
        rows = torch.cat([chars, pairs[0], pairs[1], matched.reshape(count, -1)], 1).bfloat16()
        blank = torch.from_numpy(numpy.flatnonzero(~features.mask))
        keep = self._keep(rows)
        state = _product(rows if keep is None else rows * keep, self.input, self.input_bias).index_fill_(0, blank, 0)
        for weights, bias, dilation in zip(self.layers, self.biases, self.shape.dilations, strict=True):
            # A blank row is all zeros, and stays so.
            normal = functional.layer_norm(state, (self.shape.size,))
            padded = functional.pad(normal, (0, 0, dilation, dilation))
            window = torch.cat([padded[:count], normal, padded[2 * dilation :]], 1)
            update = functional.glu(_product(window, weights, bias), 1)
            keep = self._keep(update)
            state = state + update if keep is None else torch.addcmul(state, update, keep)
            state.index_fill_(0, blank, 0)
        return functional.layer_norm(state, (self.shape.size,))

    def _keep(self, rows: Any) -> Any:
        """Factors of dropout, from a pool of random numbers drawn once: much faster than new ones."""
        if not self.training or not self.dropout:
            return None
        if self._pool is None:
            kept = torch.rand(POOL, generator=torch.Generator().manual_seed(0)) >= self.dropout
            self._pool = kept.bfloat16() / (1 - self.dropout)
        begin = int(self._random.integers(0, POOL - rows.numel()))
        return self._pool[begin : begin + rows.numel()].view_as(rows)

    def arrays(self, *, table_type: str = "int8") -> dict[str, NDArray[Any]]:
        """The arrays of `nlp_extract.encoder.Encoder`: tables in `int8`, the rest in float16."""
        found: dict[str, NDArray[Any]] = dict(self.vocabulary.arrays())
        weights = self.input.detach().numpy().copy()
        begin = 0
        for name, repeats in (("char_table", 1), ("bigram_table", 2), ("ngram_table", ROLES)):
            values = getattr(self, name).detach().numpy()
            width = values.shape[1]
            if table_type == "int8":
                # Columns have their own scale; it moves into the rows of the input matrix.
                scale = numpy.maximum(numpy.quantile(numpy.abs(values), 0.9999, axis=0), 1e-6) / 127
                values = numpy.clip(numpy.rint(values / scale), -127, 127).astype(numpy.int8)
                for k in range(repeats):
                    weights[begin + k * width : begin + (k + 1) * width] *= scale[:, None]
            found[name] = values.astype(table_type)
            begin += repeats * width
        found["input"] = weights.astype(numpy.float32)
        found["input_bias"] = self.input_bias.detach().numpy().astype(numpy.float16)
        size = self.shape.size
        for i, (layer, bias) in enumerate(zip(self.layers, self.biases, strict=True)):
            found[f"layer{i}"] = layer.detach().numpy().reshape(WIDTH, size, 2 * size).astype(numpy.float16)
            found[f"layer{i}_bias"] = bias.detach().numpy().astype(numpy.float16)
        found["dilations"] = numpy.array(self.shape.dilations, dtype=numpy.int64)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], dropout: float = 0.1) -> TorchEncoder:
        """A network with the weights of an applied one, to train further."""
        dilations = tuple(int(v) for v in arrays["dilations"])
        widths = [int(arrays[name].shape[1]) for name in ("char_table", "bigram_table", "ngram_table")]
        shape = Shape(widths[0], widths[1], widths[2], int(arrays["input"].shape[1]), dilations)
        made = cls(Vocabulary.from_arrays(arrays), shape, dropout)
        weights = numpy.array(arrays["input"], dtype=numpy.float32)
        with torch.no_grad():
            begin = 0
            for name, repeats in (("char_table", 1), ("bigram_table", 2), ("ngram_table", ROLES)):
                values = arrays[name].astype(numpy.float32)
                # Undo the scale of int8 columns, so that a table trains at its usual size.
                scale = 0.1 / max(float(values.std()), 1e-6)
                getattr(made, name).copy_(torch.from_numpy(values * scale))
                weights[begin : begin + repeats * values.shape[1]] /= scale
                begin += repeats * values.shape[1]
            made.input.copy_(torch.from_numpy(weights))
            made.input_bias.copy_(torch.from_numpy(arrays["input_bias"].astype(numpy.float32)))
            for i in range(len(dilations)):
                layer = arrays[f"layer{i}"].astype(numpy.float32)
                made.layers[i].copy_(torch.from_numpy(layer.reshape(-1, layer.shape[2])))
                made.biases[i].copy_(torch.from_numpy(arrays[f"layer{i}_bias"].astype(numpy.float32)))
        return made


def _product(rows: Any, weights: Any, bias: Any) -> Any:
    return functional.linear(rows, weights.bfloat16().t(), bias.bfloat16())
