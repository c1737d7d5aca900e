"""Check labelled articles: line, field and reason of everything that is not as agreed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nlp_extract.learning.labelled import LabelledArticle, read_jsonl

FIELDS = (
    "entities", "aliases", "persons", "times", "places", "industries", "policies", "subjects", "objects", "actions",
    "roles", "polarity", "figures", "opinions", "sentiment",
)  # fmt: skip
ENTITY_TYPES = {"ORG", "PER", "LOC"}
PLACE_ROLES = {"scene", "seat", "involved"}
POLICY_KINDS = {"law", "regulation", "plan", "opinion", "notice", "standard", "treaty", "bill", "programme", "other"}
ROLES = {
    "action", "reaction", "scope_national", "scope_industry", "scope_company", "scope_regional", "outlook_positive",
    "outlook_negative", "measure", "challenge", "opinion", "background",
}  # fmt: skip
SENTIMENTS = {"positive", "negative", "neutral", "mixed"}

Problem = tuple[str, str]


def problems(labelled: LabelledArticle) -> Iterator[Problem]:
    """Field and reason of everything in an article's labels that the guidelines do not allow."""
    label = labelled.label
    missing = [field for field in FIELDS if field not in label]
    if missing:
        yield from ((field, "missing") for field in missing)
        return
    checker = _Checker(labelled)
    for field in FIELDS:
        try:
            yield from ((field, reason) for reason in getattr(checker, field)(label[field]))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            yield field, f"wrong shape ({type(error).__name__}: {error})"


class _Checker:
    def __init__(self, labelled: LabelledArticle) -> None:
        self.article = labelled.article
        self.rows = [self.article[start:end] for start, end in labelled.rows()]

    def surface(self, value: object) -> Iterator[str]:
        if value is not None and (not isinstance(value, str) or not value or value not in self.article):
            yield f"{value!r} is not in the article"

    def spot(self, index: object, *values: object) -> Iterator[str]:
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(self.rows):
            yield f"no sentence {index!r} (0..{len(self.rows) - 1})"
            return
        for value in values:
            if value is not None and (not isinstance(value, str) or not value or value not in self.rows[index]):
                yield f"{value!r} is not in sentence {index}"

    def typed(self, rows: Any, allowed: set[str]) -> Iterator[str]:
        for surface, kind in rows:
            yield from self.surface(surface)
            if kind not in allowed:
                yield f"{kind!r} is none of {', '.join(sorted(allowed))}"

    def entities(self, rows: Any) -> Iterator[str]:
        yield from self.typed(rows, ENTITY_TYPES)

    def places(self, rows: Any) -> Iterator[str]:
        yield from self.typed(rows, PLACE_ROLES)

    def policies(self, rows: Any) -> Iterator[str]:
        yield from self.typed(rows, POLICY_KINDS)

    def aliases(self, groups: Any) -> Iterator[str]:
        for group in groups:
            for surface in group:
                yield from self.surface(surface)

    def persons(self, rows: Any) -> Iterator[str]:
        for name, affiliation, title in rows:
            for value in (name, affiliation, title):
                yield from self.surface(value)

    def times(self, rows: Any) -> Iterator[str]:
        for index, surface, start, end in rows:
            yield from self.spot(index, surface)
            for value in (start, end):
                if value is not None and not _is_date(value):
                    yield f"{value!r} is not an ISO date"

    def industries(self, codes: Any) -> Iterator[str]:
        for code in codes:
            if not (isinstance(code, str) and len(code) == 2 and "01" <= code <= "97"):
                yield f"{code!r} is no two-digit division"

    def subjects(self, surfaces: Any) -> Iterator[str]:
        for surface in surfaces:
            yield from self.surface(surface)

    objects = subjects

    def actions(self, rows: Any) -> Iterator[str]:
        for index, subject, action, target in rows:
            yield from self.spot(index, subject, action, target)
            if action is None:
                yield "no action"

    def roles(self, roles: Any) -> Iterator[str]:
        for index, names in roles.items():
            yield from self.spot(int(index))
            for name in names:
                if name not in ROLES:
                    yield f"{name!r} is no role"

    def polarity(self, signs: Any) -> Iterator[str]:
        for index, sign in signs.items():
            yield from self.spot(int(index))
            if sign not in (-1, 1):
                yield f"{sign!r} is neither -1 nor 1"

    def figures(self, rows: Any) -> Iterator[str]:
        for index, metric, value, change in rows:
            yield from self.spot(index, metric, value, change)

    def opinions(self, rows: Any) -> Iterator[str]:
        for index, speaker, content in rows:
            yield from self.spot(index, speaker, content)

    def sentiment(self, value: Any) -> Iterator[str]:
        label, strength = value
        if label not in SENTIMENTS:
            yield f"{label!r} is none of {', '.join(sorted(SENTIMENTS))}"
        if strength not in (0, 1, 2, 3):
            yield f"strength {strength!r} is not 0 to 3"


def _is_date(value: object) -> bool:
    try:
        datetime.date.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def validate(labels: str | Path, articles: str | Path | None = None) -> tuple[int, list[str]]:
    """Check a label file; return the number of articles and one line `FILE:LINE: ID: FIELD: REASON` a problem."""
    texts: dict[str, Mapping[str, Any]] = {a["id"]: a for a in read_jsonl(articles)} if articles is not None else {}
    found: list[str] = []
    seen: dict[str, int] = {}
    count = 0
    for number, line in enumerate(Path(labels).read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        count += 1
        where = f"{labels}:{number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            found.append(f"{where}: not JSON ({error})")
            continue
        if not isinstance(row, dict) or not isinstance(row.get("id"), str):
            found.append(f"{where}: id: expected a JSON object with a string id")
            continue
        name = row["id"]
        if name in seen:
            found.append(f"{where}: {name}: id: already in line {seen[name]}")
        seen[name] = number
        article = texts.get(name, row)
        if not isinstance(article.get("text"), str):
            found.append(f"{where}: {name}: text: missing; give --articles, the file that holds the texts")
            continue
        labelled = LabelledArticle(name, article.get("title") or None, article["text"], article.get("published"), row)
        found += [f"{where}: {name}: {field}: {reason}" for field, reason in problems(labelled)]
    return count, found
