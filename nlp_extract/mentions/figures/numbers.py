"""Numbers of newspaper Chinese, read and written: 1.2万亿, 三千五百, 近4成, 三分之一, 十几, 30多万, 5‰."""

from __future__ import annotations

import dataclasses
import functools
import re
from decimal import Decimal
from fractions import Fraction

_DIGITS = dict(zip("〇○零一二三四五六七八九", (0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)) | dict(
    zip("两俩仨壹贰叁肆伍陆柒捌玖", (2, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = (("兆", 10**12), ("亿", 10**8), ("万", 10**4))
DIGIT = "〇○零一二三四五六七八九两俩仨壹贰叁肆伍陆柒捌玖"
SCALE = "十拾百佰千仟万亿兆"
_POSITIONAL = re.compile(f"[{DIGIT}]{{2,}}")
_DECIMAL = re.compile(f"(?P<whole>.*?)点(?P<part>[{DIGIT}]+)(?P<scale>[万亿兆]*)")
_ARABIC = re.compile(r"(?P<digits>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<scale>[十百千]*)")
_SECTION = re.compile(
    f"(?:(?P<k>[{DIGIT}])?[千仟])?(?:(?P<z1>零)?(?P<h>[{DIGIT}])?(?P<hh>[百佰]))?"
    f"(?:(?P<z2>零)?(?P<t>[{DIGIT}])?(?P<tt>[十拾]))?(?P<z3>[零〇])?(?P<o>[{DIGIT}])?"
)
_VAGUE = re.compile(
    f"(?P<few>好几|几|数|上|成)?(?P<body>.*?)(?P<more>[多余几来])?(?P<scale>[{SCALE}]*)(?P<last>[多余来])?"
)
_TWO = re.compile(f"(?P<head>.*?)(?P<a>[{DIGIT}])(?P<b>[{DIGIT}])(?P<scale>[{SCALE}]+|)")


@dataclasses.dataclass(frozen=True, slots=True)
class Number:
    """What a written number says.

    Attributes
    ----------
    value : float or None
        The plain number (三成 is 0.3, 1.2万亿 is 1.2e12); None where the text gives only bounds (几十, 8至10).
    lower, upper : float or None
        Bounds where the text gives them, inclusive.
    approximate : bool
        多, 余, 几, 数, 来, 上 or two digits in a row (三四十).
    """

    value: float | None
    lower: float | None = None
    upper: float | None = None
    approximate: bool = False


def cardinal(text: str) -> Fraction | None:
    """The exact value of a number without vague words: 1.2万亿, 三千五百, 13亿8000万, 二〇二五; None for others."""
    text = text.replace(" ", "")
    if not text or len(text) > 60:
        return None
    return _cardinal(text)


@functools.lru_cache(maxsize=4096)
def _cardinal(text: str) -> Fraction | None:
    for letter, size in _BIG:
        left, found, right = text.rpartition(letter)
        if not found:
            continue
        many = _cardinal(left) if left else Fraction(1)
        if many is None:
            return None
        if not right:
            return many * size
        if len(right) == 1 and _DIGITS.get(right):  # 三万五 is 35,000
            return many * size + _DIGITS[right] * size // 10
        rest = _cardinal(right.lstrip("零〇") or "零")
        return None if rest is None or rest >= size else many * size + rest
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> Fraction | None:
    arabic = _ARABIC.fullmatch(text)
    if arabic:
        value = Fraction(re.sub("[,，]", "", arabic.group("digits")))
        for letter in arabic.group("scale"):
            value *= _SMALL[letter]
        return value
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        whole = _cardinal(decimal.group("whole"))
        if whole is None:
            return None
        digits = "".join(str(_DIGITS[d]) for d in decimal.group("part"))
        return whole + Fraction(int(digits), 10 ** len(digits))
    if _POSITIONAL.fullmatch(text):
        return Fraction(int("".join(str(_DIGITS[d]) for d in text)))
    match = _SECTION.fullmatch(text)
    if not match:
        return None
    total, smallest = 0, 0
    for group, size, present in (
        ("k", 1000, "千" in text or "仟" in text),
        ("h", 100, match.group("hh")),
        ("t", 10, match.group("tt")),
    ):
        if present:
            letter = match.group(group)
            total += (1 if letter is None else _DIGITS[letter]) * size
            smallest = size
    ones = match.group("o")
    if ones is not None:
        # 一百二 is 120, 一百零二 is 102
        short = smallest > 10 and match.group("z3") is None
        total += _DIGITS[ones] * (smallest // 10 if short else 1)
    elif match.group("z3"):
        return Fraction(0) if text in "零〇" else None
    return Fraction(total)


def to_chinese(number: int) -> str:
    """Write a whole number as Chinese does: 10203 is 一万零二百零三. Inverse of `cardinal`.

    Parameters
    ----------
    number : int
        From 0 to below 10 ** 16.
    """
    if not 0 <= number < 10**16:
        raise ValueError(f"number must be from 0 to below 10**16, got {number}.")
    if number == 0:
        return "零"
    written = ""
    for size, letter in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, size)
        if part:
            gap = "零" if written and part < 1000 else ""
            written += gap + (to_chinese(part) if size == 10**8 else _section(part)) + letter
    if written.startswith("一十"):
        written = written[1:]
    return written


def _section(number: int) -> str:
    written, gap = "", False
    for size, letter in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            written += ("零" if gap and written else "") + "零一二三四五六七八九"[digit] + letter
            gap = False
        else:
            gap = True
    return written


def parse_number(text: str) -> Number | None:
    """Read a number as newspapers write it, vague words, fractions and percentages included.

    Parameters
    ----------
    text : str
        The number without its unit (%, ‰, 成 and 分之 belong to it), half width.

    Returns
    -------
    Number or None
        None when it is no number.

    Examples
    --------
    >>> parse_number("1.2万亿").value
    1200000000000.0
    >>> parse_number("30多")
    Number(value=30.0, lower=30.0, upper=40.0, approximate=True)
    """
    text = text.replace(" ", "").replace("％", "%")
    if not text or len(text) > 60:
        return None
    if text[0] in "-−－负" and len(text) > 1:
        return _scaled(parse_number(text[1:]), Fraction(-1))
    if text in ("一半", "半", "半数", "过半"):
        return Number(0.5, 0.5 if text == "过半" else None, None, text == "过半")
    below, found, above = text.partition("分之")
    if found:
        whole = cardinal(below)
        return _scaled(parse_number(above), 1 / whole) if whole else None
    if text[-1] in "%‰":
        return _scaled(_vague(text[:-1]), Fraction(1, 100 if text[-1] == "%" else 1000))
    tenths = re.fullmatch(f"(?P<n>[^成]+)成(?P<half>半|[{DIGIT}])?", text)
    if tenths:
        half = tenths.group("half")
        extra = Fraction(1, 20) if half == "半" else Fraction(_DIGITS[half], 100) if half else Fraction(0)
        number = _scaled(_vague(tenths.group("n")), Fraction(1, 10))
        if number is None or number.value is None or not extra:
            return number
        return Number(_plain(Fraction(str(number.value)) + extra))
    return _vague(text)


def _plain(value: Fraction) -> float:
    """The float nearest to an exact value."""
    return float(Decimal(value.numerator) / Decimal(value.denominator))


def _scaled(number: Number | None, factor: Fraction) -> Number | None:
    if number is None:
        return None
    value, lower, upper = (
        None if v is None else _plain(Fraction(str(v)) * factor) for v in (number.value, number.lower, number.upper)
    )
    if factor < 0:
        lower, upper = upper, lower
    return Number(value, lower, upper, number.approximate)


def _vague(text: str) -> Number | None:
    exact = cardinal(text)
    if exact is not None and not _TWO_IN_A_ROW.search(text):
        return Number(_plain(exact))
    match = _VAGUE.fullmatch(text)
    if match is None:
        return None
    few, body, more = match.group("few"), match.group("body"), match.group("more")
    scale, last = match.group("scale"), match.group("last")
    size = cardinal(scale) if scale else Fraction(1)
    if size is None:
        return None
    if few in ("几", "数", "好几") and not body and scale:
        return Number(None, _plain(size), _plain(size * 10), True)
    if few in ("上", "成"):
        least = cardinal(body + scale)
        return None if least is None else Number(_plain(least), _plain(least), None, True)
    if few:
        return None
    if not more and not last:
        return _two_digits(text)
    base = cardinal(body if more else body + scale)
    if base is None:
        return None
    factor = size if more else Fraction(1)
    step = _last_place(base)
    return Number(_plain(base * factor), _plain(base * factor), _plain((base + step) * factor), True)


_TWO_IN_A_ROW = re.compile(
    "(?<![〇零一二三四五六七八九])(?:一二|二三|两三|三四|三五|四五|五六|六七|七八|八九)(?![〇零一二三四五六七八九点])"
)


def _two_digits(text: str) -> Number | None:
    """三四十, 两三百, 七八: bounds without a value."""
    match = _TWO.fullmatch(text)
    if match is None or not _TWO_IN_A_ROW.search(text):
        return None
    low = cardinal(match.group("head") + match.group("a") + match.group("scale"))
    high = cardinal(match.group("head") + match.group("b") + match.group("scale"))
    if low is None or high is None or low >= high:
        return None
    return Number(None, _plain(low), _plain(high), True)


def _last_place(value: Fraction) -> Fraction:
    """The place of the last digit that is not zero: 10 for 1230, 0.1 for 6.9."""
    if value == 0:
        return Fraction(1)
    place = Fraction(1)
    while value.denominator != 1 and place > Fraction(1, 10**9):
        value, place = value * 10, place / 10
    whole = int(value)
    while whole and whole % 10 == 0:
        whole, place = whole // 10, place * 10
    return place
