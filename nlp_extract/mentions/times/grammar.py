"""The grammar of time expressions: `data/patterns.yaml` and the word lists beside it, compiled once a process."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import re
from importlib.resources import files

from nlp_extract.mentions.patterns import alternation, read_patterns

_PIECE = re.compile(r"\{([a-z_]+[0-9]?(?::[a-z_]+)?)\}")


@dataclasses.dataclass(frozen=True, slots=True)
class Relative:
    """A word that counts from another time: 去年, 当天, 上季度."""

    unit: str
    offset: int
    anchor: str
    grain: str


@dataclasses.dataclass(frozen=True, slots=True)
class Holiday:
    """How the day of a holiday is found, and whose days off are its own."""

    calendar: str
    month: str
    day: int
    closure: str | None
    bare: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Pattern:
    """A named pattern of the grammar, what may or must stand before it, and whether it begins with a number."""

    name: str
    regex: re.Pattern[str]
    lead: str | None
    required: bool
    numeric: bool


@dataclasses.dataclass(frozen=True)
class Grammar:
    """Patterns and word lists.

    Attributes
    ----------
    patterns : tuple of Pattern
        In the order of the file; of two matches of one length the earlier pattern's counts.
    leads : dict of str to Pattern
        What may stand before a pattern: a year.
    number : re.Pattern
        Where patterns that begin with a number are tried.
    zone : re.Pattern
        What may stand before any time: 北京时间.
    exceptions : dict of str to Pattern
        By name of a pattern, the matches of it that are no times; see the file.
    suffixes : dict of str to Pattern
        `since`, `until`, `after`, `inside`.
    traps : re.Pattern
        Words that hold what looks like a time.
    """

    patterns: tuple[Pattern, ...]
    leads: dict[str, re.Pattern[str]]
    number: re.Pattern[str]
    zone: re.Pattern[str]
    exceptions: dict[str, re.Pattern[str]]
    suffixes: dict[str, re.Pattern[str]]
    traps: re.Pattern[str]
    future: re.Pattern[str]
    relative: dict[str, Relative]
    holidays: dict[str, Holiday]
    closures: dict[tuple[str, int], tuple[datetime.date, datetime.date]]
    events: dict[str, tuple[datetime.date | None, datetime.date | None]]
    plans: dict[str, tuple[int, int]]


def rows(name: str) -> list[list[str]]:
    """The rows of a TSV file of `data/`, without its comment."""
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def word_lists() -> dict[str, list[str]]:
    """The word lists that patterns name as `{words:KIND}`."""
    lists: dict[str, list[str]] = {unit: [] for unit in ("year", "quarter", "month", "week", "day")}
    for word, unit, *_ in rows("relative.tsv"):
        lists[unit].append(word)
    fuzzy = rows("fuzzy.tsv")
    parts = rows("day_parts.tsv")
    return lists | {
        "adverb": [word for word, where in fuzzy if where == "adverb"],
        "era": [word for word, where in fuzzy if where == "era"],
        "event": [row[0] for row in rows("events.tsv")],
        "fuzzy": [word for word, where in fuzzy if where == "any"],
        "holiday": [row[0] for row in rows("holidays.tsv")],
        "part": [word for word, _ in parts],
        "part_alone": [word for word, alone in parts if alone == "yes"],
        "plan": [row[0] for row in rows("plans.tsv")],
    }


def expand(pattern: str, pieces: dict[str, str]) -> str:
    """A pattern with its `{pieces}` put in.

    Raises
    ------
    KeyError
        A piece that the file does not define.
    """
    while True:
        expanded = _PIECE.sub(lambda m: pieces[m.group(1)], pattern)
        if expanded == pattern:
            return pattern
        pattern = expanded


def _date(text: str) -> datetime.date | None:
    return None if text == "-" else datetime.date.fromisoformat(text)


@functools.cache
def grammar() -> Grammar:
    """Read and compile the data files, once a process."""
    data = read_patterns(__package__)
    pieces = {**data["pieces"], **{f"words:{kind}": alternation(words) for kind, words in word_lists().items()}}

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(expand(pattern, pieces), re.VERBOSE)

    return Grammar(
        patterns=tuple(
            Pattern(name, compiled(row["match"]), lead or None, bool(required), row.get("at") == "number")
            for name, row in data["patterns"].items()
            for lead, _, required in [row.get("lead", "").partition(" ")]
        ),
        leads={name: compiled(pattern) for name, pattern in data["leads"].items()},
        number=compiled(data["number"]),
        zone=compiled(data["zone"]),
        exceptions={name: compiled(pattern) for name, pattern in data["exceptions"].items()},
        suffixes={name: compiled(pattern) for name, pattern in data["suffixes"].items()},
        traps=re.compile(alternation(row[0] for row in rows("traps.tsv"))),
        future=compiled(data["future"]),
        relative={
            w: Relative(unit, int(offset), anchor, grain) for w, unit, offset, anchor, grain in rows("relative.tsv")
        },
        holidays={
            name: Holiday(calendar, month, int(day), None if closure == "-" else closure, bare == "yes")
            for name, calendar, month, day, closure, bare in rows("holidays.tsv")
        },
        closures={
            (name, int(year)): (datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
            for name, year, first, last in rows("closures.tsv")
        },
        events={event: (_date(first), _date(last)) for event, first, last, *_ in rows("events.tsv")},
        plans={plan: (int(first), int(last)) for plan, first, last in rows("plans.tsv")},
    )
