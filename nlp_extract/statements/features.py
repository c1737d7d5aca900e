"""Features of a sentence or clause: characters, words, and what the layers before say about it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

import rjieba

_NUMBER = re.compile(r"\d[\d.,]*")


def grams(text: str) -> dict[str, float]:
    """Character n-grams, words and pairs of words, numbers as one; the vector has length 1."""
    plain = _NUMBER.sub("0", text)
    found = dict.fromkeys(plain, 1.0)
    found.update(dict.fromkeys(map("".join, itertools.pairwise(plain)), 1.0))
    found.update(dict.fromkeys(map("".join, zip(plain, plain[1:], plain[2:], strict=False)), 1.0))
    words = rjieba.cut(plain, True)
    found.update(dict.fromkeys((f"w{word}" for word in words), 1.0))
    found.update(dict.fromkeys((f"b{a}_{b}" for a, b in itertools.pairwise(words)), 1.0))
    value = 1.0 / max(len(found), 1) ** 0.5
    return dict.fromkeys(found, value)


def rows(texts: Iterable[str]) -> list[dict[str, float]]:
    """`grams` of each text."""
    return [grams(text) for text in texts]
