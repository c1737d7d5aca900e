"""Semantic roles where an engine gives them: they say who did what to whom, in place of our own choice."""

from __future__ import annotations

from collections.abc import Sequence

from nlp_extract.layers import Frame, Span
from nlp_extract.relations.arguments import Phrase
from nlp_extract.relations.words import Word

ROLES = {"subject": "ARG0", "object": "ARG1"}


def frame_at(frames: Sequence[Frame], word: Word) -> Frame | None:
    """The frame whose predicate is or holds the word, None without one."""
    here = Span(word.start, word.end)
    return next((frame for frame in frames if frame.predicate.overlaps(here)), None)


def argument(frame: Frame, role: str, words: Sequence[Word]) -> Phrase | None:
    """The words of a frame's subject or object, None where it has none in the sentence."""
    for name, span in frame.arguments:
        if name == ROLES[role]:
            inside = [n for n, word in enumerate(words) if span.start < word.end and word.start < span.end]
            if inside:
                return Phrase(inside[0], inside[-1], "role")
    return None
