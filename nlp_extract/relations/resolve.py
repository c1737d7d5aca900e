"""What a subject stands for, whether the action is fact, plan, possible or negated, and when."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Sequence

from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Entity, Modality, Span, TextLayer, TimeMention
from nlp_extract.relations.words import Word

_PERSONS = frozenset(["他", "她"])
_REACH = 6  # words before the predicate in which a modal counts


@dataclasses.dataclass(frozen=True, slots=True)
class Resolved:
    """Name of the subject, modality, and the rule that found them."""

    name: str | None
    modality: Modality
    rule: str


class Resolver:
    """Carries subjects from one relation to the next; asked in the order of the article."""

    def __init__(self, doc: Doc, text: TextLayer) -> None:
        self.text = text
        self.times: tuple[TimeMention, ...] = layers.items(doc, "times")
        self.time_starts = [t.start for t in self.times]
        names: tuple[Entity, ...] = layers.items(doc, "names")
        self.owner = {(m.start, m.end): e for e in names if not e.byline for m in e.mentions}
        self.mentions = sorted((m.start, m.end, e.name, e.label) for e in names if not e.byline for m in e.mentions)
        self.starts = [m[0] for m in self.mentions]
        self.last_name: str | None = None
        self.last_sentence = -9

    def resolve(self, words: Sequence[Word], index: int, subject: Span | None, sentence: int) -> Resolved:
        """Name what the subject stands for and read the modality off the words before the predicate."""
        rule = "subject"
        name: str | None = None
        if subject is None:
            rule = "no_subject"
            if self.last_name is not None and sentence - self.last_sentence <= 1:
                name, rule = self.last_name, "carried_subject"
                self.last_sentence = sentence
        else:
            surface = self.text.shadow[subject.start : subject.end]
            word = next((w for w in words if w.start == subject.start), None)
            pronoun = word is not None and word.group == "pronoun" and len(surface) <= 3
            entity = self.owner.get((subject.start, subject.end))
            if entity is not None:
                name = entity.name
            elif pronoun:
                name, rule = self._antecedent(surface, subject.start), "pronoun"
            if name is not None or not pronoun:
                self.last_name = name or surface
                self.last_sentence = sentence
        groups = self._marks(words, index)
        if "passive" in groups:
            rule += "+passive"
        elif "disposal" in groups:
            rule += "+disposal"
        elif words[index].group == "light":
            rule += "+light_verb"
        return Resolved(name, _modality(groups), rule)

    def _antecedent(self, pronoun: str, start: int) -> str | None:
        """The entity a pronoun stands for: the last person for 他 and 她, else the last carried subject."""
        if pronoun in _PERSONS:
            for n in range(bisect_left(self.starts, start) - 1, -1, -1):
                if self.mentions[n][3] == "PER":
                    return self.mentions[n][2]
            return None
        if pronoun.startswith(("该", "其", "它", "此", "本")):
            label = "PER" if pronoun.endswith(("人", "员")) else "ORG"
            for n in range(bisect_left(self.starts, start) - 1, -1, -1):
                if self.mentions[n][3] == label:
                    return self.mentions[n][2]
        return self.last_name

    @staticmethod
    def _marks(words: Sequence[Word], index: int) -> set[str]:
        """Groups of the function words before the predicate in its clause."""
        clause = words[index].clause
        found: set[str] = set()
        for n in range(index - 1, max(index - _REACH, 0) - 1, -1):
            word = words[n]
            if word.clause != clause:
                break
            group = word.group
            if group == "disposal" and word.text == "将" and not words[n + 1].nominal:
                group = "plan"
            if group == "negated" and index - n > 3:
                continue
            found.add(group)
            if word.verbal and not group and n < index - 1:
                break
        return found

    def time(self, predicate: Span) -> Span | None:
        """The time expression of the predicate's clause that stands nearest to it."""
        clause = self.text.clause_at(predicate.start)
        if clause is None or not self.times:
            return None
        found: tuple[int, Span] | None = None
        for n in range(bisect_left(self.time_starts, clause.start), len(self.times)):
            time = self.times[n]
            if time.start >= clause.end:
                break
            gap = max(predicate.start - time.end, time.start - predicate.end, 0)
            if found is None or gap < found[0]:
                found = (gap, Span(time.start, time.end))
        return None if found is None else found[1]


def _modality(groups: set[str]) -> Modality:
    if "negated" in groups:
        return "negated"
    if "possible" in groups:
        return "possible"
    return "plan" if "plan" in groups else "fact"
