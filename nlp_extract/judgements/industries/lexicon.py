"""Divisions of GB/T 4754-2017 and the terms that point to them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, NamedTuple

import ahocorasick


class Division(NamedTuple):
    """A two-digit division with its section's letter."""

    code: str
    name: str
    section: str


class Hit(NamedTuple):
    """A term of a division in the text, or a company whose business it is."""

    start: int
    end: int
    code: str
    company: bool


def _rows(name: str) -> Iterator[list[str]]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


@functools.cache
def divisions() -> dict[str, Division]:
    """Every division by code, in the standard's order."""
    return {code: Division(code, name, section) for code, name, section, _ in _rows("divisions.tsv")}


@functools.cache
def _automaton() -> Any:
    automaton = ahocorasick.Automaton()
    for name, company in (("companies.tsv", True), ("terms.tsv", False)):
        for term, code in _rows(name):
            automaton.add_word(term, (len(term), code, company))
    automaton.make_automaton()
    return automaton


def find_terms(shadow: str) -> list[Hit]:
    """The terms in a text, the longest at each place, without overlaps."""
    hits = _automaton().iter_long(shadow)
    return [Hit(last - length + 1, last + 1, code, company) for last, (length, code, company) in hits]
