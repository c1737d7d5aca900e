"""A user's own names: `name<TAB>type` a line; they win over the model."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

from nlp_extract.errors import DataError
from nlp_extract.layers import Label
from nlp_extract.mentions.entities.tags import LABELS
from nlp_extract.text.normalise import shadow, storable


@dataclasses.dataclass(frozen=True)
class Problem:
    """What the linter has to say about a line of a lexicon."""

    line: int
    name: str
    text: str


def read_lexicon(path: str | Path) -> dict[str, Label]:
    """Names and their types; empty lines and lines that begin with # are skipped.

    Raises
    ------
    DataError
        The file cannot be read, or a line is not `name<TAB>type` with ORG, PER or LOC; names file and line.
    """
    return {name: label for _, name, label in _rows(path)}


def lint(path: str | Path) -> list[Problem]:
    """Conflicts, duplicates, and entries that can never match, in the order of the lines.

    Raises
    ------
    DataError
        As `read_lexicon`.
    """
    problems: list[Problem] = []
    first: dict[str, tuple[int, Label]] = {}
    for line, name, label in _rows(path):
        if name in first:
            before, other = first[name]
            what = "duplicate of" if other == label else f"conflicts with {other} in"
            problems.append(Problem(line, name, f"{what} line {before}; the last line counts"))
        first[name] = (line, label)
        if "\n" in name:
            problems.append(Problem(line, name, "holds a control character and never matches"))
        elif len(name) == 1:
            problems.append(Problem(line, name, "one character: matches every occurrence"))
    return problems


def _rows(path: str | Path) -> list[tuple[int, str, Label]]:
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: the lexicon cannot be read as UTF-8 text ({error})") from error
    rows: list[tuple[int, str, Label]] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 2 or not fields[0].strip() or fields[1].strip() not in LABELS:
            raise DataError(f"{path}:{number}: expected name<TAB>type with type ORG, PER or LOC, got {line!r}")
        rows.append((number, shadow(storable(fields[0].strip())), cast(Label, fields[1].strip())))
    return rows


class Matcher:
    """Finds the names of a lexicon in a shadow, the longest from the left, whole words only in Latin script."""

    def __init__(self, names: dict[str, Label]) -> None:
        import ahocorasick

        self._automaton: Any = ahocorasick.Automaton()
        for name in sorted(names):
            self._automaton.add_word(name, (len(name), names[name]))
        if names:
            self._automaton.make_automaton()

    def __call__(self, text: str) -> list[tuple[int, int, Label]]:
        """Matches, in order and apart."""
        if not len(self._automaton):
            return []
        found = [(last + 1 - length, last + 1, label) for last, (length, label) in self._automaton.iter(text)]
        kept: list[tuple[int, int, Label]] = []
        position = 0
        for start, end, label in sorted(found, key=lambda m: (m[0], -m[1])):
            if start >= position and not _inside_word(text, start, end):
                kept.append((start, end, label))
                position = end
        return kept


def _inside_word(text: str, start: int, end: int) -> bool:
    """Whether a name in Latin letters or digits stands in a longer run of them (an in plan)."""
    return (start > 0 and _latin(text[start - 1]) and _latin(text[start])) or (
        end < len(text) and _latin(text[end]) and _latin(text[end - 1])
    )


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
