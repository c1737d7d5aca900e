"""Loops that train the networks of segmenter and parser; torch only."""

from __future__ import annotations

import copy
import math
import random
import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch.nn import functional

from nlp_extract.encoder import GAP, Vocabulary, pack
from nlp_extract.words.corpora import Segmented, Treebank
from nlp_extract.words.network import STEP, Batch, ParserNetwork, SegmenterNetwork
from nlp_extract.words.segment import BEGIN, END, MIDDLE, SINGLE

ROWS = 2500
WORDS = 1500
NOTHING = -1


class Optimiser:
    """Adam with warm-up and cosine decay, sparse for tables, and a running average of the weights."""

    def __init__(self, network: Any, steps: int, rate: float, encoder_rate: float) -> None:
        tables = network.encoder.tables()
        inner = network.encoder.dense()
        known = {id(p) for p in [*tables, *inner]}
        self._rest = [p for p in network.parameters() if id(p) not in known]
        self._sparse = torch.optim.SparseAdam(tables, lr=encoder_rate)
        self._dense = torch.optim.AdamW(
            [{"params": self._rest, "base": rate}, {"params": inner, "base": encoder_rate}],
            lr=rate, betas=(0.9, 0.95), weight_decay=0.01,
        )  # fmt: skip
        self._inner, self._rate, self._steps, self._step = inner, encoder_rate, steps, 0
        self._network, self.average = network, copy.deepcopy(network)

    def step(self, loss: Any) -> None:
        """One step down."""
        share = min(1.0, (self._step + 1) / 100)
        share *= max(0.02, 0.5 * (1 + math.cos(math.pi * min(1.0, self._step / self._steps))))
        for group in self._dense.param_groups:
            group["lr"] = group["base"] * share
        self._sparse.param_groups[0]["lr"] = self._rate * share
        self._sparse.zero_grad()
        self._dense.zero_grad()
        loss.backward()
        for part in (self._rest, self._inner):
            torch.nn.utils.clip_grad_norm_(part, 5.0)
        self._sparse.step()
        self._dense.step()
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


def packed(sentences: Sequence[Segmented] | Sequence[Treebank]) -> tuple[NDArray[numpy.uint64], list[int]]:
    """Characters of sentences in one sequence, filled up to one of few lengths (see `network.product`)."""
    codes, starts = pack(["".join(s.words) for s in sentences])
    return numpy.pad(codes, (0, -len(codes) % STEP)), starts


def fit_segmenter(
    network: SegmenterNetwork, sentences: Sequence[Segmented], tags: dict[str, dict[str, int]], epochs: int, seed: int
) -> Iterator[SegmenterNetwork]:
    """Train on sentences of all standards mixed; after every epoch yields the averaged network, a checkpoint."""
    source = random.Random(seed)
    torch.manual_seed(seed)
    lengths = [sum(map(len, s.words)) + GAP for s in sentences]
    steps = epochs * len(groups(lengths, ROWS, random.Random(seed)))
    optimiser = Optimiser(network, steps, 3e-3, 3e-3)
    for epoch in range(epochs):
        network.train()
        total = 0.0
        batches = groups(lengths, ROWS, source)
        for batch in batches:
            loss = _segmenter_loss(network, [sentences[i] for i in batch], tags)
            optimiser.step(loss)
            total += float(loss.detach())
        sys.stderr.write(f"segmenter: epoch {epoch + 1}, loss {total / len(batches):.4f}\n")
        yield optimiser.average


def _segmenter_loss(network: SegmenterNetwork, batch: list[Segmented], tags: dict[str, dict[str, int]]) -> Any:
    codes, starts = packed(batch)
    places = numpy.full(len(codes), NOTHING)
    standards = numpy.zeros(len(codes), dtype=numpy.int64)
    labels = {name: numpy.full(len(codes), NOTHING) for name in tags}
    for sentence, start in zip(batch, starts, strict=True):
        position = start
        for i, word in enumerate(sentence.words):
            end = position + len(word)
            places[position:end] = MIDDLE
            places[position], places[end - 1] = BEGIN, END
            if len(word) == 1:
                places[position] = SINGLE
            if sentence.tags:
                labels[sentence.standard][position:end] = tags[sentence.standard][sentence.tags[i]]
            position = end
        standards[start:position] = network.standards.index(sentence.standard)
    scores, tag_scores = network(network.encoder.vocabulary.features(codes))
    chosen = scores[torch.arange(len(codes)), torch.from_numpy(standards)]
    loss = functional.cross_entropy(chosen, torch.from_numpy(places), ignore_index=NOTHING)
    count = max(int((places != NOTHING).sum()), 1)
    for name, truth in labels.items():
        # Tags help the encoder that the parser starts from; they weigh half.
        wanted = torch.from_numpy(truth)
        loss = loss + 0.5 / count * functional.cross_entropy(
            tag_scores[name], wanted, ignore_index=NOTHING, reduction="sum"
        )
    return loss


class Reader:
    """Treebank sentences as batches."""

    def __init__(
        self, vocabulary: Vocabulary, rows: dict[int, int], names: dict[str, dict[str, int]], unknown: int
    ) -> None:
        self._vocabulary, self._rows, self._names, self._unknown = vocabulary, rows, names, unknown

    def batch(self, sentences: Sequence[Treebank]) -> Batch:
        """Sentences as the network reads them."""
        codes, starts = packed(sentences)
        shape = (len(sentences), max(len(s.words) for s in sentences))
        arrays = {name: numpy.full(shape, NOTHING) for name in ("heads", "relations", "tags", "parts")}
        first, last, vectors = (numpy.zeros(shape, dtype=numpy.int64) for _ in range(3))
        mask = numpy.zeros(shape, dtype=numpy.float32)
        for row, (sentence, start) in enumerate(zip(sentences, starts, strict=True)):
            count = len(sentence.words)
            mask[row, :count] = 1
            arrays["heads"][row, :count] = sentence.heads
            for name in ("relations", "tags", "parts"):
                known = self._names[name]
                arrays[name][row, :count] = [known.get(value, NOTHING) for value in getattr(sentence, name)]
            for i, word in enumerate(sentence.words):
                first[row, i], last[row, i] = start, start + len(word) - 1
                start += len(word)
                vectors[row, i] = self._rows.get(zlib.crc32(word.encode("utf-8", "replace")), self._unknown)
        torched = {name: torch.from_numpy(value) for name, value in arrays.items()}
        return Batch(
            features=self._vocabulary.features(codes), first=torch.from_numpy(first), last=torch.from_numpy(last),
            vectors=torch.from_numpy(vectors), mask=torch.from_numpy(mask), **torched,
        )  # fmt: skip


def batches(sentences: Sequence[Treebank], source: random.Random) -> Iterator[list[Treebank]]:
    """Random batches of sentences of about the same length."""
    for group in groups([len(s.words) + 1 for s in sentences], WORDS, source, alike=8):
        yield [sentences[i] for i in group]


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
    network: ParserNetwork, sentences: Sequence[Treebank], reader: Reader, epochs: int, seed: int
) -> Iterator[ParserNetwork]:
    """Train; after every epoch yields the averaged network, a checkpoint."""
    source = random.Random(seed)
    torch.manual_seed(seed)
    steps = epochs * sum(1 for _ in batches(sentences, random.Random(seed)))
    optimiser = Optimiser(network, steps, 2e-3, 1e-3)
    for epoch in range(epochs):
        network.train()
        losses = []
        for chosen in batches(sentences, source):
            loss = parser_loss(network, reader.batch(chosen))
            optimiser.step(loss)
            losses.append(float(loss.detach()))
        sys.stderr.write(f"parser: epoch {epoch + 1}, loss {sum(losses) / len(losses):.4f}\n")
        yield optimiser.average
