"""The words of an article as columns of numbers: what the decisions look at, in numpy."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray
from spacy.symbols import VERB
from spacy.tokens import Doc

from nlp_extract.hashing import code
from nlp_extract.relations.clusters import UNKNOWN, Clusters
from nlp_extract.relations.words import SentenceWords, markers, verbs

Integers = NDArray[numpy.int64]
Flags = NDArray[numpy.bool_]
Column = NDArray[Any]  # integers or truth values
NO_VERBS = (
    "place", "de", "aspect", "and", "disposal", "pronoun", "adverbial", "perfect", "progress", "party",
)  # fmt: skip
# Relations of the tree whose presence among a word's children counts; a bit each.
CHILDREN = ("nsubj", "nsubj:pass", "obj", "ccomp", "xcomp", "obl", "aux:pass", "conj", "mark", "cop")
_STEPS = numpy.array([1, 2, 3, 4, 7, 12, 25])
_CLIMB = 20  # tokens of a mention, at most, between its last one and its head
_DEPTH = 5


@functools.cache
def groups() -> Mapping[str, int]:
    """A number for every group of function words; 0 for none."""
    return {"": 0, **{name: n for n, name in enumerate(sorted(set(markers().values())), 1)}}


@functools.lru_cache(maxsize=50_000)
def _static(text: str, tag: str, group: str) -> tuple[int, ...]:
    """Numbers of a word: text, label, tag, letter, group, kind, first and last character, length, whether
    the lexicon has it as a verb, whether it is a mention."""
    own, named, number = code(tag), tag.isupper(), groups()[group]
    letter = own if named else code(tag[0])
    return (
        code(text), own if named else code(text), own, letter, number, number or letter, ord(text[0]), ord(text[-1]),
        len(text), text in verbs(), named,
    )  # fmt: skip


def bucket(values: Integers) -> Integers:
    """Counts in steps that grow."""
    return numpy.searchsorted(_STEPS, values, side="right")


class Table:
    """Columns over all words of an article, sentence after sentence; what refers to a word is its row.

    Attributes
    ----------
    text, label, tag, letter, group, kind : ndarray of int
        Hashes: the surface; a mention's label or the surface; the tag; its first letter; the group of function words;
        the group or the letter.
    count, title : ndarray
        How often a surface of two or more characters occurs in the article; whether the title has it.
    first, last, low, high : ndarray of int
        Rows of the first and last word of the word's clause, and of its sentence.
    candidates : ndarray of int
        Rows of the words that may be predicates.
    head, dep, pos, depth, children : ndarray of int
        The tree; a root is its own head. `children` has a bit for each of `CHILDREN`. Without a tree, `pos` is 0.
    """

    def __init__(self, doc: Doc, rows: Sequence[SentenceWords], clusters: Clusters) -> None:
        self.words = [word for row in rows for word in row.words]
        n = len(self.words)
        self.rows = numpy.arange(n)
        start, end, text, tag, group, nominal, verbal, clause, quoted = zip(*self.words, strict=True) if n else [()] * 9
        static = numpy.array([*map(_static, text, tag, group)], dtype=numpy.int64).reshape(n, 11)
        (
            self.text, self.label, self.tag, self.letter, self.group, self.kind, self.first_char, self.last_char,
            self.length, known, named,
        ) = static.T  # fmt: skip
        self.start, self.end = numpy.array(start, numpy.int64), numpy.array(end, numpy.int64)
        self.clause, self.quoted = numpy.array(clause, numpy.int64), numpy.array(quoted, numpy.int64)
        self.nominal, self.verbal, self.named = numpy.array(nominal, bool), numpy.array(verbal, bool), named == 1
        classes = [UNKNOWN if t.isupper() else clusters.of(word) for word, t in zip(text, tag, strict=True)]
        self.classes = numpy.array(classes, dtype=numpy.int64).reshape(n, 3).T
        self.sentence = numpy.repeat(numpy.arange(len(rows)), [len(row.words) for row in rows])
        self.low, self.high = self._bounds(self.sentence)
        self.first, self.last = self._bounds(self.sentence * (n + 1) + self.clause)
        # Verbs that may be predicates.
        never = self.among(NO_VERBS)
        self.verb = (self.letter == code("v")) & ~self.named & ~never
        self.verbs = before(self.verb)
        counts = Counter(text)
        longer = self.length > 1
        self.count = numpy.where(longer, numpy.array([*map(counts.__getitem__, text)], numpy.int64), 0)
        title = {word.text for word in rows[0].words} if rows else set()
        self.title = numpy.array([word in title for word in text], dtype=bool) & longer
        self.head, self.dep, self.pos, self.depth, self.children = (self.rows, *numpy.zeros((4, n), numpy.int64))
        if n and doc.has_annotation("DEP"):
            self._join_tree(doc)
        may = (self.letter == code("v")) | (self.pos == VERB) | (known == 1)
        self.candidates = numpy.flatnonzero(may & ~self.named & ~never)

    def among(self, names: Sequence[str]) -> Flags:
        """Which words are of one of the groups."""
        numbers = groups()
        wanted = numpy.zeros(len(numbers), dtype=bool)
        wanted[[numbers[name] for name in names]] = True
        return wanted[self.group]

    def _bounds(self, parts: Integers) -> tuple[Integers, Integers]:
        """First and last row of the part that each word is in."""
        begins = numpy.flatnonzero(numpy.diff(parts, prepend=-1))
        sizes = numpy.diff(begins, append=len(parts))
        return numpy.repeat(begins, sizes), numpy.repeat(begins + sizes - 1, sizes)

    def _join_tree(self, doc: Doc) -> None:
        """Give the words heads: those of the doc's token at a word's last character."""
        starts, heads, dep, pos = doc.to_array(["IDX", "HEAD", "DEP", "POS"]).astype(numpy.int64).T
        heads = heads + numpy.arange(len(heads))
        tokens = numpy.maximum(numpy.searchsorted(starts, self.end - 1, side="right") - 1, 0)
        owner = numpy.full(len(starts), -1)
        owner[tokens] = self.rows
        self.pos = pos[tokens]
        for _ in range(_CLIMB):
            # Within a mention the head may be another of its tokens: climb out of it.
            up = heads[tokens]
            inside = (up != tokens) & (self.start <= starts[up]) & (starts[up] < self.end)
            if not inside.any():
                break
            tokens = numpy.where(inside, up, tokens)
        self.dep = dep[tokens]
        head = owner[heads[tokens]]
        self.head = numpy.where((self.low <= head) & (head <= self.high), head, self.rows)
        names = doc.vocab.strings
        bits = numpy.zeros(len(self.rows), dtype=numpy.int64)
        for n, name in enumerate(CHILDREN):
            bits[self.dep == numpy.uint64(names[name]).astype(numpy.int64)] = 1 << n
        below = self.head != self.rows
        numpy.bitwise_or.at(self.children, self.head[below], bits[below])
        at = self.rows
        for _ in range(_DEPTH):
            self.depth += self.head[at] != at
            at = self.head[at]


def nearest(table: Table, names: Sequence[str], x: Integers) -> tuple[Integers, Integers]:
    """The two nearest words of groups before each word in its clause, -1 for none."""
    rows = numpy.append(previous(table.among(names)), -1)
    first = numpy.where(rows[x - 1] >= table.first[x], rows[x - 1], -1)
    second = numpy.where(first > 0, rows[first - 1], -1)
    return first, numpy.where(second >= table.first[x], second, -1)


def before(flags: Flags) -> Integers:
    """How many are set before each row, and in all; the last axis is one longer."""
    sums = numpy.zeros((*flags.shape[:-1], flags.shape[-1] + 1), dtype=numpy.int64)
    numpy.cumsum(flags, axis=-1, out=sums[..., 1:])
    return sums


def previous(flags: Flags) -> Integers:
    """The last set row up to each row, -1 for none; shape (n,)."""
    return numpy.maximum.accumulate(numpy.where(flags, numpy.arange(len(flags)), -1))


def following(flags: Flags) -> Integers:
    """The first set row from each row on, n for none; shape (n + 1,)."""
    n = len(flags)
    rows = numpy.append(numpy.where(flags, numpy.arange(n), n), n)
    return numpy.minimum.accumulate(rows[::-1])[::-1]
