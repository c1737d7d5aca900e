"""Who or what may be a participant: entities, and noun phrases grouped by their surface."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import ahocorasick
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Entity, Relation, Span, TextLayer
from nlp_extract.relations.arguments import runs
from nlp_extract.relations.clusters import UNKNOWN, Clusters
from nlp_extract.relations.words import Word, words_of

LONGEST = 24  # characters of a phrase
KINDS = ("subject", "object", "mention", "run", "part", "tail")
_PARTS = frozenset(["、", "和", "与", "及", "以及"])
_NAMED = frozenset(["ORG", "PER", "LOC"])
Argument = tuple[str, Relation, Span]


@dataclasses.dataclass(slots=True)
class Place:
    """One mention: where, in which sentence, what kind of phrase (`KINDS`), whether a clause begins with it, the words
    beside it (group or tag)."""

    span: Span
    sentence: int
    kind: str
    opens: bool
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
    parts : set of str
        Names of the entities in it, its own among them.
    """

    name: str
    label: str
    entity: Entity | None
    places: list[Place]
    roles: list[tuple[str, Relation, bool]] = dataclasses.field(default_factory=list)
    count: int = 0
    parts: set[str] = dataclasses.field(default_factory=set)

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
    for n, others in near.items():
        others.discard(n)
    return near


def collect(doc: Doc, text: TextLayer, clusters: Clusters) -> list[Participant]:
    """Candidates by first mention."""
    relations: tuple[Relation, ...] = layers.items(doc, "relations")
    arguments = _arguments(relations)
    entities: list[Entity] = [e for e in layers.items(doc, "names") if not e.byline]
    owner = {(m.start, m.end): n for n, e in enumerate(entities) for m in e.mentions}
    named = {name: n for n, e in enumerate(entities) for name in e.names}
    byline = _bylines(doc, text)
    found: dict[object, Participant] = {}
    for row in words_of(doc, text):
        words, sentence = row.words, row.sentence.index
        inner = [(n, entities[owner[w[:2]]].name) for n, w in enumerate(words) if w[:2] in owner]
        for kind, first, last in _phrases(words, arguments.get(sentence, ())):
            head = words[last]
            span = Span(words[first].start, head.end)
            if byline and any(span.overlaps(b) for b in byline):
                continue
            if head.tag in _NAMED and first < last:
                if any(w.text in _PARTS for w in words[first:last]):
                    continue  # an enumeration of names
                # A name with its title or kind before it is the name: 教官张三.
                first, span = last, Span(head.start, head.end)
            surface = text.shadow[span.start : span.end]
            number = owner.get((span.start, span.end), named.get(surface))
            entity = None if number is None else entities[number]
            key: object = surface if number is None else number
            participant = found.get(key)
            if participant is None:
                if entity is not None:
                    participant = Participant(entity.name, entity.label, entity, [])
                    participant.parts.add(entity.name)
                else:
                    label = head.tag if head.tag in _NAMED and first == last else "OTHER"
                    participant = Participant(surface, label, None, [])
                found[key] = participant
            for n, name in inner:
                if first <= n <= last:
                    participant.parts.add(name)
            participant.places.append(
                Place(
                    span,
                    sentence,
                    kind,
                    first == 0 or words[first - 1].clause != words[first].clause,
                    (words[first - 1].group or words[first - 1].tag) if first else "^",
                    (words[last + 1].group or words[last + 1].tag) if last + 1 < len(words) else "$",
                    head.text,
                    UNKNOWN if head.tag.isupper() else clusters.of(head.text),
                )
            )
    kept = sorted(found.values(), key=lambda p: (p.places[0].span.start, p.places[0].span.end, p.name))
    _place_roles(kept, relations, arguments)
    _count(kept, text.shadow)
    return kept


def _bylines(doc: Doc, text: TextLayer) -> list[Span]:
    """Where reporters and agencies sign, which never are participants."""
    spans = [Span(m.start, m.end) for e in layers.items(doc, "names") if e.byline for m in e.mentions]
    spans += [Span(m.start, m.end) for m in layers.items(doc, "entities") if m.byline]
    if text.dateline is not None:
        spans.append(Span(text.dateline.start, text.dateline.end))
    return spans


def _arguments(relations: Sequence[Relation]) -> dict[int, list[Argument]]:
    """Subjects and objects of relations, by sentence."""
    found: dict[int, list[Argument]] = {}
    for relation in relations:
        for role, span in (("subject", relation.subject), ("object", relation.object)):
            if span is not None:
                found.setdefault(relation.sentence, []).append((role, relation, span))
    return found


def _phrases(words: Sequence[Word], arguments: Sequence[Argument]) -> list[tuple[str, int, int]]:
    """Kind, first and last word of mentions, runs of nominal words and their parts, of one sentence, each once."""
    tried: list[tuple[str, int, int]] = []
    if arguments:
        starts = {w.start: n for n, w in enumerate(words)}
        ends = {w.end: n for n, w in enumerate(words)}
        for role, _, span in arguments:
            if span.start in starts and span.end in ends and span.end - span.start <= LONGEST:
                tried.append((role, starts[span.start], ends[span.end]))
    tried += [("mention", n, n) for n, word in enumerate(words) if word.tag in _NAMED]
    for first, last in runs(words):
        tried.append(("run", first, last))
        begin = first
        for n in range(first, last + 2):
            if n > last or words[n].text in _PARTS:
                if begin < n and (begin, n - 1) != (first, last):
                    tried.append(("part", begin, n - 1))
                if n - begin >= 3:
                    tried.append(("tail", n - 2, n - 1))
                begin = n + 1
    found: list[tuple[str, int, int]] = []
    seen: set[tuple[int, int]] = set()
    for kind, first, last in tried:
        if words[last].text in "”》" and not any(w.text in "“《" for w in words[first:last]):
            last -= 1
        if last < first or (first, last) in seen:
            continue
        seen.add((first, last))
        length = words[last].end - words[first].start
        if 2 <= length <= LONGEST and words[last].tag != "TIME" and not _bare(words, first, last):
            found.append((kind, first, last))
    return found


def _bare(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether a phrase is but numbers, marks and pronouns."""
    for n in range(last, first - 1, -1):
        word = words[n]
        if word.group == "party" or (word.tag[0] not in "mqxr" and word.group != "pronoun"):
            return False
    return True


def _place_roles(
    participants: Sequence[Participant], relations: Sequence[Relation], arguments: Mapping[int, Sequence[Argument]]
) -> None:
    """Give every candidate the relations that it is an argument of, or a part of one."""
    for participant in participants:
        for place in participant.places:
            start, end = place.span.start, place.span.end
            for role, relation, span in arguments.get(place.sentence, ()):
                left, right = span.start - start, span.end - end
                if (left <= 0 <= right) or (right <= 0 <= left):
                    participant.roles.append((role, relation, left == right == 0))
    by_name = {p.name: p for p in participants if p.entity is not None}
    for relation in relations:
        if (relation.subject is None or "pronoun" in relation.rule) and relation.subject_name in by_name:
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
