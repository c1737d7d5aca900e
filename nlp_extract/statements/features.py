"""Features of sentences: their characters and words, their meaning and place, and what the layers before say."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import ahocorasick
import numpy
import rjieba
from numpy.typing import NDArray

from nlp_extract.encoder import codes_of, ngram_hash
from nlp_extract.hashing import PRIME, SHIFT, code
from nlp_extract.layers import Sentence, TextLayer
from nlp_extract.statements.upstream import Upstream
from nlp_extract.statements.vectors import Vectors, unit

BITS = 18
_COMMAS = numpy.array([code(mark) for mark in "，,"], dtype=numpy.uint32)
_NUMBER = re.compile(r"\d[\d.,]*")
# How much the parts of a sentence's vector count beside its own meaning (1.0); found by cross-validation.
_EDGE, _ARTICLE, _NEIGHBOUR, _SURFACE, _CUES = 0.35, 0.5, 0.5, 0.4, 0.25


@dataclasses.dataclass(frozen=True)
class Cut:
    """Stretches of text cut into words, numbers as one.

    Attributes
    ----------
    texts : tuple of str, length n
    words : tuple of str
        Those of all stretches.
    bounds : ndarray, shape (n + 1,)
        Stretch i has the words from `bounds[i]` to `bounds[i + 1]`.
    hashes : ndarray of uint32
        Of the words.
    """

    texts: tuple[str, ...]
    words: tuple[str, ...]
    bounds: NDArray[numpy.int64]
    hashes: NDArray[numpy.uint32]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Cut:
        """Cut stretches."""
        plain = tuple(_NUMBER.sub("0", text.replace("\0", " ")) for text in texts)
        rows = [rjieba.cut(text, True) for text in plain]
        words = tuple(itertools.chain.from_iterable(rows))
        bounds = numpy.cumsum([0, *map(len, rows)])
        return cls(plain, words, bounds, numpy.array([code(word) for word in words], dtype=numpy.uint32))


def grams(cut: Cut) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Columns of each stretch's character n-grams, words and pairs of words, and how many each stretch has.

    A column stands once for a stretch, however often its n-gram does.
    """
    codes = codes_of("\0".join(cut.texts))
    owner = numpy.cumsum(codes == 0)
    keys = []
    whole = codes > 0
    for n, values in enumerate([codes * PRIME >> SHIFT, *ngram_hash(codes, 3)], 1):
        whole = whole[: len(values)] & (codes[n - 1 :] > 0)
        keys.append(_keys(owner[: len(values)][whole], values[whole]))
    owner = numpy.repeat(numpy.arange(len(cut.texts)), numpy.diff(cut.bounds))
    hashes = cut.hashes.astype(numpy.uint64) + PRIME
    keys.append(_keys(owner, hashes * PRIME >> SHIFT))
    beside = owner[1:] == owner[:-1]
    pairs = (hashes[:-1] * PRIME ^ hashes[1:]) * PRIME >> SHIFT
    keys.append(_keys(owner[1:][beside], pairs[beside]))
    found = numpy.unique(numpy.concatenate(keys))
    return found & ((1 << BITS) - 1), numpy.bincount(found >> BITS, minlength=len(cut.texts))


def _keys(owner: NDArray[Any], hashes: NDArray[Any]) -> NDArray[numpy.int64]:
    keys: NDArray[numpy.int64] = (owner << BITS) | (hashes >> numpy.uint64(32 - BITS)).astype(numpy.int64)
    return keys


def dense(upstream: Upstream, cut: Cut, vectors: Vectors, centre: NDArray[Any]) -> NDArray[numpy.float32]:
    """A sentence's meaning, its article's, its neighbours', its surface and its cues; shape (sentences, width)."""
    begins, ends = cut.bounds[:-1], cut.bounds[1:]
    commas = numpy.flatnonzero(numpy.isin(cut.hashes, _COMMAS))
    # A stretch's words up to the first comma and from the last one; all of them where there is none.
    first, last = numpy.searchsorted(commas, begins), numpy.searchsorted(commas, ends) - 1
    some = last >= first
    heads, tails = ends.copy(), begins.copy()
    heads[some], tails[some] = commas[first[some]], commas[last[some]] + 1
    stretches = vectors.means(
        cut.hashes, numpy.concatenate([begins, begins, tails]), numpy.concatenate([ends, heads, ends])
    )
    own, start, end = numpy.split(unit(stretches - centre), 3)
    none = numpy.zeros((1, own.shape[1]), numpy.float32)
    article = numpy.repeat(unit(own.mean(axis=0, keepdims=True)), len(own), axis=0)
    parts = [
        own,
        _EDGE * start,
        _EDGE * end,
        _ARTICLE * article,
        _NEIGHBOUR * numpy.concatenate([none, own[:-1]]),
        _NEIGHBOUR * numpy.concatenate([own[1:], none]),
        _SURFACE * surface(upstream),
        _CUES * cue_counts(upstream.text),
    ]
    return numpy.concatenate(parts, axis=1, dtype=numpy.float32)


def _by_sentence(text: TextLayer, items: Iterable[Any]) -> list[list[Any]]:
    found: list[list[Any]] = [[] for _ in text.sentences]
    for item in items:
        sentence = text.sentence_at(item.start)
        if sentence is not None:
            found[sentence.index].append(item)
    return found


def surface(upstream: Upstream) -> NDArray[numpy.float32]:
    """Place, length, marks, names, figures, times of each sentence, each from 0 to 1."""
    text = upstream.text
    shadow, count = text.shadow, len(text.sentences)
    entities, times, figures, policies, quotations = (
        _by_sentence(text, items)
        for items in (upstream.entities, upstream.times, upstream.figures, upstream.policies, text.quotations)
    )
    lead = shadow[: text.title_end] or shadow[text.sentences[0].start : text.sentences[0].end]
    today = text.reference.isoformat() if text.reference else None
    seen: set[str] = set()
    rows = []
    for n, sentence in enumerate(text.sentences):
        names = [(m, shadow[m.start : m.end]) for m in entities[n]]
        changes = [f.change for f in figures[n] if f.change is not None]
        rows.append(
            [
                *_place(shadow, text, sentence, count),
                min(len(figures[n]), 3) / 3,
                min(len(changes), 2) / 2,
                any((c.ratio or 0) > 0 for c in changes),
                any((c.ratio or 0) < 0 for c in changes),
                min(len(_NUMBER.findall(shadow, sentence.start, sentence.end)), 6) / 6,
                min(len(policies[n]), 2) / 2,
                *(min(sum(m.label == label for m, _ in names), 3) / 3 for label in ("ORG", "PER", "LOC")),
                *(
                    any(m.label == label and m.start - sentence.start <= 2 for m, _ in names)
                    for label in ("ORG", "PER", "LOC")
                ),
                any(name not in seen for _, name in names),
                any(name in lead for _, name in names),
                any(name in lead and m.start - sentence.start <= 12 for m, name in names),
                bool(quotations[n]),
                text.published is not None,
                text.dateline is not None,
                *_when(times[n], today),
                min(len(times[n]), 2) / 2,
            ]
        )
        seen.update(name for _, name in names)
    return numpy.array(rows, dtype=numpy.float32)


def _place(shadow: str, text: TextLayer, sentence: Sentence, count: int) -> tuple[float, ...]:
    n = sentence.index
    end = shadow[sentence.end - 1]
    return (
        n == 0 and text.title_end > 0,
        n == int(text.title_end > 0),
        n == count - 1,
        n / max(count - 1, 1),
        min(n, 4) / 4,
        min(sentence.end - sentence.start, 120) / 120,
        min(count, 40) / 40,
        min(len(sentence.clauses), 6) / 6,
        end in "；;",
        end in "？?",
        end not in "。！？!?；;”",
        n > 0 and shadow[text.sentences[n - 1].end - 1] in "；;",
    )


def _when(times: Sequence[Any], today: str | None) -> tuple[bool, bool, bool]:
    """Whether a time lies after today, ends in an earlier year, begins this year."""
    if today is None:
        return (False, False, False)
    return (
        any(t.value_start is not None and t.value_start[:10] > today for t in times),
        any(t.value_end is not None and t.value_end[:4] < today[:4] for t in times),
        any(t.value_start is not None and t.value_start[:4] == today[:4] for t in times),
    )


@functools.cache
def _cues() -> tuple[Any, int]:
    """The cues of `data/cues.tsv` as an automaton over numbers of kinds, and how many kinds there are."""
    lines = (files("nlp_extract.statements") / "data" / "cues.tsv").read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines[1:]]
    kinds = {kind: n for n, kind in enumerate(sorted({kind for _, kind in pairs}))}
    of: dict[str, list[int]] = {}
    for cue, kind in pairs:
        of.setdefault(cue, []).append(kinds[kind])
    automaton = ahocorasick.Automaton()
    for cue in sorted(of):
        automaton.add_word(cue, of[cue])
    automaton.make_automaton()
    return automaton, len(kinds)


def cue_counts(text: TextLayer) -> NDArray[numpy.float32]:
    """Root of how often each kind of cue stands in a sentence (at most 3 times), shape (sentences, kinds)."""
    automaton, kinds = _cues()
    counts = numpy.zeros((len(text.sentences), kinds), dtype=numpy.float32)
    for sentence in text.sentences:
        for _, found in automaton.iter(text.shadow, sentence.start, sentence.end):
            for kind in found:
                counts[sentence.index, kind] += 1
    return numpy.sqrt(numpy.minimum(counts, 3))
