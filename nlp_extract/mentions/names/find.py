"""From mentions to entities: names that belong together, places resolved, people described."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nlp_extract.layers import Entity, EntityMention, Label, Span, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.mentions.names import aliases, persons, roles
from nlp_extract.mentions.names.gazetteer import Place, gazetteer

ORDER: tuple[Label, ...] = ("LOC", "ORG", "PER")


@dataclasses.dataclass(frozen=True)
class Models:
    """The trained decisions: are two names one, and what role a place has."""

    aliases: LinearModel
    alias_threshold: float
    roles: LinearModel
    place_threshold: float


def find_names(text: TextLayer, mentions: Sequence[EntityMention], models: Models) -> tuple[Entity, ...]:
    """The entities of an article, by first mention.

    Parameters
    ----------
    text : TextLayer
    mentions : sequence of EntityMention
    models : Models

    Returns
    -------
    tuple of Entity
        Every mention belongs to exactly one.
    """
    found: list[Entity] = []
    for label in ORDER:
        own = [m for m in mentions if m.label == label and aliases.bare(text.shadow[m.start : m.end])]
        if own:
            found += _entities(text, mentions, own, label, models)
    return tuple(sorted(found, key=lambda e: (e.mentions[0].start, e.mentions[0].end, e.label)))


def place_groups(
    text: TextLayer, mentions: Sequence[EntityMention], models: Models
) -> list[tuple[tuple[Span, ...], Place, list[str]]]:
    """The places of an article: mentions, what they stand for, names; by first mention."""
    forms = aliases.Forms(text, mentions, gazetteer().resolve(_names(text, mentions)))
    groups = []
    for names in aliases.link(forms, "LOC", models.aliases, models.alias_threshold):
        spans = _spans(forms, names)
        resolved = [forms.places[n] for n in names]
        place = next((p for p in resolved if p.entry is not None), resolved[0])
        groups.append((spans, place, names))
    return sorted(groups, key=lambda g: (g[0][0].start, g[0][0].end))


def _names(text: TextLayer, mentions: Sequence[EntityMention]) -> list[str]:
    return [aliases.bare(text.shadow[m.start : m.end]) for m in mentions]


def _spans(forms: aliases.Forms, names: Sequence[str]) -> tuple[Span, ...]:
    return tuple(sorted({Span(s, e) for name in names for s, e in forms.spots[name]}))


def _entities(
    text: TextLayer, mentions: Sequence[EntityMention], own: Sequence[EntityMention], label: Label, models: Models
) -> list[Entity]:
    if label == "LOC":
        groups = place_groups(text, own, models)
        rows = roles.features(text, [(spans, place) for spans, place, _ in groups])
        shares = models.roles.predict_proba(rows)
        found = []
        for (spans, place, names), share in zip(groups, shares.tolist(), strict=True):
            by_role = dict(zip(models.roles.labels, share, strict=True))
            listed = 1.0 - by_role["none"] >= models.place_threshold
            role = max(roles.LABELS[1:], key=lambda r: by_role.get(r, 0.0)) if listed else None
            found.append(
                Entity(
                    names[0],
                    label,
                    spans,
                    tuple(names),
                    canonical=place.name,
                    country=place.country,
                    level=place.level,
                    role=role,
                )
            )
        return found
    forms = aliases.Forms(text, own, {})
    linked = [
        (names, _spans(forms, names)) for names in aliases.link(forms, label, models.aliases, models.alias_threshold)
    ]
    if label == "ORG":
        return [Entity(names[0], label, spans, tuple(names), canonical=names[0]) for names, spans in linked]
    around = persons.Around(text, mentions)
    bylines = {(m.start, m.end) for m in own if m.byline}
    found = []
    for names, spans in linked:
        affiliation, title = persons.attributes(around, spans)
        found.append(
            Entity(
                names[0],
                label,
                spans,
                tuple(names),
                canonical=names[0],
                affiliation=affiliation,
                title=title,
                byline=all((s.start, s.end) in bylines for s in spans),
            )
        )
    return found
