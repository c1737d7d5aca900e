"""Titles and affiliations of people, from the words beside their names."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from nlp_extract.layers import EntityMention, Span, TextLayer
from nlp_extract.mentions.names.lexicon import longest_suffix, words

_REACH = 40
_STOP = re.compile(
    r"[。！？；，,：:\n“”‘’《》<>\[\]!?;]|(?:[与对和向由在同为是被把将就给从]|以及|会见|接受)(?=.{0,3}$)"
)
_JOINED = re.compile(r"^(?:[、 和与及]|以及)+$")
# 中国证券网讯（记者 张三）, 新华社北京6月24日电（记者
_WIRE = re.compile(
    r"^[\u4e00-\u9fff]{0,4}(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?(?:讯|电|报道|消息)? ?[（(]?(?:[\u4e00-\u9fff]{0,2})$"
)
_GAP_STOP = re.compile(r"[。！？；，,：:\n“”‘’《》（）()\[\]!?;]")
_CHARACTERS = re.compile(r"^[\u4e00-\u9fffA-Za-z0-9·、/&＋+ ]*$")


class Words:
    """Mentions of an article by position, to find what stands before a name."""

    def __init__(self, text: TextLayer, mentions: Sequence[EntityMention]) -> None:
        self.text = text
        self.shadow = text.shadow
        self.mentions = sorted(mentions, key=lambda m: (m.start, m.end, m.label))
        self.ends = sorted((m.end, m.start, m.label) for m in self.mentions)

    def before(self, start: int) -> tuple[int, int, str] | None:
        """The last mention that ends at or before an offset: start, end, label."""
        index = bisect.bisect_right(self.ends, (start, len(self.shadow) + 1, "")) - 1
        if index < 0:
            return None
        end, begin, label = self.ends[index]
        return begin, end, label

    def holder(self, start: int, end: int) -> Span | None:
        """An organisation or country that a name between two offsets could belong to."""
        found = self.before(start)
        return Span(found[0], found[1]) if found and found[2] != "PER" and found[1] >= end else None


def title_word(context: str) -> str:
    """The title that a context ends with: a head with the modifiers before it; nothing without a head."""
    head = longest_suffix(context, words("titles.tsv", "head"), 6)
    if not head:
        return ""
    both = words("titles.tsv")
    start = len(context) - len(head)
    while start > 0:
        more = longest_suffix(context[:start], both, 6)
        if not more and context[start - 1] in "、兼" and longest_suffix(context[: start - 1], both, 6):
            more = context[start - 1]
        if not more:
            break
        start -= len(more)
    return context[start:].lstrip("、兼")


def title_after(context: str) -> str:
    """The title that directly follows a name: 主席 in 习近平主席."""
    heads = words("titles.tsv", "head")
    for length in range(min(6, len(context)), 1, -1):
        if context[:length] in heads or title_word(context[:length]) == context[:length]:
            return context[:length]
    return ""


def describe(around: Words, start: int, end: int) -> tuple[Span | None, Span | None]:
    """Affiliation and title of a person, from what stands beside one mention."""
    shadow = around.shadow
    stop = start
    while stop > 0 and shadow[stop - 1] in " ：:":
        stop -= 1
    if stop < start and shadow[stop:start].strip() and not title_word(shadow[max(0, stop - 8) : stop]):
        stop = start
    context = shadow[max(0, stop - _REACH) : stop]
    title = title_word(context)
    if title:
        title_start = stop - len(title)
        found = around.before(title_start)
        # The organisation may reach into the title: 美国商务部长.
        inner = around.before(stop)
        if inner is not None and inner[2] != "PER" and inner[0] < title_start < inner[1] < stop:
            found = inner
        if found is not None and found[2] != "PER":
            gap = shadow[found[1] : title_start]
            if (
                len(gap) <= 16
                and not _GAP_STOP.search(gap)
                and _CHARACTERS.match(gap)
                and not re.search(r"[与和对向由在是]", gap)
            ):
                begin = found[1]
                while begin < stop and shadow[begin] in "的 、":
                    begin += 1
                return Span(found[0], found[1]), Span(begin, stop)
            if "记者" in title and len(gap) <= 16 and _WIRE.match(gap):
                return Span(found[0], found[1]), Span(title_start, stop)
        return None, Span(title_start, stop)
    after = title_after(shadow[end : end + 8])
    found = around.before(start)
    holder = None
    if found is not None and found[2] != "PER" and shadow[found[1] : start] in ("", "的"):
        holder = Span(found[0], found[1])
    if after:
        return holder, Span(end, end + len(after))
    return (holder if holder is not None and found is not None and found[2] == "ORG" else None), None


def attributes(around: Words, spans: Sequence[Span]) -> tuple[Span | None, Span | None]:
    """Affiliation and title of a person from all mentions: the first that gives both, else the first title."""
    best: tuple[Span | None, Span | None] = (None, None)
    for span in spans[:12]:
        found = describe(around, span.start, span.end)
        if found[0] is not None and found[1] is not None:
            return found
        if best[1] is None and (found[1] is not None or best[0] is None):
            best = found
    return best


def inherited(around: Words, start: int) -> tuple[int, int] | None:
    """The name before this one in a list of names that share a title: 陈军 for 黄娅妮 in 实际控制人陈军、黄娅妮."""
    found = around.before(start)
    if found is not None and found[2] == "PER" and _JOINED.match(around.shadow[found[1] : start] or "x"):
        return found[0], found[1]
    return None
