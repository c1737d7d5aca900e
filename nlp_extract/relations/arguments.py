"""Which phrases may be the subject or object of a predicate, and what the choice looks at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy

from nlp_extract.crosses import Attributes
from nlp_extract.hashing import code
from nlp_extract.layers import Span
from nlp_extract.relations.predicates import PREPOSITIONS
from nlp_extract.relations.table import CHILDREN, Column, Integers, Table, before, bucket, groups, nearest, previous
from nlp_extract.relations.words import Word

_BEFORE, _AFTER, _LEFT_OBJECTS = 7, 4, 3
_PATH = 4  # words between phrase and predicate that are told apart
_CLIMB = 10
_ABOVE = 4
_PRIME = 1_000_003
_BY = "被"
_MARKS = ("passive", "disposal", "causative", "with", "for")
KINDS = ("none", "run", "joined", "after", "left", "whole", "clause")
_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_JOINS = frozenset(["、", "和", "与", "及", "以及", "暨", "或", "·", "-", "“", "”", "《", "》", "%", "."])


class Phrase(NamedTuple):
    """A phrase of the sentence, by its first and last word; `kind` is one of `KINDS`, or `role`."""

    first: int
    last: int
    kind: str

    def span(self, words: Sequence[Word]) -> Span:
        """Its characters."""
        return Span(words[self.first].start, words[self.last].end)


NONE = Phrase(-1, -1, "none")


def first_like(words: Sequence[Word], phrase: Phrase, low: int) -> Phrase:
    """The first phrase from word `low` on with the same words: labels place a phrase where it is first written."""
    length = phrase.last - phrase.first + 1
    wanted = [w.text for w in words[phrase.first : phrase.last + 1]]
    for n in range(low, phrase.first):
        if words[n].text == wanted[0] and [w.text for w in words[n : n + length]] == wanted:
            return Phrase(n, n + length - 1, phrase.kind)
    return phrase


def runs(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Longest runs of nominal words; quotation marks and 、和 between two of them belong to the run."""
    found: list[tuple[int, int]] = []
    n = 0
    while n < len(words):
        if not words[n].nominal:
            n += 1
            continue
        last = n
        at = n + 1
        while at < len(words):
            if words[at].nominal:
                last = at
            elif words[at].text not in _JOINS or at - last > 2:
                break
            at += 1
        first = n
        while last > first and words[last].tag in ("a", "z") and not words[last].group:
            # An adjective at the end is said of the noun, not part of it.
            last -= 1
        while last + 1 < len(words) and words[last + 1].text in "”》" and _opens(words, first, last):
            last += 1
        if first and words[first - 1].text in "“《" and any(w.text in "”》" for w in words[first : last + 2]):
            first -= 1
        found.append((first, last))
        n = max(last, n) + 1
    return found


def _opens(words: Sequence[Word], first: int, last: int) -> bool:
    low = max(first - 1, 0)
    return any(w.text in "“《" for w in words[low : last + 1])


class Phrases:
    """The phrases of a sentence: its runs of nominal words, and runs joined by 的; rows are the article's."""

    def __init__(self, words: Sequence[Word], low: int) -> None:
        found = runs(words)
        self.runs = [(low + first, low + last) for first, last in found]
        self.firsts = [first for first, _ in self.runs]
        self.lasts = [last for _, last in self.runs]
        self.joined: list[int] = []
        for number, (first, _) in enumerate(found):
            start = low + first
            if number and first - found[number - 1][1] == 2 and words[first - 1].group == "de":
                start = self.joined[number - 1]
            self.joined.append(start)


def subject_phrases(phrases: Phrases, words: Sequence[Word], index: int) -> list[Phrase]:
    """Phrases before the predicate, the nearest first, one after it, and none.

    Parameters
    ----------
    words : sequence of Word
        Those of the article.
    """
    found: list[Phrase] = [NONE]
    count = bisect_left(phrases.firsts, index)
    agent = _agent(phrases, words, index, count)
    if agent is not None:
        return [NONE, Phrase(*agent, "run")]
    keep = [*range(count)[:1], *range(count)[1:][-_BEFORE:]] if count > _BEFORE else range(count)
    for n in reversed(keep):
        first, last = phrases.runs[n]
        # A run of nominal words may hold the predicate itself, which jieba took for a noun.
        last = min(last, index - 1)
        found.append(Phrase(first, last, "run"))
        if phrases.joined[n] != first:
            found.append(Phrase(phrases.joined[n], last, "joined"))
    following = bisect_right(phrases.lasts, index)
    if following < len(phrases.runs):
        first = max(phrases.firsts[following], index + 1)
        if words[first].clause == words[index].clause:
            found.append(Phrase(first, phrases.lasts[following], "after"))
    return found


def _agent(phrases: Phrases, words: Sequence[Word], index: int, count: int) -> tuple[int, int] | None:
    """The first and last word of the last run between 被 and the predicate, which is who acts."""
    if not count or words[index - 1].clause != words[index].clause:
        return None
    first, last = phrases.runs[count - 1]
    last = min(last, index - 1)
    marked = first > 0 and words[first - 1].text == _BY and words[first - 1].clause == words[index].clause
    between = range(last + 1, index)
    return (first, last) if marked and not any(words[n].verbal or words[n].text == _BY for n in between) else None


def object_phrases(phrases: Phrases, words: Sequence[Word], index: int, last: int) -> list[Phrase]:
    """Phrases after the predicate in its clause, whose last word is given, those just before it, and none."""
    end = last
    while end > index and not (words[end].text[-1].isalnum() or words[end].text[-1] in "”》）)%"):
        end -= 1
    begin = index + 1
    while begin <= end and (words[begin].group == "aspect" or words[begin].text in "得地"):
        begin += 1
    found: list[Phrase] = [NONE]
    seen: set[tuple[int, int]] = set()

    def add(first: int, last: int, kind: str) -> None:
        if first <= last and (first, last) not in seen:
            seen.add((first, last))
            found.append(Phrase(first, last, kind))

    after = range(bisect_right(phrases.lasts, index), bisect_right(phrases.lasts, last))
    for n in after[:_AFTER]:
        first, stop = phrases.runs[n]
        first, stop = max(first, begin), min(stop, end)
        add(first, stop, "run")
        if index < phrases.joined[n] < first:
            add(phrases.joined[n], stop, "joined")
        add(begin, stop, "whole")
    if len(after) > _AFTER:
        first, stop = phrases.runs[after[-1]]
        first, stop = max(first, begin), min(stop, end)
        add(first, stop, "run")
        add(begin, stop, "whole")
    elif begin <= end:
        add(begin, end, "clause")
    left = range(bisect_left(phrases.firsts, index))
    for n in [*reversed(left[-_LEFT_OBJECTS:]), *left[:-_LEFT_OBJECTS][:1]]:
        first, stop = phrases.runs[n]
        add(first, min(stop, index - 1), "left")
    return found


def attributes(table: Table, x: Integers, options: Sequence[Sequence[Phrase]]) -> Attributes:
    """Attributes of phrases, each for its predicate, named as in `data/templates.tsv`.

    Parameters
    ----------
    x : ndarray of int
        Rows of predicates.
    options : sequence of sequences of Phrase
        The phrases of each predicate.
    """
    rows = []
    for row, group in zip(x.tolist(), options, strict=True):
        ranks = [0] * len(KINDS)
        for phrase in group:
            number = _NUMBERS[phrase.kind]
            rows.append((row, phrase.first, phrase.last, number, ranks[number]))
            ranks[number] += 1
    own, first, last, kind, rank = numpy.array(rows, dtype=numpy.int64).reshape(-1, 5).T
    missing = first < 0
    found: dict[str, Column] = {}
    for name, column in _none(table, own[missing]).items():
        found[f"no_{name}"] = numpy.zeros_like(own)
        found[f"no_{name}"][missing] = column
    first, last = numpy.where(missing, own, first), numpy.where(missing, own, last)
    for name, column in _phrases(table, own, first, last, kind, rank).items():
        found[name] = numpy.where(missing, 0, column)
    return found


def _none(t: Table, x: Integers) -> dict[str, Column]:
    """What speaks for a predicate's having no phrase."""
    place = x + 1
    there = place <= t.last[x]
    place = numpy.where(there, place, 0)
    nouns = before(t.nominal)
    return _predicate(t, x) | {
        "next": numpy.where(there, t.tag[place], 0), "next_label": numpy.where(there, t.label[place], 0),
        "has_left": nouns[x] > nouns[t.first[x]], "clause": numpy.minimum(t.clause[x], 3), "tag": t.tag[x],
        "sentence": numpy.minimum(t.sentence[x], 2), "verbs": numpy.minimum(t.verbs[x] - t.verbs[t.low[x]], 3),
        "length": t.length[x], "quoted": numpy.minimum(t.quoted[x], 1), "sentence_label": t.label[t.low[x]],
        "dep": t.dep[x], **{f"has={name}": t.children[x] >> n & 1 for n, name in enumerate(CHILDREN)},
    }  # fmt: skip


def _predicate(t: Table, x: Integers) -> dict[str, Column]:
    """The predicate itself, the word before it, and the two nearest function words before it in its clause.

    `marked` is the row of the nearest one, `filled` says whether a noun stands between the two, as in 被大风吹倒.
    """
    marked, place = nearest(t, _MARKS, x)
    mark, second = (numpy.where(row >= 0, t.group[row], 0) for row in (marked, place))
    nouns = before(t.nominal)
    coarse, middle, fine = t.classes[:, x]
    return {
        "word": t.text[x], "coarse": coarse, "middle": middle, "fine": fine, "marked": marked, "mark_group": mark,
        "marks": mark * len(groups()) + numpy.where(second == mark, 0, second),
        "mark": numpy.where(marked >= 0, t.text[marked], 0),
        "filled": numpy.where(marked >= 0, nouns[x] > nouns[marked], -1),
        "follows": numpy.where(x > t.first[x], t.group[x - 1], 0),
    }  # fmt: skip


def _phrases(
    t: Table, x: Integers, first: Integers, last: Integers, kind: Integers, rank: Integers
) -> dict[str, Column]:
    """What speaks for a phrase."""
    padded = {name: numpy.append(getattr(t, name), 0) for name in ("label", "tag", "letter", "group")}
    noun = previous(t.nominal)[last]
    head = numpy.where(noun >= first, noun, last)
    left = last < x
    begin, end = numpy.where(left, last + 1, x + 1), numpy.where(left, x, first)
    distance = end - begin
    between = numpy.where(left, t.verbs[x] - t.verbs[last + 1], t.verbs[first] - t.verbs[x] - t.verb[x])
    # The words beside the phrase, in its sentence; the row after the last one stands for none.
    none = len(t.words)
    earlier, later = numpy.where(first > t.low[x], first - 1, none), numpy.where(last < t.high[x], last + 1, none)
    # Function words between by their group, others by the first letter of their tag.
    path = numpy.zeros_like(x)
    for step in range(_PATH):
        place = begin + step
        path = path * _PRIME + numpy.where(place < end, t.kind[numpy.minimum(place, none - 1)], 0)
    path = numpy.where(distance <= _PATH, path, -1)
    clauses = abs(t.clause[head] - t.clause[x])
    found = _predicate(t, x)
    beside = numpy.where(x < t.last[x], x + 1, none)
    label, coarse, middle = t.label[head], *t.classes[:2, head]
    found |= {
        "kind": kind, "left": left, "rank": numpy.minimum(rank, 6), "rank2": numpy.minimum(rank, 2),
        "clauses": numpy.minimum(clauses, 3), "verbs": numpy.minimum(between, 4), "distance": bucket(distance),
        "starts": first == t.first[head], "path": path, "head_kind": numpy.where(t.named[head], label, t.kind[head]),
        "at_start": first == t.low[x], "head_clause": numpy.minimum(t.clause[head], 2),
        "preposition": _preposition(t, first, head), "head": label, "head_char": t.last_char[head],
        "head_coarse": coarse, "head_middle": middle, "length": bucket(last - first + 1),
        "chars": bucket((t.end[last] - t.start[first]) // 2), "first": t.label[first], "first_tag": t.tag[first],
        "head_quoted": numpy.minimum(t.quoted[head], 1), "quoted": numpy.minimum(t.quoted[x], 1),
        "count": numpy.minimum(t.count[head], 4), "title": t.title[head], "next": padded["tag"][beside],
    }  # fmt: skip
    for name, place in (("before", earlier), ("after", later)):
        found[name], found[f"{name}_tag"], found[f"{name}_group"] = (
            padded[column][place] for column in ("label", "tag", "group")
        )
    # What a longer stretch holds.
    longer = kind >= KINDS.index("whole")
    inner = {name: t.among([name]) for name in ("de", "after", "place")} | {"verb": t.kind == code("v")}
    for name, flags in inner.items():
        sums = before(flags)
        found[f"has_{name}"] = numpy.where(longer, sums[last + 1] > sums[first], -1)
    # Whether it stands before the function word or between it and the predicate.
    found["mark_side"] = numpy.where((found["marked"] >= 0) & left, 1 + (first > found["marked"]), 0)
    found["verbs_before"] = numpy.minimum(t.verbs[first] - t.verbs[t.low[x]], 3)
    found["ends"] = numpy.where(longer, last == t.last[head], -1)
    found["after_letter"] = padded["letter"][later]
    return found | _tree(t, x, first, last, head)


def _preposition(t: Table, first: Integers, head: Integers) -> Integers:
    """The preposition up to four words before a phrase, in the clause of its head, with no verb between."""
    marked = t.among(PREPOSITIONS)
    found, open_ = numpy.zeros_like(first), numpy.ones(len(first), dtype=bool)
    for step in range(1, 5):
        place = first - step
        open_ &= place >= t.first[head]
        place = numpy.maximum(place, 0)
        found = numpy.where(open_ & marked[place], t.text[place], found)
        open_ &= ~marked[place] & ~t.verbal[place]
    return found


def _tree(t: Table, x: Integers, first: Integers, last: Integers, head: Integers) -> dict[str, Column]:
    """How the head of a phrase hangs on its predicate in the tree."""
    at = head
    for _ in range(_CLIMB):
        up = t.head[at]
        inside = (first <= up) & (up <= last)
        at = numpy.where(inside, up, at)
    up, over = t.head[at], t.head[x]
    apart = (up != at) & (up != x)
    relations = [up == x, over == at, apart & (over == up), apart & (t.head[up] == x), t.head[over] == up]
    relation = numpy.select(relations, range(1, 6), 0)
    # How many steps above the predicate its word hangs: subjects that coordinated verbs share.
    above, higher = numpy.zeros_like(x), x
    for step in range(1, _ABOVE + 1):
        higher = t.head[higher]
        above = numpy.where((above == 0) & (higher == up) & (up != at), step, above)
    # The predicate's own relation, or that of the word between.
    other = numpy.select([relation == 1, relation == 0, relation == 4], [0, 0, t.dep[up]], t.dep[x])
    return {
        "relation": relation,
        "dep": numpy.where(relation == 2, 0, t.dep[at]),
        "other_dep": other,
        "holds_head": (first <= over) & (over <= last),
        "predicate_dep": t.dep[x],
        "above": above,
    }
