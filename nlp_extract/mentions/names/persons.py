"""Titles and affiliations of people, from the words beside their names."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from nlp_extract.layers import EntityMention, Span, TextLayer
from nlp_extract.mentions.names.gazetteer import gazetteer
from nlp_extract.mentions.names.lexicon import longest_prefix, longest_suffix, words

_REACH = 40  # characters before a name that its title can take
_MOST = 12  # mentions of one person that are looked at
_LONGEST_GAP = 16
_BOUNDARY = re.compile(r"[。！？；，,：:\n“”‘’《》〈〉（）()\[\]【】!?;—…⊙□■●]")
# What cannot stand between an organisation and a title of one of its people.
_BREAK = re.compile(
    r"[与和对向由在是被把将就给从至到于]|以及|会见|接受|收到|任命|拥有|包括|负责|成为|认为|表示|接任|聘任|聘请|邀请|"
    r"也|曾|已(?!故)|正式|宣布|通过|前往|签约|带领|率领|出席|举行|参加|发布|公布|获得|跟随|进入|危机|[0-9]岁|案件|^[电讯]"
)
_BRACKET = re.compile(r"^[（(][^（()）]{1,20}[）)]")
_JOINED = re.compile(r"^(?:[、 和与及]|以及)+$")
# 中国证券网讯（记者 张三）, 新华社北京6月24日电（记者
_WIRE = re.compile(r"^[^\n。；，“”]{0,16}?(?:讯|电|报道|消息)? ?[（(]? ?[^\n。；，“”()（）]{0,4}$")
# 本报讯（记者 张三
_OWN_WIRE = re.compile(r"(本[报台刊网站]|每经)(?:讯|[^。，]{0,6}电|[^。，]{0,6}报道)? ?[（(]? ?$")
_LIES = re.compile(r"^(?:是|为|系|任|担任|出任|现任|曾任|时任)")
_PLAIN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·、/&＋+— ]*")
# Titles that companies give, whose holder is the article's company where none is named beside them.
_OWN = frozenset({"公司", "本公司", "该公司"})
_FIRM = ("公司", "集团", "股份")
_COMPANY = re.compile(
    r"^(?:[本该]?公司)?(?:.{0,3}股东|.*实际控制人|实控人|董事.*|监事.*|.*总经理|财务.*|.*总裁|创始人)"
)


class Around:
    """Mentions of an article by position, to find what stands before and after a name."""

    def __init__(self, text: TextLayer, mentions: Sequence[EntityMention]) -> None:
        self.shadow = text.shadow
        self.ends = sorted((m.end, m.start, m.label) for m in mentions)
        self.starts = sorted((m.start, m.end, m.label) for m in mentions)
        self.company = next((Span(s, e) for s, e, label in self.starts if label == "ORG"), None)

    def before(self, offset: int) -> tuple[Span, str] | None:
        """The last mention that ends at or before an offset, and its label."""
        index = bisect.bisect_right(self.ends, (offset, len(self.shadow) + 1, "")) - 1
        if index < 0:
            return None
        end, start, label = self.ends[index]
        return Span(start, end), label

    def organisation(self, offset: int, reach: int) -> Span | None:
        """The last organisation that ends at most `reach` characters before an offset."""
        index = bisect.bisect_right(self.ends, (offset, len(self.shadow) + 1, "")) - 1
        while index >= 0 and offset - self.ends[index][0] <= reach:
            end, start, label = self.ends[index]
            if label == "ORG":
                return Span(start, end)
            index -= 1
        return None

    def firm(self, offset: int, reach: int) -> Span | None:
        """The last organisation called a company that ends at most `reach` characters before an offset."""
        low = offset - reach
        found = self.organisation(offset, reach)
        while found is not None and not self.shadow[found.start : found.end].endswith(_FIRM):
            found = self.organisation(found.start, found.start - low)
        return found

    def at(self, offset: int) -> tuple[Span, str] | None:
        """The mention that starts at an offset, and its label."""
        index = bisect.bisect_left(self.starts, (offset, 0, ""))
        if index < len(self.starts) and self.starts[index][0] == offset:
            return Span(offset, self.starts[index][1]), self.starts[index][2]
        return None


Description = tuple[Span | None, Span | None]


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
    for length in range(min(6, len(context)), 1, -1):
        if title_word(context[:length]) == context[:length]:
            return context[:length]
    return ""


def describe(around: Around, start: int, end: int) -> Description:
    """Affiliation and title of a person, from what stands beside one mention."""
    found = _left(around, start)
    if found[1] is None:
        right = _right(around, start, end)
        found = right if right != (None, None) else found
    return found


def _left(around: Around, start: int) -> Description:
    """The words before a name."""
    shadow = around.shadow
    stop = start
    while stop > 0 and shadow[stop - 1] in " ：:/":
        stop -= 1
    title = title_word(shadow[max(0, stop - _REACH) : stop])
    if not title:
        return None, None
    begin = stop - len(title)
    inner = around.before(stop - 1)
    if inner is not None and inner[1] != "PER" and inner[0].start < stop - len(title) < inner[0].end:
        # 全国人大代表 leaves 代表; 儿童局长 leaves nothing and is divided.
        begin = inner[0].end
        if not title_word(shadow[begin:stop]):
            return _split(shadow, inner[0], stop) if inner[1] == "ORG" else (None, None)
    outlet = longest_prefix(shadow[begin:stop], words("titles.tsv", "outlet"))
    if outlet:
        return Span(begin, begin + len(outlet)), Span(begin + len(outlet), stop)
    found = around.before(begin)
    if "记者" in title:
        wire = _OWN_WIRE.search(shadow[max(0, begin - 16) : begin])
        if wire is not None:
            first = max(0, begin - 16) + wire.start()
            return Span(first, first + len(wire[1])), Span(begin, stop)
        outlet_span = around.organisation(begin, 24)
        if outlet_span is not None and _WIRE.match(shadow[outlet_span.end : begin]):
            return outlet_span, Span(begin, stop)
    if found is not None and found[1] != "PER":
        holder = found[0]
        if shadow[holder.start - 1 : holder.start] == "驻":
            # 中国驻老挝大使: the sender is the affiliation.
            sender = around.before(holder.start - 1)
            sent = sender is not None and sender[1] != "PER" and sender[0].end == holder.start - 1
            return sender[0] if sender is not None and sent else None, Span(holder.start - 1, stop)
        gap = _BRACKET.sub("", shadow[holder.end : begin])
        skipped = begin - holder.end - len(gap)
        if len(gap) <= _LONGEST_GAP and _PLAIN.fullmatch(gap) and not _BREAK.search(gap):
            first = holder.end + skipped
            while first < stop and shadow[first] in "的 、":
                first += 1
            return holder, Span(first, stop)
    first = begin
    while first > 0 and begin - first < 8 and not _BOUNDARY.match(shadow[first - 1]):
        first -= 1
    extra = shadow[first:begin]
    bounded = first == 0 or bool(_BOUNDARY.match(shadow[first - 1]))
    if extra and len(extra) <= 2 and len(extra.strip()) == 1 and bounded and gazetteer().candidates(extra):
        return Span(begin - 1, begin), Span(begin, stop)
    if bounded and extra and _PLAIN.fullmatch(extra) and not _BREAK.search(extra) and not re.search(r"[的了 ]", extra):
        inside = around.before(begin)
        if inside is None or inside[0].end <= first:
            begin = first
    title_text = shadow[begin:stop]
    if _COMPANY.match(title_text):
        first = begin + len(longest_prefix(title_text, _OWN))
        return around.firm(begin, 120) or around.organisation(begin, 60) or around.company, Span(first, stop)
    return (None, None) if title_text.endswith("领导人") else (None, Span(begin, stop))


def _split(shadow: str, organisation: Span, stop: int) -> Description:
    """An organisation that ends inside a title: 美国商务部长 gives 美国, 商务部长; 儿童局长 gives 儿童局, 局长."""
    name = shadow[organisation.start : organisation.end]
    for length in range(min(8, len(name) - 2), 1, -1):
        if any(e.level == "country" for e in gazetteer().candidates(name[:length])):
            middle = organisation.start + length
            return Span(organisation.start, middle), Span(middle, stop)
    return organisation, Span(organisation.end - 1, stop)


def _right(around: Around, start: int, end: int) -> Description:
    """The words after a name: a title, a bracket, or what the person is said to be."""
    shadow = around.shadow
    after = title_after(shadow[end : end + 8])
    if after:
        found = around.before(start)
        joined = found is not None and found[1] != "PER" and shadow[found[0].end : start] in ("", "的")
        return found[0] if found is not None and joined else None, Span(end, end + len(after))
    lies = _LIES.match(shadow[end : end + 4])
    if lies is not None:
        first = end + lies.end()
    elif shadow[end : end + 1] in ("（", "("):
        first = end + 1
    else:
        return None, None
    last = first
    while last < len(shadow) and last - first < 30 and not _BOUNDARY.match(shadow[last]):
        last += 1
    first += len(longest_prefix(shadow[first:last], _OWN))
    holder = around.at(first)
    begin = holder[0].end if holder is not None and holder[1] != "PER" else first
    title = longest_prefix_title(shadow[begin:last])
    if not title or (holder is None and len(title) > 8) or _BREAK.search(title):
        return None, None
    return (holder[0] if holder is not None and begin > first else None), Span(begin, begin + len(title))


def longest_prefix_title(context: str) -> str:
    """The longest stretch from the start of a context that ends in a title's head; nothing without one."""
    heads = words("titles.tsv", "head")
    for length in range(min(len(context), 16), 1, -1):
        if longest_suffix(context[:length], heads, 6):
            return context[:length]
    return ""


def attributes(around: Around, spans: Sequence[Span]) -> Description:
    """Affiliation and title of a person from all mentions: the first that gives both, else the first title."""
    best: Description = (None, None)
    for span in spans[:_MOST]:
        found = describe(around, span.start, span.end)
        if found == (None, None):
            found = inherited(around, span.start)
        if found[0] is not None and found[1] is not None:
            return found
        if best[1] is None and (found[1] is not None or best[0] is None):
            best = found
    return best


def inherited(around: Around, start: int) -> Description:
    """The title of the first in a list of people: that of 陈军 for 黄娅妮 in 实际控制人陈军、黄娅妮."""
    for _ in range(_MOST):
        found = around.before(start)
        if found is None or found[1] != "PER" or not _JOINED.match(around.shadow[found[0].end : start]):
            return None, None
        start = found[0].start
        description = _left(around, start)
        if description[1] is not None:
            return description
    return None, None
