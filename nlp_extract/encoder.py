"""Characters to vectors: embeddings and gated convolutions, in plain numpy.

A character is looked up with its two bigrams and with every n-gram of a lexicon that it begins, continues or ends;
residual layers of dilated, gated convolutions follow. Sentences are packed into one sequence with blank rows
between them, so that a batch is one matrix product a layer. `nlp_extract.learning.torch_encoder` is the same network
for training; both read their features here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.hashing import PRIME, SHIFT

Floats = NDArray[numpy.float32]
Integers = NDArray[numpy.int64]

# Blank rows between packed sentences; at least the widest dilation.
GAP = 4
WIDTH = 3
# What an n-gram of the lexicon is to a character: its beginning, its middle, its end.
ROLES = 3
# Rows that stay in the second-level cache of one core.
BLOCK = 768
_EPSILON = 1e-5


@dataclasses.dataclass(frozen=True)
class Features:
    """What the network reads of a packed sequence of n rows.

    Attributes
    ----------
    mask : ndarray of bool, shape (n,)
        Whether a row is a character, not a blank.
    chars : ndarray, shape (n,)
        Rows of the table of characters; 0 is an unknown one.
    bigrams : ndarray, shape (2, n)
        Rows of the table of bigrams that end and begin at the character.
    ngrams, slots : ndarray, shape (k,)
        Rows of the table of the lexicon, and for each the place it is added to: row * ROLES + role, ascending.
    """

    mask: NDArray[numpy.bool_]
    chars: Integers
    bigrams: Integers
    ngrams: Integers
    slots: Integers


def codes_of(text: str) -> NDArray[numpy.uint64]:
    """The code points of a text without lone surrogates."""
    return numpy.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(numpy.uint64)


def pack(pieces: Sequence[str]) -> tuple[NDArray[numpy.uint64], list[int]]:
    """Code points of pieces in one sequence, `GAP` zeros before, between and after; also where each begins.

    More zeros at the end make the length a multiple of `4 * GAP`.
    """
    starts, position = [], GAP
    for piece in pieces:
        starts.append(position)
        position += len(piece) + GAP
    position += -position % (4 * GAP)
    codes = numpy.zeros(position, dtype=numpy.uint64)
    for start, piece in zip(starts, pieces, strict=True):
        codes[start : start + len(piece)] = codes_of(piece)
    return codes, starts


def ngram_hash(codes: NDArray[numpy.uint64], longest: int) -> Iterator[NDArray[numpy.uint32]]:
    """Hashes of the n-grams that begin at each position, for n = 2 to `longest`; position i of the result is i."""
    value = codes * PRIME
    for n in range(2, longest + 1):
        value = value[: max(len(codes) - n + 1, 0)]
        value = (value ^ (value >> SHIFT)) * PRIME + codes[n - 1 :]
        yield ((value * PRIME) >> SHIFT).astype(numpy.uint32)


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """The characters and hashed n-grams that have rows in the tables.

    Attributes
    ----------
    chars : ndarray of uint64, ascending
        Code points; character i has row i + 1.
    bits : int
        Bigrams are hashed to 2 ** bits rows.
    ngrams : ndarray of uint32, ascending, at least one
        Hashes; n-gram i has row i.
    longest : int
        Characters of the longest n-gram.
    """

    chars: NDArray[numpy.uint64]
    bits: int
    ngrams: NDArray[numpy.uint32]
    longest: int

    def features(self, codes: NDArray[numpy.uint64]) -> Features:
        """The features of a packed sequence."""
        rows = numpy.minimum(numpy.searchsorted(self.chars, codes), len(self.chars) - 1)
        chars = numpy.where(self.chars[rows] == codes, rows + 1, 0)
        pairs = numpy.zeros(len(codes) + 1, dtype=numpy.int64)
        hashes = list(ngram_hash(codes, self.longest))
        pairs[1:-1] = hashes[0] >> numpy.uint32(32 - self.bits)
        ngrams, slots = self._matches(codes, hashes)
        return Features(codes > 0, chars, numpy.stack([pairs[:-1], pairs[1:]]), ngrams, slots)

    def _matches(self, codes: NDArray[numpy.uint64], hashes: list[NDArray[numpy.uint32]]) -> tuple[Integers, Integers]:
        filled = codes > 0
        whole = filled
        found: list[Integers] = []
        places: list[Integers] = []
        for n, values in enumerate(hashes, 2):
            whole = whole[: len(values)] & filled[n - 1 :]
            at = numpy.flatnonzero(whole)
            rows = numpy.minimum(numpy.searchsorted(self.ngrams, values[at]), len(self.ngrams) - 1)
            hit = self.ngrams[rows] == values[at]
            at, rows = at[hit], rows[hit]
            for k in range(n):
                role = 0 if k == 0 else 2 if k == n - 1 else 1
                found.append(rows)
                places.append((at + k) * ROLES + role)
        ngrams, slots = numpy.concatenate(found), numpy.concatenate(places)
        order = numpy.argsort(slots, kind="stable")
        return ngrams[order], slots[order]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As arrays for an npz file."""
        return {
            "chars": self.chars.astype(numpy.uint32),
            "ngrams": self.ngrams,
            "vocabulary": numpy.array([self.bits, self.longest], dtype=numpy.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Vocabulary:
        """From the arrays of `arrays`."""
        bits, longest = (int(v) for v in arrays["vocabulary"])
        return cls(arrays["chars"].astype(numpy.uint64), bits, arrays["ngrams"], longest)


class Convolution:
    """A residual layer of gated convolution over three rows, for a given dilation.

    Rows are computed in fours by minimal filtering, F(4, 3) of Winograd 1980: six products in place of twelve.

    Parameters
    ----------
    weights : ndarray, shape (3, d, 2 d)
        The first half of the columns gives values, the second gates.
    bias : ndarray, shape (2 d,)
    """

    def __init__(self, weights: NDArray[Any], bias: NDArray[Any], dilation: int) -> None:
        left, middle, right = weights.astype(numpy.float64)
        ends = left + right
        wide = left + 4 * right
        # The filter as a polynomial at 0, 1, -1, 2, -2 and infinity.
        at = [left / 4, -(ends + middle) / 6, -(ends - middle) / 6, (wide + 2 * middle) / 24, (wide - 2 * middle) / 24]
        filters = numpy.stack([*at, right])
        # Rows need not be centred when the weights are: both make the mean of a row count for nothing.
        filters -= filters.mean(axis=1, keepdims=True)
        # value / (1 + exp(-gate)) = half + half * tanh(gate / 2), half = value / 2: the halves go into the weights.
        size = filters.shape[1]
        self._filters = _floats(filters.reshape(6, size, 2, size).swapaxes(1, 2) / 2)
        self._bias = _floats(bias.reshape(2, 1, size) / 2)
        self._size, self._dilation = size, dilation

    def __call__(self, state: Floats, blank: Integers) -> None:
        """Add the layer's output to rows, shape (n, d) with n a multiple of 4 * GAP; blank rows stay zeros."""
        size, dilation, count = self._size, self._dilation, len(state)
        normal = numpy.zeros((count + 8 * dilation, size), dtype=numpy.float32)
        scale(state, normal[4 * dilation : -4 * dilation])
        # Rows i, i + dilation, ... are four; their products see the row before them and the row after them.
        fours = normal.reshape(-1, 4, dilation, size)
        before, (first, second, third, fourth), after = fours[:-2, 3], fours[1:-1].swapaxes(0, 1), fours[2:, 0]
        inputs = numpy.empty((6, *first.shape), dtype=numpy.float32)
        even, odd = fourth - second, third - first
        _sum_and_difference(fourth - 4 * second, third - 4 * first, inputs[1], inputs[2])
        numpy.subtract(before, second, out=inputs[0])
        inputs[0] *= 4
        inputs[0] += even
        odd *= 2
        _sum_and_difference(even, odd, inputs[3], inputs[4])
        odd *= 2
        numpy.subtract(after, third, out=inputs[5])
        inputs[5] -= odd
        # Shape (6, 2, n / 4, d): by filter, value or gate, four.
        products = inputs.reshape(6, 1, -1, size) @ self._filters
        found = numpy.empty((4, *products.shape[1:]), dtype=numpy.float32)
        _sum_and_difference(products[1], products[2], found[2], found[1])
        _sum_and_difference(products[3], products[4], products[1], products[2])
        numpy.add(products[0], found[2], out=found[0])
        found[0] += products[1]
        products[1] *= 4
        found[2] += products[1]
        numpy.add(products[5], found[1], out=found[3])
        products[2] *= 2
        found[1] += products[2]
        products[2] *= 4
        found[3] += products[2]
        found += self._bias
        values, gates = found[:, 0], found[:, 1]
        numpy.tanh(gates, out=gates)
        gates *= values
        values += gates
        state.reshape(-1, 4, dilation, size).swapaxes(0, 1)[...] += values.reshape(4, -1, dilation, size)
        state[blank] = 0.0


def _sum_and_difference(a: Floats, b: Floats, total: Floats, difference: Floats) -> None:
    numpy.add(a, b, out=total)
    numpy.subtract(a, b, out=difference)


class Convolutions:
    """Layers one above the other, and normalisation at the end; in place, on rows of which the blank ones are zeros.

    Parameters
    ----------
    arrays : mapping
        For each layer i `layer{i}` (3, d, 2 d) and `layer{i}_bias` (2 d,); `dilations` (layers,).
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._layers = [
            Convolution(arrays[f"layer{i}"], arrays[f"layer{i}_bias"], int(dilation))
            for i, dilation in enumerate(arrays["dilations"])
        ]

    def __call__(self, state: Floats, blank: Integers) -> None:
        """Apply them to rows, shape (n, d) with n a multiple of 4 * GAP."""
        for layer in self._layers:
            layer(state, blank)
        normalise(state, state)


class Encoder:
    """The network, applied.

    Parameters
    ----------
    arrays : mapping
        `Vocabulary.arrays`; the tables `char_table` (c, k), `bigram_table` (2 ** bits, m), `ngram_table` (g, l) of
        any number type, scaled by the input matrix; `input` (k + 2 m + 3 l, d) and `input_bias` (d,); for each layer i
        `layer{i}` (3, d, 2 d) and `layer{i}_bias` (2 d,); `dilations` (layers,).
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.vocabulary = Vocabulary.from_arrays(arrays)
        self._tables = [arrays[name] for name in ("char_table", "bigram_table", "ngram_table")]
        self._input = _floats(arrays["input"])
        self._bias = _floats(arrays["input_bias"])
        self.size = self._input.shape[1]
        self._layers = Convolutions(arrays)

    def rows(self, features: Features) -> tuple[Floats, Floats]:
        """Vectors of a packed sequence before the first layer and after the last one, each of shape (n, size)."""
        blank = numpy.flatnonzero(~features.mask)
        state: Floats = self._embed(features) @ self._input
        state += self._bias
        # A blank row is all zeros, and stays so.
        state[blank] = 0.0
        first = numpy.empty_like(state)
        normalise(state, first)
        self._layers(state, blank)
        return first, state

    def _embed(self, features: Features) -> Floats:
        chars, bigrams, ngrams = self._tables
        count = len(features.chars)
        width = chars.shape[1]
        pair = bigrams.shape[1]
        rows = numpy.empty((count, self._input.shape[0]), dtype=numpy.float32)
        rows[:, :width] = chars[features.chars]
        rows[:, width : width + pair] = bigrams[features.bigrams[0]]
        rows[:, width + pair : width + 2 * pair] = bigrams[features.bigrams[1]]
        matched = numpy.zeros((count * ROLES, ngrams.shape[1]), dtype=numpy.float32)
        if len(features.slots):
            begins = numpy.flatnonzero(numpy.diff(features.slots, prepend=-1))
            sums = numpy.add.reduceat(ngrams[features.ngrams].astype(numpy.float32), begins, axis=0)
            lengths = numpy.diff(begins, append=len(features.slots))
            matched[features.slots[begins]] = sums / lengths[:, None].astype(numpy.float32)
        rows[:, width + 2 * pair :] = matched.reshape(count, -1)
        return rows


def scale(rows: Floats, out: Floats) -> None:
    """Every row divided by its standard deviation; its mean is left in."""
    size = numpy.float32(rows.shape[1])
    mean = rows @ numpy.full(rows.shape[1], 1 / size)
    variance = numpy.einsum("ij,ij->i", rows, rows) / size - mean * mean
    numpy.multiply(rows, (1.0 / numpy.sqrt(variance + numpy.float32(_EPSILON)))[:, None], out=out)


def normalise(rows: Floats, out: Floats) -> None:
    """Layer normalisation without weights: every row to mean 0 and variance 1."""
    numpy.subtract(rows, rows.mean(axis=1, keepdims=True), out=out)
    variance = numpy.einsum("ij,ij->i", out, out) / numpy.float32(rows.shape[1])
    out *= (1.0 / numpy.sqrt(variance + numpy.float32(_EPSILON)))[:, None]


def blocks(lengths: Sequence[int], size: int = BLOCK) -> Iterator[list[int]]:
    """Indices of neighbouring pieces that together have about `size` characters; a longer piece stands alone."""
    block: list[int] = []
    total = 0
    for i, length in enumerate(lengths):
        if block and total + length > size:
            yield block
            block, total = [], 0
        block.append(i)
        total += length + GAP
    if block:
        yield block


def _floats(array: NDArray[Any]) -> Floats:
    return numpy.ascontiguousarray(array, dtype=numpy.float32)
