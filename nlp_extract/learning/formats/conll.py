"""CoNLL with BIO tags, one character a line: entities only; white space is written as `\\u0020`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlp_extract.errors import DataError
from nlp_extract.learning.formats.marks import Annotated, Mark, bio, reading, split_article
from nlp_extract.learning.labelled import LabelledArticle

_ESCAPE = re.compile(r"^\\u([0-9a-f]{4,6})$")


def write(articles: Iterable[Annotated], path: Path) -> None:
    """Write `# id`, `# title`, `# published`, then the characters; an empty line ends a sentence."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for annotated in articles:
            file.write(f"# id = {annotated.id}\n")
            if annotated.title:
                file.write(f"# title = {_one_line(annotated.title)}\n")
            if annotated.published:
                file.write(f"# published = {annotated.published}\n")
            ends = {end for _, end in LabelledArticle("", annotated.title, annotated.text, None, {}).rows()}
            for offset, (character, tag) in enumerate(zip(annotated.article, bio(annotated), strict=True), 1):
                file.write(f"{_one_line(character)}\t{tag}\n" + ("\n" if offset in ends else ""))
            file.write("\n")


def _one_line(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if c.isspace() or ord(c) < 32 or c == "\\" else c for c in text)


def _plain(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4,6})", lambda found: chr(int(found[1], 16)), text)


@reading
def read(path: Path) -> list[Annotated]:
    """Articles of a file; without `# id` lines the whole file is one."""
    found: list[Annotated] = []
    head: dict[str, str] = {}
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line.startswith("# ") and " = " in line:
            key, _, value = line[2:].partition(" = ")
            if key == "id" and rows:
                found.append(_annotated(head, rows, path))
                head, rows = {}, []
            head[key] = value
        elif line.strip():
            parts = line.split()
            if len(parts) < 2 or not re.fullmatch(r"O|[BIES]-\w+", parts[-1]):
                raise DataError(f"{path}:{number}: expected a character, a tab and a BIO tag, got {line!r}.")
            rows.append((_plain(parts[0]), parts[-1]))
    if rows:
        found.append(_annotated(head, rows, path))
    return found


def _annotated(head: dict[str, str], rows: list[tuple[str, str]], path: Path) -> Annotated:
    article = "".join(word for word, _ in rows)
    title = _plain(head["title"]) if "title" in head else None
    marks = tuple(Mark(n, s, e, label) for n, (s, e, label) in enumerate(_spans(rows), 1))
    name = head.get("id", path.stem)
    return Annotated(name, title, split_article(article, title), head.get("published"), marks).check(str(path))


def _spans(rows: list[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    offset, start, label = 0, 0, ""
    for word, tag in rows:
        kind = tag[2:]
        if label and (tag[0] in "OBS" or kind != label):
            yield start, offset, label
            label = ""
        if tag[0] != "O" and not label:
            start, label = offset, kind
        offset += len(word)
    if label:
        yield start, offset, label
