"""The dateline of a news report: `新华社上海6月25日电（记者张三、李四）`, `本报北京5月13日讯 记者王五报道`."""

import datetime
import re

from nlp_extract.layers import Dateline, Span

_DATELINE = re.compile(
    r"(?P<agency>(?:新华社|中新社|中新网|人民网|新华网|央视网|本报|本网|本台|本社|法新社|路透社|[\u4e00-\u9fff]{2,8}(?:网|社|报|日报|晚报|财经|网站)))"
    r"[ 　]{0,2}(?P<place>[\u4e00-\u9fff]{2,8}?)?[ 　]{0,2}"
    r"(?P<date>(?:\d{4}年)?\d{1,2}月\d{1,2}日|(?<!月)\d{1,2}日)?[ 　]{0,2}"
    r"(?:专电|电|讯|消息)[ 　]{0,2}"
    r"(?P<by>[（(](?:记者|通讯员|特派记者|见习记者)[^（）()\n]{2,60}[）)])?"
)
_REPORTERS = re.compile(r"(?:记者|通讯员)[ ：:]{0,2}([\u4e00-\u9fff·]{2,6}(?:[、， 　]+[\u4e00-\u9fff·]{2,6})*)")
_NAME = re.compile(r"[\u4e00-\u9fff·]{2,6}")
_FULL_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日|(?<!\d)((?:19|20)\d{2})-(\d{1,2})-(\d{1,2})(?!\d)"
)


def _span(match: re.Match[str], group: str) -> Span | None:
    return Span(*match.span(group)) if match.group(group) else None


def dateline(shadow: str, title_end: int) -> Dateline | None:
    """Find the dateline in the first 200 characters after the title."""
    match = _DATELINE.search(shadow, title_end, min(len(shadow), title_end + 200))
    if match is None:
        return None
    reporters: list[Span] = []
    if match.group("by"):
        for by in _REPORTERS.finditer(shadow, *match.span("by")):
            reporters += [Span(*name.span()) for name in _NAME.finditer(shadow, *by.span(1))]
    return Dateline(
        match.start(),
        match.end(),
        _span(match, "agency"),
        _span(match, "place"),
        _span(match, "date"),
        tuple(reporters),
    )


def reference_date(
    shadow: str, line: Dateline | None, published: datetime.date | None
) -> tuple[datetime.date | None, str | None]:
    """The date that relative times count from, and where it came from (record.md, Grounding)."""
    if published is not None:
        return published, "published"
    if line is not None and line.date is not None:
        value = first_full_date(shadow, line.date.start, line.date.end)
        if value is not None:
            return value, "dateline"
    value = first_full_date(shadow, 0, len(shadow))
    return (value, "text") if value is not None else (None, None)


def first_full_date(shadow: str, start: int, end: int) -> datetime.date | None:
    """The first valid date with year, month and day."""
    for match in _FULL_DATE.finditer(shadow, start, end):
        year, month, day = (int(g) for g in match.groups() if g)
        try:
            return datetime.date(year, month, day)
        except ValueError:
            continue
    return None
