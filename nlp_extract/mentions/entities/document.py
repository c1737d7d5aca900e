"""Names over a whole article: one type a name, found wherever it stands; own names first; bylines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from nlp_extract.layers import EntityMention, Label, TextLayer
from nlp_extract.mentions.entities.lexicon import Matcher
from nlp_extract.mentions.entities.recognise import Scored

_MARKS = ' \n"“”‘’《》〈〉,，、。:：;；!！?？-—'
_PAIRS = (("《", "》"), ("“", "”"), ("（", "）"), ("(", ")"))
# A name this sure is looked for in the rest of the article.
SURE = 0.8
# A name whose best score in the article is below this is none.
LEAST = 0.5
_ROLE = r"(?:特[约派]|实习|见习|本[报刊网台社]|首席)*(?:记者|通讯员|编辑|责编|实习生|校对|摄影|撰文|统筹|作者)"
_BEFORE = re.compile(rf"{_ROLE}[ :：/|]{{0,3}}$")
_BETWEEN = re.compile(rf"[ 、,，/|]{{1,3}}(?:{_ROLE}[ :：/|]{{0,3}})?$|^[ ]*{_ROLE}[ :：/|]{{0,3}}$")
# What follows the last name of a byline: its end, or what its authors did.
_AFTER = re.compile(
    r"[ ]*(?:$|[)）\n】|]|报道|摄|综合|发自|讯|[\u4e00-\u9fff]{2,4}(?:报道|电|讯)|[ ]{2}|[^，。\n]{0,12}获悉)"
)


def over_article(text: TextLayer, found: Sequence[Scored], matcher: Matcher | None = None) -> tuple[EntityMention, ...]:
    """Mentions of an article from those of its sentences.

    Parameters
    ----------
    found : sequence of (start, end, label, score)
        What the model found, apart, at offsets of the article.
    matcher : Matcher, optional
        The user's lexicon; a match displaces what it overlaps.
    """
    mentions = [EntityMention(s, e, label, round(score, 4)) for s, e, label, score in _trimmed(text.shadow, found)]
    mentions = _likely(text.shadow, _one_type(text.shadow, mentions))
    own: list[EntityMention] = []
    if matcher is not None:
        own = [EntityMention(s, e, label, 1.0, "lexicon") for s, e, label in matcher(text.shadow)]
        mentions = _displace(mentions, own)
    mentions = _everywhere(text.shadow, mentions + own)
    return _bylines(text, sorted(mentions, key=lambda m: (m.start, m.end)))


def _trimmed(shadow: str, found: Sequence[Scored]) -> list[Scored]:
    """Names without blanks and marks at their borders, and without half a pair of brackets."""
    kept = []
    for start, end, label, score in found:
        start, end = _balanced(shadow, start, end)
        while start < end and shadow[start] in _MARKS:
            start += 1
        while start < end and shadow[end - 1] in _MARKS:
            end -= 1
        if any(c.isalnum() for c in shadow[start:end]):
            kept.append((start, end, label, score))
    return kept


def _balanced(shadow: str, start: int, end: int) -> tuple[int, int]:
    """The part of a name that has no half pair of brackets or quotation marks."""
    for opening, closing in _PAIRS:
        name = shadow[start:end]
        extra = name.count(opening) - name.count(closing)
        if extra > 0:
            at = start + name.rindex(opening)
            # A title keeps what is within its marks, a name what is before its bracket.
            start, end = (at + 1, end) if opening in "《“" else (start, at)
        elif extra < 0:
            at = start + name.index(closing)
            start, end = (start, at) if at >= (start + end) // 2 else (at + 1, end)
    return start, end


def _one_type(shadow: str, mentions: list[EntityMention]) -> list[EntityMention]:
    """Give all mentions of a surface the type that has the highest sum of scores."""
    weights: dict[str, dict[Label, float]] = defaultdict(lambda: defaultdict(float))
    for m in mentions:
        weights[shadow[m.start : m.end]][m.label] += m.score
    best = {name: min(by, key=lambda label: (-round(by[label], 4), label)) for name, by in weights.items()}
    return [EntityMention(m.start, m.end, best[shadow[m.start : m.end]], m.score) for m in mentions]


def _likely(shadow: str, mentions: list[EntityMention]) -> list[EntityMention]:
    """The mentions whose surface is a name somewhere in the article."""
    best: dict[str, float] = {}
    for m in mentions:
        name = shadow[m.start : m.end]
        best[name] = max(best.get(name, 0.0), m.score)
    return [m for m in mentions if best[shadow[m.start : m.end]] >= LEAST]


def _displace(mentions: list[EntityMention], own: list[EntityMention]) -> list[EntityMention]:
    """The mentions that no own name overlaps; both are in order."""
    kept: list[EntityMention] = []
    k = 0
    for m in mentions:
        while k < len(own) and own[k].end <= m.start:
            k += 1
        if k == len(own) or own[k].start >= m.end:
            kept.append(m)
    return kept


def _everywhere(shadow: str, mentions: list[EntityMention]) -> list[EntityMention]:
    """Add the occurrences of sure names where nothing was found."""
    sure: dict[str, EntityMention] = {}
    for m in mentions:
        name = shadow[m.start : m.end]
        if m.score >= SURE and len(name) > 1 and (name not in sure or sure[name].score < m.score):
            sure[name] = m
    free = bytearray(b"\x01" * len(shadow))
    for m in mentions:
        free[m.start : m.end] = bytes(m.end - m.start)
    added = []
    for start, end, label in Matcher({name: m.label for name, m in sure.items()})(shadow):
        if all(free[start:end]):
            added.append(EntityMention(start, end, label, sure[shadow[start:end]].score, "document"))
    return mentions + added


def _bylines(text: TextLayer, mentions: list[EntityMention]) -> tuple[EntityMention, ...]:
    """Mark people who wrote the article: after 记者, 通讯员, 编辑 where a byline ends, or in the dateline."""
    shadow = text.shadow
    reporters = {(r.start, r.end) for r in text.dateline.reporters} if text.dateline else set()
    marked: list[EntityMention] = []
    chain: list[int] = []
    for i, m in enumerate(mentions):
        marked.append(m)
        if m.label != "PER":
            chain = []
            continue
        before = shadow[max(0, m.start - 16) : m.start]
        linked = bool(chain) and _BETWEEN.match(shadow[mentions[chain[-1]].end : m.start]) is not None
        chain = [*chain, i] if linked else [i] if _BEFORE.search(before) else []
        if (chain and _AFTER.match(shadow[m.end : m.end + 20])) or (m.start, m.end) in reporters:
            for k in chain or [i]:
                o = mentions[k]
                marked[k] = EntityMention(o.start, o.end, o.label, o.score, o.source, byline=True)
    return tuple(marked)
