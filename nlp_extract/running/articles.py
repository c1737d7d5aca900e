"""Articles in: text files, JSON and JSON lines, standard input."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Article:
    """One article to extract, or the reason why it cannot be read (`error`)."""

    text: str
    title: str | None = None
    published: str | None = None
    id: str | None = None
    error: str | None = None

    @property
    def article(self) -> str:
        """`title + "\\n" + text`, the string that offsets refer to."""
        return f"{self.title}\n{self.text}" if self.title else self.text


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


def read_file(path: Path) -> Iterator[Article]:
    """The articles of a file of one: a JSON object (or array of them), else text, UTF-8."""
    data = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".json":
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
