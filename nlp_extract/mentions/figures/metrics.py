"""What a number measures: candidate phrases around a quantity, and the features that rank them."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from typing import Literal, NamedTuple

import rjieba

from nlp_extract.layers import Change
from nlp_extract.mentions.figures.scan import Quantity, lexicons

Kind = Literal["N", "V", "D", "L", "P", "Q", "T", "C", "O"]
_NOMINAL = ("n", "j", "b", "an", "vn", "eng", "l", "i", "s", "f", "g", "k", "z", "a", "t", "h")
_PUNCTUATION = frozenset("，,。；;：:！!？?（）()[]【】《》<>“”‘’\"'「」『』…—-~～ \n\t")
_LONGEST = 24


class Token(NamedTuple):
    """A word with what it can be to a metric: N, V, D (的), L (link), P, Q (quantity), T (time), C (、 和), O."""

    start: int
    end: int
    word: str
    tag: str
    kind: Kind


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase that may be the metric; `first`, `last` are token numbers, `rank` counts from the quantity."""

    start: int
    end: int
    first: int
    last: int
    side: Literal["before", "after"]
    kind: Literal["N", "V"]
    rank: int


def tokens_of(shadow: str, start: int, end: int, quantities: list[Quantity], times: bytearray) -> list[Token]:
    """The words of a sentence, its quantities one token each.

    Parameters
    ----------
    shadow : str
    start, end : int
        Bounds of the sentence.
    quantities : list of Quantity
        Those of the sentence, by position.
    times : bytearray
        1 for characters of dates and other guarded stretches.
    """
    tokens: list[Token] = []
    position = start
    for q in quantities:
        if q.start < position:
            continue
        _cut(shadow, position, q.start, times, tokens)
        tokens.append(Token(q.start, q.end, shadow[q.start : q.end], "m", "Q"))
        position = q.end
    _cut(shadow, position, end, times, tokens)
    return tokens


def _cut(shadow: str, start: int, end: int, times: bytearray, tokens: list[Token]) -> None:
    if start >= end:
        return
    offset = start
    links = lexicons().links
    for word, tag in rjieba.tag(shadow[start:end], True):
        stop = offset + len(word)
        tokens.append(Token(offset, stop, word, tag, _kind(word, tag, times[offset], links)))
        offset = stop


def _kind(word: str, tag: str, masked: int, links: dict[str, str]) -> Kind:
    if word[0] in _PUNCTUATION:
        return "P"
    if masked:
        return "T"
    if word in ("、", "和", "与", "及", "以及"):
        return "C"
    if word == "的":
        return "D"
    if word in links:
        return "L"
    if tag == "x" or tag == "m":
        return "O" if not word[0].isalpha() or tag == "m" else "N"
    if tag.startswith(_NOMINAL):
        return "N"
    return "V" if tag.startswith("v") else "O"


def candidates(tokens: list[Token], low: int, high: int) -> list[Candidate]:
    """Phrases before token `low` and after token `high`, the quantity (with its change) between them.

    A phrase is a run of nominal words, 的 between them, or a verb; four noun phrases and two verbs before, two and
    two after.
    """
    found: list[Candidate] = []
    nouns = verbs = 0
    i = low - 1
    while i >= 0 and low - i < 60 and (nouns < 4 or verbs < 2):
        token = tokens[i]
        if token.kind == "N":
            first = i
            while first > 0 and tokens[i].end - tokens[first - 1].start <= _LONGEST:
                kind = tokens[first - 1].kind
                if kind == "N" or (kind == "D" and first > 1 and tokens[first - 2].kind == "N"):
                    first -= 1
                else:
                    break
            if tokens[first].kind == "D":
                first += 1
            if nouns < 4:
                found.append(Candidate(tokens[first].start, token.end, first, i, "before", "N", nouns))
            nouns += 1
            i = first - 1
            continue
        if token.kind == "V":
            if verbs < 2:
                found.append(Candidate(token.start, token.end, i, i, "before", "V", verbs))
            verbs += 1
        i -= 1
    nouns = verbs = 0
    i = high + 1
    count = len(tokens)
    while i < count and i - high < 30 and (nouns < 2 or verbs < 2):
        token = tokens[i]
        if token.kind == "P" and token.word not in '“”‘’《》"（(':
            break
        if token.kind == "Q":
            break
        if token.kind == "N":
            last = i
            while last + 1 < count and tokens[last + 1].end - token.start <= _LONGEST:
                kind = tokens[last + 1].kind
                if kind == "N" or (kind == "D" and last + 2 < count and tokens[last + 2].kind == "N"):
                    last += 1
                else:
                    break
            if tokens[last].kind == "D":
                last -= 1
            if nouns < 2:
                found.append(Candidate(token.start, tokens[last].end, i, last, "after", "N", nouns))
            nouns += 1
            i = last + 1
            continue
        if token.kind == "V":
            if verbs < 2:
                found.append(Candidate(token.start, token.end, i, i, "after", "V", verbs))
            verbs += 1
        i += 1
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A quantity in its sentence: token numbers of the quantity (`at`) and of where its phrase begins (`low`)."""

    quantity: Quantity
    change: Change | None
    tokens: list[Token]
    at: int
    low: int


def place(tokens: list[Token], quantity: Quantity, change: Change | None) -> Place:
    """Find a quantity, and the change phrase before it, among the tokens of its sentence."""
    at = bisect_left(tokens, quantity.start, key=_start)
    low = min(bisect_left(tokens, change.start, key=_start), at) if change is not None else at
    return Place(quantity, change, tokens, at, low)


def _start(token: Token) -> int:
    return token.start


def rank_features(p: Place, candidate: Candidate, all_candidates: list[Candidate]) -> dict[str, float]:
    """What makes a phrase the metric of a quantity."""
    q, tokens = p.quantity, p.tokens
    side, kind = candidate.side, f"{candidate.side}{candidate.kind}"
    spot = f"{kind}{candidate.rank}"
    gap = tokens[candidate.last + 1 : p.low] if side == "before" else tokens[p.at + 1 : candidate.first]
    shape = "".join(t.kind for t in gap[-8:]) if side == "before" else "".join(t.kind for t in gap[:8])
    words = "".join(t.word for t in gap)
    after = tokens[p.at + 1] if p.at + 1 < len(tokens) else None
    before = tokens[p.low - 1] if p.low else None
    changed = "change" if p.change is not None else "level"
    head, tail = tokens[candidate.first], tokens[candidate.last]
    follows = tokens[candidate.last + 1] if candidate.last + 1 < len(tokens) else None
    links = lexicons().links
    names = (
        f"spot={spot}",
        f"spot={spot}|class={q.unit_class}",
        f"spot={spot}|unit={q.unit}",
        f"spot={spot}|{changed}|class={q.unit_class}",
        f"shape={kind}|{shape}",
        f"shape={kind}|{shape}|{q.unit_class}",
        f"gap={kind}|{words[-6:] if side == 'before' else words[:6]}",
        f"gap_length={kind}|{min(len(words), 12)}",
        f"comma={kind}|{'P' in shape}|{'Q' in shape}|{'V' in shape}",
        f"comma={kind}|{'P' in shape}|{q.unit_class}",
        f"tail={tail.word}|{side}",
        f"tail2={tail.word[-1:]}|{side}",
        f"tail={tail.word[-1:]}|{q.unit_class}|{side}",
        f"tail_tag={tail.tag}|{spot}",
        f"head_tag={head.tag}|{spot}",
        f"one={spot}|{len(all_candidates)}",
        f"length={kind}|{min(candidate.end - candidate.start, 10)}",
        f"after={after.kind if after else '-'}|{spot}|{q.unit_class}",
        f"after_word={after.word if after else '-'}|{kind}",
        f"before={before.kind if before else '-'}|{spot}|{q.unit_class}",
        f"before_word={before.word if before else '-'}|{spot}",
        f"before_link={links.get(before.word, '-') if before else '-'}|{spot}|{q.unit_class}",
        f"after_before={after.kind if after else '-'}{before.kind if before else '-'}|{spot}",
        f"link={links.get(follows.word, '-') if follows else '-'}|{side}|{q.unit_class}",
        f"rule={q.rule}|{spot}",
    )
    return dict.fromkeys(names, 1.0)


def worth_features(p: Place, shadow: str, title_end: int, count: int, attached: bool) -> dict[str, float]:
    """What makes a quantity one that a reader would put in a table."""
    q, tokens = p.quantity, p.tokens
    core = shadow[q.start : q.number_end]
    after = tokens[p.at + 1] if p.at + 1 < len(tokens) else None
    then = tokens[p.at + 2] if p.at + 2 < len(tokens) else None
    before = tokens[p.low - 1] if p.low else None
    earlier = tokens[p.low - 2] if p.low > 1 else None
    value = q.number.value
    size = (
        "-" if value is None else "1" if value == 1 else "2" if value == 2 else f"e{min(len(str(int(abs(value)))), 9)}"
    )
    script = "arabic" if core[:1].isdigit() or "%" in core else "chinese"
    form = f"{script}{size if script == 'chinese' or q.unit_class in ('none', 'duration', 'count') else ''}"
    clause_start = before is None or before.kind == "P"
    names = (
        f"unit={q.unit}",
        f"unit={q.unit}|{script}",
        f"class={q.unit_class}",
        f"class={q.unit_class}|{form}",
        f"rule={q.rule}|{q.unit_class}",
        f"form={form}",
        f"core={core[:3]}" if script == "chinese" else "core",
        f"core={core[:2]}|{q.unit}" if script == "chinese" else "core",
        f"change={p.change is not None}|{q.unit_class}",
        f"attached={attached}",
        f"attached={attached}|{q.unit_class}",
        f"after={after.word if after else '-'}",
        f"after={after.word[:1] if after else '-'}|{q.unit_class}",
        f"after_kind={after.kind if after else '-'}|{q.unit_class}",
        f"after_tag={after.tag if after else '-'}|{script}",
        f"after2={(after.kind + then.kind) if after and then else '-'}|{q.unit_class}",
        f"after_two={(after.word + then.word) if after and then else '-'}",
        f"before={before.word if before else '-'}",
        f"before={before.word[-1:] if before else '-'}|{q.unit_class}",
        f"before_kind={before.kind if before else '-'}|{q.unit_class}",
        f"before_tag={before.tag if before else '-'}|{script}",
        f"before_two={(earlier.word + before.word) if earlier and before else '-'}",
        f"clause_start={clause_start}|{q.unit_class}|{script}",
        f"title={q.start < title_end}",
        f"title={q.start < title_end}|{script}",
        f"many={min(count, 6)}",
        f"many={min(count, 6)}|{script}",
        f"end={shadow[q.end : q.end + 1]}|{q.unit_class}",
        f"end2={shadow[q.end : q.end + 2]}",
        f"begin={shadow[q.start - 1 : q.start]}|{q.unit_class}",
        f"begin2={shadow[max(0, q.start - 2) : q.start]}",
    )
    return dict.fromkeys(names, 1.0)
