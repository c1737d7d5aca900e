"""Where the grammar matches: candidates of all patterns, the longest of those that overlap."""

from __future__ import annotations

import dataclasses
import re

from nlp_extract.mentions.times.grammar import grammar


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """A match: its place, its pattern's name, its fields; the field "" holds the whole text."""

    start: int
    end: int
    rule: str
    fields: dict[str, str]


def scan(shadow: str) -> list[Found]:
    """Matches that do not overlap, by position.

    Of overlapping ones the longest counts, then the earliest, then the first in the file.
    """
    data = grammar()
    trapped = bytearray(len(shadow) + 1)
    for match in data.traps.finditer(shadow):
        trapped[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    candidates: list[tuple[int, int, int, re.Match[str]]] = []
    for order, pattern in enumerate(data.patterns):
        for match in pattern.regex.finditer(shadow):
            start, end = match.span()
            if start < end and not any(trapped[start:end]):
                candidates.append((start, end, order, match))
    candidates.sort(key=lambda item: (item[0] - item[1], item[0], item[2]))
    taken = bytearray(len(shadow) + 1)
    found = []
    for start, end, order, match in candidates:
        if any(taken[start:end]):
            continue
        taken[start:end] = b"\1" * (end - start)
        fields = {name.rstrip("0123456789"): text for name, text in match.groupdict().items() if text is not None}
        found.append(Found(start, end, data.patterns[order].name, fields | {"": match.group()}))
    return sorted(found, key=lambda item: item.start)
