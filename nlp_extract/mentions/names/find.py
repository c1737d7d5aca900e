"""From mentions to entities: names that belong together, places resolved, people described."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nlp_extract.layers import Entity, EntityMention, Label, Span, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.mentions.names import aliases, persons, roles
from nlp_extract.mentions.names.gazetteer import Place, gazetteer
from nlp_extract.models import ModelFolder

ORDER: tuple[Label, ...] = ("LOC", "ORG", "PER")


@dataclasses.dataclass(frozen=True)
class Models:
    """The trained decisions: are two names one, is a place worth listing, does the event happen there."""

    aliases: LinearModel
    places: LinearModel
    scene: LinearModel
    alias_threshold: float
    place_threshold: float

    @classmethod
    def of(cls, folder: ModelFolder) -> Models:
        """The decisions of a model folder."""
        aliases, places, scene = (
            LinearModel.from_arrays(folder.arrays(f"{name}.npz")) for name in ("aliases", "places", "scene")
        )
        settings = folder.json("settings.json")
        return cls(aliases, places, scene, float(settings["alias_threshold"]), float(settings["place_threshold"]))


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
    mentions = _relabelled(text, mentions)
    found: list[Entity] = []
    for label in ORDER:
        own = [m for m in mentions if m.label == label and aliases.bare(text.shadow[m.start : m.end])]
        if own:
            found += _entities(text, mentions, own, label, models)
    return tuple(sorted(found, key=lambda e: (e.mentions[0].start, e.mentions[0].end, e.label)))


def _relabelled(text: TextLayer, mentions: Sequence[EntityMention]) -> Sequence[EntityMention]:
    """The mentions, with people's names that are the core of a company's full name as organisations: 小鹏."""
    names = [aliases.bare(text.shadow[m.start : m.end]) for m in mentions]
    cores = {aliases.core(name) for name, m in zip(names, mentions, strict=True) if m.label == "ORG"}
    return [
        dataclasses.replace(m, label="ORG") if m.label == "PER" and name in cores else m
        for name, m in zip(names, mentions, strict=True)
    ]


def place_groups(
    text: TextLayer, mentions: Sequence[EntityMention], pairs: LinearModel, threshold: float
) -> list[tuple[tuple[Span, ...], Place, list[str]]]:
    """The places of an article: mentions, what they stand for, names; by first mention."""
    forms = aliases.Forms(text, mentions, gazetteer().resolve(_names(text, mentions)))
    groups = []
    for names in aliases.link(forms, "LOC", pairs, threshold):
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
        return _places(text, own, models)
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


def _places(text: TextLayer, own: Sequence[EntityMention], models: Models) -> list[Entity]:
    groups = place_groups(text, own, models.aliases, models.alias_threshold)
    rows = roles.features(text, [(spans, place) for spans, place, _ in groups])
    listed = models.places.predict_proba(rows)[:, 0] >= models.place_threshold
    scene = models.scene.predict_proba(rows)[:, 0] >= 0.5
    ends = {m.end: m.start for m in own}
    found = []
    for (spans, place, names), is_listed, is_scene in zip(groups, listed.tolist(), scene.tolist(), strict=True):
        role = None
        if roles.is_seat(text, spans, ends):
            role = "seat"
        elif is_listed:
            role = "scene" if is_scene else "involved"
        found.append(
            Entity(
                names[0],
                "LOC",
                spans,
                tuple(names),
                canonical=place.name,
                country=place.country,
                level=place.level,
                role=role,
            )
        )
    return found
