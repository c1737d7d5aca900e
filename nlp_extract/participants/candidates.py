"""Who or what may be a participant: entities, and noun phrases grouped by their surface."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import ahocorasick
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Entity, Relation, Span, TextLayer
from nlp_extract.relations.arguments import runs
from nlp_extract.relations.clusters import UNKNOWN, Clusters
from nlp_extract.relations.words import SentenceWords, Word, words_of

LONGEST = 24  # characters of a phrase
_PARTS = frozenset(["、", "和", "与", "及", "以及"])


@dataclasses.dataclass(slots=True)
class Place:
    """One mention: where, in which sentence, what kind of phrase, the words beside it."""

    span: Span
    sentence: int
    kind: str
    before: str
    after: str
    head: str
    classes: tuple[int, int, int] = UNKNOWN


@dataclasses.dataclass(slots=True)
class Participant:
    """A candidate: an entity with all its names, or a noun phrase.

    Attributes
    ----------
    places : list of Place
        By position; the first is its evidence.
    roles : list of (role, relation, exact)
        Relations whose subject or object it is, or is part of; `carried`: whose subject it is from a sentence before.
    count : int
        How often its names occur in the article.
    parts : frozenset of str
        Names of the entities in it, its own among them.
    """

    name: str
    label: str
    entity: Entity | None
    places: list[Place]
    roles: list[tuple[str, Relation, bool]] = dataclasses.field(default_factory=list)
    count: int = 0
    parts: frozenset[str] = frozenset()

    def alike(self, other: Participant) -> bool:
        """Whether one is part of the other or both are about the same entity."""
        if self.parts & other.parts:
            return True
        others = other.forms()
        return any(f in g or g in f for f in self.forms() for g in others)

    def forms(self) -> tuple[str, ...]:
        """All surfaces."""
        return self.entity.names if self.entity is not None else (self.name,)


def alike(participants: Sequence[Participant], kept: Sequence[int]) -> dict[int, set[int]]:
    """For every kept candidate the others that are alike (`Participant.alike`)."""
    near: dict[int, set[int]] = {n: set() for n in kept}
    by_part: dict[str, list[int]] = {}
    owners: list[int] = []
    lines: list[str] = []
    for n in kept:
        for part in participants[n].parts:
            by_part.setdefault(part, []).append(n)
        for form in participants[n].forms():
            lines.append(form)
            owners += [n] * (len(form) + 1)
    for members in by_part.values():
        for n in members:
            near[n].update(members)
    # Every form is looked for in all of them at once.
    table, start = "\0".join(lines), 0
    for form in lines:
        n, at = owners[start], table.find(form)
        while at >= 0:
            near[n].add(owners[at])
            near[owners[at]].add(n)
            at = table.find(form, at + 1)
        start += len(form) + 1
    for n, members in near.items():
        members.discard(n)
    return near


def collect(doc: Doc, text: TextLayer, clusters: Clusters) -> tuple[list[Participant], Sequence[SentenceWords]]:
    """Candidates by first mention, and the words they were read from."""
    rows = words_of(doc, text)
    relations: tuple[Relation, ...] = layers.items(doc, "relations")
    entities: list[Entity] = [e for e in layers.items(doc, "names") if not e.byline]
    owner = {(m.start, m.end): n for n, e in enumerate(entities) for m in e.mentions}
    byline = _bylines(doc, text)
    found: dict[object, Participant] = {}

    def add(key: object, name: str, label: str, entity: Entity | None, place: Place, parts: frozenset[str]) -> None:
        participant = found.get(key)
        if participant is None:
            participant = found[key] = Participant(name, label, entity, [])
        participant.parts |= parts
        participant.places.append(place)

    named = {name: n for n, e in enumerate(entities) for name in e.names}
    for row in rows:
        for span, kind, first, last in _phrases(row, relations):
            if any(span.overlaps(b) for b in byline):
                continue
            words = row.words
            head = _named_head(words, first, last)
            if head is not None:
                if head == first < last:
                    continue
                # A name with its title or kind before it is the name: 教官张三.
                first, span = head, Span(words[head].start, words[head].end)
            surface = text.shadow[span.start : span.end]
            number = owner.get((span.start, span.end), named.get(surface))
            before = words[first - 1] if first else None
            after = words[last + 1] if last + 1 < len(words) else None
            place = Place(
                span,
                row.sentence.index,
                kind,
                "^" if before is None else before.group or before.tag,
                "$" if after is None else after.group or after.tag,
                words[last].text,
                UNKNOWN if words[last].tag.isupper() else clusters.of(words[last].text),
            )
            inside = frozenset(
                entities[owner[w.start, w.end]].name for w in words[first : last + 1] if (w.start, w.end) in owner
            )
            if number is not None:
                entity = entities[number]
                add(number, entity.name, entity.label, entity, place, inside | {entity.name})
            else:
                label = words[last].tag if words[last].tag in ("ORG", "PER", "LOC") and first == last else "OTHER"
                add(surface, surface, label, None, place, inside)
    kept = sorted(found.values(), key=lambda p: (p.places[0].span.start, p.places[0].span.end, p.name))
    _place_roles(kept, relations)
    _count(kept, text.shadow)
    return kept, rows


def _named_head(words: Sequence[Word], first: int, last: int) -> int | None:
    """Index of the mention that heads a phrase, None for a common noun; `first` for an enumeration of names."""
    if words[last].tag not in ("ORG", "PER", "LOC"):
        return None
    return first if any(w.text in _PARTS for w in words[first:last]) else last


def _bylines(doc: Doc, text: TextLayer) -> list[Span]:
    """Where reporters and agencies sign, which never are participants."""
    spans = [Span(m.start, m.end) for e in layers.items(doc, "names") if e.byline for m in e.mentions]
    spans += [Span(m.start, m.end) for m in layers.items(doc, "entities") if m.byline]
    if text.dateline is not None:
        spans.append(Span(text.dateline.start, text.dateline.end))
    return spans


def _phrases(row: SentenceWords, relations: Sequence[Relation]) -> Iterator[tuple[Span, str, int, int]]:
    """Mentions, runs of nominal words and their parts, of one sentence, each once."""
    words = row.words
    seen: set[tuple[int, int]] = set()
    index = row.sentence.index
    starts = {w.start: n for n, w in enumerate(words)}
    ends = {w.end: n for n, w in enumerate(words)}
    for relation in relations:
        if relation.sentence == index:
            for span, kind in ((relation.subject, "subject"), (relation.object, "object")):
                if span is not None and span.start in starts and span.end in ends and span.end - span.start <= LONGEST:
                    yield from _once(words, starts[span.start], ends[span.end], kind, seen)
    for n, word in enumerate(words):
        if word.tag in ("ORG", "PER", "LOC"):
            yield from _once(words, n, n, "mention", seen)
    for first, last in runs(words):
        yield from _once(words, first, last, "run", seen)
        begin = first
        for n in range(first, last + 2):
            if n > last or words[n].text in _PARTS:
                if begin < n and (begin, n - 1) != (first, last):
                    yield from _once(words, begin, n - 1, "part", seen)
                if n - begin >= 3:
                    yield from _once(words, n - 2, n - 1, "tail", seen)
                begin = n + 1


def _once(
    words: Sequence[Word], first: int, last: int, kind: str, seen: set[tuple[int, int]]
) -> Iterator[tuple[Span, str, int, int]]:
    """A phrase that is not a lone number, mark or pronoun, unless it was given before."""
    if words[last].text in "”》" and not any(w.text in "“《" for w in words[first:last]):
        last -= 1
    if last < first or (first, last) in seen:
        return
    seen.add((first, last))
    span = Span(words[first].start, words[last].end)
    if not 2 <= span.end - span.start <= LONGEST or words[last].tag == "TIME":
        return
    if all(w.group != "party" and (w.tag[0] in "mqxr" or w.group == "pronoun") for w in words[first : last + 1]):
        return
    yield span, kind, first, last


def _place_roles(participants: Sequence[Participant], relations: Sequence[Relation]) -> None:
    """Give every candidate the relations that it is an argument of, or a part of one."""
    arguments: dict[int, list[tuple[str, Relation, Span]]] = {}
    for relation in relations:
        for role, span in (("subject", relation.subject), ("object", relation.object)):
            if span is not None:
                arguments.setdefault(relation.sentence, []).append((role, relation, span))
    for participant in participants:
        for place in participant.places:
            for role, relation, span in arguments.get(place.sentence, ()):
                if span.contains(place.span) or place.span.contains(span):
                    participant.roles.append((role, relation, span == place.span))
    by_name = {p.name: p for p in participants if p.entity is not None}
    for relation in relations:
        if relation.subject is None and relation.subject_name in by_name:
            by_name[relation.subject_name].roles.append(("carried", relation, False))


def _count(participants: Sequence[Participant], shadow: str) -> None:
    """Count the names in the article, each participant's overlapping ones once."""
    automaton = ahocorasick.Automaton()
    owners: dict[str, list[int]] = {}
    for n, participant in enumerate(participants):
        for form in participant.forms():
            owners.setdefault(form, []).append(n)
    for form in sorted(owners):
        automaton.add_word(form, form)
    if not owners:
        return
    automaton.make_automaton()
    reached = [0] * len(participants)
    for last, form in automaton.iter(shadow):
        for n in owners[form]:
            if last + 1 - len(form) >= reached[n]:
                participants[n].count += 1
                reached[n] = last + 1
