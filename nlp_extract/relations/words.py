"""The words of an article as relations see them: mentions are one word, trees join where the doc has them."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

import rjieba
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Sentence, TextLayer

_STOPS = frozenset("，。！？；：,;:!?…")
_MOST = 400  # words of a sentence that are read; longer ones are lists or noise
_OPENING, _CLOSING = frozenset("“‘「『（("), frozenset("”’」』）)")
# Jieba cuts 11,000 at the comma.
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_END = (sys.maxsize, sys.maxsize, "")
_NOMINAL = ("n", "m", "q", "j", "r", "a", "b", "x", "en", "s", "i", "l", "z", "vn")
_NOUN_GROUPS = frozenset(["", "light", "say", "exist"])
_NOUNS = frozenset(["party", "pronoun"])
_NOT_NOMINAL = frozenset(["rz", "ad"])


@functools.cache
def markers() -> dict[str, str]:
    """Function words and their group, from `data/markers.tsv`."""
    lines = (files(__package__) / "data" / "markers.tsv").read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {row[0]: row[1] for row in rows}


@functools.cache
def common_predicates() -> frozenset[str]:
    """Verbs of two characters that often are predicates, from `data/predicates.tsv`."""
    return frozenset((files(__package__) / "data" / "predicates.tsv").read_text("utf-8").splitlines()[1:])


@functools.cache
def verbs() -> frozenset[str]:
    """Verbs that jieba tags otherwise, from `data/verbs.tsv`."""
    return frozenset((files(__package__) / "data" / "verbs.tsv").read_text("utf-8").splitlines()[1:])


@functools.lru_cache(maxsize=50_000)
def pieces(word: str, tag: str) -> tuple[tuple[str, str], ...]:
    """A word of jieba's, or its parts where it is a phrase: 发布公告, 充分发挥, 抢走了."""
    if len(word) == 3 and word[2] in "了着过" and tag[0] != "n":
        return (word[:2], "v"), (word[2], "ul")
    if len(word) != 4 or tag[0] == "v":
        return ((word, tag),)
    left, right = word[:2], word[2:]
    known = common_predicates()
    if markers().get(left) in _NOUNS:
        return (left, "n"), (right, rjieba.tag(right)[-1][1])
    if right in known:
        parts = rjieba.tag(left)
        if len(parts) == 1 and parts[0][1] in ("ad", "d", "a", "b", "z", "v", "vd"):
            return (left, parts[0][1]), (right, "v")
    if left in known:
        parts = rjieba.tag(right)
        if len(parts) == 1 and parts[0][1][0] in "nv":
            return (left, "v"), (right, "n" if parts[0][1] == "vn" else parts[0][1])
    return ((word, tag),)


class Word(NamedTuple):
    """A word or a whole mention.

    Attributes
    ----------
    tag : str
        Jieba's part of speech; a mention's label (ORG, PER, LOC, WORK, TIME) for a mention.
    group : str
        Its group of function words, empty for others.
    nominal, verbal : bool
        Whether it may be in a noun phrase; whether it is a verb.
    clause, quoted : int
        Number of the clause in the sentence; how many quotation marks and brackets are open.
    """

    start: int
    end: int
    text: str
    tag: str
    group: str
    nominal: bool
    verbal: bool
    clause: int
    quoted: int


@functools.lru_cache(maxsize=50_000)
def _kind(text: str, tag: str) -> tuple[str, bool, bool]:
    """Group of a surface with a tag, and whether it is nominal, and verbal."""
    named = tag.isupper()
    group = "" if named else markers().get(text, "")
    nominal = (
        group in _NOUNS
        or (named and tag != "TIME")
        or (tag.startswith(_NOMINAL) and tag not in _NOT_NOMINAL and group in _NOUN_GROUPS and text not in _STOPS)
    )
    if tag == "x" and not text[0].isalnum():
        nominal = False
    return group, nominal, tag[0] == "v" and tag != "vn"


@dataclasses.dataclass(frozen=True, slots=True)
class SentenceWords:
    """A sentence and its words."""

    sentence: Sentence
    words: tuple[Word, ...]


def words_of(doc: Doc, text: TextLayer) -> tuple[SentenceWords, ...]:
    """The words of every sentence, cut from the article around the mentions that the doc's layers hold."""
    return _words(text.shadow, text.sentences, tuple(_units(doc, text.shadow)))


@functools.lru_cache(maxsize=1)
def _words(
    shadow: str, sentences: tuple[Sentence, ...], units: tuple[tuple[int, int, str], ...]
) -> tuple[SentenceWords, ...]:
    """Relations and participants ask for the same words one after the other: the last article's are kept."""
    starts = [u[0] for u in units]
    found = []
    for sentence in sentences:
        low, high = bisect_left(starts, sentence.start), bisect_left(starts, sentence.end)
        found.append(SentenceWords(sentence, tuple(_cut(shadow, sentence, units[low:high]))))
    return tuple(found)


def _units(doc: Doc, shadow: str) -> list[tuple[int, int, str]]:
    """Spans that are one word each, without overlaps: names of works first, then the longest."""
    rows = [(p.start, p.end, "WORK") for p in layers.items(doc, "policies")]
    rows += [(m.start, m.end, m.label) for m in layers.items(doc, "entities")]
    rows += [(t.start, t.end, "TIME") for t in layers.items(doc, "times")]
    rows += [(*m.span(), "m") for m in _NUMBER.finditer(shadow)]
    return disjoint(rows)


def disjoint(rows: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The longest spans first, those that overlap a chosen one left out; by position."""
    chosen: list[tuple[int, int, str]] = []
    taken: set[int] = set()
    for start, end, label in sorted(set(rows), key=lambda r: (r[0] - r[1], r)):
        if not any(i in taken for i in range(start, end)):
            taken.update(range(start, end))
            chosen.append((start, end, label))
    return sorted(chosen)


def _cut(shadow: str, sentence: Sentence, units: Sequence[tuple[int, int, str]]) -> Iterator[Word]:
    """Jieba's words outside the units, the units themselves, with clause and depth of quotation."""
    clauses = sentence.clauses
    clause = quoted = 0
    following = clauses[1].start if len(clauses) > 1 else sentence.end
    for start, end, tag in itertools.islice(_pieces(shadow, sentence, units), _MOST):
        text = shadow[start:end]
        if text.isspace():
            continue
        while start >= following:
            clause += 1
            following = clauses[clause + 1].start if clause + 1 < len(clauses) else sentence.end
        if text in _CLOSING:
            quoted = max(quoted - 1, 0)
        group, nominal, verbal = _kind(text, tag)
        yield Word(start, end, text, tag, group, nominal, verbal, clause, quoted)
        if text in _OPENING:
            quoted += 1


def _pieces(shadow: str, sentence: Sentence, units: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Start, end and tag of jieba's words with the units put in their place."""
    position = reached = sentence.start
    waiting = iter(units)
    begin, stop, label = next(waiting, _END)
    for word, tag in rjieba.tag(shadow[sentence.start : sentence.end]):
        for piece, own in pieces(word, tag):
            start, position = max(position, reached), position + len(piece)
            while begin < position:
                if start < begin:
                    yield start, begin, own
                yield begin, stop, label
                start = reached = stop
                begin, stop, label = next(waiting, _END)
            if start < position:
                yield start, position, own
