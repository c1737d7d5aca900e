"""A shadow of the article: simplified, half width, plain white space, of the same length."""

import functools
import re
import unicodedata

import opencc

_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|amp|lt|gt|quot|ldquo|rdquo|mdash|middot|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
# Tags of HTML only: 《<关于…>》 and 3<5 stay as they are.
_TAG = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|span|strong|table|td|th|tr|u|ul)\b[^<>\n]{0,300}>", re.I
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TRADITIONAL_RANGE = re.compile(r"[\u3400-\u9fff]")


@functools.cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@functools.cache
def _simplified(character: str) -> str:
    found = _converter().convert(character)
    return found if len(found) == 1 else character


def _half_width(character: str) -> str:
    """One character in its plain form; letters, digits and signs of full width become half width."""
    code = ord(character)
    if 0xFF01 <= code <= 0xFF5E and character not in "，！？：；（）～":
        return chr(code - 0xFEE0)
    if code == 0xFFFD or code == 0x2028 or code == 0x2029:
        return "\n"
    if character in "\r\v\f\x85":
        return "\n"
    if (
        character == "\t"
        or character in "\u200b\u200c\u200d\u2060\ufeff\xad"
        or unicodedata.category(character) == "Zs"
    ):
        return " "
    if character != "\n" and unicodedata.category(character) == "Cc":
        return "\n"
    return character


class _Table(dict[int, str]):
    """A `str.translate` table that fills itself with what it meets."""

    def __init__(self, *, traditional: bool) -> None:
        super().__init__()
        self.traditional = traditional

    def __missing__(self, code: int) -> str:
        plain = _half_width(chr(code))
        if self.traditional and _TRADITIONAL_RANGE.match(plain):
            plain = _simplified(plain)
        self[code] = plain
        return plain


_TABLES = {traditional: _Table(traditional=traditional) for traditional in (False, True)}


class _OnlyTraditional(dict[int, bool]):
    """Whether a character is one of traditional text alone: changed by `t2s`, and not in the simplified set GB 2312."""

    def __missing__(self, code: int) -> bool:
        character = chr(code)
        found = bool(_TRADITIONAL_RANGE.match(character)) and _simplified(character) != character
        self[code] = found and not character.encode("gb2312", "ignore")
        return self[code]


_ONLY_TRADITIONAL = _OnlyTraditional()


def storable(text: str) -> str:
    """A text with U+FFFD for every lone surrogate, which UTF-8 and spaCy cannot carry; same length."""
    return _SURROGATE.sub("\ufffd", text)


def shadow(article: str) -> str:
    """Return the normalised form of an article, character for character.

    Traditional characters become simplified (OpenCC's character table `t2s`) where the text has any that only
    traditional text has: 乾 stays in a simplified name. Letters, digits and signs of full width become half width,
    white space of any kind a space or a line feed, control characters and lone surrogates (U+FFFD) a line feed, HTML
    left-overs blanks.

    Parameters
    ----------
    article : str
        Any text.

    Returns
    -------
    str
        `len(shadow(article)) == len(article)`.
    """
    traditional = any(map(_ONLY_TRADITIONAL.__getitem__, map(ord, set(article))))
    text = article.translate(_TABLES[traditional])
    if "&" in text:
        text = _ENTITY.sub(_blank, text)
    if "<" in text:
        text = _TAG.sub(_blank, text)
    return text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
