"""Where the grammar matches: candidates of all patterns, the longest of those that overlap."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

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
    leads = {name: {m.end(): m for m in regex.finditer(shadow)} for name, regex in data.leads.items()}
    zones = {m.end(): m.start() for m in data.zone.finditer(shadow)}
    numbers = [m.start() for m in data.number.finditer(shadow)]
    candidates: list[tuple[int, int, int, dict[str, str]]] = []
    for order, pattern in enumerate(data.patterns):
        matches: Iterable[re.Match[str]]
        if pattern.numeric:
            matches = (m for m in (pattern.regex.match(shadow, start) for start in numbers) if m is not None)
        else:
            matches = pattern.regex.finditer(shadow)
        for match in matches:
            start, end = match.span()
            if start == end or any(trapped[start:end]):
                continue
            lead = leads[pattern.lead].get(start) if pattern.lead is not None else None
            if lead is None and pattern.required:
                continue
            fields = _fields(match)
            if lead is not None:
                start, fields = lead.start(), _fields(lead) | fields
            candidates.append((zones.get(start, start), end, order, fields | {"": shadow[start:end]}))
    candidates.sort(key=lambda item: (item[0] - item[1], item[0], item[2]))
    taken = bytearray(len(shadow) + 1)
    found = []
    for start, end, order, fields in candidates:
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Found(start, end, data.patterns[order].name, fields))
    return sorted(found, key=lambda item: item.start)


def _fields(match: re.Match[str]) -> dict[str, str]:
    """The groups that matched; a digit after a name only tells alternatives apart."""
    return {name.rstrip("0123456789"): text for name, text in match.groupdict().items() if text is not None}
