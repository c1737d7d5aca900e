"""Training of the network in PyTorch: masked characters first, then names of every convention together."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from torch.nn import functional

from nlp_extract.encoder import blocks, pack
from nlp_extract.learning.torch_encoder import TorchEncoder
from nlp_extract.mentions.entities.corpora import CONVENTIONS, Marked
from nlp_extract.mentions.entities.tags import TAGS, encode
from nlp_extract.models import ModelFolder, load_model

MASKED = 0.15
# What a hidden character is shown as: a code point that no text has.
HIDDEN = 0xE000
SMOOTHING = 0.05
# Share of lexicon matches hidden in training, so that names outside the lexicon are learnt too.
LEXICON_DROPOUT = 0.15
Log = Callable[[str], None]


class Network(torch.nn.Module):
    """The encoder with one output for each convention and one for hidden characters."""

    def __init__(self, encoder: TorchEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        size = encoder.shape.size
        self.heads = torch.nn.ModuleList(torch.nn.Linear(size, len(TAGS)) for _ in CONVENTIONS)
        self.characters = torch.nn.Linear(size, len(encoder.vocabulary.chars) + 1)

    def dense(self) -> list[Any]:
        """Parameters with dense gradients."""
        return [*self.encoder.dense(), *self.heads.parameters(), *self.characters.parameters()]

    def hidden_loss(self, texts: Sequence[str], draw: numpy.random.Generator) -> Any:
        """Cross-entropy of characters hidden from a packed batch."""
        codes, _ = pack(texts)
        whole = self.encoder.vocabulary.features(codes)
        hidden = whole.mask & (draw.random(len(codes)) < MASKED)
        shown = codes.copy()
        shown[hidden] = HIDDEN
        rows = self.encoder(self.encoder.vocabulary.features(shown))
        at = torch.from_numpy(numpy.flatnonzero(hidden))
        weight, bias = self.characters.weight.bfloat16(), self.characters.bias.bfloat16()
        logits = functional.linear(rows[at], weight, bias)
        return functional.cross_entropy(logits.float(), torch.from_numpy(whole.chars[hidden]))

    def marked_loss(self, rows: Sequence[Marked], draw: numpy.random.Generator) -> Any:
        """Cross-entropy of the marks of a packed batch, each sentence by its own convention."""
        codes, starts = pack([row.text for row in rows])
        features = self.encoder.vocabulary.features(codes)
        keep = draw.random(len(features.ngrams)) >= LEXICON_DROPOUT
        features = type(features)(
            features.mask, features.chars, features.bigrams, features.ngrams[keep], features.slots[keep]
        )
        marks = numpy.zeros(len(codes), dtype=numpy.int64)
        convention = numpy.full(len(codes), -1)
        for row, start in zip(rows, starts, strict=True):
            marks[start : start + len(row.text)] = encode(len(row.text), row.names)
            convention[start : start + len(row.text)] = CONVENTIONS.index(row.convention)
        states = self.encoder(features).float()
        total: Any = 0.0
        for i, head in enumerate(self.heads):
            at = numpy.flatnonzero(convention == i)
            if len(at):
                total = total + functional.cross_entropy(
                    head(states[torch.from_numpy(at)]),
                    torch.from_numpy(marks[at]),
                    reduction="sum",
                    label_smoothing=SMOOTHING,
                )
        return total / max(int(features.mask.sum()), 1)


def network_of(folder: ModelFolder) -> Network:
    """The network of a model folder, to train further; outputs that it did not keep start anew."""
    source = folder if "encoder.npz" in folder.files else load_model("characters")
    network = Network(TorchEncoder.from_arrays(source.arrays("encoder.npz")))
    arrays = folder.arrays("heads.npz")
    with torch.no_grad():
        for name, head in zip(CONVENTIONS, network.heads, strict=True):
            if name in arrays:
                head.weight.copy_(torch.from_numpy(arrays[name].astype(numpy.float32).T))
                head.bias.copy_(torch.from_numpy(arrays[f"{name}_bias"].astype(numpy.float32)))
    return network


def batches(lengths: Sequence[int], size: int, draw: random.Random) -> Iterator[list[int]]:
    """Shuffled indices in batches of about `size` characters, without end."""
    order = list(range(len(lengths)))
    while True:
        draw.shuffle(order)
        for block in blocks([lengths[i] for i in order], size):
            yield [order[i] for i in block]


def optimise(
    network: Network,
    loss: Callable[[Network, list[int], numpy.random.Generator], Any],
    lengths: Sequence[int],
    *,
    steps: int,
    rate: float,
    seed: int,
    log: Log,
    batch: int = 6000,
    checkpoint: Path | None = None,
    every: int = 200,
) -> None:
    """Adam with warm-up over the first 3 % and a linear fall to zero; goes on from `checkpoint` when it exists.

    Parameters
    ----------
    loss : callable
        From the network and the indices of a batch.
    lengths : sequence of int
        Characters of each item.
    rate : float
        Highest learning rate.
    """
    dense = torch.optim.AdamW(network.dense(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    sparse = torch.optim.SparseAdam(network.encoder.tables(), lr=rate, betas=(0.9, 0.98))
    step = 0
    if checkpoint is not None and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        dense.load_state_dict(state["dense"])
        sparse.load_state_dict(state["sparse"])
        step = state["step"]
    network.train()
    draw = numpy.random.default_rng((seed, step))
    stream = batches(lengths, batch, random.Random(f"{seed} {step}"))
    mean, begin, done = 0.0, time.monotonic(), 0
    while step < steps:
        share = min((step + 1) / (0.03 * steps), (steps - step) / (0.97 * steps))
        for group in (*dense.param_groups, *sparse.param_groups):
            group["lr"] = rate * min(share, 1.0)
        indices = next(stream)
        value = loss(network, indices, draw)
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.dense(), 1.0)
        dense.step()
        sparse.step()
        network.zero_grad(set_to_none=True)
        step += 1
        done += sum(lengths[i] for i in indices)
        mean = 0.98 * mean + 0.02 * float(value.detach()) if mean else float(value.detach())
        if step % every == 0 or step == steps:
            log(f"step {step} of {steps}: loss {mean:.4f}, {done / (time.monotonic() - begin):,.0f} characters/s")
            if checkpoint is not None:
                states = {"network": network.state_dict(), "dense": dense.state_dict(), "sparse": sparse.state_dict()}
                partial = checkpoint.with_suffix(".partial")
                torch.save({**states, "step": step}, partial)
                partial.replace(checkpoint)
    network.eval()
