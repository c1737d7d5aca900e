"""What the components hand to each other: frozen layers of an article, kept on the spaCy `Doc`.

Every layer holds half-open code-point offsets into the article; text is sliced from the article when
needed. `doc._.<layer>` is one of the extension attributes in `LAYERS`; `text_of(doc)` makes the first
of them on demand, so that any component can be used alone.
"""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any, Literal

import srsly
from spacy.tokens import Doc

Label = Literal["ORG", "PER", "LOC"]
Modality = Literal["fact", "plan", "possible", "negated"]


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the article: `article[start:end]`."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether the other lies within this one."""
        return self.start <= other.start and other.end <= self.end


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence (numbered as labelled articles number them: 0 is the title when there is one)."""

    start: int
    end: int
    index: int
    clauses: tuple[Span, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Quotation:
    """The inside of a pair of quotation marks."""

    start: int
    end: int


@dataclasses.dataclass(frozen=True, slots=True)
class Dateline:
    """`新华社上海6月25日电（记者张三）`: the whole, and its parts where given."""

    start: int
    end: int
    agency: Span | None
    place: Span | None
    date: Span | None
    reporters: tuple[Span, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class TextLayer:
    """The article and its form. `shadow` has the article's length, character for character."""

    article: str
    shadow: str
    title_end: int
    sentences: tuple[Sentence, ...]
    quotations: tuple[Quotation, ...]
    dateline: Dateline | None
    published: datetime.date | None
    reference: datetime.date | None
    reference_source: Literal["published", "dateline", "text"] | None

    def sentence_at(self, offset: int) -> Sentence | None:
        """The sentence that holds an offset, found by bisection; None between sentences."""
        low, high = 0, len(self.sentences)
        while low < high:
            middle = (low + high) // 2
            if self.sentences[middle].end <= offset:
                low = middle + 1
            else:
                high = middle
        if low < len(self.sentences) and self.sentences[low].start <= offset:
            return self.sentences[low]
        return None

    def clause_at(self, offset: int) -> Span | None:
        """The clause that holds an offset, None between sentences."""
        sentence = self.sentence_at(offset)
        if sentence is None:
            return None
        return next((c for c in sentence.clauses if c.start <= offset < c.end), Span(sentence.start, sentence.end))


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What the caller asked for with this article, beside its text."""

    title: str | None = None
    published: str | None = None
    max_items: int | None = 10


@dataclasses.dataclass(frozen=True, slots=True)
class EntityMention:
    """A mention of an organisation, person or place. `source`: model, lexicon, document or a rule's name."""

    start: int
    end: int
    label: Label
    score: float
    source: str = "model"
    byline: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class TimeMention:
    """A time expression; values are ISO 8601 and inclusive (see record.md, `Time`)."""

    start: int
    end: int
    value_start: str | None
    value_end: str | None
    grain: str
    kind: Literal["point", "range", "duration", "fuzzy"]
    rule: str
    statement: Span | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class PolicyMention:
    """One policy: its best mention, the other mentions of the same one, and the first of each short form (《条例》)."""

    start: int
    end: int
    name: str
    kind: str
    rule: str
    issuer: Span | None = None
    number: Span | None = None
    clauses: tuple[Span, ...] = ()
    statement: Span | None = None
    mentions: tuple[Span, ...] = ()
    short_forms: tuple[Span, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A rate of change beside a figure; `ratio` is signed, 0.079 for 增长7.9%."""

    start: int
    end: int
    basis: Literal["year_on_year", "period_on_period", "other"]
    ratio: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class FigureMention:
    """A number with its unit (`start`, `end`), what it measures and how it changed."""

    start: int
    end: int
    number: float | None
    unit: str
    approximate: bool
    rule: str
    lower: float | None = None
    upper: float | None = None
    metric: Span | None = None
    change: Change | None = None
    period: Span | None = None
    subject: Span | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Entity:
    """One entity with all its mentions in the article, longest name first in `names`."""

    name: str
    label: Label
    mentions: tuple[Span, ...]
    names: tuple[str, ...]
    canonical: str | None = None
    country: str | None = None
    level: str | None = None
    role: str | None = None
    affiliation: Span | None = None
    title: Span | None = None
    byline: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """A predicate with its semantic roles (`ARG0`, `ARG1`, ...), where the engine gives them."""

    predicate: Span
    arguments: tuple[tuple[str, Span], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Relation:
    """Subject, predicate, object: spans, and what a carried-over or pronoun subject stands for."""

    clause: Span
    predicate: Span
    subject: Span | None
    object: Span | None
    subject_name: str | None
    modality: Modality
    sentence: int
    score: float
    rule: str
    time: Span | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class RankedParticipant:
    """A main actor (`subjects`) or one acted on (`objects`), an entity or a noun phrase."""

    start: int
    end: int
    name: str
    label: Literal["ORG", "PER", "LOC", "OTHER"]
    mentions: tuple[Span, ...]
    salience: float
    affiliation: Span | None = None
    title: Span | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Participants:
    """The two ranked lists."""

    subjects: tuple[RankedParticipant, ...]
    objects: tuple[RankedParticipant, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class RoleStatement:
    """A stretch that plays a role (`reaction`, `scope_national`, ... of GUIDELINES.md) in the article."""

    start: int
    end: int
    role: str
    score: float
    sentence: int
    holder: Span | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class OpinionMention:
    """What somebody is said to think: `start`, `end` are the sentence's or clause's."""

    start: int
    end: int
    speaker: Span | None
    speaker_name: str | None
    verb: Span | None
    content: Span
    direct: bool
    affiliation: Span | None = None
    title: Span | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class PolarStatement:
    """A sentence that carries the article's sentiment."""

    start: int
    end: int
    polarity: Literal[-1, 1]
    score: float


@dataclasses.dataclass(frozen=True, slots=True)
class SentimentLayer:
    """The event seen from China's interest."""

    label: Literal["positive", "negative", "neutral", "mixed"]
    score: float
    strength: int
    evidence: tuple[PolarStatement, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class IndustryItem:
    """A GB/T 4754-2017 division and the spans it rests on."""

    code: str
    name: str
    section: str
    score: float
    evidence: tuple[Span, ...]


# Extension attribute -> what it holds; None until its component has run.
LAYERS = {
    "request": "Request",
    "text": "TextLayer",
    "entities": "tuple[EntityMention, ...]",
    "times": "tuple[TimeMention, ...]",
    "policies": "tuple[PolicyMention, ...]",
    "figures": "tuple[FigureMention, ...]",
    "names": "tuple[Entity, ...]",
    "frames": "tuple[Frame, ...]",
    "relations": "tuple[Relation, ...]",
    "opinions": "tuple[OpinionMention, ...]",
    "statements": "tuple[RoleStatement, ...]",
    "participants": "Participants",
    "sentiment": "SentimentLayer",
    "industries": "tuple[IndustryItem, ...]",
}
_PREFIX = "nlp_extract_"
_TYPES = {
    cls.__name__: cls
    for cls in (
        Span, Request, Sentence, Quotation, Dateline, TextLayer, EntityMention, TimeMention, PolicyMention, Change,
        FigureMention, Entity, Frame, Relation, RankedParticipant, Participants, RoleStatement, OpinionMention,
        PolarStatement, SentimentLayer, IndustryItem,
    )
}  # fmt: skip


def get(doc: Doc, layer: str) -> Any:
    """A layer of the doc, or None (also: `doc._.nlp_extract_<layer>`)."""
    value = doc.user_data.get(_PREFIX + layer)
    # Msgpack gives lists back for tuples.
    return tuple(value) if isinstance(value, list) else value


def put(doc: Doc, layer: str, value: object) -> None:
    """Store a layer on the doc."""
    if layer not in LAYERS:
        raise KeyError(f"{layer!r} is no layer; known: {', '.join(LAYERS)}")
    doc.user_data[_PREFIX + layer] = value


def items(doc: Doc, layer: str) -> tuple[Any, ...]:
    """A layer that is a tuple; empty when its component has not run."""
    return get(doc, layer) or ()


def _encode(value: Any, chain: Any = None) -> Any:
    """Msgpack form of a layer, so that docs travel between processes (`n_process`)."""
    kind = type(value).__name__
    if _TYPES.get(kind) is type(value):
        fields = [getattr(value, f.name) for f in dataclasses.fields(value)]
        return {"__nlp_extract__": kind, "fields": fields}
    if isinstance(value, datetime.date):
        return {"__nlp_extract__": "date", "fields": value.isoformat()}
    return value if chain is None else chain(value)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _decode(value: Any, chain: Any = None) -> Any:
    if isinstance(value, dict) and "__nlp_extract__" in value:
        kind = value["__nlp_extract__"]
        if kind == "date":
            return datetime.date.fromisoformat(value["fields"])
        return _TYPES[kind](*(_tuples(f) for f in value["fields"]))
    return value if chain is None else chain(value)


srsly.msgpack_encoders.register("nlp_extract", func=_encode)
srsly.msgpack_decoders.register("nlp_extract", func=_decode)

for _layer in LAYERS:
    if not Doc.has_extension(_PREFIX + _layer):
        Doc.set_extension(_PREFIX + _layer, getter=lambda doc, _layer=_layer: get(doc, _layer))
