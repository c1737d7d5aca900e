"""What the ranking of participants looks at."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy
from numpy.typing import NDArray

from nlp_extract.crosses import Crosses
from nlp_extract.hashing import code
from nlp_extract.layers import TextLayer
from nlp_extract.participants.candidates import KINDS, Participant, alike
from nlp_extract.relations.table import Integers, bucket

BITS = 18
LABELS = ("OTHER", "ORG", "PER", "LOC")
_PLACES, _RELATIONS = 4, 6  # mentions and relations of a candidate that are looked at one by one
_NEVER = 99
_LEVELS = numpy.array([1e-9, 0.5, 1, 2])
NUMBERS = (
    "occurrences", "share", "places", "subject", "object", "best_subject", "best_object", "whole_subject",
    "whole_object", "title", "lead", "first_sentence", "first_share", "offset", "length", "sentences",
    "own_sentences", "forms", "said", "label", "has_title", "first_as_subject", "first_as_object", "carried",
    "entity", "parts", "opens", "acts", "belongs", "governed", "listed", "chinese", "place", "titled",
)  # fmt: skip
# What stands after an actor, after what something else belongs to, and before one acted on: groups or tags.
_ACTS = frozenset(
    ["v", "vd", "d", "plan", "possible", "negated", "perfect", "progress", "say", "light", "exist", "copula"]
)
_BELONGS = frozenset(["de", "n", "nz", "vn", "party"])
_GOVERNS = frozenset(["for", "place", "disposal", "passive", "with", "causative"])
_PLACE_LEVELS = {"country": 1, "province": 2, "city": 3, "county": 4, "region": 5, "site": 6}
_RANKED = ("occurrences", "subject", "object")
Floats = NDArray[numpy.float64]


@functools.cache
def _crosses(of: str) -> Crosses:
    """The crosses of attributes of a candidate, its places or its relations, from `data/templates.tsv`."""
    lines = (files(__package__) / "data" / "templates.tsv").read_text("utf-8").splitlines()[1:]
    return Crosses((template for name, template in (line.split("\t") for line in lines) if name == of), BITS)


class ArticleFacts:
    """The candidates of an article in numbers.

    Attributes
    ----------
    numbers : {name: ndarray of shape (candidates,)}
        `NUMBERS`: counts and sums; scores are those of the relations a candidate takes part in.
    ranks : ndarray, shape (3, candidates)
        Rank of every candidate by count, and by its part in relations.
    """

    def __init__(self, text: TextLayer, participants: Sequence[Participant], said: Counter[str]) -> None:
        self.text = text
        self.participants = participants
        self.title = text.shadow[: text.title_end]
        self.lead = text.shadow[: text.sentences[min(2, len(text.sentences)) - 1].end] if text.sentences else ""
        self.said = said
        top = max((p.count for p in participants), default=0)
        rows = numpy.array([self._numbers(p, max(top, 1)) for p in participants], dtype=numpy.float64)
        self.matrix: Floats = rows.reshape(len(participants), len(NUMBERS))
        self.numbers: Mapping[str, Floats] = dict(zip(NUMBERS, self.matrix.T, strict=True))
        order = numpy.argsort(-numpy.stack([self.numbers[name] for name in _RANKED]), axis=1, kind="stable")
        self.ranks = numpy.argsort(order, axis=1, kind="stable")

    def _numbers(self, p: Participant, top: int) -> tuple[float, ...]:
        sums = {"subject": 0.0, "object": 0.0, "carried": 0.0}
        best, whole = dict(sums), dict(sums)
        early = dict.fromkeys(sums, _NEVER)
        for role, relation, exact in p.roles:
            score = relation.score
            sums[role] += score
            if score > best[role]:
                best[role] = score
            if exact:
                whole[role] += score
            if relation.sentence < early[role]:
                early[role] = relation.sentence
        forms = p.forms()
        first = p.places[0]
        sentences = self.text.sentences
        return (
            p.count, p.count / top, len(p.places), sums["subject"], sums["object"], best["subject"], best["object"],
            whole["subject"], whole["object"], max((len(f) for f in forms if f in self.title), default=0),
            sum(f in self.lead for f in forms), first.sentence, first.sentence / max(len(sentences), 1),
            first.span.start - sentences[first.sentence].start, len(p.name), len(sentences),
            len({q.sentence for q in p.places}), len(forms), self.said[p.name], LABELS.index(p.label),
            bool(self.title), early["subject"], early["object"], sums["carried"], p.entity is not None, len(p.parts),
            sum(q.opens for q in p.places), sum(q.after in _ACTS for q in p.places),
            sum(q.after in _BELONGS for q in p.places), sum(q.before in _GOVERNS for q in p.places),
            sum("and" in (q.before, q.after) for q in p.places), *_kind(p),
        )  # fmt: skip

    def columns(self) -> Integers:
        """Columns of every candidate, shape (features, candidates): its words, where it stands, its relations."""
        return numpy.concatenate(
            [
                _crosses("candidate").columns(self._attributes()),
                _slots("place", ("before", "after", "label"), [_places(p) for p in self.participants], _PLACES),
                _slots(
                    "relation",
                    ("role", "predicate", "exact", "rule", "label", "sentence"),
                    [_relations(p, self.text.shadow) for p in self.participants],
                    _RELATIONS,
                ),
            ]
        )

    def _attributes(self) -> dict[str, Integers]:
        """Attributes of every candidate, named as in `data/templates.tsv`."""
        numbers = {name: values.astype(numpy.int64) for name, values in self.numbers.items()}
        found = {name: numpy.minimum(numbers[name], 6) for name in ("title", "said")}
        for name in ("subject", "object", "whole_subject", "whole_object"):
            found[name] = numpy.searchsorted(_LEVELS, self.numbers[name], side="right")
        first = numbers["first_sentence"]
        found |= {
            "label": numbers["label"],
            "length": numpy.minimum(numbers["length"], 12),
            "count": bucket(numbers["occurrences"]),
            "share": (self.numbers["share"] * 4).astype(numpy.int64),
            "rank": numpy.minimum(self.ranks[0], 10),
            "rank_subject": numpy.minimum(self.ranks[1], 8),
            "rank_object": numpy.minimum(self.ranks[2], 8),
            "in_title": numbers["title"] >= numbers["length"],
            "titled": numbers["has_title"],
            "lead": numpy.minimum(numbers["lead"], 1),
            "sentence": numpy.minimum(first, 6),
            "early": numpy.minimum(first, 2),
            "total": numbers["sentences"] // 5,
            "offset": bucket(numbers["offset"] // 3),
            "tenth": (self.numbers["first_share"] * 8).astype(numpy.int64),
            "own_sentences": bucket(numbers["own_sentences"]),
        }
        words = numpy.array([_words(p) for p in self.participants], dtype=numpy.int64)
        return found | dict(zip(_WORDS, words.reshape(len(self.participants), len(_WORDS)).T, strict=True))

    def decision(self, kept: Sequence[int], first: Floats) -> NDArray[numpy.float32]:
        """Numbers for the last decision, shape (kept, features): both first values among those of the rivals.

        Parameters
        ----------
        first : ndarray, shape (candidates, 2)
            Log odds of subject and object.
        """
        keep = numpy.array(kept, dtype=numpy.int64)
        ranks = numpy.argsort(numpy.argsort(-first, axis=0, kind="stable"), axis=0, kind="stable")
        totals = (1 / (1 + numpy.exp(-first))).sum(axis=0)
        near = alike(self.participants, kept)
        rivals = [_rivals(n, near[n], first) for n in kept]
        subject, object_ = self.numbers["subject"], self.numbers["object"]
        return numpy.column_stack(
            [
                first[keep],
                ranks[keep],
                numpy.repeat(totals[None], len(kept), axis=0),
                first.max(axis=0) - first[keep],
                numpy.array(rivals, dtype=numpy.float64).reshape(len(kept), 5),
                subject[keep] / (subject.max() or 1),
                object_[keep] / (object_.max() or 1),
                self.matrix[keep],
                self.ranks[:, keep].T,
            ]
        ).astype(numpy.float32)


_WORDS = (
    "name", "head", "last", "last_two", "first_two", "kind", "before", "coarse", "middle", "fine",
    *(f"kind_{kind}" for kind in KINDS), "has_title", "has_affiliation", "role", "level", "country",
)  # fmt: skip


def _kind(p: Participant) -> tuple[float, ...]:
    """Whether an entity is of China, of what level, whether it has a title."""
    e = p.entity
    if e is None:
        return (-1, 0, 0)
    return (e.country == "CN", _PLACE_LEVELS.get(e.level or "", 0), e.title is not None)


def _words(p: Participant) -> tuple[int, ...]:
    """Attributes of a candidate's words, named as `_WORDS`."""
    first, entity, name = p.places[0], p.entity, p.name
    kinds = {q.kind for q in p.places}
    own = (code(name), code(first.head)) if entity is None else (0, 0)
    more = (0,) * 5
    if entity is not None:
        more = (
            1 + (entity.title is not None), 1 + (entity.affiliation is not None), code(entity.role or ""),
            code(entity.level or ""), code(entity.country or "-"),
        )  # fmt: skip
    return (
        *own, ord(name[-1]), code(name[-2:]), code(name[:2]), KINDS.index(first.kind), code(first.before),
        *first.classes, *(kind in kinds for kind in KINDS), *more,
    )  # fmt: skip


def _places(p: Participant) -> list[tuple[int, ...]]:
    label = LABELS.index(p.label)
    return [(code(q.before), code(q.after), label) for q in p.places[:_PLACES]]


def _relations(p: Participant, shadow: str) -> list[tuple[int, ...]]:
    label = LABELS.index(p.label)
    return [
        (code(role), code(shadow[r.predicate.start : r.predicate.end]), exact, code(r.rule), label, min(r.sentence, 3))
        for role, r, exact in p.roles[:_RELATIONS]
    ]


def _slots(of: str, names: Sequence[str], groups: Sequence[Sequence[tuple[int, ...]]], most: int) -> Integers:
    """Columns of up to `most` things of every candidate; the first, second, … that it lacks has columns, too."""
    table = [(-1 - n,) * len(names) for n in range(most)]
    where = numpy.repeat(numpy.arange(most)[:, None], len(groups), axis=1)
    for n, group in enumerate(groups):
        where[: len(group), n] = range(len(table), len(table) + len(group))
        table += group
    values = numpy.array(table, dtype=numpy.int64).T
    columns = _crosses(of).columns(dict(zip(names, values, strict=True)))
    return columns[:, where].reshape(len(columns) * most, len(groups))


def _rivals(n: int, near: set[int], first: Floats) -> tuple[float, ...]:
    """The best first values of those alike, how many they are, and how many of them are better."""
    if not near:
        return (-9, -9, 0, 0, 0)
    values = first[sorted(near)]
    subject, object_ = values.max(axis=0).tolist()
    return (subject, object_, len(near), *(values > first[n]).sum(axis=0).tolist())
