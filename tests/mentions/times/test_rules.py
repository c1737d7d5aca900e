"""The rule files of times: every pattern compiles, is used and cannot blow up; every list is sorted."""

from __future__ import annotations

import re
from importlib.resources import files
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from nlp_extract.mentions.times import grammar as g
from nlp_extract.mentions.times.resolve import Resolver
from nlp_extract.mentions.times.scan import scan

DATA = files("nlp_extract.mentions.times") / "data"
LISTS = sorted(path.name for path in DATA.iterdir() if path.name.endswith(".tsv"))
GRAMMAR = g.grammar()
COMPILED = (
    {p.name: p.regex for p in GRAMMAR.patterns}
    | {f"lead {name}": regex for name, regex in GRAMMAR.leads.items()}
    | {f"exception {name}": regex for name, regex in GRAMMAR.exceptions.items()}
    | {f"suffix {name}": regex for name, regex in GRAMMAR.suffixes.items()}
    | {"zone": GRAMMAR.zone, "number": GRAMMAR.number, "traps": GRAMMAR.traps, "future": GRAMMAR.future}
)


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_sorted_and_free_of_repetitions(name: str) -> None:
    lines = (DATA / name).read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    rows = lines[1:]
    assert rows == sorted(set(rows))
    assert len({row.count("\t") for row in rows}) == 1
    if name != "closures.tsv":
        assert len({row.split("\t")[0] for row in rows}) == len(rows)


def test_every_piece_and_list_is_used() -> None:
    data = g.read_patterns(g.__package__)
    texts = list(data["pieces"].values()) + [row["match"] for row in data["patterns"].values()]
    texts += [
        *data["leads"].values(),
        data["zone"],
        data["number"],
        *data["exceptions"].values(),
        *data["suffixes"].values(),
    ]
    used = {name for text in texts for name in re.findall(r"\{([a-z_]+[0-9]?(?::[a-z_]+)?)\}", text)}
    assert used == set(data["pieces"]) | {f"words:{kind}" for kind in g.word_lists()}


def test_every_pattern_has_its_resolver_and_every_exception_its_pattern() -> None:
    names = {pattern.name for pattern in GRAMMAR.patterns}
    assert all(callable(getattr(Resolver, f"_{name}", None)) for name in names)
    assert set(GRAMMAR.exceptions) <= names
    assert {pattern.lead for pattern in GRAMMAR.patterns} - {None} == set(GRAMMAR.leads)


def parts(op: Any, argument: Any) -> list[Any]:
    """The patterns inside one item of a parsed pattern."""
    if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        return [argument[2]]
    if op is _constants.SUBPATTERN:
        return [argument[3]]
    if op is _constants.BRANCH:
        return list(argument[1])
    return [argument[1]] if op in (_constants.ASSERT, _constants.ASSERT_NOT) else []


def repeats(items: Any, inside: bool = False) -> bool:
    """Whether a repetition without a bound stands inside another one."""
    for op, argument in items:
        unbounded = op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and argument[1] == _constants.MAXREPEAT
        if (unbounded and inside) or any(repeats(part, inside or unbounded) for part in parts(op, argument)):
            return True
    return False


@pytest.mark.parametrize("name", sorted(COMPILED))
def test_no_repetition_inside_an_unbounded_one(name: str) -> None:
    regex = COMPILED[name]
    assert not repeats(_parser.parse(regex.pattern, regex.flags))


def test_the_lint_sees_nested_repetition() -> None:
    assert repeats(_parser.parse("(?:a+)*"))
    assert not repeats(_parser.parse("(?:a{1,3})*b?"))


def test_every_trap_hides_something() -> None:
    """A trap that no pattern would match is dead."""
    words = [row[0] for row in g.rows("traps.tsv")]
    dead = [word for word in words if not any(p.regex.search(f"在{word}里") for p in GRAMMAR.patterns)]
    assert dead == []
    assert all(scan(f"在{word}里") == [] for word in words)


def test_every_relative_word_and_holiday_is_found() -> None:
    for word in GRAMMAR.relative:
        assert [f.end - f.start for f in scan(f"，{word}，")] == [len(word)]
    for name, holiday in GRAMMAR.holidays.items():
        if holiday.bare:
            assert [f.end - f.start for f in scan(f"，{name}，")] == [len(name)]
