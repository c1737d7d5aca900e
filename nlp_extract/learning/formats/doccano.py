"""doccano's JSON lines: sequence labelling with relations, or plain `label` triples; offsets in code points."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nlp_extract.errors import DataError
from nlp_extract.learning.formats.marks import Annotated, Link, Mark, reading, split_article
from nlp_extract.learning.labelled import read_jsonl


def write(articles: Iterable[Annotated], path: Path) -> None:
    """Write one line an article; what doccano has no place for goes along as further columns."""
    with path.open("w", encoding="utf-8") as file:
        for annotated in articles:
            row = {
                "id": annotated.id,
                "text": annotated.article,
                "entities": [
                    {"id": m.number, "start_offset": m.start, "end_offset": m.end, "label": m.label}
                    for m in annotated.marks
                ],
                "relations": [
                    {"id": n, "from_id": link.source, "to_id": link.target, "type": link.label}
                    for n, link in enumerate(annotated.links, 1)
                ],
                "title": annotated.title,
                "published": annotated.published,
                "notes": {str(m.number): m.note for m in annotated.marks if m.note},
                "choices": {name: list(values) for name, values in annotated.choices.items()},
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


@reading
def read(path: Path) -> list[Annotated]:
    """Articles of an export, with relations or without."""
    return [_annotated(row, f"{path}:{number}") for number, row in enumerate(read_jsonl(path), 1)]


def _annotated(row: dict[str, Any], where: str) -> Annotated:
    article = row.get("text")
    if not isinstance(article, str):
        raise DataError(f"{where}: text is missing; expected doccano's JSONL export of sequence labelling.")
    title = row.get("title") or None
    notes = row.get("notes") or {}
    if "entities" in row:
        spans = [(int(e["id"]), e["start_offset"], e["end_offset"], e["label"]) for e in row["entities"]]
    else:
        spans = [(n, *span) for n, span in enumerate(row.get("label") or row.get("labels") or (), 1)]
    marks = tuple(Mark(number, start, end, label, notes.get(str(number), "")) for number, start, end, label in spans)
    links = tuple(Link(int(r["from_id"]), int(r["to_id"]), r["type"]) for r in row.get("relations") or ())
    choices = {name: tuple(values) for name, values in (row.get("choices") or {}).items()}
    name = str(row.get("id") or where)
    return Annotated(name, title, split_article(article, title), row.get("published"), marks, links, choices).check(
        where
    )
