"""Statements: which sentences play which roles, and the clauses of a long sentence that carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy

from nlp_extract.layers import EntityMention, RoleStatement, Sentence, Span, TextLayer
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
_SHORTEST = 8


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
    found: list[RoleStatement] = []
    for sentence, values in zip(text.sentences, roles.chances(upstream), strict=True):
        for column, role in enumerate(roles.labels):
            score = float(values[column])
            if score >= thresholds[role]:
                span = carrier(text, sentence, roles, column)
                holder = holder_of(span, upstream.entities) if role == "reaction" else None
                found.append(RoleStatement(span.start, span.end, role, score, sentence.index, holder))
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.role)))


def carrier(text: TextLayer, sentence: Sentence, roles: Roles, column: int) -> Span:
    """The run of clauses of a long sentence that says most for a role; a short sentence as a whole."""
    clauses = sentence.clauses
    if sentence.end - sentence.start <= LONG or len(clauses) < 2:
        return Span(sentence.start, sentence.end)
    values = roles.stretches([text.shadow[c.start : c.end] for c in clauses])[:, column]
    first = last = int(numpy.argmax(values))
    bar = float(values.mean())

    def belongs(n: int) -> bool:
        return 0 <= n < len(clauses) and (
            float(values[n]) > bar or clauses[last].end - clauses[first].start < _SHORTEST
        )

    while belongs(first - 1):
        first -= 1
    while belongs(last + 1):
        last += 1
    return Span(clauses[first].start, clauses[last].end)


def holder_of(span: Span, entities: Sequence[EntityMention]) -> Span | None:
    """Whose reaction it is: the first organisation, person or place named in it."""
    inside = [Span(m.start, m.end) for m in entities if span.start <= m.start and m.end <= span.end]
    return min(inside, default=None)
