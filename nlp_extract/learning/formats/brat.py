"""brat's standoff: a folder of `ID.txt` and `ID.ann`, and `ID.json` for what brat has no place for.

Offsets are code points, a line feed counts one (brat.nlplab.org/standoff.html). Of a discontinuous span the whole
stretch from its first to its last character is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from nlp_extract.errors import DataError
from nlp_extract.learning.formats.marks import Annotated, Link, Mark, reading, split_article

_MARK = re.compile(r"^T(\d+)\t(\S+) (\d+) (?:\d+;\d+ )*(\d+)\t")
_LINK = re.compile(r"^R\d+\t(\S+) Arg1:T(\d+) Arg2:T(\d+)")
_NOTE = re.compile(r"^#\d+\tAnnotatorNotes T(\d+)\t(.*)$")
_UNSAFE = re.compile(r"[^\w.\-]+")


def write(articles: Iterable[Annotated], path: Path) -> None:
    """Write three files an article into a folder."""
    path.mkdir(parents=True, exist_ok=True)
    for annotated in articles:
        stem = path / _UNSAFE.sub("_", annotated.id)
        article = annotated.article
        lines = [
            f"T{m.number}\t{m.label} {m.start} {m.end}\t{article[m.start : m.end]}".replace("\n", " ")
            for m in annotated.marks
        ]
        lines += [f"R{n}\t{k.label} Arg1:T{k.source} Arg2:T{k.target}" for n, k in enumerate(annotated.links, 1)]
        notes = [m for m in annotated.marks if m.note]
        lines += [f"#{n}\tAnnotatorNotes T{m.number}\t{m.note}" for n, m in enumerate(notes, 1)]
        _file(stem, ".txt").write_bytes(article.encode())
        _file(stem, ".ann").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        rest = {
            "id": annotated.id,
            "title": annotated.title,
            "published": annotated.published,
            "choices": {name: list(values) for name, values in annotated.choices.items()},
        }
        _file(stem, ".json").write_text(json.dumps(rest, ensure_ascii=False) + "\n", "utf-8")


@reading
def read(path: Path) -> list[Annotated]:
    """Articles of a folder, by name."""
    texts = sorted(path.glob("*.txt"))
    if not texts:
        raise DataError(f"{path}: no .txt file; expected a folder of brat's .txt and .ann files.")
    return [_annotated(text) for text in texts]


def _file(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _annotated(path: Path) -> Annotated:
    stem = path.with_name(path.name.removesuffix(".txt"))
    # Bytes, not text mode: that would turn line ends into others and move every offset after them.
    article = path.read_bytes().decode("utf-8")
    marks: list[Mark] = []
    links: list[Link] = []
    notes: dict[int, str] = {}
    annotations = _file(stem, ".ann")
    lines = annotations.read_text("utf-8").split("\n") if annotations.exists() else []
    for number, line in enumerate(lines, 1):
        if found := _MARK.match(line):
            marks.append(Mark(int(found[1]), int(found[3]), int(found[4]), found[2]))
        elif found := _LINK.match(line):
            links.append(Link(int(found[2]), int(found[3]), found[1]))
        elif found := _NOTE.match(line):
            notes[int(found[1])] = found[2]
        elif line[:1] in ("T", "R"):
            raise DataError(f"{annotations}:{number}: cannot read {line!r}; expected brat's standoff form.")
    marks = [Mark(m.number, m.start, m.end, m.label, notes.get(m.number, "")) for m in marks]
    sidecar = _file(stem, ".json")
    rest = json.loads(sidecar.read_text("utf-8")) if sidecar.exists() else {}
    title = rest.get("title") or None
    choices = {name: tuple(values) for name, values in (rest.get("choices") or {}).items()}
    name = rest.get("id") or stem.name
    text = split_article(article, title)
    return Annotated(name, title, text, rest.get("published"), tuple(marks), tuple(links), choices).check(str(path))
