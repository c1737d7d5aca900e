"""Articles in: text files, JSON and JSON lines, standard input."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any


@dataclasses.dataclass(frozen=True)
class Article:
    """One article to extract, or the reason why it cannot be read (`error`)."""

    text: str
    title: str | None = None
    published: str | None = None
    id: str | None = None
    error: str | None = None


def from_object(value: object, *, where: str) -> Article:
    """An article from a JSON object with `text` and, if given, `title`, `published` (or `date`) and `id`."""
    if not isinstance(value, dict):
        return Article("", error=f"{where}: expected a JSON object with text, got {type(value).__name__}")
    key = value.get("id")
    name = None if key is None else str(key)
    if not isinstance(value.get("text"), str):
        return Article("", id=name, error=f"{where}: text must be a string, got {type(value.get('text')).__name__}")
    title = value.get("title")
    if title is not None and not isinstance(title, str):
        return Article("", id=name, error=f"{where}: title must be a string, got {type(title).__name__}")
    published = value.get("published") or value.get("date") or None
    return Article(value["text"], title or None, None if published is None else str(published), name)


def from_lines(lines: Iterable[str], *, where: str) -> Iterator[Article]:
    """Articles from JSON lines; a bad line yields an article with an error, blank lines none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        try:
            value = json.loads(line)
        except ValueError as error:
            yield Article("", error=f"{place}: not JSON ({error})")
            continue
        yield from_object(value, where=place)


def is_lines(path: str | Path) -> bool:
    """Whether a file holds one article a line."""
    name = str(path).lower()
    return name.endswith((".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"))


def open_text(path: Path) -> IO[str]:
    """Open a text file for reading, `.gz` or plain, UTF-8 with or without a byte order mark."""
    if path.name.lower().endswith(".gz"):
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def read_path(path: Path) -> Iterator[Article]:
    """The articles of a file: JSON lines, a JSON object or array, else the text of one article."""
    if is_lines(path):
        with open_text(path) as lines:
            yield from from_lines(lines, where=str(path))
        return
    with open_text(path) as file:
        data = file.read()
    if path.name.lower().removesuffix(".gz").endswith(".json"):
        try:
            value: Any = json.loads(data)
        except ValueError as error:
            yield Article("", id=path.name, error=f"{path}: not JSON ({error})")
            return
        for number, row in enumerate(value if isinstance(value, list) else [value]):
            yield from_object(row, where=f"{path}[{number}]")
        return
    yield Article(data, id=path.stem)


def read_stdin() -> tuple[bool, Iterator[Article]]:
    """Articles of standard input, and whether they came as JSON lines (the first line is an object with text)."""
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
    first = stream.readline()
    while first and not first.strip():
        first = stream.readline()
    if first.lstrip().startswith("{"):
        return True, from_lines(_chain(first, stream), where="<stdin>")
    return False, iter([Article(first + stream.read())])


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest
