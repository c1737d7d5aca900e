"""The key-point record: typed, frozen, comparable; its contract is docs/record.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr

if TYPE_CHECKING:
    from nlp_extract.assembly.explain import Explanation

SCHEMA_VERSION = "1"

Grain = Literal[
    "millennium", "century", "decade", "year", "half", "quarter", "season", "month", "ten_days", "week", "day",
    "part_of_day", "hour", "minute", "second",
]  # fmt: skip
TimeKind = Literal["point", "range", "duration", "fuzzy"]
PlaceLevel = Literal["country", "province", "city", "county", "region", "site"]
PlaceRole = Literal["scene", "seat", "involved"]
ParticipantType = Literal["ORG", "PER", "LOC", "OTHER"]
Modality = Literal["fact", "plan", "possible", "negated"]
PolicyKind = Literal[
    "law", "regulation", "plan", "opinion", "notice", "standard", "treaty", "bill", "programme", "other"
]  # fmt: skip
SentimentLabel = Literal["positive", "negative", "neutral", "mixed"]
ScopeLevel = Literal["national", "industry", "company", "regional"]
Basis = Literal["year_on_year", "period_on_period", "other"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextSpan(_Frozen):
    """A stretch of the article: `article[start:end] == text`, offsets in Unicode code points."""

    text: str
    start: int
    end: int


class Time(TextSpan):
    """A time expression; values are ISO 8601 and inclusive, null if open, fuzzy or unresolved."""

    value_start: str | None = None
    value_end: str | None = None
    grain: Grain
    kind: TimeKind
    statement: TextSpan | None = None


class Place(TextSpan):
    """A place, its canonical name, ISO 3166-1 alpha-2 country, level and role in the event."""

    name: str
    country: str | None = None
    level: PlaceLevel | None = None
    role: PlaceRole | None = None
    mentions: tuple[TextSpan, ...] = ()


class Industry(_Frozen):
    """A division of GB/T 4754-2017 and the spans it rests on."""

    code: str
    name: str
    section: str
    score: float
    evidence: tuple[TextSpan, ...] = ()


class Participant(TextSpan):
    """A main actor, or one acted on, with all forms of its name."""

    name: str
    type: ParticipantType
    mentions: tuple[TextSpan, ...] = ()
    affiliation: TextSpan | None = None
    title: TextSpan | None = None
    salience: float = 0.0


class Action(TextSpan):
    """Subject, predicate, object; the text is the clause."""

    subject: TextSpan | None = None
    predicate: TextSpan
    object: TextSpan | None = None
    subject_name: str | None = None
    modality: Modality
    time: TextSpan | None = None


class Statement(TextSpan):
    """A sentence or clause that plays a role; `polarity` only where it is evidence of sentiment."""

    holder: TextSpan | None = None
    polarity: Literal[-1, 1] | None = None


class Policy(TextSpan):
    """A law, regulation, plan, standard, treaty or programme."""

    name: str
    kind: PolicyKind
    issuer: TextSpan | None = None
    number: TextSpan | None = None
    clauses: tuple[TextSpan, ...] = ()
    statement: TextSpan | None = None


class Sentiment(_Frozen):
    """The event seen from China's interest."""

    label: SentimentLabel
    score: float
    strength: Literal[0, 1, 2, 3]
    evidence: tuple[Statement, ...] = ()


class Scope(TextSpan):
    """How far the event reaches."""

    level: ScopeLevel


class Outlook(_Frozen):
    """What may come of it."""

    positive: tuple[Statement, ...] = ()
    negative: tuple[Statement, ...] = ()


class Change(TextSpan):
    """A rate of change; `ratio` is signed, 0.079 for 增长7.9%."""

    basis: Basis
    ratio: float | None = None


class Figure(TextSpan):
    """A number as written with its unit, what it measures, and its plain value."""

    metric: TextSpan | None = None
    number: float | None = None
    unit: str = ""
    approximate: bool = False
    lower: float | None = None
    upper: float | None = None
    change: Change | None = None
    period: TextSpan | None = None
    subject: TextSpan | None = None


class Opinion(TextSpan):
    """What somebody is said to think; the text is the sentence or clause."""

    speaker: TextSpan | None = None
    speaker_name: str | None = None
    affiliation: TextSpan | None = None
    title: TextSpan | None = None
    verb: TextSpan | None = None
    content: TextSpan
    direct: bool = False


class Details(_Frozen):
    """Section 12: figures, opinions, measures, challenges."""

    figures: tuple[Figure, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    measures: tuple[Statement, ...] = ()
    challenges: tuple[Statement, ...] = ()


class EntityRecord(TextSpan):
    """An entity with all its mentions."""

    name: str
    type: Literal["ORG", "PER", "LOC"]
    mentions: tuple[TextSpan, ...]
    byline: bool = False


class ModelUse(_Frozen):
    """A model the record was made with."""

    component: str
    version: str
    sha256: str


class Provenance(_Frozen):
    """What made the record."""

    package: str = "nlp_extract"
    version: str
    engine: str = "default"
    models: tuple[ModelUse, ...] = ()
    reference_date: str | None = None
    reference_source: Literal["published", "dateline", "text"] | None = None


class KeyPointRecord(_Frozen):
    """What an analyst would note down of one article, under twelve headings.

    Every item but an industry and the sentiment is a span of the article, which is `title + "\\n" + text`
    when there is a title, else `text`. Lists are ranked, most important first.
    """

    schema_version: Literal["1"] = "1"
    title: str | None = None
    published: str | None = None
    times: tuple[Time, ...] = ()
    places: tuple[Place, ...] = ()
    industries: tuple[Industry, ...] = ()
    subjects: tuple[Participant, ...] = ()
    objects: tuple[Participant, ...] = ()
    actions: tuple[Action, ...] = ()
    reactions: tuple[Statement, ...] = ()
    policies: tuple[Policy, ...] = ()
    sentiment: Sentiment | None = None
    scopes: tuple[Scope, ...] = ()
    outlook: Outlook = Outlook()
    details: Details = Details()
    entities: tuple[EntityRecord, ...] = ()
    warnings: tuple[str, ...] = ()
    provenance: Provenance

    _article: str | None = PrivateAttr(default=None)
    _explanations: tuple[Any, ...] = PrivateAttr(default=())

    @property
    def article(self) -> str | None:
        """The article that the offsets count in, None for a record that was read back; no part of the fields."""
        return self._article

    def beside(self, article: str) -> Self:
        """Keep the article beside the record, for `to_html`; returns the record."""
        self._article = article
        return self

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """The matches behind it with their rules' names, after `extract(…, explain=True)`; no part of the fields."""
        return self._explanations

    def explained(self, explanations: Iterable[Explanation]) -> Self:
        """Keep the matches behind the record beside it; returns the record."""
        self._explanations = tuple(explanations)
        return self

    def __eq__(self, other: object) -> bool:
        """Equal in every field; what stands beside it does not count."""
        if not isinstance(other, KeyPointRecord):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in KeyPointRecord.model_fields)

    def to_markdown(self) -> str:
        """The record under its twelve Chinese headings; empty sections say so."""
        from nlp_extract.record.markdown import to_markdown

        return to_markdown(self)

    def to_html(self, article: str | None = None) -> str:
        """One self-contained page: the article with its marks on one side, the twelve sections on the other.

        Parameters
        ----------
        article : str, optional
            `title + "\\n" + text` (`text` without a title), for a record that was read back from JSON.

        Raises
        ------
        ValueError
            The record was read back and no article is given, or it is another article's.
        """
        from nlp_extract.record.html import to_html

        text = self._article if article is None else article
        if text is None:
            raise ValueError(
                "a record that was read back has no article beside it; give it: "
                "record.to_html(f'{title}\\n{text}'), or to_html(text) if the article has no title."
            )
        return to_html(self, text)

    def _repr_html_(self) -> str | None:
        """The compact form, for notebooks; None (the notebook's own form) without the article."""
        from nlp_extract.record.html import compact

        return None if self._article is None else compact(self, self._article)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the record (committed as `nlp_extract/record/schema.json`)."""
    schema = KeyPointRecord.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
