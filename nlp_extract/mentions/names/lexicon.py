"""The data files of this folder."""

from __future__ import annotations

import functools
import re
from importlib.resources import files

from nlp_extract.mentions.patterns import read_patterns


def rows(name: str) -> list[list[str]]:
    """The rows of a TSV file below its heading."""
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


@functools.cache
def words(name: str, kind: str | None = None) -> frozenset[str]:
    """The first column of a TSV file, or those of its rows whose second column is `kind`."""
    return frozenset(row[0] for row in rows(name) if kind is None or row[1] == kind)


@functools.cache
def organisations() -> dict[str, str]:
    """Every known form of an organisation and its full name."""
    found: dict[str, str] = {}
    for name, forms in rows("organisations.tsv"):
        for form in (name, *forms.split("/")):
            found.setdefault(form, name)
    return found


@functools.cache
def pattern(name: str) -> re.Pattern[str]:
    """A regular expression of `patterns.yaml`."""
    return re.compile(read_patterns(__package__)[name])


def longest_suffix(text: str, lexicon: frozenset[str] | dict[str, str], longest: int = 8) -> str:
    """The longest word of a lexicon that the text ends with, or nothing."""
    for length in range(min(longest, len(text)), 0, -1):
        if text[-length:] in lexicon:
            return text[-length:]
    return ""


def longest_prefix(text: str, lexicon: frozenset[str] | dict[str, str], longest: int = 8) -> str:
    """The longest word of a lexicon that the text starts with, or nothing."""
    for length in range(min(longest, len(text)), 0, -1):
        if text[:length] in lexicon:
            return text[:length]
    return ""
