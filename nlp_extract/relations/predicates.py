"""What the first decision looks at: the word, what stands around it, its clause, sentence and article."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy

from nlp_extract.crosses import Attributes
from nlp_extract.hashing import code
from nlp_extract.layers import OpinionMention, TextLayer
from nlp_extract.relations.table import (
    CHILDREN,
    Column,
    Flags,
    Integers,
    Table,
    before,
    bucket,
    following,
    groups,
    nearest,
    previous,
)
from nlp_extract.relations.words import SentenceWords

PREPOSITIONS = ("for", "place", "disposal", "passive", "with", "causative")
_WINDOW = {"-2": -2, "-1": -1, "+1": 1, "+2": 2}
_TITLE = 99
NAMES = ("ORG", "PER", "LOC")


def sentence_attributes(
    text: TextLayer, rows: Sequence[SentenceWords], table: Table, opinions: Sequence[OpinionMention]
) -> Attributes:
    """Attributes that all words of a sentence share, one value a sentence."""
    count = len(rows)
    number = numpy.arange(count)
    sizes = numpy.array([len(row.words) for row in rows])
    begins = numpy.concatenate([[0], numpy.cumsum(sizes)])
    said = [s.index for s in (text.sentence_at(o.start) for o in opinions) if s is not None]
    gaps = [text.shadow[a.sentence.end : b.sentence.start] for a, b in itertools.pairwise(rows)]
    titled = text.title_end > 0

    def word(column: Column, places: Integers) -> Column:
        return numpy.where(sizes > 0, numpy.append(column, 0)[places], 0)

    def share(flags: Flags) -> Integers:
        sums = before(flags)
        shared: Integers = numpy.minimum(sums[begins[1:]] - sums[begins[:-1]], 4)
        return shared

    return {
        "s_place": numpy.where((number == 0) & titled, _TITLE, numpy.minimum(number, 6)),
        "s_titled": numpy.full(count, titled),
        "s_dense": numpy.full(count, count if count < 6 else count // 3 + 10),
        "s_number": numpy.minimum(number, 4),
        "s_tenth": 10 * number // max(count, 1),
        "s_length": bucket(sizes // 4),
        "s_clauses": bucket(numpy.array([len(row.sentence.clauses) for row in rows])),
        "s_mentions": share(numpy.isin(table.tag, [code(name) for name in NAMES])),
        "s_shared": numpy.where(number > 0, share(table.title), 0),
        "s_end": word(table.text, begins[1:] - 1),
        "s_opinion": numpy.isin(number, said),
        "s_first": word(table.text, begins[:-1]),
        "s_first_tag": word(table.tag, begins[:-1]),
        "s_paragraph": numpy.array([True, *("\n" in gap for gap in gaps)]),
        "s_last": number == count - 1,
    }


def contents(text: TextLayer, table: Table, opinions: Sequence[OpinionMention]) -> Integers:
    """For every word whether it is in nothing said (0), in what is reported (1) or quoted (2)."""
    found = numpy.zeros(len(table.words), dtype=numpy.int64)
    for opinion in opinions:
        sentence = text.sentence_at(opinion.start)
        if sentence is not None:
            inside = (table.start >= opinion.content.start) & (table.start < opinion.content.end)
            found[inside & (table.sentence == sentence.index)] = 2 if opinion.direct else 1
    return found


def attributes(
    text: TextLayer, rows: Sequence[SentenceWords], table: Table, opinions: Sequence[OpinionMention]
) -> Attributes:
    """Attributes of the article's candidates (`Table.candidates`), named as in `data/templates.tsv`."""
    x = table.candidates
    t = table
    first, last, low, high, number = t.first[x], t.last[x], t.low[x], t.high[x], t.sentence[x]
    found: dict[str, Column] = {
        name: values[number] for name, values in sentence_attributes(text, rows, table, opinions).items()
    }

    def at(column: Column, places: Integers, there: Flags) -> Column:
        """Values at other words, 0 where there is none."""
        return numpy.where(there, column[numpy.where(there, places, 0)], 0)

    found |= {
        "word": t.text[x], "tag": t.tag[x], "group": t.group[x], "first_char": t.first_char[x],
        "last_char": t.last_char[x], "length": numpy.minimum(t.length[x], 4),
        "is_first": x == first, "from_first": bucket(x - first), "to_last": bucket(last - x),
        "clause": numpy.minimum(t.clause[x], 5), "quoted": numpy.minimum(t.quoted[x], 2),
        "count": numpy.minimum(t.count[x], 5), "in_title": t.title[x] & (number > 0),
    }  # fmt: skip
    for name, offset in _WINDOW.items():
        place = x + offset
        there = (low <= place) & (place <= high)
        for column in ("label", "tag", "letter", "group"):
            found[f"{name}{column}"] = at(getattr(t, column), place, there)
        found[f"{name}coarse"], found[f"{name}middle"] = (at(t.classes[k], place, there) for k in (0, 1))
        if abs(offset) == 1:
            there = (first <= place) & (place <= last)
            found[f"{name}near"], found[f"{name}near_letter"] = (at(c, place, there) for c in (t.tag, t.letter))
    # Verbs of the clause, before the word and after it.
    nth, verbs = t.verbs[x] - t.verbs[first], t.verbs[last + 1] - t.verbs[first]
    found |= {
        "nth": numpy.minimum(nth, 4), "verbs": numpy.minimum(verbs, 5),
        "verbs_after": numpy.minimum(verbs - nth - t.verb[x], 4), "verbs_before": bucket(t.verbs[x] - t.verbs[low]),
        "clauses": numpy.minimum(numpy.array([len(row.sentence.clauses) for row in rows])[number], 6),
    }  # fmt: skip
    earlier = numpy.append(previous(t.verb), -1)
    place = earlier[x - 1]
    there = place >= low
    found["verb-coarse"], found["verb-middle"] = (at(t.classes[k], place, there) for k in (0, 1))
    there = place >= first
    found["verb-text"], found["verb-group"] = (at(c, place, there) for c in (t.text, t.group))
    found["verb-far"] = numpy.where(there, bucket(x - place), -1)
    later = following(t.verb)[x + 1]
    there = later <= last
    found["verb+text"], found["verb+coarse"], found["verb+middle"] = (
        at(c, later, there) for c in (t.text, t.classes[0], t.classes[1])
    )
    found["verb+far"] = numpy.where(there, bucket(later - x), -1)
    # The nearest nouns of the clause.
    places = {"noun-": numpy.append(previous(t.nominal), -1)[x - 1], "noun+": following(t.nominal)[x + 1]}
    for name, place in places.items():
        there = (first <= place) & (place <= last)
        found[f"{name}text"] = at(numpy.where(t.named, 0, t.text), place, there)
        found[f"{name}tag"] = at(t.tag, place, there)
        found[f"{name}far"] = numpy.where(there, bucket(abs(place - x)), -1)
        found[f"{name}coarse"], found[f"{name}middle"] = (at(t.classes[k], place, there) for k in (0, 1))
        found[f"{name}count"] = numpy.minimum(at(t.count, place, there), 4)
        found[f"{name}in_title"] = at(t.title, place, there) & (number > 0)
    # Function words of the clause, before the word and after it.
    sums = before(numpy.equal.outer(numpy.arange(len(groups())), t.group))
    found |= zip((f"before={name}" for name in groups()), sums[:, x] > sums[:, first], strict=True)
    for name, place in zip(("preposition", "preposition2"), nearest(t, PREPOSITIONS, x), strict=True):
        found[name] = at(t.text, place, place >= 0)
    place = following(t.among(["de"]))[x + 1]
    there = place <= last
    found["de_far"] = numpy.where(there, bucket(place - x), -1)
    found["de_verb"] = numpy.where(there, later < place, -1)
    found["de_noun"] = at(t.tag, place + 1, there & (place < high))
    place = previous(t.among(["after"]))[last]
    found["tail"] = at(t.text, place, place > x)
    found["tail_last"] = numpy.where(place > x, place == last, -1)
    # How the clause begins says what it is for: 为了…, 随着…, 据….
    found["clause_label"], found["clause_group"] = t.label[first], t.group[first]
    there = first > low
    place = numpy.where(there, t.first[first - 1], 0)
    found["clause-group"], found["clause-tag"] = (at(c, place, there) for c in (t.group, t.tag))
    sums = before(t.title)
    found["title_share"] = numpy.where(number > 0, numpy.minimum(sums[last + 1] - sums[first], 3), 0)
    found["content"] = contents(text, t, opinions)[x]
    found["says"] = numpy.isin(t.start[x], [o.verb.start for o in opinions if o.verb is not None])
    found["coarse"], found["middle"], found["fine"] = t.classes[:, x]
    # The tree: relation, head, depth, what the word governs.
    head = t.head[x]
    below = head != x
    found |= {
        "dep": t.dep[x], "pos": t.pos[x], "depth": t.depth[x], "children": t.children[x],
        "head_label": at(t.label, head, below), "head_pos": at(t.pos, head, below), "head_dep": at(t.dep, head, below),
    }  # fmt: skip
    found |= {f"has={name}": t.children[x] >> n & 1 for n, name in enumerate(CHILDREN)}
    return found
