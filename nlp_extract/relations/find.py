"""Relations of an article: predicates, their arguments, and a decision that sees both."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy
from numpy.typing import NDArray
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.crosses import Crosses
from nlp_extract.hashing import code
from nlp_extract.layers import Frame, OpinionMention, Relation, Span, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder
from nlp_extract.relations.arguments import NONE, Phrase, Phrases, first_like, object_phrases, subject_phrases
from nlp_extract.relations.arguments import attributes as phrase_attributes
from nlp_extract.relations.boosting import BoostedTrees
from nlp_extract.relations.clusters import Clusters
from nlp_extract.relations.frames import argument, frame_at
from nlp_extract.relations.predicates import NAMES, attributes
from nlp_extract.relations.ranking import group_softmax
from nlp_extract.relations.resolve import Resolver
from nlp_extract.relations.table import Integers, Table
from nlp_extract.relations.words import words_of

ROLES = ("subject", "object")
PRUNE = 0.12  # candidates less likely than this get no arguments
PREDICATE_BITS, ARGUMENT_BITS = 19, 18


@functools.cache
def crosses_of(decision: str, bits: int) -> Crosses:
    """The crosses of attributes that a decision looks at, from `data/templates.tsv`."""
    lines = (files(__package__) / "data" / "templates.tsv").read_text("utf-8").splitlines()[1:]
    return Crosses((template for name, template in (line.split("\t") for line in lines) if name == decision), bits)


@dataclasses.dataclass
class RelationsModel:
    """The four decisions and their settings."""

    predicate: LinearModel
    subject: LinearModel
    object: LinearModel
    decision: BoostedTrees
    clusters: Clusters
    settings: Mapping[str, float]

    @classmethod
    def from_folder(cls, folder: ModelFolder) -> RelationsModel:
        """Read from a model folder."""
        predicate, subject, object_ = (
            LinearModel.from_arrays(folder.arrays(f"{name}.npz")) for name in ("predicate", "subject", "object")
        )
        decision = BoostedTrees(folder.arrays("decision.npz"))
        return cls(predicate, subject, object_, decision, Clusters(folder), folder.json("settings.json"))


@dataclasses.dataclass
class Choice:
    """The alternatives for one argument of one candidate, with their probabilities."""

    phrases: list[Phrase]
    shares: NDArray[Any]

    @property
    def best(self) -> int:
        """The likeliest alternative."""
        return int(self.shares.argmax())

    def pick(self, bar: float) -> Phrase:
        """The likeliest phrase; none only when it is at least as likely as `bar`."""
        if self.shares[0] >= bar or len(self.phrases) == 1:
            return NONE
        return self.phrases[1 + int(self.shares[1:].argmax())]


class ArticleView:
    """An article's candidates with everything the decisions look at; built once, scored by any model."""

    def __init__(self, doc: Doc, text: TextLayer, clusters: Clusters) -> None:
        self.text = text
        self.rows = words_of(doc, text)
        self.table = Table(doc, self.rows, clusters)
        self.words = self.table.words
        self.candidates = self.table.candidates
        self.opinions: tuple[OpinionMention, ...] = layers.items(doc, "opinions")
        self.frames: dict[int, list[Frame]] = {}
        for frame in layers.items(doc, "frames"):
            sentence = text.sentence_at(frame.predicate.start)
            if sentence is not None:
                self.frames.setdefault(sentence.index, []).append(frame)
        self._phrases: dict[int, Phrases] = {}

    def columns(self) -> Integers:
        """What the first decision looks at, shape (features, candidates)."""
        crosses = crosses_of("predicate", PREDICATE_BITS)
        return crosses.columns(attributes(self.text, self.rows, self.table, self.opinions))

    def options(self, row: int, role: str) -> list[Phrase]:
        """Phrases for a role of a predicate."""
        sentence, low = int(self.table.sentence[row]), int(self.table.low[row])
        phrases = self._phrases.get(sentence)
        if phrases is None:
            phrases = self._phrases[sentence] = Phrases(self.rows[sentence].words, low)
        if role == "subject":
            return subject_phrases(phrases, self.words, row)
        return object_phrases(phrases, self.words, row, int(self.table.last[row]))

    def alternatives(self, rows: Sequence[int], options: Sequence[Sequence[Phrase]]) -> Integers:
        """What the choice among phrases of predicates looks at, shape (features, phrases)."""
        crosses = crosses_of("argument", ARGUMENT_BITS)
        return crosses.columns(phrase_attributes(self.table, numpy.array(rows, dtype=numpy.int64), options))

    def choices(self, kept: Sequence[int], models: Sequence[LinearModel]) -> list[dict[int, Choice]]:
        """Subjects and objects of the kept candidates: the alternatives with their probabilities."""
        if not kept:
            return [{} for _ in ROLES]
        rows = self.candidates[kept].tolist()
        options = [[self.options(row, role) for row in rows] for role in ROLES]
        columns = self.alternatives(rows * len(ROLES), [group for groups in options for group in groups])
        found, position = [], 0
        for role, groups, model in zip(ROLES, options, models, strict=True):
            sizes = [len(group) for group in groups]
            ends = numpy.cumsum(sizes).tolist()
            scores = model.scores_at(columns[:, position : position + ends[-1]])
            shares = group_softmax(scores[:, 0], sizes)
            position += ends[-1]
            found.append(
                {
                    n: self._by_role(row, role) or Choice(group, shares[end - len(group) : end])
                    for n, row, group, end in zip(kept, rows, groups, ends, strict=True)
                }
            )
        return found

    def _by_role(self, row: int, role: str) -> Choice | None:
        if not self.frames:
            return None
        sentence = int(self.table.sentence[row])
        frame = frame_at(self.frames.get(sentence, ()), self.words[row])
        phrase = None if frame is None else argument(frame, role, self.rows[sentence].words)
        if phrase is None:
            return None
        low = int(self.table.low[row])
        phrase = Phrase(low + phrase.first, low + phrase.last, phrase.kind)
        return Choice([NONE, phrase], numpy.array([0.0, 1.0]))


def decision_features(
    view: ArticleView, first: NDArray[Any], kept: Sequence[int], subjects: dict[int, Choice], objects: dict[int, Choice]
) -> NDArray[numpy.float32]:
    """Numbers the last decision looks at, shape (kept, features): the first one's values among their neighbours.

    Parameters
    ----------
    first : ndarray, shape (candidates,)
        Probabilities of the first decision.
    """
    t = view.table
    first = first.astype(numpy.float64)
    keep = numpy.array(kept)
    x, p = view.candidates[keep], first[keep]
    sentence = t.sentence[x]
    s_first, s_last, s_share, s_none = _picked([subjects[n] for n in kept])
    o_first, o_last, o_share, o_none = _picked([objects[n] for n in kept])
    s_has, o_has = s_first >= 0, o_first >= 0
    # Every candidate with every one of its sentence: i and j of all pairs.
    low, high = numpy.searchsorted(sentence, sentence), numpy.searchsorted(sentence, sentence, side="right")
    sizes = high - low
    begins = numpy.cumsum(sizes) - sizes
    i = numpy.repeat(numpy.arange(len(x)), sizes)
    j = numpy.arange(len(i)) - begins[i] + low[i]
    other = i != j
    values = numpy.where(other, p[j], 0.0)

    def most(flags: NDArray[Any]) -> NDArray[numpy.float64]:
        result: NDArray[numpy.float64] = numpy.maximum.reduceat(numpy.where(flags, values, 0.0), begins)
        return result

    alike = o_has[i] & o_has[j] & (o_first[j] <= o_last[i]) & (o_first[i] <= o_last[j])
    ranks = numpy.empty(len(first), dtype=numpy.int64)
    ranks[numpy.argsort(-first, kind="stable")] = numpy.arange(len(first))
    beside = [_neighbours(view, first, keep, step) for step in (-1, 1)]
    total, count = float(first.sum()), len(view.rows)
    clear = numpy.clip(p, 1e-6, 1 - 1e-6)
    names = numpy.isin(t.tag, [code(name) for name in NAMES])
    columns = [
        numpy.log(clear / (1 - clear)), ranks[keep], numpy.add.reduceat(values > p[i], begins), most(other),
        numpy.add.reduceat(values, begins), most(t.clause[x][i] == t.clause[x][j]), sizes, total,
        p * 12 / max(total, 1.0), count, sentence, sentence / max(count, 1), s_share, s_none, o_share, o_none, ~s_has,
        ~o_has, most(alike), most(o_has[i] & (o_first[i] <= x[j]) & (x[j] <= o_last[i])),
        most(o_has[j] & (o_first[j] <= x[i]) & (x[i] <= o_last[j])),
        *(adjacent for _, adjacent in beside), *(near for near, _ in beside), numpy.add.reduceat(p[j], begins),
        (numpy.cumsum(first) - first)[keep], _twins(t.text[view.candidates], first)[keep], t.clause[x],
        t.high[x] - t.low[x] + 1, t.quoted[x], numpy.where(s_has, names[s_last], -1),
        numpy.where(o_has, t.named[o_last], -1), numpy.where(s_has, x - s_last, -1), view.text.title_end > 0,
        (first > 0.5).sum(), (first > 0.3).sum(),
    ]  # fmt: skip
    rows = numpy.empty((len(columns), len(x)), dtype=numpy.float32)
    for row, column in zip(rows, columns, strict=True):
        row[:] = column
    return rows.T


def _picked(choices: Sequence[Choice]) -> tuple[Integers, Integers, NDArray[Any], NDArray[Any]]:
    """First and last word of the likeliest phrases, how likely they are, and how likely none is."""
    best = [choice.best for choice in choices]
    phrases = [choice.phrases[n] for choice, n in zip(choices, best, strict=True)]
    return (
        numpy.array([phrase.first for phrase in phrases]),
        numpy.array([phrase.last for phrase in phrases]),
        numpy.array([choice.shares[n] for choice, n in zip(choices, best, strict=True)]),
        numpy.array([choice.shares[0] for choice in choices]),
    )


def _neighbours(view: ArticleView, first: NDArray[Any], keep: Integers, step: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Probability of the candidate next in the sentence, and again if it is the very next word."""
    other = keep + step
    there = (other >= 0) & (other < len(first))
    other = numpy.where(there, other, keep)
    here, rows = view.candidates[keep], view.candidates[other]
    near = numpy.where(there & (view.table.sentence[here] == view.table.sentence[rows]), first[other], 0.0)
    return near, numpy.where(abs(rows - here) == 1, near, 0.0)


def _twins(words: Integers, first: NDArray[Any]) -> NDArray[numpy.float64]:
    """For every candidate the highest probability of another one with the same word, 0 without one."""
    order = numpy.lexsort((-first, words))
    leads = numpy.append(True, numpy.diff(words[order]) != 0)
    place = numpy.maximum.accumulate(numpy.where(leads, numpy.arange(len(order)), 0))
    # The best of all for every one but itself, for which the second counts.
    second = numpy.minimum(place + 1, len(order) - 1)
    ranked = numpy.where(leads, numpy.where(place[second] == place, first[order][second], 0.0), first[order][place])
    found = numpy.zeros(len(first))
    found[order] = ranked
    return found


@dataclasses.dataclass(slots=True)
class Found:
    """A chosen relation by the article's words: predicate from `first` to `last`."""

    sentence: int
    first: int
    last: int
    subject: Phrase
    object: Phrase
    score: float


def choose(
    view: ArticleView,
    kept: Sequence[int],
    scores: NDArray[Any],
    subjects: dict[int, Choice],
    objects: dict[int, Choice],
    settings: Mapping[str, float],
) -> list[Found]:
    """Relations above the threshold; chosen words that stand together are one predicate."""
    found: list[Found] = []
    words = view.words
    for n, score in zip(kept, scores, strict=True):
        if score < settings["threshold"]:
            continue
        row = int(view.candidates[n])
        sentence = int(view.table.sentence[row])
        subject, object_ = subjects[n].pick(settings["subject_none"]), objects[n].pick(settings["object_none"])
        last = found[-1] if found else None
        if last is not None and last.sentence == sentence and row == last.last + 1:
            if words[last.last].group == "say":
                # What is announced is the action: 宣布取消.
                last.first = row
            last.last = row
            last.object = object_
            last.score = max(last.score, float(score))
            if last.subject is NONE and subject is not NONE and subject.last < last.first:
                last.subject = subject
        else:
            found.append(Found(sentence, row, row, subject, object_, float(score)))
    for relation in found:
        low = int(view.table.low[relation.first])
        if relation.subject is not NONE:
            relation.subject = first_like(words, relation.subject, low)
        if relation.object is not NONE:
            relation.object = first_like(words, relation.object, low)
        # An argument never overlaps its predicate or the other argument.
        if _meets(relation.object, Phrase(relation.first, relation.last, "")):
            relation.object = NONE
        if _meets(relation.subject, relation.object) or _meets(
            relation.subject, Phrase(relation.first, relation.last, "")
        ):
            relation.subject = NONE
    return found


def _meets(a: Phrase, b: Phrase) -> bool:
    return a is not NONE and b is not NONE and a.first <= b.last and b.first <= a.last


def relations(view: ArticleView, chosen: Sequence[Found], resolver: Resolver) -> tuple[Relation, ...]:
    """Layers of the chosen relations: spans, what the subject stands for, modality, time."""
    text, words = view.text, view.words
    found = []
    for relation in chosen:
        predicate = Span(words[relation.first].start, words[relation.last].end)
        subject = None if relation.subject is NONE else relation.subject.span(words)
        object_ = None if relation.object is NONE else relation.object.span(words)
        index = relation.first - int(view.table.low[relation.first])
        resolved = resolver.resolve(view.rows[relation.sentence].words, index, subject, relation.sentence)
        sentence = text.sentences[relation.sentence]
        found.append(
            Relation(
                clause=text.clause_at(predicate.start) or Span(sentence.start, sentence.end),
                predicate=predicate,
                subject=subject,
                object=object_,
                subject_name=resolved.name,
                modality=resolved.modality,
                sentence=relation.sentence,
                score=round(relation.score, 4),
                rule=resolved.rule,
                time=resolver.time(predicate),
            )
        )
    return tuple(found)


def find_relations(doc: Doc, text: TextLayer, model: RelationsModel) -> tuple[Relation, ...]:
    """Return the article's main relations, by position."""
    view = ArticleView(doc, text, model.clusters)
    if not len(view.candidates):
        return ()
    first = model.predicate.proba_at(view.columns())[:, 0]
    kept = numpy.flatnonzero(first >= PRUNE).tolist()
    if not kept:
        return ()
    subjects, objects = view.choices(kept, (model.subject, model.object))
    scores = model.decision.predict_proba(decision_features(view, first, kept, subjects, objects))
    return relations(view, choose(view, kept, scores, subjects, objects, model.settings), Resolver(doc, text))
