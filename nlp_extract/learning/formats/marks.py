"""The common ground of annotation tools: marks on characters, links between marks, choices for the article.

| field of the labels | marks, links and choices |
| --- | --- |
| entities | marks `ORG`, `PER`, `LOC` at every occurrence |
| aliases | links `alias` between first mentions (marks `NAME` where no entity is marked) |
| persons | links `affiliation`, `title` from the first mention to marks `AFFILIATION`, `TITLE` |
| times | marks `TIME`, note `start/end` |
| places, policies | marks `place_<role>`, `policy_<kind>` |
| subjects, objects | marks `SUBJECT`, `OBJECT` |
| actions | marks `ACTION`, links `subject`, `object` to marks `ARGUMENT` |
| roles, polarity | marks `role_<role>`, `polarity_positive`, `polarity_negative` on the sentence |
| figures | marks `FIGURE`, links `metric`, `change` to marks `METRIC`, `CHANGE` |
| opinions | marks `OPINION`, link `speaker` to a mark `SPEAKER` |
| industries, sentiment | choices `industries`, `sentiment`, `strength` |

Marks are numbered; lists come back in the order of the numbers.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp_extract.errors import DataError
from nlp_extract.learning.labelled import LabelledArticle
from nlp_extract.learning.validation import ENTITY_TYPES, PLACE_ROLES, POLICY_KINDS, ROLES

SIGNS = {1: "polarity_positive", -1: "polarity_negative"}
LABELS = (
    *sorted(ENTITY_TYPES),
    "NAME", "AFFILIATION", "TITLE", "TIME", "SUBJECT", "OBJECT", "ACTION", "ARGUMENT", "FIGURE", "METRIC", "CHANGE",
    "OPINION", "SPEAKER",
    *(f"place_{role}" for role in sorted(PLACE_ROLES)),
    *(f"policy_{kind}" for kind in sorted(POLICY_KINDS)),
    *(f"role_{role}" for role in sorted(ROLES)),
    *sorted(SIGNS.values()),
)  # fmt: skip
LINKS = ("affiliation", "alias", "change", "metric", "object", "speaker", "subject", "title")
CHOICES = ("industries", "sentiment", "strength")


@dataclasses.dataclass(frozen=True)
class Mark:
    """A labelled stretch of the article, `note` for what a label cannot say."""

    number: int
    start: int
    end: int
    label: str
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Link:
    """A labelled link from one mark to another, by number."""

    source: int
    target: int
    label: str


@dataclasses.dataclass(frozen=True)
class Annotated:
    """An article (`title + "\\n" + text`, offsets in code points) with marks, links and choices."""

    id: str
    title: str | None
    text: str
    published: str | None
    marks: tuple[Mark, ...]
    links: tuple[Link, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    @property
    def article(self) -> str:
        """The string that offsets refer to."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def check(self, where: str) -> Annotated:
        """Return self; DataError when a mark is outside of the article or a link leads nowhere."""
        for name, value in (("id", self.id), ("title", self.title or ""), ("published", self.published or "")):
            if not isinstance(value, str):
                raise DataError(f"{where}: {name} must be a string, got {type(value).__name__}.")
        numbers = {mark.number for mark in self.marks}
        for mark in self.marks:
            whole = isinstance(mark.start, int) and isinstance(mark.end, int) and isinstance(mark.label, str)
            if not whole or not 0 <= mark.start < mark.end <= len(self.article):
                raise DataError(
                    f"{where}: {self.id}: mark {mark.label} {mark.start}..{mark.end} is outside of the article "
                    f"of {len(self.article)} characters; offsets must be code points (or UTF-16, for Label Studio)."
                )
        for link in self.links:
            if not {link.source, link.target} <= numbers:
                raise DataError(f"{where}: {self.id}: link {link.label} leads to a mark that is not there.")
        return self


def reading(read: Callable[..., list[Annotated]]) -> Callable[..., list[Annotated]]:
    """Decorate a reader: whatever is not of the agreed shape is a DataError that names the file."""

    @functools.wraps(read)
    def run(path: Path, *more: Any) -> list[Annotated]:
        try:
            return read(path, *more)
        except DataError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise DataError(f"{path}: not of the expected form ({type(error).__name__}: {error}).") from error

    return run


def split_article(article: str, title: str | None) -> str:
    """The text of an article without its title; ValueError when it does not begin with that."""
    if not title:
        return article
    if not article.startswith(f"{title}\n"):
        raise ValueError(f"the text does not begin with its title {title!r} and a line feed")
    return article[len(title) + 1 :]


class _Writer:
    def __init__(self, labelled: LabelledArticle) -> None:
        self.labelled = labelled
        self.article = labelled.article
        self.rows = labelled.rows()
        self.marks: list[Mark] = []
        self.links: list[Link] = []
        self.first: dict[str, int] = {}

    def mark(self, start: int, end: int, label: str, note: str = "") -> int:
        self.marks.append(Mark(len(self.marks) + 1, start, end, label, note))
        return len(self.marks)

    def surface(self, surface: str, label: str, index: int | None = None) -> int:
        """Mark the first occurrence of a surface, in a sentence if `index` is given."""
        start = self.article.index(surface, *(self.rows[index] if index is not None else ()))
        return self.mark(start, start + len(surface), label)

    def link(self, source: int, index: int | None, surface: str | None, label: str, name: str) -> None:
        if surface is not None:
            self.links.append(Link(source, self.surface(surface, name, index), label))

    def name(self, surface: str) -> int:
        if surface not in self.first:
            self.first[surface] = self.surface(surface, "NAME")
        return self.first[surface]

    def entities(self) -> None:
        taken: set[int] = set()
        places: dict[tuple[str, str], list[int]] = collections.defaultdict(list)
        longest_first = sorted(self.labelled.label["entities"], key=lambda e: (-len(e[0]), e[0]))
        for surface, kind in longest_first:
            start = self.article.find(surface)
            while start >= 0:
                span = range(start, start + len(surface))
                if taken.isdisjoint(span):
                    taken.update(span)
                    places[surface, kind].append(start)
                start = self.article.find(surface, start + 1)
        for surface, kind in self.labelled.label["entities"]:
            # A surface that stands only inside longer names keeps its first place: it is in the labels.
            for start in places[surface, kind] or [self.article.index(surface)]:
                number = self.mark(start, start + len(surface), kind)
                self.first.setdefault(surface, number)

    def run(self) -> Annotated:
        label, article = self.labelled.label, self.labelled
        self.entities()
        for first, *others in label["aliases"]:
            for other in others:
                self.links.append(Link(self.name(first), self.name(other), "alias"))
        for name, affiliation, title in label["persons"]:
            number = self.name(name)
            self.link(number, None, affiliation, "affiliation", "AFFILIATION")
            self.link(number, None, title, "title", "TITLE")
        for index, surface, start, end in label["times"]:
            number = self.surface(surface, "TIME", index)
            self.marks[-1] = dataclasses.replace(self.marks[number - 1], note=f"{start or ''}/{end or ''}")
        for surface, role in label["places"]:
            self.surface(surface, f"place_{role}")
        for surface, kind in label["policies"]:
            self.surface(surface, f"policy_{kind}")
        for field, name in (("subjects", "SUBJECT"), ("objects", "OBJECT")):
            for surface in label[field]:
                self.surface(surface, name)
        for index, subject, action, target in label["actions"]:
            number = self.surface(action, "ACTION", index)
            self.link(number, index, subject, "subject", "ARGUMENT")
            self.link(number, index, target, "object", "ARGUMENT")
        for index, roles in sorted(label["roles"].items(), key=lambda row: int(row[0])):
            for role in roles:
                self.mark(*self.rows[int(index)], f"role_{role}")
        for index, sign in sorted(label["polarity"].items(), key=lambda row: int(row[0])):
            self.mark(*self.rows[int(index)], SIGNS[sign])
        for index, metric, value, change in label["figures"]:
            number = self.surface(value, "FIGURE", index)
            self.link(number, index, metric, "metric", "METRIC")
            self.link(number, index, change, "change", "CHANGE")
        for index, speaker, content in label["opinions"]:
            number = self.surface(content, "OPINION", index)
            self.link(number, index, speaker, "speaker", "SPEAKER")
        sentiment, strength = label["sentiment"]
        choices = {
            "industries": tuple(label["industries"]), "sentiment": (sentiment,), "strength": (str(strength),)
        }  # fmt: skip
        return Annotated(
            article.id, article.title, article.text, article.published, tuple(self.marks), tuple(self.links), choices
        )


def from_labelled(labelled: LabelledArticle) -> Annotated:
    """Marks, links and choices of a labelled article (valid by `validation.problems`)."""
    return _Writer(labelled).run()


def to_labelled(annotated: Annotated) -> LabelledArticle:
    """The labelled article of marks, links and choices; fields without marks come back empty."""
    reader = _Reader(annotated)
    label = {"id": annotated.id, "title": annotated.title, "text": annotated.text, "published": annotated.published}
    label.update(reader.fields())
    return LabelledArticle(annotated.id, annotated.title, annotated.text, annotated.published, label)


class _Reader:
    def __init__(self, annotated: Annotated) -> None:
        self.annotated = annotated
        self.article = annotated.article
        self.rows = LabelledArticle(annotated.id, annotated.title, annotated.text, annotated.published, {}).rows()
        self.marks = sorted(annotated.marks, key=lambda m: m.number)
        self.by_number = {mark.number: mark for mark in self.marks}
        self.targets: dict[tuple[int, str], list[int]] = collections.defaultdict(list)
        for link in annotated.links:
            self.targets[link.source, link.label].append(link.target)

    def words(self, mark: Mark) -> str:
        return self.article[mark.start : mark.end]

    def named(self, *labels: str) -> Iterator[Mark]:
        return (mark for mark in self.marks if mark.label in labels)

    def prefixed(self, prefix: str) -> Iterator[tuple[Mark, str]]:
        return ((mark, mark.label.removeprefix(prefix)) for mark in self.marks if mark.label.startswith(prefix))

    def sentence(self, mark: Mark) -> int:
        shared = [min(mark.end, end) - max(mark.start, start) for start, end in self.rows]
        return max(range(len(shared)), key=shared.__getitem__)

    def linked(self, mark: Mark, label: str) -> str | None:
        numbers = self.targets.get((mark.number, label))
        return self.words(self.by_number[numbers[0]]) if numbers else None

    def fields(self) -> dict[str, Any]:
        choices = self.annotated.choices
        strength = (choices.get("strength") or ("0",))[0]
        roles: dict[str, list[str]] = {}
        for mark, role in self.prefixed("role_"):
            roles.setdefault(str(self.sentence(mark)), []).append(role)
        signs = {label: sign for sign, label in SIGNS.items()}
        return {
            "entities": unique([self.words(m), m.label] for m in self.named(*ENTITY_TYPES)),
            "aliases": self.aliases(),
            "persons": self.persons(),
            "times": [self.time(m) for m in self.named("TIME")],
            "places": unique([self.words(m), role] for m, role in self.prefixed("place_")),
            "industries": list(choices.get("industries", ())),
            "policies": unique([self.words(m), kind] for m, kind in self.prefixed("policy_")),
            "subjects": unique(self.words(m) for m in self.named("SUBJECT")),
            "objects": unique(self.words(m) for m in self.named("OBJECT")),
            "actions": [
                [self.sentence(m), self.linked(m, "subject"), self.words(m), self.linked(m, "object")]
                for m in self.named("ACTION")
            ],
            "roles": roles,
            "polarity": {str(self.sentence(m)): signs[m.label] for m in self.named(*signs)},
            "figures": [
                [self.sentence(m), self.linked(m, "metric"), self.words(m), self.linked(m, "change")]
                for m in self.named("FIGURE")
            ],
            "opinions": [[self.sentence(m), self.linked(m, "speaker"), self.words(m)] for m in self.named("OPINION")],
            "sentiment": [(choices.get("sentiment") or ("neutral",))[0], int(strength) if strength.isdigit() else 0],
        }

    def aliases(self) -> list[list[str]]:
        groups: list[list[str]] = []
        for mark in self.marks:
            for target in self.targets.get((mark.number, "alias"), ()):
                pair = [self.words(mark), self.words(self.by_number[target])]
                group = next((g for g in groups if not set(pair).isdisjoint(g)), None)
                if group is None:
                    groups.append(group := [])
                group += [name for name in pair if name not in group]
        return groups

    def persons(self) -> list[list[str | None]]:
        rows = [[self.words(m), self.linked(m, "affiliation"), self.linked(m, "title")] for m in self.marks]
        return unique(row for row in rows if row[1] or row[2])

    def time(self, mark: Mark) -> list[Any]:
        start, _, end = mark.note.partition("/")
        return [self.sentence(mark), self.words(mark), start or None, end or None]


def unique(values: Iterable[Any]) -> list[Any]:
    """Values in order, each once."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def bio(annotated: Annotated) -> list[str]:
    """BIO tags of the entities, one a character; where marks overlap, the longer one stands."""
    tags = ["O"] * len(annotated.article)
    marks = [m for m in annotated.marks if m.label in ENTITY_TYPES]
    for mark in sorted(marks, key=lambda m: (m.start - m.end, m.start, m.number)):
        if all(tag == "O" for tag in tags[mark.start : mark.end]):
            tags[mark.start : mark.end] = [f"B-{mark.label}"] + [f"I-{mark.label}"] * (mark.end - mark.start - 1)
    return tags
