"""Relations of an article: predicates, their arguments, and a decision that sees both."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Frame, Relation, Span, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder
from nlp_extract.relations.arguments import (
    NONE,
    Arguments,
    Phrase,
    Phrases,
    first_like,
    object_phrases,
    subject_phrases,
)
from nlp_extract.relations.boosting import BoostedTrees
from nlp_extract.relations.clusters import Clusters
from nlp_extract.relations.frames import argument, frame_at
from nlp_extract.relations.predicates import Candidate, Context, SentenceView, candidates, features
from nlp_extract.relations.ranking import group_softmax
from nlp_extract.relations.resolve import Resolver
from nlp_extract.relations.words import words_of

PRUNE = 0.12  # candidates less likely than this get no arguments


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
        self.rows = words_of(doc, text, clusters)
        self.context = Context.of(text, self.rows, layers.items(doc, "opinions"))
        self.candidates = list(candidates(self.rows))
        self.frames: dict[int, list[Frame]] = {}
        for frame in layers.items(doc, "frames"):
            sentence = text.sentence_at(frame.predicate.start)
            if sentence is not None:
                self.frames.setdefault(sentence.index, []).append(frame)
        self.views = {n: SentenceView(self.context, n) for n in sorted({c.sentence for c in self.candidates})}
        self.phrases = {n: Phrases(view) for n, view in self.views.items()}

    def features(self) -> list[dict[str, float]]:
        """Features of every candidate."""
        return [features(self.context, self.views[c.sentence], c.index) for c in self.candidates]

    def alternatives(self, candidate: Candidate, role: str) -> tuple[list[Phrase], list[dict[str, float]]]:
        """Phrases for a role, and their features."""
        view, phrases = self.views[candidate.sentence], self.phrases[candidate.sentence]
        find = subject_phrases if role == "subject" else object_phrases
        options = find(phrases, view, candidate.index)
        arguments = Arguments(self.context, view, phrases, candidate.index)
        ranks: dict[str, int] = {}
        rows = []
        for option in options:
            rank = ranks[option.kind] = ranks.get(option.kind, -1) + 1
            rows.append(arguments.features(option, role, rank))
        return options, rows

    def choices(self, kept: Sequence[int], role: str, model: LinearModel) -> dict[int, Choice]:
        """The alternatives of the kept candidates with their probabilities."""
        groups, rows = [], []
        for n in kept:
            options, more = self.alternatives(self.candidates[n], role)
            groups.append(options)
            rows += more
        shares = group_softmax(model.scores(rows)[:, 0], [len(g) for g in groups]) if rows else numpy.zeros(0)
        found, position = {}, 0
        for n, options in zip(kept, groups, strict=True):
            found[n] = self._by_role(n, role) or Choice(options, shares[position : position + len(options)])
            position += len(options)
        return found

    def _by_role(self, n: int, role: str) -> Choice | None:
        candidate = self.candidates[n]
        words = self.rows[candidate.sentence].words
        frame = frame_at(self.frames.get(candidate.sentence, ()), words[candidate.index])
        phrase = None if frame is None else argument(frame, role, words)
        return None if phrase is None else Choice([NONE, phrase], numpy.array([0.0, 1.0], dtype=numpy.float32))


def _logit(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return float(numpy.log(p / (1 - p)))


def decision_features(
    view: ArticleView, first: NDArray[Any], kept: Sequence[int], subjects: dict[int, Choice], objects: dict[int, Choice]
) -> NDArray[numpy.float32]:
    """Numbers the last decision looks at, shape (kept, features): the first one's values among their neighbours.

    Parameters
    ----------
    first : ndarray, shape (candidates,)
        Probabilities of the first decision.
    """
    rows = []
    total = float(first.sum())
    rank = {int(n): r for r, n in enumerate(numpy.argsort(-first, kind="stable"))}
    by_sentence: dict[int, list[int]] = {}
    for n in kept:
        by_sentence.setdefault(view.candidates[n].sentence, []).append(n)
    same_word: dict[str, list[int]] = {}
    for n, c in enumerate(view.candidates):
        same_word.setdefault(view.rows[c.sentence].words[c.index].text, []).append(n)
    running = numpy.concatenate([[0.0], numpy.cumsum(first)])
    likely, half = float((first > 0.3).sum()), float((first > 0.5).sum())
    count = len(view.rows)
    title = float(view.context.text.title_end > 0)
    for sentence, members in by_sentence.items():
        words = view.rows[sentence].words
        probability = {n: float(first[n]) for n in members}
        picked_o = {n: objects[n].phrases[objects[n].best] for n in members}
        picked_s = {n: subjects[n].phrases[subjects[n].best] for n in members}
        spent = sum(probability.values())
        for n in members:
            c = view.candidates[n]
            p = probability[n]
            o, s = picked_o[n], picked_s[n]
            word = words[c.index]
            others = [q for m, q in probability.items() if m != n]
            near = [
                q for m, q in probability.items() if m != n and words[view.candidates[m].index].clause == word.clause
            ]
            same = [
                probability[m]
                for m in members
                if m != n and o is not NONE and picked_o[m] is not NONE
                and picked_o[m].first <= o.last and o.first <= picked_o[m].last
            ]  # fmt: skip
            holds = [
                probability[m]
                for m in members
                if m != n and o is not NONE and o.first <= view.candidates[m].index <= o.last
            ]
            within = [
                probability[m]
                for m in members
                if m != n and picked_o[m] is not NONE and picked_o[m].first <= c.index <= picked_o[m].last
            ]
            before, after = _neighbour(view, first, n, -1), _neighbour(view, first, n, 1)
            twin = max((float(first[m]) for m in same_word[word.text] if m != n), default=0.0)
            rows.append(
                [
                    _logit(p), rank[n], sum(q > p for q in others), max(others, default=0), sum(others),
                    max(near, default=0), len(members), total, p * 12 / max(total, 1.0), count, sentence,
                    sentence / max(count, 1), subjects[n].shares.max(), subjects[n].shares[0], objects[n].shares.max(),
                    objects[n].shares[0], s is NONE, o is NONE, max(same, default=0), max(holds, default=0),
                    max(within, default=0), before[1], after[1], before[0], after[0], spent, running[n], twin,
                    word.clause, len(words), word.quoted,
                    -1 if s is NONE else words[s.last].tag in ("ORG", "PER", "LOC"),
                    -1 if o is NONE else words[o.last].tag.isupper(),
                    -1 if s is NONE else c.index - s.last, title, half, likely,
                ]
            )  # fmt: skip
    return numpy.array(rows, dtype=numpy.float32)


def _neighbour(view: ArticleView, first: NDArray[Any], n: int, step: int) -> tuple[float, float]:
    """Probability of the candidate next in the sentence, and again if it is the very next word."""
    if not 0 <= n + step < len(view.candidates):
        return 0.0, 0.0
    here, other = view.candidates[n], view.candidates[n + step]
    if other.sentence != here.sentence:
        return 0.0, 0.0
    p = float(first[n + step])
    return p, p if abs(other.index - here.index) == 1 else 0.0


@dataclasses.dataclass(slots=True)
class Found:
    """A chosen relation by words: predicate from `first` to `last`."""

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
    for n, score in zip(kept, scores, strict=True):
        if score < settings["threshold"]:
            continue
        c = view.candidates[n]
        subject, object_ = subjects[n].pick(settings["subject_none"]), objects[n].pick(settings["object_none"])
        last = found[-1] if found else None
        if last is not None and last.sentence == c.sentence and c.index == last.last + 1:
            if view.rows[c.sentence].words[last.last].group == "say":
                # What is announced is the action: 宣布取消.
                last.first = c.index
            last.last = c.index
            last.object = object_
            last.score = max(last.score, float(score))
            if last.subject is NONE and subject is not NONE and subject.last < last.first:
                last.subject = subject
        else:
            found.append(Found(c.sentence, c.index, c.index, subject, object_, float(score)))
    for relation in found:
        words = view.rows[relation.sentence].words
        if relation.subject is not NONE:
            relation.subject = first_like(words, relation.subject)
        if relation.object is not NONE:
            relation.object = first_like(words, relation.object)
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
    text = view.context.text
    found = []
    for relation in chosen:
        words = view.rows[relation.sentence].words
        predicate = Span(words[relation.first].start, words[relation.last].end)
        subject = None if relation.subject is NONE else relation.subject.span(words)
        object_ = None if relation.object is NONE else relation.object.span(words)
        resolved = resolver.resolve(words, relation.first, subject, relation.sentence)
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
    if not view.candidates:
        return ()
    first = model.predicate.predict_proba(view.features())[:, 0]
    kept = [n for n, p in enumerate(first) if p >= PRUNE]
    if not kept:
        return ()
    subjects = view.choices(kept, "subject", model.subject)
    objects = view.choices(kept, "object", model.object)
    scores = model.decision.predict_proba(decision_features(view, first, kept, subjects, objects))
    return relations(view, choose(view, kept, scores, subjects, objects, model.settings), Resolver(doc, text))
