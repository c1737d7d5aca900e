"""Sentences, numbered as labelled articles number them, and their clauses."""

import re

from nlp_extract.layers import Quotation, Sentence, Span

# A sentence ends at 。！？!?； or a line break; closing quotes and brackets stay with it (labelled/sentences.py).
_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)】\"]*|(?=\n)|$)")
_CLAUSE = re.compile(r"[^，,：:]+[，,：:]*[”’」』）)]*")
# In titles a blank does the work of a comma: 车企加快出海 论坛热议扎根.
_TITLE_CLAUSE = re.compile(r"[^，,：: ]+(?:(?<![\u4e00-\u9fff”’」』）)》！？!?]) [^，,：: ]+)*[，,：: ]*[”’」』）)]*")
_DIGIT_COMMA = re.compile(r"(?<=\d)[,，:：](?=\d{2,3})")
_PAIRS = {"“": "”", "「": "」", "『": "』", "‘": "’"}
_MARKS = re.compile("[“”「」『』‘’\n]")


def sentences(shadow: str, title_end: int = 0) -> tuple[Sentence, ...]:
    """Cut a normalised article into sentences, and those into clauses at commas and colons outside numbers.

    In the title, which ends at `title_end`, a blank between Chinese words ends a clause, too.
    """
    masked = _DIGIT_COMMA.sub("0", shadow)
    found: list[Sentence] = []
    position, length = 0, len(shadow)
    while position < length:
        match = _SENTENCE.match(shadow, position)
        end = max(match.end() if match else position, position + 1)
        raw = shadow[position:end]
        stripped = raw.strip()
        if stripped:
            start = position + len(raw) - len(raw.lstrip())
            stop = start + len(stripped)
            found.append(Sentence(start, stop, len(found), _clauses(masked, start, stop, title=stop <= title_end)))
        position = end
    return tuple(found)


def _clauses(masked: str, start: int, end: int, *, title: bool) -> tuple[Span, ...]:
    spans: list[Span] = []
    for match in (_TITLE_CLAUSE if title else _CLAUSE).finditer(masked, start, end):
        raw = match.group()
        begin = match.start() + len(raw) - len(raw.lstrip())
        stop = match.start() + len(raw.rstrip().rstrip("，,：:。；;"))
        if stop > begin:
            spans.append(Span(begin, stop))
    return tuple(spans) or (Span(start, end),)


def quotations(shadow: str) -> tuple[Quotation, ...]:
    """The insides of quotation marks, outermost and nested, within a paragraph; unclosed marks are none."""
    found: list[Quotation] = []
    stack: list[tuple[str, int]] = []
    for match in _MARKS.finditer(shadow):
        offset, character = match.start(), match.group()
        if character == "\n":
            stack.clear()
        elif character in _PAIRS:
            stack.append((_PAIRS[character], offset + 1))
        elif stack:
            while stack:
                close, start = stack.pop()
                if close == character:
                    found.append(Quotation(start, offset))
                    break
    return tuple(sorted(found, key=lambda q: (q.start, -q.end)))
