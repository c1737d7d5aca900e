"""The twelve sections: every item an entry that is linked to its place, with the marks it makes in the article."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from nlp_extract.record import markdown as words
from nlp_extract.record import model as m
from nlp_extract.record.page.article import ENTITIES, Mark
from nlp_extract.record.page.drawings import gauge, graph, timeline
from nlp_extract.record.page.elements import Child, make

SIGNS = {1: ("plus", "＋"), -1: ("minus", "－")}
Spans = Iterable[m.TextSpan | None]


@dataclasses.dataclass(frozen=True)
class Section:
    """One of the twelve, or the entities: its number, its heading, how many items it has, and its elements."""

    number: int
    heading: str
    size: int
    body: list[Element]


class Sections:
    """Walks through a record once.

    Attributes
    ----------
    found : list of Section
    marks : list of Mark
    """

    def __init__(self, record: m.KeyPointRecord, *, links: bool) -> None:
        self.record = record
        self.links = links
        self.found: list[Section] = []
        self.marks: list[Mark] = []
        self._item = 0
        for number, build in enumerate(
            (
                self._times, self._places, self._industries, self._subjects, self._objects, self._actions,
                self._reactions, self._policies, self._sentiment, self._scopes, self._outlook, self._details,
            ),
            1,
        ):  # fmt: skip
            self._number = number
            before = self._item
            body = build()
            self.found.append(Section(number, words.HEADINGS[number - 1], self._item - before, body))
        self._number = ENTITIES
        self.found.append(Section(ENTITIES, "全部实体", len(record.entities), self._entities()))

    # Parts of items

    def _next(self, tints: Spans, lines: Spans = ()) -> str:
        """Number the next item and mark its spans."""
        self._item += 1
        for spans, tint in ((tints, True), (lines, False)):
            self.marks += [Mark(s.start, s.end, self._number, self._item, tint) for s in spans if s is not None]
        return str(self._item)

    def _link(self, span: m.TextSpan, text: str | None = None) -> Element:
        """A span as a link to its place."""
        target = {"href": f"#p{span.start}"} if self.links else {}
        return make("a" if self.links else "span", {"class": "go", **target}, text or span.text)

    def _entry(self, item: str, path: str, *children: Child, tag: str = "li") -> Element:
        ids = {"id": f"i{item}", "data-item": item, "data-path": path} if self.links else {}
        return make(tag, {"class": f"item s{self._number}", **ids}, *children)

    def _list(self, entries: Iterable[Element], heading: str | None = None) -> list[Element]:
        rows = list(entries)
        if not rows:
            return []
        return [*([make("h3", None, heading)] if heading else []), make("ul", {"class": "items"}, *rows)]

    # Sections

    def _times(self) -> list[Element]:
        drawn = []
        entries = []
        for i, t in enumerate(self.record.times):
            item = self._next([t], [t.statement])
            drawn.append((item, t))
            entries.append(self._entry(item, f"times.{i}", self._link(t), _note(value(t)), _said(t.statement)))
        picture = timeline(drawn, self.record.published or self.record.provenance.reference_date)
        return [*([picture] if picture is not None else []), *self._list(entries)]

    def _places(self) -> list[Element]:
        entries: dict[str | None, list[Element]] = {role: [] for role in (*words.PLACE_ROLES, None)}
        for i, p in enumerate(self.record.places):
            item = self._next([p, *p.mentions])
            entries[p.role].append(
                self._entry(
                    item,
                    f"places.{i}",
                    self._link(p),
                    _note(p.name if p.name != p.text else ""),
                    _note(p.country),
                    _count(p.mentions),
                )
            )
        return [
            element
            for role, rows in entries.items()
            for element in self._list(rows, words.PLACE_ROLES.get(role or "", "其他"))
        ]

    def _industries(self) -> list[Element]:
        return self._list(
            self._entry(
                self._next(row.evidence),
                f"industries.{i}",
                make("b", None, row.name),
                _note(f"GB/T 4754 {row.section}{row.code}"),
                _note(f"{row.score:.2f}"),
                make("span", {"class": "spots"}, *_between([self._link(e) for e in _distinct(row.evidence)], "、")),
            )
            for i, row in enumerate(self.record.industries)
        )

    def _subjects(self) -> list[Element]:
        return self._participants(self.record.subjects, "subjects")

    def _objects(self) -> list[Element]:
        return self._participants(self.record.objects, "objects")

    def _participants(self, rows: Sequence[m.Participant], path: str) -> list[Element]:
        entries = []
        for i, p in enumerate(rows):
            item = self._next([p, *p.mentions], [p.affiliation, p.title])
            role = "".join(s.text for s in (p.affiliation, p.title) if s)
            others = [s.text for s in _distinct(p.mentions) if s.text != p.name]
            entries.append(
                self._entry(
                    item,
                    f"{path}.{i}",
                    self._link(p, p.name),
                    _note(words.TYPES[p.type]),
                    _note(role),
                    _note(f"又作{'、'.join(others)}" if others else ""),
                    _count(p.mentions),
                )
            )
        return self._list(entries)

    def _actions(self) -> list[Element]:
        drawn = []
        entries = []
        for i, a in enumerate(self.record.actions):
            item = self._next([a.predicate], [a, a.subject, a.object, a.time])
            drawn.append((item, a))
            actor = a.subject_name or (a.subject.text if a.subject else "—")
            entries.append(
                self._entry(
                    item,
                    f"actions.{i}",
                    make(
                        "span",
                        {"class": f"triple {a.modality}"},
                        make("span", None, actor),
                        make("span", {"class": "arrow"}, " → "),
                        make("b", None, a.predicate.text),
                        make("span", {"class": "arrow"}, " → "),
                        make("span", None, a.object.text if a.object else "—"),
                    ),
                    _note(words.MODALITIES[a.modality]),
                    make("span", {"class": "said"}, self._link(a)),
                )
            )
        picture = graph(drawn)
        return [*([picture] if picture is not None else []), *self._list(entries)]

    def _reactions(self) -> list[Element]:
        return self._statements(self.record.reactions, "reactions")

    def _statements(self, rows: Sequence[m.Statement], path: str, heading: str | None = None) -> list[Element]:
        return self._list(
            (
                self._entry(
                    self._next([], [s, s.holder]),
                    f"{path}.{i}",
                    make("b", None, f"{s.holder.text}：") if s.holder else None,
                    make("b", {"class": SIGNS[s.polarity][0]}, SIGNS[s.polarity][1]) if s.polarity else None,
                    self._link(s),
                )
                for i, s in enumerate(rows)
            ),
            heading,
        )

    def _policies(self) -> list[Element]:
        return self._list(
            self._entry(
                self._next([p], [p.issuer, p.number, *p.clauses, p.statement]),
                f"policies.{i}",
                self._link(p),
                _note(words.KINDS[p.kind]),
                _note(f"发布方 {p.issuer.text}" if p.issuer else ""),
                _note(p.number.text if p.number else ""),
                *(_note(c.text) for c in p.clauses),
                _said(p.statement),
            )
            for i, p in enumerate(self.record.policies)
        )

    def _sentiment(self) -> list[Element]:
        found = self.record.sentiment
        if found is None:
            return []
        verdict = self._entry(
            self._next([]),
            "sentiment",
            make("b", {"class": f"verdict {found.label}"}, words.SENTIMENTS[found.label]),
            _note(f"强度：{words.STRENGTHS[found.strength]}"),
            _note(f"得分 {found.score:+.2f}"),
            gauge(found.score),
            tag="p",
        )
        return [verdict, *self._statements(found.evidence, "sentiment.evidence", "依据" if found.evidence else None)]

    def _scopes(self) -> list[Element]:
        return self._list(
            self._entry(
                self._next([], [s]), f"scopes.{i}", make("b", None, f"{words.LEVELS[s.level]}："), self._link(s)
            )
            for i, s in enumerate(self.record.scopes)
        )

    def _outlook(self) -> list[Element]:
        outlook = self.record.outlook
        return [
            *self._statements(outlook.positive, "outlook.positive", "正面影响"),
            *self._statements(outlook.negative, "outlook.negative", "负面影响"),
        ]

    def _details(self) -> list[Element]:
        details = self.record.details
        return [
            *self._figures(details.figures),
            *self._opinions(details.opinions),
            *self._statements(details.measures, "details.measures", "具体做法"),
            *self._statements(details.challenges, "details.challenges", "挑战"),
        ]

    def _figures(self, figures: Sequence[m.Figure]) -> list[Element]:
        if not figures:
            return []
        rows = [
            self._entry(
                self._next([f], [f.metric, f.change, f.period, f.subject]),
                f"details.figures.{i}",
                make(
                    "th",
                    {"scope": "row"},
                    f.metric.text if f.metric else "—",
                    _note(f.period.text if f.period else ""),
                ),
                make("td", {"class": "number"}, "约" if f.approximate else None, self._link(f)),
                make("td", {"class": "number"}, *_change(f.change)),
                tag="tr",
            )
            for i, f in enumerate(figures)
        ]
        head = make("tr", None, *(make("th", {"scope": "col"}, name) for name in ("指标", "数值", "变化")))
        table = make("table", {"class": "figures"}, make("thead", None, head), make("tbody", None, *rows))
        return [make("h3", None, "关键数据"), table]

    def _entities(self) -> list[Element]:
        return self._list(
            self._entry(
                self._next([], e.mentions),
                f"entities.{i}",
                self._link(e, e.name),
                _note(words.TYPES[e.type]),
                _note("署名" if e.byline else ""),
                _count(e.mentions),
            )
            for i, e in enumerate(self.record.entities)
        )

    def _opinions(self, opinions: Sequence[m.Opinion]) -> list[Element]:
        entries = []
        for i, o in enumerate(opinions):
            item = self._next([], [o, o.speaker, o.affiliation, o.title, o.verb, o.content])
            role = "".join(s.text for s in (o.affiliation, o.title) if s)
            who = o.speaker_name or (o.speaker.text if o.speaker else "未署名")
            entries.append(
                self._entry(
                    item,
                    f"details.opinions.{i}",
                    make("b", None, who),
                    _note(role if role not in who else ""),
                    make("q" if o.direct else "span", {"class": "said"}, self._link(o.content)),
                )
            )
        return self._list(entries, "专家观点")


def value(time: m.Time) -> str:
    """The value of a time, as short as it can be said."""
    if time.value_start == time.value_end:
        return time.value_start or ""
    return f"{time.value_start or '…'} 至 {time.value_end or '…'}"


def _note(text: str | None) -> Element | None:
    return make("span", {"class": "note"}, text) if text else None


def _said(span: m.TextSpan | None) -> Element | None:
    return make("span", {"class": "said"}, span.text) if span else None


def _count(mentions: Sequence[m.TextSpan]) -> Element | None:
    return make("span", {"class": "count"}, f"{len(mentions)} 处") if len(mentions) > 1 else None


def _distinct(spans: Iterable[m.TextSpan]) -> list[m.TextSpan]:
    """The first span of each text."""
    return list({s.text: s for s in reversed(list(spans))}.values())[::-1]


def _between(elements: Sequence[Element], separator: str) -> list[Child]:
    children: list[Child] = [child for e in elements for child in (separator, e)]
    return children[1:]


def _change(change: m.Change | None) -> list[Child]:
    """A rate of change with its sign, and its basis; as written where it has no ratio."""
    if change is None:
        return ["—"]
    basis = _note(words.BASES[change.basis])
    if change.ratio is None:
        return [change.text, basis]
    arrow, kind = ("▲", "plus") if change.ratio > 0 else ("▼", "minus") if change.ratio < 0 else ("＝", "level")
    percent = f"{change.ratio * 100:+.2f}".rstrip("0").rstrip(".").replace("-", "−")
    return [make("span", {"class": kind, "title": change.text}, f"{arrow} {percent}%"), basis]
