"""The words of an article as relations see them: mentions are one word, trees join where the doc has them."""

from __future__ import annotations

import dataclasses
import functools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from importlib.resources import files

import rjieba
from spacy.strings import StringStore
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Sentence, TextLayer
from nlp_extract.relations.clusters import UNKNOWN, Clusters

_STOPS = frozenset("，。！？；：,;:!?…")
_CLIMB = 20
_MOST = 400  # words of a sentence that are read; longer ones are lists or noise
_OPEN, _CLOSE = "“‘「『", "”’」』"
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


@dataclasses.dataclass(slots=True)
class Word:
    """A word or a whole mention.

    Attributes
    ----------
    tag : str
        Jieba's part of speech; a mention's label (ORG, PER, LOC, WORK, TIME) for a mention.
    group : str
        Its group of function words, empty for others.
    clause, quoted : int
        Number of the clause in the sentence; how many quotation marks and brackets are open.
    classes : tuple of int
        Its classes, coarse to fine (`Clusters`); those of a mention are unknown.
    head : int
        Index of the head in the sentence, -1 without a tree; its own index at the root.
    pos, dep : str
        Universal tag and relation of the tree.
    """

    start: int
    end: int
    text: str
    tag: str
    group: str
    clause: int
    quoted: int
    nominal: bool
    verbal: bool
    classes: tuple[int, int, int] = UNKNOWN
    head: int = -1
    pos: str = ""
    dep: str = ""


@dataclasses.dataclass(slots=True)
class SentenceWords:
    """A sentence and its words; `depth` and `children` are of the tree, empty without one."""

    sentence: Sentence
    words: list[Word]
    depth: list[int] = dataclasses.field(default_factory=list)
    children: list[str] = dataclasses.field(default_factory=list)


def words_of(doc: Doc, text: TextLayer, clusters: Clusters, *, trees: bool = True) -> list[SentenceWords]:
    """The words of every sentence, cut from the article around the mentions that the doc's layers hold."""
    units = _units(doc)
    starts = [u[0] for u in units]
    found: list[SentenceWords] = []
    for sentence in text.sentences:
        low = bisect_right(starts, sentence.start - 1)
        high = bisect_right(starts, sentence.end - 1)
        words = _cut(text.shadow, sentence, units[low:high])
        for word in words:
            if not word.tag.isupper():
                word.classes = clusters.of(word.text)
        found.append(SentenceWords(sentence, words))
    if trees and doc.has_annotation("DEP"):
        _join_trees(doc, found)
    return found


def _units(doc: Doc) -> list[tuple[int, int, str]]:
    """Spans that are one word each, without overlaps: names of works first, then the longest."""
    rows = [(p.start, p.end, "WORK") for p in layers.items(doc, "policies")]
    rows += [(m.start, m.end, m.label) for m in layers.items(doc, "entities")]
    rows += [(t.start, t.end, "TIME") for t in layers.items(doc, "times")]
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


def _cut(shadow: str, sentence: Sentence, units: Sequence[tuple[int, int, str]]) -> list[Word]:
    """Jieba's words outside the units, the units themselves, with clause and depth of quotation."""
    group_of = markers()
    rows: list[tuple[int, int, str]] = []
    position, unit = sentence.start, 0
    tagged = (p for word, tag in rjieba.tag(shadow[sentence.start : sentence.end]) for p in pieces(word, tag))
    for word, tag in tagged:
        start, end = position, position + len(word)
        position = end
        while unit < len(units) and units[unit][0] < end:
            begin, stop, label = units[unit]
            if start < begin:
                rows.append((start, begin, tag))
            rows.append((begin, stop, label))
            start = max(stop, start)
            unit += 1
        if rows and rows[-1][1] > start:
            start = rows[-1][1]
        if start < end:
            rows.append((start, end, tag))
    words: list[Word] = []
    rows = rows[:_MOST]
    clauses = sentence.clauses
    clause = quoted = 0
    for start, end, tag in rows:
        surface = shadow[start:end]
        if surface.isspace():
            continue
        while clause + 1 < len(clauses) and clauses[clause + 1].start <= start:
            clause += 1
        if surface in _CLOSE or surface in "）)":
            quoted = max(quoted - 1, 0)
        group = group_of.get(surface, "") if not tag.isupper() else ""
        verbal = tag[0] == "v" and tag != "vn"
        nominal = (
            group in _NOUNS
            or (tag.isupper() and tag != "TIME")
            or (
                tag.startswith(_NOMINAL) and tag not in _NOT_NOMINAL and group in _NOUN_GROUPS and surface not in _STOPS
            )
        )
        if tag == "x" and not surface[0].isalnum():
            nominal = False
        words.append(Word(start, end, surface, tag, group, clause, quoted, nominal, verbal))
        if surface in _OPEN or surface in "（(":
            quoted += 1
    return words


def _join_trees(doc: Doc, found: Sequence[SentenceWords]) -> None:
    """Give the words heads: those of the doc's token at a word's last character."""
    columns = doc.to_array(["IDX", "HEAD", "DEP", "POS"]).astype("int64")
    starts, offsets, deps, parts = (column.tolist() for column in columns.T)
    heads = [n + offset for n, offset in enumerate(offsets)]
    names = doc.vocab.strings
    for row in found:
        words = row.words
        tokens = [max(bisect_right(starts, word.end - 1) - 1, 0) for word in words]
        owner = {token: n for n, token in enumerate(tokens)}
        for n, (word, token) in enumerate(zip(words, tokens, strict=True)):
            # Within a mention the head may be another of its tokens: climb out of it.
            for _ in range(_CLIMB):
                if heads[token] == token or not word.start <= starts[heads[token]] < word.end:
                    break
                token = heads[token]
            word.head = owner.get(heads[token], n)
            word.dep = _name(names, deps[token])
            word.pos = _name(names, parts[tokens[n]])
        row.children = [""] * len(words)
        for n, word in enumerate(words):
            if word.head != n:
                row.children[word.head] += f"{word.dep};"
        row.depth = [_depth(words, n) for n in range(len(words))]


def _name(names: StringStore, key: int) -> str:
    """A label of the vocabulary; 64-bit hashes come signed."""
    return str(names[key % (1 << 64)]) if key else ""


def _depth(words: Sequence[Word], n: int) -> int:
    depth = 0
    while words[n].head not in (n, -1) and depth < 12:
        n = words[n].head
        depth += 1
    return depth
