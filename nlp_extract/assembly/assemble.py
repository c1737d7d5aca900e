"""Layers of a doc become the record: one item for one thing, ranked, limited, every span checked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar, cast

from spacy.tokens import Doc

from nlp_extract import __version__, layers
from nlp_extract.layers import (
    Entity,
    FigureMention,
    PolicyMention,
    Relation,
    Request,
    RoleStatement,
    TextLayer,
    TimeMention,
)
from nlp_extract.record import model as m

T = TypeVar("T")
SCOPES = ("national", "industry", "company", "regional")


class Assembler:
    """Builds the record of one article.

    Parameters
    ----------
    doc : Doc
        With the layers of the components that have run; a missing one leaves its section empty.
    text : TextLayer
    request : Request
    models : tuple of ModelUse
        What the chain was loaded with.
    engine : str
    """

    def __init__(
        self, doc: Doc, text: TextLayer, request: Request, models: tuple[m.ModelUse, ...], engine: str
    ) -> None:
        self.doc = doc
        self.text = text
        self.article = text.article
        self.request = request
        self.models = models
        self.engine = engine
        self.entities: tuple[Entity, ...] = layers.items(doc, "names")
        # A mention stands in several sections; they share its span.
        self._made: dict[tuple[int, int], m.TextSpan] = {}

    # Spans

    def span(self, span: Any) -> m.TextSpan | None:
        """A span of the record, None for none or one outside the article."""
        if span is None:
            return None
        place = (span.start, span.end)
        found = self._made.get(place)
        if found is None and 0 <= span.start < span.end <= len(self.article):
            found = self._made[place] = m.TextSpan(**self.place(span))
        return found

    def spans(self, spans: Iterable[Any]) -> tuple[m.TextSpan, ...]:
        """Those spans that lie in the article."""
        return tuple(s for s in map(self.span, spans) if s is not None)

    def place(self, item: Any) -> dict[str, Any]:
        """Text, start and end of an item, for a model's constructor."""
        return {"text": self.article[item.start : item.end], "start": item.start, "end": item.end}

    def best(self, items: Sequence[T], key: Callable[[T], Hashable]) -> list[T]:
        """The first of each key, at most `max_items`."""
        found: dict[Hashable, T] = {}
        for item in items:
            found.setdefault(key(item), item)
        limit = self.request.max_items
        return list(found.values())[:limit]

    def sentence(self, span: Any) -> int | None:
        """Number of the sentence a span begins in."""
        found = self.text.sentence_at(span.start)
        return None if found is None else found.index

    def words(self, span: Any) -> str:
        """Text of a span without white space, to compare by; empty for none."""
        return "" if span is None else "".join(self.article[span.start : span.end].split())

    # Sections

    def record(self, warnings: Sequence[str] = ()) -> m.KeyPointRecord:
        """The whole record."""
        statements: dict[str, list[RoleStatement]] = {}
        for item in layers.items(self.doc, "statements"):
            statements.setdefault(item.role, []).append(item)
        for rows in statements.values():
            rows.sort(key=lambda s: (-s.score, s.start, s.end))
        participants = layers.get(self.doc, "participants")
        reference = self.text.reference
        return m.KeyPointRecord(
            title=self.request.title,
            published=self.request.published,
            times=self.times(),
            places=self.places(),
            industries=tuple(
                m.Industry(
                    code=i.code,
                    name=i.name,
                    section=i.section,
                    score=rounded(i.score),
                    evidence=self.spans(i.evidence)[: self.request.max_items],
                )
                for i in layers.items(self.doc, "industries")
            ),
            subjects=self.participants(participants.subjects if participants else ()),
            objects=self.participants(participants.objects if participants else ()),
            actions=self.actions(),
            reactions=self.statements(statements.get("reaction", [])),
            policies=self.policies(),
            sentiment=self.sentiment(),
            scopes=self.scopes(statements),
            outlook=m.Outlook(
                positive=self.statements(statements.get("outlook_positive", [])),
                negative=self.statements(statements.get("outlook_negative", [])),
            ),
            details=m.Details(
                figures=self.figures(),
                opinions=self.opinions(),
                measures=self.statements(statements.get("measure", [])),
                challenges=self.statements(statements.get("challenge", [])),
            ),
            entities=tuple(
                m.EntityRecord(
                    **self.place(e.mentions[0]),
                    name=e.name,
                    type=e.label,
                    mentions=self.spans(e.mentions),
                    byline=e.byline,
                )
                for e in self.entities
            ),
            warnings=tuple(warnings) + self.warnings(),
            provenance=m.Provenance(
                version=__version__,
                engine=self.engine,
                models=self.models,
                reference_date=reference.isoformat() if reference else None,
                reference_source=self.text.reference_source,
            ),
        )

    def warnings(self) -> tuple[str, ...]:
        """What could not be done, in words."""
        if self.text.reference is None and any(
            t.value_start is None and t.value_end is None and t.kind != "fuzzy" for t in layers.items(self.doc, "times")
        ):
            return ("No reference date: relative times stay unresolved. Give published=, e.g. published='2025-06-27'.",)
        return ()

    def times(self) -> tuple[m.Time, ...]:
        """Section 1: resolved before unresolved, a value's first mention before its repetitions, then by position."""
        rows: list[TimeMention] = list(layers.items(self.doc, "times"))
        seen: set[tuple[str | None, str | None]] = set()
        ranked: list[tuple[bool, bool, int, TimeMention]] = []
        for row in rows:
            value = (row.value_start, row.value_end)
            known = value != (None, None)
            ranked.append((not known, known and value in seen, row.start, row))
            seen.add(value)
        ranked.sort(key=lambda r: r[:3])
        ordered = [r[3] for r in ranked]
        return tuple(
            m.Time(
                **self.place(t),
                value_start=t.value_start,
                value_end=t.value_end,
                grain=cast(m.Grain, t.grain),
                kind=t.kind,
                statement=self.span(t.statement),
            )
            for t in self.best(ordered, lambda t: (self.words(t), t.value_start, t.value_end, self.sentence(t)))
        )

    def places(self) -> tuple[m.Place, ...]:
        """Section 2: the scene first, then by salience."""
        order = {"scene": 0, "involved": 1, "seat": 1}
        rows = [e for e in self.entities if e.label == "LOC" and e.role is not None]
        rows.sort(key=lambda e: (order[str(e.role)], -getattr(e, "salience", 0.0), e.mentions[0].start))
        return tuple(
            m.Place(
                **self.place(e.mentions[0]),
                name=e.canonical or e.name,
                country=e.country,
                level=cast(m.PlaceLevel | None, e.level),
                role=cast(m.PlaceRole, e.role),
                mentions=self.spans(e.mentions),
            )
            for e in self.best(rows, lambda e: (e.canonical or e.name, e.country))
        )

    def participants(self, rows: Sequence[layers.RankedParticipant]) -> tuple[m.Participant, ...]:
        """Sections 4 and 5, in the order of the ranking."""
        return tuple(
            m.Participant(
                **self.place(p),
                name=p.name,
                type=p.label,
                mentions=self.spans(p.mentions),
                affiliation=self.span(p.affiliation),
                title=self.span(p.title),
                salience=rounded(p.salience),
            )
            for p in self.best(rows, lambda p: p.name)
        )

    def actions(self) -> tuple[m.Action, ...]:
        """Section 6, the surest first."""
        rows: list[Relation] = sorted(
            layers.items(self.doc, "relations"), key=lambda r: (-r.score, r.predicate.start, r.predicate.end)
        )
        return tuple(
            m.Action(
                **self.place(r.clause),
                subject=self.span(r.subject),
                predicate=cast(m.TextSpan, self.span(r.predicate)),
                object=self.span(r.object),
                subject_name=r.subject_name,
                modality=r.modality,
                time=self.span(r.time),
            )
            for r in self.best(
                rows, lambda r: (r.subject_name or self.words(r.subject), self.words(r.predicate), self.words(r.object))
            )
        )

    def statements(self, rows: Sequence[RoleStatement]) -> tuple[m.Statement, ...]:
        """Statements of one role, the surest first."""
        return tuple(m.Statement(**self.place(s), holder=self.span(s.holder)) for s in self.best(rows, self.words))

    def scopes(self, statements: dict[str, list[RoleStatement]]) -> tuple[m.Scope, ...]:
        """Section 10: all levels together, the surest first."""
        rows = [(level, s) for level in SCOPES for s in statements.get(f"scope_{level}", [])]
        rows.sort(key=lambda r: (-r[1].score, r[1].start, r[1].end, r[0]))
        return tuple(
            m.Scope(**self.place(s), level=cast(m.ScopeLevel, level))
            for level, s in self.best(rows, lambda r: (r[0], self.words(r[1])))
        )

    def policies(self) -> tuple[m.Policy, ...]:
        """Section 8, those with a statement, number or issuer first, then by position.

        A short form in title marks (《条例》) is an item after all these, under the full name.
        """
        rows = sorted(
            layers.items(self.doc, "policies"),
            key=lambda p: (-(len(p.mentions) > 1) - (p.number is not None) - (p.issuer is not None), p.start, p.end),
        )
        short = [PolicyMention(s.start, s.end, p.name, p.kind, p.rule) for p in rows for s in p.short_forms]
        full = {p.start for p in rows}
        return tuple(
            m.Policy(
                **self.place(p),
                name=p.name,
                kind=cast(m.PolicyKind, p.kind),
                issuer=self.span(p.issuer),
                number=self.span(p.number),
                clauses=self.spans(p.clauses),
                statement=self.span(p.statement),
            )
            for p in self.best([*rows, *short], lambda p: (p.name, "" if p.start in full else self.words(p)))
        )

    def sentiment(self) -> m.Sentiment | None:
        """Section 9 with the sentences that carry it, the surest first."""
        layer = layers.get(self.doc, "sentiment")
        if layer is None:
            return None
        rows = sorted(layer.evidence, key=lambda e: (-e.score, e.start))
        return m.Sentiment(
            label=layer.label,
            score=rounded(layer.score),
            strength=layer.strength,
            evidence=tuple(m.Statement(**self.place(e), polarity=e.polarity) for e in self.best(rows, self.words)),
        )

    def figures(self) -> tuple[m.Figure, ...]:
        """Figures with a metric first, those with a change before those without, then by position."""
        rows: list[FigureMention] = sorted(
            layers.items(self.doc, "figures"), key=lambda f: (f.metric is None, f.change is None, f.start, f.end)
        )
        return tuple(
            m.Figure(
                **self.place(f),
                metric=self.span(f.metric),
                number=f.number,
                unit=f.unit,
                approximate=f.approximate,
                lower=f.lower,
                upper=f.upper,
                change=None
                if f.change is None
                else m.Change(
                    **self.place(f.change),
                    basis=f.change.basis,
                    ratio=None if f.change.ratio is None else round(f.change.ratio, 6),
                ),
                period=self.span(f.period),
                subject=self.span(f.subject),
            )
            for f in self.best(rows, lambda f: (self.words(f), self.words(f.metric), self.words(f.change)))
        )

    def opinions(self) -> tuple[m.Opinion, ...]:
        """Opinions with a named speaker first, then by position."""
        rows: list[layers.OpinionMention] = sorted(
            layers.items(self.doc, "opinions"), key=lambda o: (o.speaker_name is None, o.start, o.content.start)
        )
        return tuple(
            m.Opinion(
                **self.place(o),
                speaker=self.span(o.speaker),
                speaker_name=o.speaker_name,
                affiliation=self.span(o.affiliation),
                title=self.span(o.title),
                verb=self.span(o.verb),
                content=cast(m.TextSpan, self.span(o.content)),
                direct=o.direct,
            )
            for o in self.best(rows, lambda o: self.words(o.content))
        )


def rounded(score: float) -> float:
    """Four decimals, no negative zero: machines agree on these."""
    return round(float(score), 4) + 0.0


def empty_record(article: str, request: Request, warning: str) -> m.KeyPointRecord:
    """The record of an article that gives nothing."""
    return m.KeyPointRecord(
        title=request.title,
        published=request.published,
        warnings=(warning,),
        provenance=m.Provenance(version=__version__),
    )
