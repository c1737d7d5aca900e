"""Main actors and those acted on: candidates, two decisions, a choice without repetitions."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, cast

import numpy
from numpy.typing import NDArray
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Participants, RankedParticipant, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder
from nlp_extract.participants.candidates import Participant, collect
from nlp_extract.participants.features import ArticleFacts
from nlp_extract.relations.boosting import BoostedTrees
from nlp_extract.relations.clusters import Clusters
from nlp_extract.relations.table import Integers

ROLES = ("subject", "object")
KEEP = 25  # candidates of an article that reach the last decision, for each role
_MOST = 6


@dataclasses.dataclass
class ParticipantsModel:
    """First decision of both roles, last decision of each, settings."""

    first: LinearModel
    decisions: tuple[BoostedTrees, BoostedTrees]
    clusters: Clusters
    settings: Mapping[str, float]

    @classmethod
    def from_folder(cls, folder: ModelFolder) -> ParticipantsModel:
        """Read from a model folder."""
        subject, object_ = (BoostedTrees(folder.arrays(f"{role}.npz")) for role in ROLES)
        first = LinearModel.from_arrays(folder.arrays("first.npz"))
        return cls(first, (subject, object_), Clusters(folder), folder.json("settings.json"))


class ArticleParticipants:
    """The candidates of an article and their features; built once, scored by any model."""

    def __init__(self, doc: Doc, text: TextLayer, clusters: Clusters) -> None:
        self.text = text
        self.participants = collect(doc, text, clusters)
        said = Counter(o.speaker_name for o in layers.items(doc, "opinions") if o.speaker_name)
        self.facts = ArticleFacts(text, self.participants, said)
        self.columns = self.facts.columns()

    def keep(self, first: NDArray[numpy.float64]) -> list[int]:
        """The likeliest candidates of either role, by position."""
        kept: set[int] = set()
        for k in range(first.shape[1]):
            kept.update(numpy.argsort(-first[:, k], kind="stable")[:KEEP].tolist())
        return sorted(kept)

    def choose(
        self, kept: Sequence[int], scores: NDArray[numpy.float64], role: str, settings: Mapping[str, float]
    ) -> list[tuple[int, float]]:
        """Candidates of a role with their scores, the best first; none is part of another."""
        found: list[tuple[int, float]] = []
        order = sorted(range(len(kept)), key=lambda i: (-scores[i], kept[i]))
        for i in order:
            score = float(scores[i])
            if len(found) >= _MOST or (found and score < settings[role]):
                break
            one = self.participants[kept[i]]
            others = [self.participants[n] for n, _ in found]
            if not any(_same(one, other, role) for other in others):
                found.append((kept[i], score))
        return self._named(found, kept, scores) if role == "subject" else found

    def _named(
        self, chosen: Sequence[tuple[int, float]], kept: Sequence[int], scores: NDArray[numpy.float64]
    ) -> list[tuple[int, float]]:
        """Actors by name: 商务部新闻发言人 and the like give way to the likeliest organisation or person in them."""
        found: dict[int, float] = {}
        for number, score in chosen:
            one = self.participants[number]
            inside = [
                (float(scores[i]), -n)
                for i, n in enumerate(kept)
                if one.entity is None
                and self.participants[n].entity is not None
                and self.participants[n].label in ("ORG", "PER")
                and self.participants[n].name in one.parts
            ]
            found.setdefault(-max(inside)[1] if inside else number, score)
        return list(found.items())


def _same(one: Participant, other: Participant, role: str) -> bool:
    """Whether two are no two actors, or no two acted on: a country and its ministry may both act."""
    entities = one.entity is not None and other.entity is not None
    return not (entities and role == "subject") and one.alike(other)


def log_odds(model: LinearModel, columns: Integers) -> NDArray[numpy.float64]:
    """Values of the first decision, shape (candidates, 2)."""
    return model.scores_at(columns).astype(numpy.float64)


def find_participants(doc: Doc, text: TextLayer, model: ParticipantsModel) -> Participants:
    """Return the ranked participants of an article."""
    article = ArticleParticipants(doc, text, model.clusters)
    if not article.participants:
        return Participants((), ())
    first = log_odds(model.first, article.columns)
    kept = article.keep(first)
    numbers = article.facts.decision(kept, first)
    lists = []
    for role, decision in zip(ROLES, model.decisions, strict=True):
        scores = decision.predict_proba(numbers)
        chosen = article.choose(kept, scores, role, model.settings)
        lists.append(tuple(_ranked(article.participants[n], score) for n, score in chosen))
    return Participants(lists[0], lists[1])


def _ranked(p: Participant, score: float) -> RankedParticipant:
    entity = p.entity
    mentions = entity.mentions if entity is not None else tuple(q.span for q in p.places)
    return RankedParticipant(
        start=mentions[0].start,
        end=mentions[0].end,
        name=p.name,
        label=cast(Literal["ORG", "PER", "LOC", "OTHER"], p.label),
        mentions=mentions,
        salience=round(score, 4),
        affiliation=entity.affiliation if entity is not None else None,
        title=entity.title if entity is not None else None,
    )
