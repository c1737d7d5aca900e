"""The words of an article as the judgements see them: without punctuation, numbers as one class."""

from __future__ import annotations

import functools

import rjieba

from nlp_extract.layers import TextLayer

_MARKS = frozenset("，。、；：！？“”‘’（）《》〈〉【】「」『』,.;:!?()[]\"'·•—–-…~/\\|*#+=<>@&^_`{}%")
NUMBER = "0"


def sentence_words(text: TextLayer) -> tuple[tuple[str, ...], ...]:
    """The words of every sentence; `NUMBER` stands for any that begins with a digit."""
    return _cut(text.shadow, tuple((s.start, s.end) for s in text.sentences))


@functools.lru_cache(maxsize=4)
def _cut(shadow: str, spans: tuple[tuple[int, int], ...]) -> tuple[tuple[str, ...], ...]:
    # Two components ask for the same article one after the other.
    return tuple(tuple(_plain(rjieba.cut(shadow[start:end], True))) for start, end in spans)


def _plain(words: list[str]) -> list[str]:
    return [NUMBER if "0" <= word[0] <= "9" else word for word in words if word not in _MARKS and not word.isspace()]
