"""Score records against labelled articles, section by section.

The measures and their numbers are those of the labelled set's `score.py`: an F1 a section (an accuracy where
the section is one choice), and the mean of the twelve as the headline.
"""

from __future__ import annotations

import collections
import dataclasses
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from nlp_extract.learning.labelled import LabelledArticle

Record = Mapping[str, Any]
Offsets = tuple[int, int]
SECTIONS = (
    "1 times", "2 places", "3 industries", "4 subjects", "5 objects", "6 actions", "7 reactions", "8 policies",
    "9 sentiment", "10 scopes", "11 outlook", "12 details",
)  # fmt: skip
ROLE_MEASURES = {"reactions": "reaction", "measures": "measure", "challenges": "challenge"}


@dataclasses.dataclass
class Tally:
    """Matches, predicted and gold counts of one measure; they add up over articles."""

    hits: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def precision(self) -> float:
        """Share of the predicted that is right."""
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found."""
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.hits / (self.predicted + self.gold) if self.hits else 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.predicted + other.predicted, self.gold + other.gold)


@dataclasses.dataclass(frozen=True)
class Miss:
    """What differs between a record and the labels in one measure of one article."""

    article: str
    measure: str
    predicted: list[str]
    gold: list[str]


@dataclasses.dataclass
class ArticleScore:
    """The counts of one article: `tallies` of sets, `choices` of right answers out of asked."""

    id: str
    tallies: dict[str, Tally] = dataclasses.field(default_factory=dict)
    choices: dict[str, Tally] = dataclasses.field(default_factory=dict)
    misses: list[Miss] = dataclasses.field(default_factory=list)
    error: str | None = None


class _Gold:
    """A labelled article with its surfaces placed at offsets."""

    def __init__(self, labelled: LabelledArticle) -> None:
        self.label = labelled.label
        self.article = labelled.article
        self.rows = labelled.rows()
        self.groups: dict[str, set[str]] = {}
        for group in self.label["aliases"]:
            for surface in group:
                self.groups.setdefault(bare(surface), set()).update(bare(s) for s in group)

    def place(self, index: int, surface: str | None) -> Offsets | None:
        """First occurrence of a surface in a sentence."""
        if surface is None:
            return None
        start = self.article.index(surface, *self.rows[index])
        return (start, start + len(surface))

    def names(self, surface: str) -> set[str]:
        """All forms of a name."""
        return self.groups.get(bare(surface), set()) | {bare(surface)}

    def sentence_of(self, start: int, end: int) -> int | None:
        """Number of the sentence that holds most of a span."""
        shared = [min(end, stop) - max(start, begin) for begin, stop in self.rows]
        best = max(range(len(shared)), key=shared.__getitem__, default=None)
        return None if best is None or shared[best] <= 0 else best

    def role(self, name: str) -> list[int]:
        """Sentences that play a role."""
        return sorted(int(i) for i, roles in self.label["roles"].items() if name in roles)


def bare(surface: str) -> str:
    """A name without its title marks and white space."""
    return "".join(surface.split()).strip('《》〈〉“”"')


def _overlap(a: Offsets, b: Offsets) -> float:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return max(shared, 0) / max(a[1] - a[0], b[1] - b[0], 1)


def _touches(p: Offsets | None, g: Offsets | None) -> bool:
    return (p is None and g is None) or (p is not None and g is not None and _overlap(p, g) > 0)


def _span(item: Mapping[str, Any] | None) -> Offsets | None:
    return (item["start"], item["end"]) if item else None


def _forms(item: Mapping[str, Any]) -> set[str]:
    found = {item.get("text"), item.get("name"), *(m["text"] for m in item.get("mentions") or ())}
    return {bare(form) for form in found if form}


def _counts(surface: str, kind: str) -> bool:
    # One-character mentions and 中方, 美方, 我国 are left out on both sides: readers differ on them.
    if kind not in ("ORG", "PER", "LOC") or len(surface) < 2 or surface == "我国":
        return False
    return not (len(surface) == 2 and surface.endswith("方"))


def _same_entity(p: tuple[str, str], g: tuple[str, str]) -> bool:
    return p == g or (p[1] == g[1] == "LOC" and (p[0].endswith(g[0]) or g[0].endswith(p[0])))


def _same_text(a: str, b: str) -> bool:
    a, b = bare(a), bare(b)
    return bool(a and b) and (a in b or b in a)


def _matches(predicted: Sequence[Any], gold: Sequence[Any], match: Callable[[Any, Any], bool]) -> int:
    """Greedy one-to-one matching in the given order."""
    free = list(gold)
    hits = 0
    for p in predicted:
        found = next((n for n, g in enumerate(free) if match(p, g)), None)
        if found is not None:
            del free[found]
            hits += 1
    return hits


def _equal(p: Any, g: Any) -> bool:
    return bool(p == g)


class _Scorer:
    def __init__(self, labelled: LabelledArticle, record: Record) -> None:
        self.gold = _Gold(labelled)
        self.record = record
        self.score = ArticleScore(labelled.id)

    def measure(
        self, name: str, predicted: Sequence[Any], gold: Sequence[Any], match: Callable[[Any, Any], bool] = _equal
    ) -> None:
        hits = _matches(predicted, gold, match)
        self.score.tallies[name] = Tally(hits, len(predicted), len(gold))
        if hits < max(len(predicted), len(gold)):
            shown = [[self.show(value) for value in values] for values in (predicted, gold)]
            self.score.misses.append(Miss(self.score.id, name, shown[0], shown[1]))

    def choice(self, name: str, right: bool) -> None:
        self.score.choices[name] = self.score.choices.get(name, Tally()) + Tally(int(right), 1, 1)

    def show(self, value: Any) -> str:
        """A value for readers: offsets become the words that stand there."""
        if isinstance(value, tuple):
            if len(value) == 2 and all(type(part) is int for part in value):
                return self.gold.article[value[0] : value[1]]
            return " | ".join("—" if part is None else self.show(part) for part in value)
        if isinstance(value, set | frozenset):
            return "/".join(sorted(map(str, value)))
        return str(value)

    def run(self) -> ArticleScore:
        self.times()
        self.entities_and_places()
        self.industries()
        self.participants()
        self.actions()
        self.sentences()
        self.policies()
        self.sentiment()
        self.details()
        return self.score

    def times(self) -> None:
        gold = [(self.gold.place(i, s), start, end) for i, s, start, end in self.gold.label["times"]]
        found = [
            (_span(t), _day(t.get("value_start")), _day(t.get("value_end"))) for t in self.record.get("times") or ()
        ]
        self.measure("times.found", found, gold, lambda p, g: _overlap(p[0], g[0]) >= 0.5)
        self.measure("times", found, gold, lambda p, g: _overlap(p[0], g[0]) >= 0.5 and p[1:] == g[1:])

    def entities_and_places(self) -> None:
        label = self.gold.label
        found = sorted(
            {
                (bare(mention["text"]), entity["type"])
                for entity in self.record.get("entities") or ()
                for mention in entity.get("mentions") or ({"text": entity["text"]},)
            }
        )
        found = [f for f in found if _counts(*f)]
        gold = sorted({(bare(s), kind) for s, kind in label["entities"] if _counts(bare(s), kind)})
        self.measure("entities", found, gold, _same_entity)
        for kind in ("ORG", "PER", "LOC"):
            self.measure(
                f"entities.{kind}", [f for f in found if f[1] == kind], [g for g in gold if g[1] == kind], _same_entity
            )
        places = [p for p in self.record.get("places") or () if any(len(f) > 1 for f in _forms(p))]
        self.measure(
            "places",
            [frozenset(_forms(p)) for p in places],
            [(bare(s), role) for s, role in label["places"] if len(bare(s)) > 1],
            lambda p, g: any(_same_entity((f, "LOC"), (n, "LOC")) for f in p for n in self.gold.names(g[0])),
        )
        roles = {form: place.get("role") for place in places for form in _forms(place)}
        for surface, role in label["places"]:
            if bare(surface) in roles:
                self.choice("places.role", roles[bare(surface)] == role)

    def industries(self) -> None:
        gold = self.gold.label["industries"]
        found = [i["code"] for i in self.record.get("industries") or ()][:3]
        self.measure("industries", found, gold)
        if gold:
            self.choice("industries.first", bool(found[:1]) and found[0] in gold)

    def participants(self) -> None:
        for section in ("subjects", "objects"):
            found = [frozenset(_forms(p)) for p in self.record.get(section) or ()][:6]
            self.measure(section, found, self.gold.label[section], self.same_participant)

    def same_participant(self, p: frozenset[str], g: str) -> bool:
        names = self.gold.names(g)
        return bool(p & names) or any(a in b or b in a for a in p for b in names if min(len(a), len(b)) >= 2)

    def actions(self) -> None:
        gold = [tuple(self.gold.place(i, part) for part in parts) for i, *parts in self.gold.label["actions"]]
        rows = self.record.get("actions") or ()
        found = [tuple(_span(row.get(key)) for key in ("subject", "predicate", "object")) for row in rows]
        found = [f for f in found if f[1]]
        self.measure("actions.predicate", found, gold, lambda p, g: _touches(p[1], g[1]))
        self.measure(
            "actions",
            found,
            gold,
            lambda p, g: _touches(p[1], g[1]) and _touches(p[2], g[2]) and (g[0] is None or _touches(p[0], g[0])),
        )

    def where(self, items: Iterable[Mapping[str, Any]] | None) -> list[int]:
        """Numbers of the sentences that hold statements, each once."""
        found = [self.gold.sentence_of(item["start"], item["end"]) for item in items or ()]
        return list(dict.fromkeys(index for index in found if index is not None))

    def sentences(self) -> None:
        details = self.record.get("details") or {}
        self.measure("reactions", self.where(self.record.get("reactions")), self.gold.role("reaction"))
        self.measure("measures", self.where(details.get("measures")), self.gold.role("measure"))
        self.measure("challenges", self.where(details.get("challenges")), self.gold.role("challenge"))
        found: list[tuple[str, int]] = []
        gold: list[tuple[str, int]] = []
        for level in ("national", "industry", "company", "regional"):
            items = [s for s in self.record.get("scopes") or () if s["level"] == level]
            found += [(level, i) for i in self.where(items)]
            gold += [(level, i) for i in self.gold.role(f"scope_{level}")]
        self.measure("scopes", found, gold)
        found, gold = [], []
        outlook = self.record.get("outlook") or {}
        for sign in ("positive", "negative"):
            found += [(sign, i) for i in self.where(outlook.get(sign))]
            gold += [(sign, i) for i in self.gold.role(f"outlook_{sign}")]
        self.measure("outlook", found, gold)

    def policies(self) -> None:
        rows = self.record.get("policies") or ()
        gold = self.gold.label["policies"]
        self.measure(
            "policies",
            [bare(p["text"]) for p in rows],
            [bare(s) for s, _ in gold],
            lambda p, g: p == g or (min(len(p), len(g)) >= 4 and (p in g or g in p)),
        )
        kinds = {bare(p["text"]): p.get("kind") for p in rows}
        for surface, kind in gold:
            if bare(surface) in kinds:
                self.choice("policies.kind", kinds[bare(surface)] == kind)

    def sentiment(self) -> None:
        gold = self.gold.label["sentiment"][0]
        found = (self.record.get("sentiment") or {}).get("label")
        self.choice("sentiment", found == gold)
        neutral = {"mixed": "neutral"}
        self.choice("sentiment.sign", neutral.get(str(found), found) == neutral.get(gold, gold))
        if found != gold:
            self.score.misses.append(Miss(self.score.id, "sentiment", [str(found)], [gold]))

    def details(self) -> None:
        details = self.record.get("details") or {}
        gold: list[Any] = [
            (self.gold.place(i, value), self.gold.place(i, metric))
            for i, metric, value, _ in self.gold.label["figures"]
        ]
        found: list[Any] = [(_span(f), _span(f.get("metric"))) for f in details.get("figures") or ()]
        self.measure("figures.value", found, gold, lambda p, g: _overlap(p[0], g[0]) > 0.5)
        self.measure("figures", found, gold, lambda p, g: _overlap(p[0], g[0]) > 0.5 and _touches(p[1], g[1]))
        gold = [(self.gold.rows[i], s, self.gold.place(i, content)) for i, s, content in self.gold.label["opinions"]]
        found = [
            ((o["start"], o["end"]), (o.get("speaker") or {}).get("text"), _span(o.get("content")) or _span(o))
            for o in details.get("opinions") or ()
        ]
        self.measure(
            "opinions",
            found,
            gold,
            lambda p, g: (
                min(p[0][1], g[0][1]) > max(p[0][0], g[0][0])
                and _overlap(p[2], g[2]) >= 0.5
                and (g[1] is None or (p[1] is not None and _same_text(p[1], g[1])))
            ),
        )


def _day(value: str | None) -> str | None:
    return value[:10] if value else None


def score_article(labelled: LabelledArticle, record: Record) -> ArticleScore:
    """Score one record (a dict of the record's shape, all items: `max_items=None`)."""
    return _Scorer(labelled, record).run()


@dataclasses.dataclass(frozen=True)
class Report:
    """Scores of many articles."""

    articles: tuple[ArticleScore, ...]

    def measures(self) -> dict[str, Tally]:
        """Every measure, counts added up."""
        return self._sum("tallies")

    def choices(self) -> dict[str, Tally]:
        """Every choice, right answers in `hits`."""
        return self._sum("choices")

    def _sum(self, kind: str) -> dict[str, Tally]:
        total: dict[str, Tally] = collections.defaultdict(Tally)
        for article in self.articles:
            for name, tally in getattr(article, kind).items():
                total[name] += tally
        return dict(total)

    def sections(self) -> dict[str, float]:
        """The score of each of the twelve sections, in the record's order."""
        measures, choices = self.measures(), self.choices()

        def f1(name: str) -> float:
            return measures.get(name, Tally()).f1

        names = [name.partition(" ")[2] for name in SECTIONS[:-1]]
        values = [choices.get(n, Tally()).recall if n == "sentiment" else f1(n) for n in names]
        values.append(sum(f1(n) for n in ("figures", "opinions", "measures", "challenges")) / 4)
        return dict(zip(SECTIONS, values, strict=True))

    @property
    def headline(self) -> float:
        """Mean of the twelve sections."""
        return sum(self.sections().values()) / len(SECTIONS)

    def values(self) -> dict[str, float]:
        """Every figure by name: measures (F1), choices (accuracy) and the headline as `record`."""
        found = {name: tally.f1 for name, tally in self.measures().items()}
        found.update({name: tally.recall for name, tally in self.choices().items()})
        return {**found, "record": self.headline}


def intervals(
    report: Report, names: Iterable[str], *, rounds: int = 500, seed: int = 0, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Bootstrap confidence intervals over articles (percentile method, Efron 1979)."""
    rng = random.Random(seed)
    samples: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        drawn = Report(tuple(rng.choices(report.articles, k=len(report.articles)))).values()
        for name, values in samples.items():
            values.append(drawn.get(name, 0.0))
    return {name: _band(values, level) for name, values in samples.items()}


def differences(
    before: Report, after: Report, names: Iterable[str], *, rounds: int = 500, seed: int = 0, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Paired bootstrap intervals of `after - before` over the same articles (percentile method, Efron 1979).

    Raises
    ------
    ValueError
        The reports are not of the same articles.
    """
    if [a.id for a in before.articles] != [a.id for a in after.articles]:
        raise ValueError("the two reports are not of the same articles in the same order.")
    rng = random.Random(seed)
    samples: dict[str, list[float]] = {name: [] for name in names}
    count = len(before.articles)
    for _ in range(rounds):
        drawn = rng.choices(range(count), k=count)
        old, new = (Report(tuple(r.articles[n] for n in drawn)).values() for r in (before, after))
        for name, values in samples.items():
            values.append(new.get(name, 0.0) - old.get(name, 0.0))
    return {name: _band(values, level) for name, values in samples.items()}


def _band(values: list[float], level: float) -> tuple[float, float]:
    ordered = sorted(values)
    cut = int(len(ordered) * (1 - level) / 2)
    return ordered[cut], ordered[-cut - 1]


def evaluate(articles: Iterable[LabelledArticle], extract: Callable[[LabelledArticle], Record]) -> Report:
    """Score what `extract` makes of each article; an article that raises counts as empty and keeps its error."""
    scores = []
    for labelled in articles:
        error = None
        try:
            record = extract(labelled)
        except Exception as problem:  # a failing article is a finding, not the end
            record, error = {}, f"{type(problem).__name__}: {problem}"
        score = score_article(labelled, record)
        score.error = error
        scores.append(score)
    return Report(tuple(scores))
