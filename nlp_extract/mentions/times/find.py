"""The times of an article: matches joined to ranges, given values, and told apart from what is none."""

from __future__ import annotations

import bisect
import dataclasses
import re
from collections.abc import Sequence

from nlp_extract.layers import EntityMention, Sentence, Span, TextLayer, TimeMention
from nlp_extract.mentions.times.calendars import ONE_DAY, Date
from nlp_extract.mentions.times.grammar import grammar
from nlp_extract.mentions.times.resolve import Resolver, Setting, Value, year_number
from nlp_extract.mentions.times.scan import Found, scan
from nlp_extract.mentions.times.statement import statement

_TO = re.compile(r"[ ]?(?:起|开始|止)?(?:[-—－–―~～]{1,2}|至|到|持续到|延续到|直至|直到)[ ]?")
_AND = re.compile(r"[、和与及]")
_REACH = 16
_DAY_GRAINS = ("day", "part_of_day", "hour", "minute")
_PERIOD_GRAINS = ("year", "half", "quarter", "month", "season")
# Rules whose value is counted from a period and does not become the next one's anchor.
_COUNTED = ("same_period", "report_period")
# Rules that name a time of a period without making it what the text is about.
_NO_PERIOD = ("ago", "month_word", "quarter_word", "year_edge", "year_edge_alone")


@dataclasses.dataclass(slots=True)
class Item:
    """A time on its way to a mention."""

    start: int
    end: int
    rule: str
    value: Value
    fields: dict[str, str]
    sentence: Sentence | None
    # The nearest earlier day of the same sentence, where 今年以来 may end in an undated article.
    day: Date | None = None


def find_times(text: TextLayer, entities: Sequence[EntityMention] = ()) -> tuple[TimeMention, ...]:
    """The times of an article, by position.

    Parameters
    ----------
    text : TextLayer
    entities : sequence of EntityMention
        Names that hold what looks like a time; may be empty.

    Returns
    -------
    tuple of TimeMention
    """
    shadow = text.shadow
    matches = scan(shadow)
    resolver = _resolver(text, matches)
    items: list[Item] = []
    names = _names(entities)
    for found in matches:
        if any(
            a <= found.start and found.end <= b and (a, b) != (found.start, found.end)
            for a, b in names.get(found.start // 64, ())
        ):
            continue
        sentence = text.sentence_at(found.start)
        if _is_none(shadow, found, sentence):
            continue
        item = _item(shadow, found, sentence, resolver, items[-1] if items else None)
        if item is None:
            continue
        if items and _joined(shadow, items[-1], item):
            item = items[-1]
        else:
            items.append(item)
        _remember(resolver, item)
    limits = [*(item.start for item in items[1:]), len(shadow)]
    for item, limit in zip(items, limits, strict=False):
        _suffixed(shadow, item, limit, resolver.anchors.reference)
    return tuple(_mention(shadow, item) for item in items)


def _resolver(text: TextLayer, matches: Sequence[Found]) -> Resolver:
    """A resolver from the reference date; an undated article speaks from the last year it names as past."""
    if text.reference_source in ("published", "dateline"):
        return Resolver(text.reference)
    years: dict[int, int] = {}
    for found in matches:
        if "year" in found.fields and found.rule not in ("year_range_bare", "school_year", "fiscal_year"):
            setting = _setting(text.shadow, found, text.sentence_at(found.start))
            if not setting.future:
                year = year_number(found.fields["year"])
                sure = "month" in found.fields or setting.after.startswith("以来")
                years[year] = years.get(year, 0) + 1 + sure
    last = max(years, default=None)
    reference = text.reference
    if reference is not None and (last is None or last <= reference.year):
        return Resolver(reference)
    resolver = Resolver(None)
    if last is not None and (years[last] > 1 or reference is not None):
        resolver.anchors.article_year = last
    return resolver


def _names(entities: Sequence[EntityMention]) -> dict[int, list[tuple[int, int]]]:
    """Spans of names by blocks of 64 characters."""
    blocks: dict[int, list[tuple[int, int]]] = {}
    for entity in entities:
        for block in range(entity.start // 64, (entity.end - 1) // 64 + 1):
            blocks.setdefault(block, []).append((entity.start, entity.end))
    return blocks


def _is_none(shadow: str, found: Found, sentence: Sentence | None) -> bool:
    """Whether a match stands where what looks like a time is none."""
    exception = grammar().exceptions.get(found.rule)
    if exception is None:
        return False
    low, high = (sentence.start, sentence.end) if sentence is not None else (found.start, found.end)
    before = shadow[max(low, found.start - _REACH) : found.start]
    after = shadow[found.end : min(high, found.end + _REACH)]
    return exception.search(f"{before}【{shadow[found.start : found.end]}】{after}") is not None


def _clause(sentence: Sentence | None, offset: int) -> tuple[int, int]:
    """Start and end of the clause around an offset."""
    if sentence is None:
        return offset, offset
    place = bisect.bisect_right(sentence.clauses, offset, key=lambda clause: clause.start) - 1
    if place < 0 or offset >= sentence.clauses[place].end:
        return sentence.start, sentence.end
    return sentence.clauses[place].start, sentence.clauses[place].end


def _setting(shadow: str, found: Found, sentence: Sentence | None) -> Setting:
    """The text beside a match in its clause, and whether its words point ahead."""
    low, high = _clause(sentence, found.start)
    before = shadow[max(low, found.start - _REACH) : found.start]
    after = shadow[found.end : min(high, found.end + _REACH)]
    ahead = grammar().future
    return Setting(before, after, bool(ahead.search(before) or ahead.search(after)))


def _item(shadow: str, found: Found, sentence: Sentence | None, resolver: Resolver, last: Item | None) -> Item | None:
    anchors = resolver.anchors
    anchors.sentence = sentence.index if sentence is not None else anchors.sentence
    fields = found.fields
    if last is not None and last.value.last is not None and _TO.fullmatch(shadow, last.end, found.start):
        fields = _inherited(found.rule, fields, last.value.last)
    value = resolver.value(found.rule, fields, _setting(shadow, found, sentence))
    if value is None:
        return None
    day = anchors.day if anchors.day_sentence == anchors.sentence else None
    return Item(found.start, found.end, found.rule, value, fields, sentence, day)


def _inherited(rule: str, fields: dict[str, str], left: Date) -> dict[str, str]:
    """The fields of a range's right side with the year, and the month, of its left side."""
    if any(key in fields for key in ("year", "short_year", "year_word")):
        return fields
    if rule == "day":
        day = int(fields["day"])
        month, year = (
            (left.month, left.year) if day >= left.day else (left.month % 12 + 1, left.year + left.month // 12)
        )
        return fields | {"year": str(year), "month": f"{month}月"}
    if "month" in fields and rule in ("date", "month"):
        digits = re.match("[0-9]+", fields["month"])
        smaller = digits is not None and int(digits.group()) < left.month
        return fields | {"year": str(left.year + smaller)}
    return fields


def _joined(shadow: str, left: Item, right: Item) -> bool:
    """Make one range of two times around 至 or of neighbours in a list; whether it was done."""
    a, b = left.value, right.value
    if right.rule == left.rule == "weekday" and a.first and b.first and a.first > b.first:
        b = right.value = Value(b.first + 7 * ONE_DAY, b.first + 7 * ONE_DAY, b.grain)
    between = _TO.fullmatch(shadow, left.end, right.start)
    if between is None and not (
        _AND.fullmatch(shadow, left.end, right.start)
        and left.rule in ("date", "day", "month", "year", "years_listed")
        and right.rule in ("date", "day", "month", "year")
        and a.grain == b.grain
        and a.last is not None
        and b.first == a.last + ONE_DAY
        and not any(key in right.fields for key in ("year", "year_word"))
    ):
        return False
    if between is not None and (a.first is None) != (b.last is None):
        return False
    if a.first is not None and b.last is not None and a.first > b.last:
        return False
    if a.kind in ("fuzzy", "duration") or b.kind in ("fuzzy", "duration"):
        return False
    left.end = right.end
    left.value = Value(a.first, b.last, b.grain if b.grain != "part_of_day" else "day", "range")
    left.rule = left.rule if left.rule == right.rule else f"{left.rule}+{right.rule}"
    return True


def _remember(resolver: Resolver, item: Item) -> None:
    """Let later expressions count from this one."""
    anchors, value = resolver.anchors, item.value
    if value.first is None or value.last is None or value.kind in ("duration", "fuzzy"):
        return
    if item.rule in _COUNTED:
        return
    if value.grain in _DAY_GRAINS and "holiday" not in item.fields:
        anchors.day, anchors.day_sentence = value.last, anchors.sentence
    if any(key in item.fields for key in ("month", "month_word")) and value.grain != "year":
        anchors.month, anchors.month_sentence = (value.last.year, value.last.month), anchors.sentence
    if "year" in item.fields:
        anchors.year, anchors.year_sentence = value.last.year, anchors.sentence
        anchors.year_near = "month" in item.fields
    counted = "year_word" in item.fields and grammar().relative[item.fields["year_word"]].anchor == "period"
    period = value.grain in _PERIOD_GRAINS or "holiday" in item.fields or item.rule == "closure"
    if period and not counted and item.rule not in _NO_PERIOD:
        anchors.period = value


def _suffixed(shadow: str, item: Item, limit: int, reference: Date | None) -> None:
    """Read 以来, 前, 后, 期间 between a time and the next one, at `limit`, into its value."""
    value = item.value
    if value.kind in ("fuzzy", "duration") or value.grain in ("hour", "minute"):
        return
    for name, pattern in grammar().suffixes.items():
        match = pattern.match(shadow, item.end, limit)
        if match is None or (value.kind != "point" and name in ("until", "after")):
            continue
        first, last = value.first, value.last
        if name in ("since", "recent"):
            last = (reference or item.day) if first is not None else None
        elif name == "until":
            whole = value.grain in _DAY_GRAINS or "edge" in item.fields
            first, last = None, last if whole else first - ONE_DAY if first is not None else None
        elif name == "after":
            # 11月以后 begins with November, 2015年后 with 2016.
            first, last = (first if value.grain == "month" else last + ONE_DAY if last is not None else None), None
        item.end = match.end()
        if name != "inside":
            item.value = Value(first, last, value.grain, "range")
            item.rule += f"+{name}"
        return


def _mention(shadow: str, item: Item) -> TimeMention:
    value = item.value
    first = value.first.isoformat() if value.first is not None else None
    last = value.last.isoformat() if value.last is not None else None
    if first is not None and last is not None and last < first:
        last = None  # 来年以来, counted to today, ends before it begins
    if value.clock is not None and first is not None and first == last:
        first = last = f"{first}T{value.clock}"
    clause: Span | None = statement(shadow, item.sentence, item.start, item.end)
    return TimeMention(item.start, item.end, first, last, value.grain, value.kind, item.rule, clause)
