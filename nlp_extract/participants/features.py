"""What the ranking of participants looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy
from numpy.typing import NDArray

from nlp_extract.layers import TextLayer
from nlp_extract.participants.candidates import Participant, alike

Features = dict[str, float]
_RANKED = ("occurrences", "subject", "object")


def _bucket(value: int) -> int:
    return value if value < 4 else 4 if value < 7 else 7 if value < 12 else 12


class ArticleFacts:
    """What all candidates of an article share."""

    def __init__(self, text: TextLayer, participants: Sequence[Participant], said: Counter[str]) -> None:
        self.text = text
        self.title = text.shadow[: text.title_end]
        self.lead = text.shadow[: text.sentences[min(2, len(text.sentences)) - 1].end] if text.sentences else ""
        self.sentences = len(text.sentences)
        self.said = said
        counts = sorted((p.count for p in participants), reverse=True)
        self.top = counts[0] if counts else 0
        self.numbers = [_numbers(self, p) for p in participants]
        self.most_subject = max((row.subject for row in self.numbers), default=0.0) or 1.0
        self.most_object = max((row.object for row in self.numbers), default=0.0) or 1.0
        # Rank of every candidate by count, and by its part in relations.
        self.ranks = []
        for column in _RANKED:
            values = [getattr(row, column) for row in self.numbers]
            order = sorted(range(len(participants)), key=lambda n: (-values[n], n))
            ranks = [0] * len(order)
            for rank, n in enumerate(order):
                ranks[n] = rank
            self.ranks.append(ranks)


class Numbers(NamedTuple):
    """Counts and sums of a candidate; scores are those of the relations it takes part in."""

    occurrences: float
    share: float
    places: float
    subject: float
    object: float
    best_subject: float
    best_object: float
    whole_subject: float
    whole_object: float
    title: float
    lead: float
    first_sentence: float
    first_share: float
    offset: float
    length: float
    sentences: float
    own_sentences: float
    forms: float
    said: float
    label: float
    has_title: float
    first_as_subject: float
    first_as_object: float
    carried: float


def _numbers(facts: ArticleFacts, p: Participant) -> Numbers:
    sums = {"subject": 0.0, "object": 0.0, "carried": 0.0}
    best, whole = dict(sums), dict(sums)
    early = {"subject": 99, "object": 99, "carried": 99}
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
    return Numbers(
        occurrences=p.count,
        share=p.count / max(facts.top, 1),
        places=len(p.places),
        subject=sums["subject"],
        object=sums["object"],
        best_subject=best["subject"],
        best_object=best["object"],
        whole_subject=whole["subject"],
        whole_object=whole["object"],
        title=max((len(f) for f in forms if f in facts.title), default=0),
        lead=sum(f in facts.lead for f in forms),
        first_sentence=first.sentence,
        first_share=first.sentence / max(facts.sentences, 1),
        offset=first.span.start - facts.text.sentences[first.sentence].start,
        length=len(p.name),
        sentences=facts.sentences,
        own_sentences=len({q.sentence for q in p.places}),
        forms=len(forms),
        said=facts.said[p.name],
        label={"ORG": 1, "PER": 2, "LOC": 3}.get(p.label, 0),
        has_title=facts.text.title_end > 0,
        first_as_subject=early["subject"],
        first_as_object=early["object"],
        carried=sums["carried"],
    )


def features(facts: ArticleFacts, n: int, p: Participant) -> Features:
    """Hashed features of one candidate: its words, where and how it stands, its part in relations."""
    numbers = facts.numbers[n]
    label = p.label if p.entity is not None or p.label != "OTHER" else "-"
    first = p.places[0]
    subject, object_ = numbers.subject, numbers.object
    kinds = Counter(q.kind for q in p.places)
    roles = f"{_level(subject)}{_level(object_)}"
    found = [
        f"l={label}",
        f"n={p.name if p.entity is None else ''}",
        f"h={first.head}|{label}" if p.entity is None else f"h=|{label}",
        f"hc={p.name[-1]}|{label}",
        f"hc2={p.name[-2:]}|{label}",
        f"f={p.name[:2]}|{label}",
        f"len{min(len(p.name), 12)}|{label}",
        f"c{_bucket(p.count)}|{label}",
        f"cr{int(numbers.share * 4)}|{label}",
        f"rank{min(facts.ranks[0][n], 10)}|{label}",
        f"rs{min(facts.ranks[1][n], 8)}|{label}",
        f"ro{min(facts.ranks[2][n], 8)}|{label}",
        f"S{_level(subject)}|{label}",
        f"O{_level(object_)}|{label}",
        f"SO{roles}|{label}",
        f"xs{_level(numbers.whole_subject)}|{label}",
        f"xo{_level(numbers.whole_object)}|{label}",
        f"title{min(int(numbers.title), 6)}|{label}",
        f"title{numbers.title >= len(p.name)}|{bool(facts.title)}",
        f"lead{numbers.lead > 0}|{label}",
        f"s{min(first.sentence, 6)}|{label}",
        f"s{min(first.sentence, 6)}|{facts.sentences // 5}",
        f"o{_bucket(int(numbers.offset) // 3)}|{min(first.sentence, 2)}|{label}",
        f"t{int(numbers.first_share * 8)}|{label}",
        f"ns{_bucket(int(numbers.own_sentences))}|{label}",
        f"said{min(facts.said[p.name], 3)}|{label}",
        f"k={first.kind}|{label}",
        f"kb={first.kind}|{first.before}",
        f"ka{first.classes[0]}|{label}",
        f"kb{first.classes[1]}",
        f"kc{first.classes[2]}",
        f"kb{first.classes[1]}|{roles}",
    ]
    found += [f"kind={k}|{label}" for k in kinds]
    for place in p.places[:4]:
        found.append(f"b={place.before}")
        found.append(f"a={place.after}")
        found.append(f"ba={place.before}|{place.after}|{label}")
    for role, relation, exact in p.roles[:6]:
        word = facts.text.shadow[relation.predicate.start : relation.predicate.end]
        found.append(f"{role}|{word}")
        found.append(f"{role}|{word}|{exact}")
        found.append(f"{role}|{relation.rule}|{label}")
        found.append(f"{role}|{exact}|s{min(relation.sentence, 3)}")
    if p.entity is not None:
        e = p.entity
        found.append(f"title={e.title is not None}|aff={e.affiliation is not None}|{label}")
        found.append(f"role={e.role}|{e.level}")
        found.append(f"country={e.country}|{label}")
    return dict.fromkeys(found, 1.0)


def _level(value: float) -> int:
    return 0 if value <= 0 else 1 if value < 0.5 else 2 if value < 1 else 3 if value < 2 else 4


def decision_features(
    facts: ArticleFacts, participants: Sequence[Participant], kept: Sequence[int], first: NDArray[numpy.float64]
) -> NDArray[numpy.float32]:
    """Numbers for the last decision, shape (kept, features): both first values among those of their rivals.

    Parameters
    ----------
    first : ndarray, shape (candidates, 2)
        Log odds of subject and object.
    """
    rows = []
    order = [numpy.argsort(-first[:, k], kind="stable").tolist() for k in (0, 1)]
    ranks = [{n: r for r, n in enumerate(o)} for o in order]
    totals = (1 / (1 + numpy.exp(-first))).sum(axis=0)
    subject, object_ = first.T.tolist()
    near = alike(participants, kept)
    for n in kept:
        p, inside = participants[n], near[n]
        rows.append(
            [
                subject[n],
                object_[n],
                ranks[0][n],
                ranks[1][n],
                totals[0],
                totals[1],
                subject[order[0][0]] - subject[n],
                object_[order[1][0]] - object_[n],
                max((subject[m] for m in inside), default=-9),
                max((object_[m] for m in inside), default=-9),
                len(inside),
                sum(subject[m] > subject[n] for m in inside),
                sum(object_[m] > object_[n] for m in inside),
                facts.numbers[n].subject / facts.most_subject,
                facts.numbers[n].object / facts.most_object,
                len(p.parts),
                p.entity is not None,
                *facts.numbers[n],
                *(ranks_[n] for ranks_ in facts.ranks),
            ]
        )
    return numpy.array(rows, dtype=numpy.float32)
