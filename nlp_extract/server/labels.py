"""Reviewed records as labelled articles (GUIDELINES.md), saved so that no label is ever lost."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nlp_extract.learning.formats.marks import unique
from nlp_extract.learning.labelled import LabelledArticle
from nlp_extract.learning.validation import ENTITY_TYPES, problems
from nlp_extract.record import model as m


class LabelError(ValueError):
    """A reviewed record does not make a valid labelled article."""


class _Labels:
    """Turns one record into the fields of a labelled article."""

    def __init__(self, labelled: LabelledArticle, record: m.KeyPointRecord) -> None:
        self.article = labelled.article
        self.rows = labelled.rows()
        self.record = record

    def sentence(self, span: m.TextSpan) -> int:
        """Number of the sentence that holds most of a span."""
        shared = [min(span.end, end) - max(span.start, start) for start, end in self.rows]
        best = max(range(len(shared)), key=shared.__getitem__, default=-1)
        if best < 0 or shared[best] <= 0:
            raise LabelError(f"{span.text!r} at {span.start} is in no sentence.")
        return best

    def part(self, span: m.TextSpan | None, index: int) -> str | None:
        """The part of a span that lies in a sentence, None for none."""
        if span is None:
            return None
        start, end = self.rows[index]
        return self.article[max(span.start, start) : min(span.end, end)].strip() or None

    def fields(self) -> dict[str, Any]:
        record = self.record
        participants = [*record.subjects, *record.objects]
        return {
            "entities": unique(
                [span.text, kind]
                for kind, spans in (
                    *((e.type, e.mentions) for e in record.entities),
                    *((p.type, (p, *p.mentions)) for p in participants if p.type in ENTITY_TYPES),
                    *(("LOC", (p, *p.mentions)) for p in record.places),
                )
                for span in spans
            ),
            "aliases": unique(
                group
                for group in (
                    *(_names(e, *e.mentions) for e in record.entities),
                    *(_names(p, *p.mentions) for p in participants),
                )
                if len(group) > 1
            ),
            "persons": unique(
                [name.text, _text(affiliation), _text(title)]
                for name, affiliation, title in (
                    *((p, p.affiliation, p.title) for p in participants if p.type == "PER"),
                    *((o.speaker, o.affiliation, o.title) for o in record.details.opinions),
                )
                if name and (affiliation or title)
            ),
            "times": [
                [self.sentence(t), self.part(t, self.sentence(t)), _day(t.value_start), _day(t.value_end)]
                for t in _in_order(record.times)
            ],
            "places": unique([p.text, p.role] for p in record.places if p.role),
            "industries": unique(i.code for i in record.industries)[:3],
            "policies": unique([p.text, p.kind] for p in record.policies),
            "subjects": unique(p.text for p in record.subjects),
            "objects": unique(p.text for p in record.objects),
            "actions": unique(self.action(a) for a in _in_order(record.actions)),
            "roles": self.roles(),
            "polarity": {
                str(self.sentence(s)): s.polarity
                for s in _in_order(record.sentiment.evidence if record.sentiment else ())
                if s.polarity
            },
            "figures": unique(self.figure(f) for f in _in_order(record.details.figures)),
            "opinions": unique(self.opinion(o) for o in _in_order(record.details.opinions)),
            "sentiment": [record.sentiment.label, record.sentiment.strength] if record.sentiment else ["neutral", 0],
        }

    def action(self, action: m.Action) -> list[Any]:
        index = self.sentence(action.predicate)
        parts = (action.subject, action.predicate, action.object)
        return [index, *(self.part(span, index) for span in parts)]

    def figure(self, figure: m.Figure) -> list[Any]:
        index = self.sentence(figure)
        return [index, *(self.part(span, index) for span in (figure.metric, figure, figure.change))]

    def opinion(self, opinion: m.Opinion) -> list[Any]:
        index = self.sentence(opinion.content)
        return [index, self.part(opinion.speaker, index), self.part(opinion.content, index)]

    def roles(self) -> dict[str, list[str]]:
        record = self.record
        found: dict[int, list[str]] = {}
        for role, spans in (
            ("action", [a.predicate for a in record.actions]),
            ("reaction", record.reactions),
            *((f"scope_{s.level}", [s]) for s in record.scopes),
            ("outlook_positive", record.outlook.positive),
            ("outlook_negative", record.outlook.negative),
            ("measure", record.details.measures),
            ("challenge", record.details.challenges),
            ("opinion", [o.content for o in record.details.opinions]),
        ):
            for span in spans:
                roles = found.setdefault(self.sentence(span), [])
                if role not in roles:
                    roles.append(role)
        return {str(index): roles for index, roles in sorted(found.items())}


def labelled_article(
    record: m.KeyPointRecord, text: str, *, title: str | None = None, published: str | None = None
) -> LabelledArticle:
    """The labelled article of a reviewed record; its id comes from the article.

    Raises
    ------
    LabelError
        The record is of another article, or its labels are not as the guidelines want them; says which.
    """
    from nlp_extract.record.html import check

    article = f"{title}\n{text}" if title else text
    try:
        check(record, article)
        digest = hashlib.sha256(article.encode()).hexdigest()
    except ValueError as error:  # a lone surrogate is one, too: a label file is UTF-8
        raise LabelError(str(error)) from error
    name = f"reviewed-{digest[:16]}"
    bare = LabelledArticle(name, title, text, published, {})
    label = {"id": name, "title": title, "text": text, "published": published, **_Labels(bare, record).fields()}
    labelled = LabelledArticle(name, title, text, published, label)
    wrong = [f"{field}: {reason}" for field, reason in problems(labelled)]
    if wrong:
        raise LabelError("; ".join(wrong[:5]))
    return labelled


class LabelFile:
    """A file of labelled articles that grows; whole or not at all, and safe between threads and processes.

    An article that is saved again takes the place of its older label, which moves to `<name>.superseded.jsonl`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.superseded = path.with_name(f"{path.stem}.superseded.jsonl")
        self._lock = threading.Lock()

    def save(self, labelled: LabelledArticle) -> bool:
        """Add a labelled article; return whether it took the place of an older label of the same article."""
        line = json.dumps(labelled.label, ensure_ascii=False).encode() + b"\n"
        with self._lock, self._alone():
            kept: list[bytes] = []
            old: list[bytes] = []
            for row in self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else ():
                whole = row if row.endswith(b"\n") else row + b"\n"
                (old if _id(row) == labelled.id else kept).append(whole)
            if old == [line]:
                return False
            if old:
                before = self.superseded.read_bytes() if self.superseded.exists() else b""
                _replace(self.superseded, before + b"".join(old))
            _replace(self.path, b"".join([*kept, line]))
            return bool(old)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes out while the file is rewritten."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            import fcntl
        except ImportError:  # Windows: threads of this process only
            yield
            return
        with self.path.with_name(f"{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace(path: Path, data: bytes) -> None:
    """Write a file beside the old one, then put it in its place."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _id(row: bytes) -> str | None:
    try:
        value = json.loads(row)
    except ValueError:
        return None
    return value.get("id") if isinstance(value, dict) else None


def _names(*spans: m.TextSpan) -> list[str]:
    return sorted({span.text for span in spans}, key=lambda name: (-len(name), name))


def _text(span: m.TextSpan | None) -> str | None:
    return span.text if span else None


def _in_order(items: Iterable[Any]) -> list[Any]:
    return sorted(items, key=lambda item: (item.start, item.end))


def _day(value: str | None) -> str | None:
    """The date of a value that may be a time of day."""
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value[:10]).isoformat()
    except ValueError as error:
        raise LabelError(f"times: {value!r} is not an ISO date.") from error
