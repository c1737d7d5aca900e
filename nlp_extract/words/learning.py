"""Loops that train the networks of segmenter and parser; torch only."""

from __future__ import annotations

import copy
import dataclasses
import math
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp_extract.encoder import GAP
from nlp_extract.learning.treebank import Treebank
from nlp_extract.words.corpora import Segmented
from nlp_extract.words.network import Batch, ParserNetwork, ReaderNetwork
from nlp_extract.words.parser import word_key
from nlp_extract.words.segment import BEGIN, END, MIDDLE, SINGLE

ROWS = 2500
WORDS = 1500
NOTHING = -1


class Optimiser:
    """Adam with warm-up and cosine decay, sparse for a table, and a running average of the weights."""

    def __init__(self, network: Any, steps: int, rate: float, table: Any = None) -> None:
        dense = [p for p in network.parameters() if p is not table]
        self._all = [torch.optim.AdamW(dense, lr=rate, betas=(0.9, 0.95), weight_decay=0.01)]
        if table is not None:
            self._all.append(torch.optim.SparseAdam([table], lr=rate))
        self._dense, self._rate, self._steps, self._step = dense, rate, steps, 0
        self._network, self.average = network, copy.deepcopy(network)

    def step(self, loss: Any) -> None:
        """One step down."""
        share = min(1.0, (self._step + 1) / 100)
        share *= max(0.02, 0.5 * (1 + math.cos(math.pi * min(1.0, self._step / self._steps))))
        for optimiser in self._all:
            optimiser.param_groups[0]["lr"] = self._rate * share
            optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._dense, 5.0)
        for optimiser in self._all:
            optimiser.step()
        self._step += 1
        if self._step % 4 == 0:
            keep = min(0.98, (self._step + 1) / (self._step + 40))
            with torch.no_grad():
                for mine, theirs in zip(self.average.parameters(), self._network.parameters(), strict=True):
                    mine.lerp_(theirs, 1 - keep)


def index(names: Any) -> dict[str, int]:
    """Names in order, numbered."""
    return {name: i for i, name in enumerate(sorted(set(names)))}


def groups(lengths: Sequence[int], size: int, source: random.Random, *, alike: int = 0) -> list[list[int]]:
    """Random batches of about `size`; with `alike`, of sentences of about the same length, padding counted."""
    order = list(range(len(lengths)))
    source.shuffle(order)
    if alike:
        order.sort(key=lambda i: lengths[i] // alike)
    found: list[list[int]] = []
    batch: list[int] = []
    total = longest = 0
    for i in order:
        longest = max(longest, lengths[i])
        total = longest * (len(batch) + 1) if alike else total + lengths[i]
        if batch and total > size:
            found.append(batch)
            batch, total, longest = [], lengths[i], lengths[i]
        batch.append(i)
    found.append(batch)
    source.shuffle(found)
    return found


def packed(rows: Sequence[NDArray[Any]], empty: Any) -> NDArray[Any]:
    """Arrays of sentences one below the other, `GAP` rows of `empty` before, between and after."""
    gap = numpy.full((GAP, *rows[0].shape[1:]), empty, dtype=rows[0].dtype)
    return numpy.concatenate([gap, *(part for row in rows for part in (row, gap))])


@dataclasses.dataclass(frozen=True)
class Marks:
    """A sentence for the reader, by character: vectors (n, d), rows of bigrams (n, 2), places and tags (n,)."""

    vectors: NDArray[Any]
    pairs: NDArray[Any]
    places: NDArray[Any]
    tags: NDArray[Any]
    standard: str


def marks(sentence: Segmented, vectors: NDArray[Any], pairs: NDArray[Any], tags: dict[str, dict[str, int]]) -> Marks:
    """What the reader is to say of a sentence."""
    places, found = numpy.full(len(vectors), MIDDLE), numpy.full(len(vectors), NOTHING)
    position = 0
    for i, word in enumerate(sentence.words):
        end = position + len(word)
        places[position], places[end - 1] = BEGIN, END
        if len(word) == 1:
            places[position] = SINGLE
        if sentence.tags:
            found[position:end] = tags[sentence.standard][sentence.tags[i]]
        position = end
    return Marks(vectors, pairs, places, found, sentence.standard)


def fit_reader(network: ReaderNetwork, sentences: Sequence[Marks], epochs: int, seed: int) -> Iterator[ReaderNetwork]:
    """Train on sentences of all standards mixed; after every epoch yields the averaged network, a checkpoint."""
    source = random.Random(seed)
    torch.manual_seed(seed)
    lengths = [len(s.places) for s in sentences]
    steps = epochs * len(groups(lengths, ROWS, random.Random(seed)))
    optimiser = Optimiser(network, steps, 3e-3, network.pair_table)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        batches = groups(lengths, ROWS, source)
        for batch in batches:
            loss = reader_loss(network, [sentences[i] for i in batch])
            optimiser.step(loss)
            total += float(loss.detach())
        sys.stderr.write(f"reader: epoch {epoch + 1}, loss {total / len(batches):.4f}\n")
        yield optimiser.average


def reader_loss(network: ReaderNetwork, batch: Sequence[Marks]) -> Any:
    """Cross-entropies of places, and half of those of tags."""
    vectors = torch.from_numpy(packed([s.vectors for s in batch], 0).astype(numpy.float32))
    pairs = torch.from_numpy(packed([s.pairs for s in batch], 0))
    places = torch.from_numpy(packed([s.places for s in batch], NOTHING))
    tags = torch.from_numpy(packed([s.tags for s in batch], NOTHING))
    standards = torch.from_numpy(
        packed([numpy.full(len(s.places), network.standards.index(s.standard)) for s in batch], 0)
    )
    there = places != NOTHING
    scores, tag_scores = network(vectors, pairs, there.float()[:, None])
    chosen = scores[torch.arange(len(places)), standards]
    loss = functional.cross_entropy(chosen, places, ignore_index=NOTHING)
    for name, values in tag_scores.items():
        # Tags teach what the parser reads; they weigh half.
        wanted = torch.where(standards == network.standards.index(name), tags, NOTHING)
        loss = loss + 0.5 / max(int(there.sum()), 1) * functional.cross_entropy(
            values, wanted, ignore_index=NOTHING, reduction="sum"
        )
    return loss


# A sentence and the vectors of its characters.
Example = tuple[Treebank, NDArray[Any]]


class Reader:
    """Treebank sentences as batches."""

    def __init__(self, rows: dict[int, int], names: dict[str, dict[str, int]], unknown: int) -> None:
        self._rows, self._names, self._unknown = rows, names, unknown

    def batch(self, examples: Sequence[Example]) -> Batch:
        """Sentences as the network reads them."""
        shape = (len(examples), max(len(s.words) for s, _ in examples))
        arrays = {name: numpy.full(shape, NOTHING) for name in ("heads", "relations", "tags", "parts")}
        first, last, vectors = (numpy.zeros(shape, dtype=numpy.int64) for _ in range(3))
        mask = numpy.zeros(shape, dtype=numpy.float32)
        start = 0
        for row, (sentence, _) in enumerate(examples):
            count = len(sentence.words)
            mask[row, :count] = 1
            arrays["heads"][row, :count] = sentence.heads
            for name in ("relations", "tags", "parts"):
                known = self._names[name]
                arrays[name][row, :count] = [known.get(value, NOTHING) for value in getattr(sentence, name)]
            for i, word in enumerate(sentence.words):
                first[row, i], last[row, i] = start, start + len(word) - 1
                start += len(word)
                vectors[row, i] = self._rows.get(word_key(word), self._unknown)
        torched = {name: torch.from_numpy(value) for name, value in arrays.items()}
        characters = torch.from_numpy(numpy.concatenate([c for _, c in examples]).astype(numpy.float32))
        return Batch(
            characters=characters, first=torch.from_numpy(first), last=torch.from_numpy(last),
            vectors=torch.from_numpy(vectors), mask=torch.from_numpy(mask), **torched,
        )  # fmt: skip


def batches(examples: Sequence[Example], source: random.Random) -> Iterator[list[Example]]:
    """Random batches of sentences of about the same length."""
    for group in groups([len(s.words) + 1 for s, _ in examples], WORDS, source, alike=8):
        yield [examples[i] for i in group]


def parser_loss(network: ParserNetwork, batch: Batch) -> Any:
    """Cross-entropies of heads and relations, and half of those of tags and parts."""
    scores, label_head, label_dependent, tags, parts = network(batch)
    there = batch.mask.bool()
    heads = batch.heads.clamp(min=0)
    relations = network.relations(label_head, label_dependent, heads)
    loss = functional.cross_entropy(scores[:, 1:][there], batch.heads[there])
    loss = loss + functional.cross_entropy(relations[there], batch.relations[there], ignore_index=NOTHING)
    for values, truth in ((tags, batch.tags), (parts, batch.parts)):
        loss = loss + 0.5 * functional.cross_entropy(values[:, 1:][there], truth[there], ignore_index=NOTHING)
    return loss


def fit_parser(
    network: ParserNetwork, examples: Sequence[Example], reader: Reader, epochs: int, seed: int, rate: float = 2e-3
) -> Iterator[ParserNetwork]:
    """Train; after every epoch yields the averaged network, a checkpoint."""
    source = random.Random(seed)
    torch.manual_seed(seed)
    steps = epochs * sum(1 for _ in batches(examples, random.Random(seed)))
    optimiser = Optimiser(network, steps, rate)
    for epoch in range(epochs):
        network.train()
        losses = []
        for chosen in batches(examples, source):
            loss = parser_loss(network, reader.batch(chosen))
            optimiser.step(loss)
            losses.append(float(loss.detach()))
        sys.stderr.write(f"parser: epoch {epoch + 1}, loss {sum(losses) / len(losses):.4f}\n")
        yield optimiser.average
