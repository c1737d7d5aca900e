"""Statements: which sentences play which roles, and the clauses of a long sentence that carry them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy
from numpy.typing import NDArray

from nlp_extract.layers import RoleStatement, Sentence, Span, TextLayer
from nlp_extract.statements.roles import Roles
from nlp_extract.statements.upstream import Upstream

ROLES = (
    "reaction",
    "measure",
    "challenge",
    "outlook_positive",
    "outlook_negative",
    "scope_national",
    "scope_industry",
    "scope_company",
    "scope_regional",
)
LONG = 60  # characters; of a longer sentence the item is the clauses that carry the role
SHORT = 12  # characters; less says nothing alone
REACH = 15  # characters from the beginning in which the holder is named
# A clause that names a time alone: 今年1月至5月.
_TIME_ALONE = re.compile(
    r"(?:截至)?[0-9一二三四五六七八九十两年月日时上下半第季度周今去明前本至到份末底初同期当天—-]{2,16}"
)
_OBJECT = frozenset("把对向给被将与和跟同为于由从以在")


def find_statements(upstream: Upstream, roles: Roles, thresholds: Mapping[str, float]) -> tuple[RoleStatement, ...]:
    """Return the statements of an article, by position and role.

    Parameters
    ----------
    upstream : Upstream
        The layers before; the text layer is enough.
    roles : Roles
        The model.
    thresholds : mapping of str to float
        The least probability of each role.
    """
    text = upstream.text
    if not text.sentences:
        return ()
    chances = roles.chances(upstream)
    least = numpy.array([thresholds[role] for role in roles.labels])
    chosen = [(int(n), int(k)) for n, k in numpy.argwhere(chances >= least)]
    spans = carriers(text, chosen, roles)
    found: list[RoleStatement] = []
    for (number, column), span in zip(chosen, spans, strict=True):
        role, sentence = roles.labels[column], text.sentences[number]
        holder = holder_of(upstream, sentence, span) if role == "reaction" else None
        found.append(RoleStatement(span.start, span.end, role, float(chances[number, column]), number, holder))
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.role)))


def carriers(text: TextLayer, chosen: Sequence[tuple[int, int]], roles: Roles) -> list[Span]:
    """For sentences and roles by number: the clauses that carry the role, of a short sentence all of it."""
    numbers = sorted({n for n, _ in chosen if text.sentences[n].end - text.sentences[n].start > LONG})
    parts = {n: units(text, text.sentences[n]) for n in numbers}
    values = roles.stretches([text.shadow[part.start : part.end] for n in numbers for part in parts[n]])
    firsts = numpy.cumsum([0, *(len(parts[n]) for n in numbers)])
    of = {n: values[first : first + len(parts[n])] for n, first in zip(numbers, firsts, strict=False)}
    return [
        _carrier(parts[n], of[n][:, column]) if n in of else Span(text.sentences[n].start, text.sentences[n].end)
        for n, column in chosen
    ]


def _carrier(parts: Sequence[Span], values: NDArray[numpy.float32]) -> Span:
    """The run of clauses that says most for a role."""
    first = last = int(numpy.argmax(values))
    bar = float(values.mean())

    def belongs(n: int) -> bool:
        return 0 <= n < len(parts) and (float(values[n]) > bar or parts[last].end - parts[first].start < SHORT)

    while belongs(first - 1):
        first -= 1
    while belongs(last + 1):
        last += 1
    return Span(parts[first].start, parts[last].end)


@functools.cache
def _rows(name: str) -> list[list[str]]:
    lines = (files("nlp_extract.statements") / "data" / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


@functools.cache
def _joints(kind: str) -> tuple[str, ...]:
    return tuple(word for word, other in _rows("joints.tsv") if other == kind)


def units(text: TextLayer, sentence: Sentence) -> list[Span]:
    """The clauses of a sentence, those joined that do not stand alone (`data/joints.tsv`) or share a quotation."""
    shadow = text.shadow
    found: list[Span] = []
    # End of the quotation that is open.
    quoted = -1
    quotations = [q for q in text.quotations if sentence.start <= q.start < sentence.end]
    number = 0
    joined = False
    for clause in sentence.clauses:
        words = shadow[clause.start : clause.end]
        if found and (joined or words.startswith(_joints("continues"))):
            found[-1] = Span(found[-1].start, clause.end)
        else:
            found.append(clause)
        while number < len(quotations) and quotations[number].start <= clause.end:
            quoted = max(quoted, quotations[number].end)
            number += 1
        joined = (
            quoted > clause.end
            or words.startswith(_joints("opens"))
            or words.endswith(_joints("hangs"))
            or _TIME_ALONE.fullmatch(words) is not None
        )
    return found


@functools.cache
def _holders() -> re.Pattern[str]:
    nouns = sorted((row[0] for row in _rows("holders.tsv")), key=lambda noun: (-len(noun), noun))
    # Beside the nouns: 美方, 俄方.
    return re.compile("|".join([*nouns, r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]方(?![面案法式针向便])"]))


def holder_of(upstream: Upstream, sentence: Sentence, span: Span) -> Span | None:
    """Whose reaction or market it is: the speaker, else the first one named near the beginning, as no object."""
    for opinion in upstream.opinions:
        speaker = opinion.speaker
        if opinion.start == sentence.start and speaker is not None and sentence.start <= speaker.start < sentence.end:
            return speaker
    shadow = upstream.text.shadow
    near = range(span.start, min(span.end, span.start + REACH))
    options = [Span(m.start, m.end) for m in upstream.entities if m.start in near and m.end <= span.end]
    noun = _holders().search(shadow, span.start, min(span.end, near.stop))
    if noun is not None:
        options.append(Span(*noun.span()))
    return min((o for o in options if shadow[o.start - 1 : o.start] not in _OBJECT), default=None)
