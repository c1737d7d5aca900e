"""Quantities: numbers with their units, found on characters; what only looks like one is guarded."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable
from importlib.resources import files

from nlp_extract.mentions.figures.numbers import DIGIT, SCALE, Number, parse_number
from nlp_extract.mentions.patterns import read_patterns

_C = DIGIT + SCALE
_ARABIC = r"(?:[0-9]{1,3}+(?:[,，][0-9]{3}(?![0-9]))++(?:\.[0-9]++)?|[0-9]++(?:\.[0-9]++)?)"
_CORE = re.compile(
    rf"(?P<half>一半|半数|过半(?!百))"
    rf"|(?P<fraction>(?:[{_C}]++|[0-9]++)分之(?:[{_C}]++(?:点[{DIGIT}]++)?|[0-9]++(?:\.[0-9]++)?))"
    rf"|(?P<tenths>(?<![{_C}0-9.])(?:[一二三四五六七八九两几]|[0-9](?:\.[0-9])?) ?成"
    rf"(?:半|[一二三四五六七八九](?![{SCALE}]))?(?![立为员功本长果品交就熟绩都型份千效片分人年家]))"
    rf"|(?P<few>(?<![{_C}])(?:好几|几|数|上|成)(?=[十百千万亿])[十百千万亿]++)"
    rf"|(?P<slash>(?<![0-9./])[0-9]{{1,2}}/[0-9]{{1,3}}(?:\.[0-9]++)?(?![0-9/]))"
    rf"|(?P<percent>(?<![0-9])(?:(?<![0-9%％{_C}A-Za-z])[-−－])?{_ARABIC} ?[%％‰])"
    rf"|(?P<arabic>(?<![0-9])(?:(?<![0-9%％{_C}A-Za-z亿万元\u4e00-\u9fff])[-−－])?{_ARABIC}"
    rf"(?: ?[{SCALE}]++(?:[0-9]++(?:\.[0-9]++)?(?=[{SCALE}]))?)*+(?:[多余几][{SCALE}]*+)?[多余]?)"
    rf"|(?P<chinese>[{_C}]++(?:点[{DIGIT}]++[{SCALE}]*+)?(?:[多余几][{SCALE}]*+)?[多余]?)"
)
_RANGE = re.compile(r" ?(?:[-—－–~～]{1,2}|至|到|到了) ?(?:约|近)?")
_TIMES = re.compile(r" ?[×xX*✕] ?")
_UNIT_ENDS = "0123456789.,%％、，。；：！？\n"
_SYMBOLS = {"$": "美元", "¥": "元", "￥": "元", "€": "欧元", "£": "英镑"}


@dataclasses.dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as written; `number_end` is where the number stops and the unit begins."""

    start: int
    end: int
    number_end: int
    number: Number
    unit: str
    unit_class: str
    rule: str


@dataclasses.dataclass(frozen=True)
class Lexicons:
    """The data files of this folder, compiled."""

    units: re.Pattern[str]
    classes: dict[str, str]
    guards: tuple[tuple[str, re.Pattern[str]], ...]
    one_word: re.Pattern[str]
    before: dict[str, str]
    after: dict[str, str]
    links: dict[str, str]
    changes: dict[str, str]


def _rows(name: str) -> list[list[str]]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@functools.cache
def lexicons() -> Lexicons:
    """Read and compile the data files, once a process."""
    classes = dict(_rows("units.tsv"))
    ordered = sorted(classes, key=lambda u: (-len(u), u))
    one = "|".join(re.escape(u) + ("(?![A-Za-z])" if u[-1].isascii() else "") for u in ordered)
    patterns = read_patterns(__package__)
    guards = dict(patterns["guards"])
    one_word = guards.pop("one_word")
    bounds = _rows("bounds.tsv")
    return Lexicons(
        units=re.compile(f"(?:{one})(?:/(?:{one}))?"),
        classes=classes,
        guards=tuple((name, re.compile(pattern)) for name, pattern in guards.items()),
        one_word=re.compile(one_word),
        before={word: bound for word, side, bound in bounds if side == "before"},
        after={word: bound for word, side, bound in bounds if side == "after"},
        links=dict(_rows("links.tsv")),
        changes=patterns["changes"],
    )


def guarded(shadow: str, spans: Iterable[tuple[int, int]] = ()) -> bytearray:
    """1 for every character that belongs to a date, ordinal, code, score, model name or to a given span."""
    mask = bytearray(len(shadow) + 1)
    for _, pattern in lexicons().guards:
        for match in pattern.finditer(shadow):
            start, end = match.span()
            mask[start:end] = b"\1" * (end - start)
    for start, end in spans:
        mask[start:end] = b"\1" * (end - start)
    return mask


def scan(shadow: str, word_ends: bytearray, mask: bytearray) -> list[Quantity]:
    """Quantities of an article, by position, ranges and products joined.

    Parameters
    ----------
    shadow : str
        The normalised article.
    word_ends : bytearray
        1 at every offset where a word ends, so that 股东 is not read as the unit 股.
    mask : bytearray
        Of `guarded`.
    """
    data = lexicons()
    found: list[Quantity] = []
    for match in _CORE.finditer(shadow):
        start, end = match.span()
        rule = match.lastgroup or ""
        if mask[start] or (rule in ("chinese", "few", "tenths") and data.one_word.match(shadow, start)):
            continue
        quantity = _quantity(shadow, start, end, rule, word_ends, data)
        if quantity is not None:
            found.append(quantity)
    return _joined(shadow, found)


def _quantity(shadow: str, start: int, end: int, rule: str, word_ends: bytearray, data: Lexicons) -> Quantity | None:
    core = shadow[start:end]
    if rule == "slash":
        below, above = core.split("/")
        number: Number | None = Number(float(below) / float(above)) if float(above) else None
    else:
        number = parse_number(core)
    if number is None:
        return None
    if rule in ("half", "fraction", "tenths", "percent"):
        unit = "%" if core[-1] in "%％" else "‰" if core[-1] == "‰" else "成" if rule == "tenths" else ""
        return Quantity(start, end, end, number, unit, "percent", rule)
    place = end + 1 if shadow[end : end + 1] == " " and shadow[end + 1 : end + 2] not in "0123456789" else end
    unit, group = "", "none"
    match = data.units.match(shadow, place)
    while match is not None:
        stop = match.end()
        if word_ends[stop] or shadow[stop : stop + 1] in _UNIT_ENDS or match.group()[-1].isascii():
            unit = match.group()
            break
        match = data.units.match(shadow, place, match.end() - 1)
    if unit:
        group = data.classes[unit.split("/")[0]] + ("_rate" if "/" in unit else "")
        group = {"mg_rate": "density"}.get(group, group)
        if unit.split("/")[0] not in ("个百分点", "百分点"):
            return Quantity(start, place + len(unit), end, number, unit, group, rule)
        value, lower, upper = (
            None if v is None else round(v / 100, 12) for v in (number.value, number.lower, number.upper)
        )
        point = Number(value, lower, upper, number.approximate)
        return Quantity(start, place + len(unit), end, point, unit, group, rule)
    if start and shadow[start - 1] in _SYMBOLS:
        return Quantity(start - 1, end, end, number, _SYMBOLS[shadow[start - 1]], "money", rule)
    if rule == "chinese" and not any(c in "万亿" for c in core[1:]):
        return None
    return Quantity(start, end, end, number, "", group, rule)


def _joined(shadow: str, found: list[Quantity]) -> list[Quantity]:
    """Ranges (8至10万元), products (30×20厘米) and double units (1年8个月) as one quantity each."""
    joined: list[Quantity] = []
    for q in found:
        last = joined[-1] if joined else None
        if last is not None and last.end <= q.start <= last.end + 5:
            between = shadow[last.end : q.start]
            if _RANGE.fullmatch(between) and _fits(last, q) and last.rule != "range":
                joined[-1] = _range(last, q, shadow)
                continue
            if _TIMES.fullmatch(between) and last.unit in ("", q.unit):
                joined[-1] = Quantity(last.start, q.end, q.end, Number(None), q.unit, q.unit_class, "product")
                continue
            if not between and last.unit_class == q.unit_class == "duration" and last.unit != q.unit:
                joined[-1] = Quantity(last.start, q.end, q.end, Number(None), q.unit, "duration", "composite")
                continue
        joined.append(q)
    return joined


def _fits(low: Quantity, high: Quantity) -> bool:
    return low.unit in ("", high.unit) or (low.unit_class == high.unit_class == "money") or high.unit == ""


def _range(low: Quantity, high: Quantity, shadow: str) -> Quantity:
    factor = 1.0
    scale = re.search(f"[{SCALE}]+", shadow[high.start : high.number_end])
    bare = low.unit == "" and not re.search(f"[{SCALE}]", shadow[low.start : low.number_end])
    if bare and scale and high.rule == "arabic":
        size = parse_number(scale.group())
        factor = size.value if size is not None and size.value else 1.0
    first = low.number.value if low.number.value is not None else low.number.lower
    second = high.number.value if high.number.value is not None else high.number.upper
    if bare and high.unit_class == "percent" and high.rule == "percent" and low.rule == "arabic" and first is not None:
        factor = 0.01
    ends = [v for v in (None if first is None else round(first * factor, 9), second) if v is not None]
    number = Number(None, min(ends, default=None), max(ends, default=None), False)
    return Quantity(low.start, high.end, high.end, number, high.unit or low.unit, high.unit_class, "range")
