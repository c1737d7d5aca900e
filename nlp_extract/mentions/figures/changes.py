"""Rates of change: 同比增长7.9%, 较上月回升0.7点, 翻番, 由4次增至8次."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Literal

from nlp_extract.layers import Change
from nlp_extract.mentions.figures.numbers import parse_number
from nlp_extract.mentions.figures.scan import Quantity, lexicons

Basis = Literal["year_on_year", "period_on_period", "other"]
_REACH = 44


@dataclasses.dataclass(frozen=True)
class _Patterns:
    phrase: re.Pattern[str]
    weak: re.Pattern[str]
    from_to: re.Pattern[str]
    doubled: re.Pattern[str]
    fall: re.Pattern[str]


@functools.cache
def _patterns() -> _Patterns:
    c = lexicons().changes
    basis = f"(?P<year>{c['basis_year']})|(?P<period>{c['basis_period']})|(?P<other>{c['basis_other']})"
    adverb, after = c["adverb"], c["after_verb"]
    return _Patterns(
        phrase=re.compile(f"(?:{basis})?{adverb}(?P<verb>{c['up']}|{c['down']}){after}$"),
        weak=re.compile(f"(?:{basis}){adverb}(?P<verb>{c['up_weak']}|{c['down_weak']}){after}$"),
        from_to=re.compile(c["from_to"]),
        doubled=re.compile(f"(?:(?:{basis}){adverb})?(?P<verb>{c['doubled']})"),
        fall=re.compile(f"{c['down']}|{c['down_weak']}|减少|下降"),
    )


def _basis(match: re.Match[str]) -> Basis:
    if match.group("year"):
        return "year_on_year"
    return "period_on_period" if match.group("period") else "other"


def change_before(shadow: str, low: int, quantity: Quantity, earlier: list[Quantity]) -> Change | None:
    """The change that a quantity is the amount of, from the words before it.

    Parameters
    ----------
    shadow : str
        The normalised article.
    low : int
        Start of the sentence.
    quantity : Quantity
    earlier : list of Quantity
        Those before it in the sentence, for 由…降至….
    """
    patterns = _patterns()
    low = max(low, quantity.start - _REACH)
    window = shadow[low : quantity.start]
    match = patterns.from_to.search(window)
    if match is not None:
        start = low + match.start("from")
        base = [q for q in earlier if start <= q.start and q.end <= low + match.end("from")]
        if base and (match.group("verb") or match.group("to")):
            return Change(low + match.start(), quantity.end, "other", _relative(base[-1], quantity))
    match = patterns.phrase.search(window) or patterns.weak.search(window)
    if match is None:
        return None
    sign = -1 if patterns.fall.match(match.group("verb")) else 1
    begin = low + match.start()
    while shadow[begin] in " 也均将又再仅已" and begin < quantity.start:
        begin += 1
    # 升至14.2% names the level that was reached, not the rate.
    level = re.search("(?<!达)[至到]", window[match.end("verb") :]) is not None
    return Change(begin, quantity.end, _basis(match), None if level else ratio(quantity, sign))


def _relative(base: Quantity, quantity: Quantity) -> float | None:
    old, new = base.number.value, quantity.number.value
    if not old or new is None or (base.unit_class != quantity.unit_class and base.unit):
        return None
    return round((new - old) / old, 6)


def ratio(quantity: Quantity, sign: int) -> float | None:
    """The signed rate that an amount stands for; None for percentage points and other absolute amounts."""
    value = quantity.number.value
    if value is None:
        return None
    if quantity.unit_class == "percent" and "点" not in quantity.unit and "bp" not in quantity.unit:
        return round(sign * value, 6)
    if quantity.unit == "倍":
        return round(sign * value, 6)
    return None


def doublings(shadow: str, start: int, end: int) -> list[Change]:
    """Changes without a number: 翻番, 翻两番, 减半, 持平."""
    found = []
    for match in _patterns().doubled.finditer(shadow, start, end):
        word = match.group("verb")
        value: float | None
        if word in ("减半", "腰斩"):
            value = -0.5
        elif word == "持平":
            value = 0.0
        else:
            many = re.search("[一两二三四五六]", word)
            times = parse_number(many.group()) if many else None
            count = times.value if times is not None and times.value else 1.0
            value = count - 1.0 if word.endswith("倍") and many else 2.0**count - 1.0
        found.append(Change(match.start(), match.end(), _basis(match), value))
    return found
