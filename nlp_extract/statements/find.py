"""Statements: which sentences play which roles, and the clauses of a long sentence that carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy

from nlp_extract.layers import EntityMention, RoleStatement, Sentence, Span, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.statements.features import rows

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


def find_statements(
    text: TextLayer, entities: Sequence[EntityMention], model: LinearModel, thresholds: Mapping[str, float]
) -> tuple[RoleStatement, ...]:
    """Return the statements of an article, by position and role.

    Parameters
    ----------
    text : TextLayer
    entities : sequence of EntityMention
        For the holders of reactions.
    model : LinearModel
        A probability for each role.
    thresholds : mapping of str to float
        The least probability of each role.
    """
    if not text.sentences:
        return ()
    chances = model.predict_proba(rows(text.shadow[s.start : s.end] for s in text.sentences))
    found: list[RoleStatement] = []
    for sentence, values in zip(text.sentences, chances, strict=True):
        for column, role in enumerate(model.labels):
            score = float(values[column])
            if score >= thresholds.get(role, 2.0):
                span = carrier(text, sentence, model, column)
                holder = holder_of(span, entities) if role == "reaction" else None
                found.append(RoleStatement(span.start, span.end, role, score, sentence.index, holder))
    return tuple(sorted(found, key=lambda s: (s.start, s.end, s.role)))


def carrier(text: TextLayer, sentence: Sentence, model: LinearModel, column: int) -> Span:
    """The run of clauses of a long sentence that says most for a role; a short sentence as a whole."""
    if sentence.end - sentence.start <= LONG or len(sentence.clauses) < 2:
        return Span(sentence.start, sentence.end)
    clauses = sentence.clauses
    values = model.scores(rows(text.shadow[c.start : c.end] for c in clauses))[:, column]
    first = last = int(numpy.argmax(values))
    bar = float(values.mean())
    while first > 0 and (values[first - 1] > bar or clauses[last].end - clauses[first].start < _SHORTEST):
        first -= 1
    while last + 1 < len(clauses) and (values[last + 1] > bar or clauses[last].end - clauses[first].start < _SHORTEST):
        last += 1
    return Span(clauses[first].start, clauses[last].end)


def holder_of(span: Span, entities: Sequence[EntityMention]) -> Span | None:
    """Whose reaction it is: the first organisation, person or place named in it."""
    inside = [m for m in entities if span.start <= m.start and m.end <= span.end]
    return min((Span(m.start, m.end) for m in inside), default=None)
