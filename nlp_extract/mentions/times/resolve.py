"""What a time expression says: its days, from its fields and from what the article gives around it."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable
from typing import Literal

from nlp_extract.mentions.figures.numbers import parse_number
from nlp_extract.mentions.times import calendars as c
from nlp_extract.mentions.times.calendars import Date
from nlp_extract.mentions.times.grammar import Holiday, grammar

Kind = Literal["point", "range", "duration", "fuzzy"]
Fields = dict[str, str]

_CHINESE_YEAR = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_LETTERS = str.maketrans("廿卅元正冬腊日天末", "二三一一一二777")
_SEASONS = {"春": 3, "夏": 6, "秋": 9, "冬": 12}
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ANIMALS = "鼠牛虎兔龙蛇马羊猴鸡狗猪"
_RHETORIC = re.compile("[的之](?:中国|世界|我们|角度|生活|年轻人|秋|春)")
_YEARS_AGO = re.compile("([0-9]{1,3}|[一二三四五六七八九十百]{1,4})年前的$")
_PROMISE = re.compile("承诺|目标|计划|拟|将")
_HOLIDAY_PARTS = re.compile(
    "小长假|黄金周|长假|假期|假日|佳节|节日|期间|前夕|当天|当晚|之夜|之际|节后|节前|同期|里|过后|后|前$"
)
_TRAVEL_BEFORE, _TRAVEL_DAYS = 15, 40
# So many days before a holiday the next one is meant, not the last.
_COMING = 60
_CLOSING = re.compile(r"(?:截至|截止到?|比|较)$")


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """The days a time covers; an open or unknown side is None. `clock` is the hour and minute of a point."""

    first: Date | None
    last: Date | None
    grain: str
    kind: Kind = "point"
    clock: str | None = None
    # The same time in another year, for 去年同期.
    again: Callable[[int], Value] | None = None

    @property
    def known(self) -> bool:
        """Whether both sides are given."""
        return self.first is not None and self.last is not None


@dataclasses.dataclass
class Anchors:
    """What an expression may count from, as the article has given it so far.

    Attributes
    ----------
    reference : date or None
        Of the article.
    day : date or None
        The nearest earlier day, for 当天 and bare clock times.
    day_sentence : int
        Sentence it stands in.
    month : (year, month) or None
        The nearest earlier month that was named, and `month_sentence`.
    period : Value or None
        The nearest earlier period (year, quarter, month, holiday) that is not itself counted from one.
    year : int or None
        The nearest earlier year that was written in figures, and `year_sentence`; `year_near`: it was written with
        a month, so that months after it are its own.
    article_year : int or None
        The year an undated article speaks from, where its text fixes it.
    closure : (holiday, year) or None
        The nearest earlier holiday with days off.
    """

    reference: Date | None
    sentence: int = -1
    day: Date | None = None
    day_sentence: int = -9
    month: tuple[int, int] | None = None
    month_sentence: int = -9
    period: Value | None = None
    year: int | None = None
    year_sentence: int = -9
    year_near: bool = False
    article_year: int | None = None
    closure: tuple[str, int] | None = None

    @property
    def now_year(self) -> int | None:
        """The year the article speaks from."""
        return self.reference.year if self.reference is not None else self.article_year


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """Where an expression stands: the text beside it in its clause, and whether the clause points ahead."""

    before: str
    after: str
    future: bool

    @property
    def promised(self) -> bool:
        """Whether what is said to happen is promised or planned from now on."""
        return self.future or _PROMISE.search(self.before) is not None


def number(text: str) -> int | None:
    """A count written in figures or characters; None for vague ones."""
    if text == "半":
        return None
    found = parse_number(text.strip().translate(_LETTERS))
    return None if found is None or found.value is None else int(found.value)


def year_number(text: str) -> int:
    """A year as written: 2025, 二〇二五."""
    return int(text.strip().translate(_CHINESE_YEAR))


def grain_of(unit: str) -> str:
    """The grain of a unit of duration."""
    return _GRAINS[unit.lstrip("个半多")]


def unknown(grain: str, kind: Kind = "fuzzy") -> Value:
    """A value the article does not give."""
    return Value(None, None, grain, kind)


def whole_year(year: int, grain: str = "year") -> Value:
    """1 January to 31 December."""
    if not c.FIRST_YEAR <= year <= c.LAST_YEAR:
        return unknown(grain, "point")
    return Value(Date(year, 1, 1), Date(year, 12, 31), grain, again=lambda other: whole_year(other, grain))


def months(year: int, first: int, last: int, grain: str) -> Value:
    """First day of one month to last day of another of the same year, or of the next when it is smaller."""
    if not (c.FIRST_YEAR <= year < c.LAST_YEAR and 1 <= first <= 12 and 1 <= last <= 12):
        return unknown(grain, "point")
    end = c.month_end(year + (last < first), last)
    kind: Kind = "point" if first == last or grain in ("quarter", "half", "season") else "range"
    return Value(Date(year, first, 1), end, grain, kind, again=lambda other: months(other, first, last, grain))


def _month_with(day: int, year: int, month: int) -> tuple[int, int]:
    """The nearest month before a given one that has such a day."""
    for _ in range(3):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        if c.date(year, month, day) is not None:
            break
    return year, month


def _length(fields: Fields) -> tuple[int | None, str]:
    """The number and unit of a span; half a year is six months."""
    unit = fields["unit"].lstrip("个")
    if fields["count"] == "半" and unit == "年":
        return 6, "月"
    return number(fields["count"]), unit


class Resolver:
    """Values for the matches of the grammar, in the order of the article.

    Parameters
    ----------
    reference : date or None
        Reference date of the article.
    """

    def __init__(self, reference: Date | None) -> None:
        self.grammar = grammar()
        self.anchors = Anchors(reference)

    def value(self, rule: str, fields: Fields, setting: Setting) -> Value | None:
        """The value of a match; None when it is no time after all."""
        method: Callable[[Fields, Setting], Value | None] = getattr(self, "_" + rule)
        return method(fields, setting)

    # Years

    def _relative(self, word: str, unit: str) -> Date | None:
        """The day that a relative word counts to, some units from its anchor."""
        row = self.grammar.relative[word]
        anchors = self.anchors
        base = anchors.reference
        if base is None and unit == "year" and anchors.article_year is not None:
            base = Date(anchors.article_year, 1, 1)
        if row.anchor == "context":
            base = anchors.day or (base if row.offset == 0 or unit != "day" else None)
            if unit == "year" and anchors.year is not None and anchors.year_sentence >= anchors.day_sentence:
                base = Date(anchors.year, 1, 1)
            elif unit == "month" and anchors.month is not None:
                base = Date(*anchors.month, 1)
        elif row.anchor == "period" and anchors.period is not None and anchors.period.last is not None:
            base = anchors.period.last
        if base is None:
            return None
        if unit == "year":
            return c.shift_years(base, row.offset)
        if unit == "quarter":
            return c.shift_months(base, 3 * row.offset)
        if unit == "month":
            return c.shift_months(base, row.offset)
        return base + datetime.timedelta(days=row.offset * (7 if unit == "week" else 1))

    def year_of(self, fields: Fields) -> int | None:
        """The year that a match names, in figures or by a word."""
        if "year" in fields:
            return year_number(fields["year"])
        if "short_year" in fields:
            short = int(fields["short_year"])
            return 2000 + short if short < 50 else 1900 + short
        if "year_word" in fields:
            day = self._relative(fields["year_word"], "year")
            return day.year if day is not None else None
        return None

    def names_year(self, fields: Fields) -> bool:
        """Whether a match has a year of its own, resolved or not."""
        return any(key in fields for key in ("year", "short_year", "year_word"))

    def period_year(self, fields: Fields) -> int | None:
        """The year of a half, quarter or season: its own, the one the text is about, or the article's."""
        if self.names_year(fields):
            return self.year_of(fields)
        anchors = self.anchors
        if anchors.year is not None and anchors.sentence == anchors.year_sentence:
            return anchors.year
        return anchors.now_year

    def month_year(self, fields: Fields, month: int, day: int | None, setting: Setting) -> int | None:
        """The year of a month, its own or the nearest fitting one: past for facts, coming for plans."""
        if self.names_year(fields):
            return self.year_of(fields)
        anchors = self.anchors
        if anchors.year is not None and anchors.sentence == anchors.year_sentence and anchors.year_near:
            return anchors.year
        reference = anchors.reference
        if reference is None:
            return anchors.now_year
        ahead = (month - reference.month) * 31 + ((day - reference.day) if day is not None else 0)
        if ahead <= 31:
            behind = -ahead
            return reference.year + 1 if behind > 180 and setting.future else reference.year
        return reference.year if setting.future else reference.year - 1

    # Days

    def _clocked(self, value: Value, fields: Fields) -> Value:
        """The value with the part of the day and the clock time that its fields give."""
        if "hour" in fields:
            hour = number(fields["hour"])
            if hour is not None and hour <= 24:
                part = fields.get("part", "")
                if hour < 12 and any(w in part for w in ("下午", "晚", "傍晚", "午后", "夜")) and hour != 0:
                    hour += 12
                minute = number(fields["minute"]) if "minute" in fields else None
                if "half_hour" in fields:
                    minute = 30
                elif "quarter_hour" in fields:
                    minute = 15 * (number(fields["quarter_hour"]) or 0)
                grain = "hour" if minute is None else "minute"
                # 24时 ends the day it is named with; ISO 8601 writes it 24:00.
                clock = (
                    f"{hour:02d}:{minute or 0:02d}"
                    if (minute or 0) < 60 and hour * 60 + (minute or 0) <= 1440
                    else None
                )
                return dataclasses.replace(value, grain=grain, clock=clock if value.first == value.last else None)
        if "part" in fields:
            return dataclasses.replace(value, grain="part_of_day")
        return value

    def _days(self, year: int | None, month: int, fields: Fields) -> Value | None:
        """Day or days of a month."""
        last = number(fields["day"])
        first = number(fields["from_day"]) if "from_day" in fields else last
        if first is None or last is None:
            return None
        if year is None:
            # 30 February is no day of any year.
            return unknown("day", "point") if c.date(2000, month, last) else None
        begin, end = c.date(year, month, first), c.date(year, month, last)
        if last < first:
            end = c.date(year + month // 12, month % 12 + 1, last)
        if begin is None or end is None or end < begin:
            return None
        return self._clocked(
            Value(begin, end, "day", "point" if begin == end else "range", again=self._again_day(begin, end)), fields
        )

    def _again_day(self, begin: Date, end: Date) -> Callable[[int], Value]:
        def again(year: int) -> Value:
            shift = year - end.year
            return Value(c.shift_years(begin, shift), c.shift_years(end, shift), "day")

        return again

    def _date(self, fields: Fields, setting: Setting) -> Value | None:
        month = number(fields["month"].rstrip("月 "))
        if month is None or not 1 <= month <= 12:
            return None
        return self._days(self.month_year(fields, month, number(fields["day"]), setting), month, fields)

    def _date_signs(self, fields: Fields, setting: Setting) -> Value | None:
        return self._days(int(fields["year"]), int(fields["month"]), fields)

    def _month_word_day(self, fields: Fields, setting: Setting) -> Value | None:
        base = self._relative(fields["month_word"], "month")
        return unknown("day", "point") if base is None else self._days(base.year, base.month, fields)

    def _day(self, fields: Fields, setting: Setting) -> Value | None:
        day = number(fields["day"])
        if day is None:
            return None
        anchors, reference = self.anchors, self.anchors.reference
        if anchors.month is not None and (anchors.sentence == anchors.month_sentence or reference is None):
            value = self._days(*anchors.month, fields)
            if value is not None and (reference is None or setting.future or (value.last and value.last <= reference)):
                return value
        if reference is None:
            return unknown("day", "point")
        year, month = reference.year, reference.month
        nearest = number(fields.get("from_day", "")) or day
        if nearest > reference.day + 3 and not setting.future:
            year, month = _month_with(day, year, month)
        elif setting.future and day + 7 < reference.day:
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return self._days(year, month, fields)

    _day_cn = _day

    def _day_word(self, fields: Fields, setting: Setting) -> Value | None:
        row = self.grammar.relative[fields["day_word"]]
        if "note_day" in fields:
            noted = self._noted(fields, setting)
            if noted is not None and noted.first is not None:
                return dataclasses.replace(self._clocked(noted, fields))
        if row.anchor == "reference" and _RHETORIC.match(setting.after):
            return unknown("day")
        day = self._relative(fields["day_word"], "day")
        ago = _YEARS_AGO.search(setting.before)
        if ago is not None and day is not None:
            day = c.shift_years(day, -(number(ago.group(1)) or 0))
        value = (
            unknown(row.grain, "point") if day is None else Value(day, day, row.grain, again=self._again_day(day, day))
        )
        return self._clocked(value, fields)

    def _noted(self, fields: Fields, setting: Setting) -> Value | None:
        """The date in brackets behind a word: 今天（4月11日）."""
        note = {"day": fields["note_day"]}
        if "note_month" not in fields:
            return self._day(note, setting)
        note["month"] = fields["note_month"] + "月"
        if "note_year" in fields:
            note["year"] = fields["note_year"]
        return self._date(note, setting)

    def _this_day(self, fields: Fields, setting: Setting) -> Value | None:
        # 去年的今天
        reference, year = self.anchors.reference, self.year_of(fields)
        day = c.shift_years(reference, year - reference.year) if reference is not None and year is not None else None
        return unknown("day", "point") if day is None else Value(day, day, "day")

    def _two_days(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        if reference is None:
            return unknown("day", "range")
        first = {"今明": 0, "明后": 1, "昨今": -1, "前昨": -2}[fields["two_days"]]
        if fields[""].endswith("年"):
            year = reference.year + first
            return Value(Date(year, 1, 1), Date(year + 1, 12, 31), "year", "range")
        begin = reference + datetime.timedelta(days=first)
        return Value(begin, begin + c.ONE_DAY, "day", "range")

    def _clock(self, fields: Fields, setting: Setting) -> Value | None:
        hour = number(fields.get("hour", ""))
        if "hour" in fields and (hour is None or hour > 24):
            return None
        anchors = self.anchors
        near = anchors.day is not None and anchors.sentence - anchors.day_sentence <= 3
        day = anchors.day if near else anchors.reference
        return self._clocked(unknown("day", "point") if day is None else Value(day, day, "day"), fields)

    _clock_part = _clock
    _part_alone = _clock

    # Weeks

    def _week(self, fields: Fields, setting: Setting) -> Value | None:
        if "note_day" in fields:
            noted = self._noted(fields, setting)
            if noted is not None and noted.first is not None:
                return self._clocked(noted, fields)
        base = self._relative(fields["week_word"], "week")
        if base is None:
            return self._clocked(unknown("day" if "weekday" in fields else "week", "point"), fields)
        monday, sunday = c.week_of(base)
        if "week_end" in fields:
            return Value(sunday - c.ONE_DAY, sunday, "day", "range")
        if "weekday" in fields:
            day = monday + datetime.timedelta(days=(number(fields["weekday"]) or 1) - 1)
            return self._clocked(Value(day, day, "day"), fields)
        return Value(monday, sunday, "week")

    def _weekday(self, fields: Fields, setting: Setting) -> Value | None:
        if "note_day" in fields:
            noted = self._noted(fields, setting)
            if noted is not None and noted.first is not None:
                return self._clocked(noted, fields)
        reference = self.anchors.reference
        if reference is None:
            return self._clocked(unknown("day", "point"), fields)
        weekday = (number(fields["weekday"]) or 1) - 1
        if setting.future:
            day = reference + datetime.timedelta(days=(weekday - reference.weekday()) % 7)
        else:
            day = reference - datetime.timedelta(days=(reference.weekday() - weekday) % 7)
        return self._clocked(Value(day, day, "day"), fields)

    def _weekend(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        if fields["weekend"] == "周末" or reference is None:
            return unknown("week")
        _, sunday = c.week_of(reference, -1 if "过去" in fields[""] and reference.weekday() < 5 else 0)
        return Value(sunday - c.ONE_DAY, sunday, "day", "range")

    # Months

    def _month(self, fields: Fields, setting: Setting) -> Value | None:
        month = number(fields["month"].rstrip("月 "))
        first = number(fields["from_month"]) if "from_month" in fields else month
        if month is None or first is None or not (1 <= month <= 12 and 1 <= first <= 12):
            return None
        year = self.month_year(fields, month, None, setting)
        if "from_month" in fields:
            return unknown("month", "range") if year is None else months(year - (first > month), first, month, "month")
        if year is None:
            return unknown("month", "point")
        return self._third(months(year, month, month, "month"), fields, setting)

    _golden_month = _month

    def _third(self, value: Value, fields: Fields, setting: Setting) -> Value:
        """The part of a month that 初, 中旬, 底 or 第二周 names."""
        if value.first is None or value.last is None:
            return value
        begin, end = value.first, value.last
        third = fields.get("third")
        if "week_of_month" in fields:
            week = number(fields["week_of_month"]) or 1
            return Value(begin.replace(day=7 * week - 6), begin.replace(day=7 * week), "week")
        if third is None:
            return value
        if third == "末" or (third == "底" and _CLOSING.search(setting.before)):
            return Value(end, end, "day", again=self._again_day(end, end))
        if third in ("初", "上旬"):
            return Value(begin, begin.replace(day=10), "ten_days")
        if third in ("中", "中旬"):
            return Value(begin.replace(day=11), begin.replace(day=20), "ten_days")
        if third == "上中旬":
            return Value(begin, begin.replace(day=20), "ten_days")
        if third == "中下旬":
            return Value(begin.replace(day=11), end, "ten_days")
        if third == "底":
            return Value(end, end, "day", again=self._again_day(end, end))
        return Value(begin.replace(day=21), end, "ten_days")

    def _month_word(self, fields: Fields, setting: Setting) -> Value | None:
        base = self._relative(fields["month_word"], "month")
        if base is None:
            return unknown("month", "point")
        return self._third(months(base.year, base.month, base.month, "month"), fields, setting)

    def _month_edge_alone(self, fields: Fields, setting: Setting) -> Value | None:
        anchors, reference = self.anchors, self.anchors.reference
        if anchors.month is not None and anchors.sentence == anchors.month_sentence:
            year, month = anchors.month
        elif reference is not None:
            year, month = reference.year, reference.month
        else:
            return unknown("month", "point")
        return self._third(months(year, month, month, "month"), fields, setting)

    def _months_adjacent(self, fields: Fields, setting: Setting) -> Value | None:
        first, last = number(fields["from_month"]) or 0, number(fields["month"]) or 0
        return self._month(fields, setting) if last == first + 1 else None

    def _month_signs(self, fields: Fields, setting: Setting) -> Value | None:
        month = int(fields["month"])
        return months(int(fields["year"]), month, month, "month")

    # Years and their parts

    def _year(self, fields: Fields, setting: Setting) -> Value | None:
        year = self.year_of(fields)
        if year is None:
            return unknown("year", "point")
        value = whole_year(year)
        if "from_year" in fields:
            first = whole_year(year_number(fields["from_year"])).first
            if first is None or value.first is None or first > value.first:
                return None
            return Value(first, value.last, "year", "range")
        return value

    _year_word = _year
    _years_listed = _year
    _year_range_bare = _year
    _year_bare = _year

    def _year_edge(self, fields: Fields, setting: Setting) -> Value | None:
        year = self.period_year(fields) if self.names_year(fields) else self._own_year()
        if year is None:
            return unknown("year", "point")
        edge = fields["edge"]
        begin, end = Date(year, 1, 1), Date(year, 12, 31)
        if edge in ("年内", "内"):
            return whole_year(year)
        if edge == "晚些时候":
            reference = self.anchors.reference
            return Value(reference if reference and reference.year == year else begin, end, "year", "range")
        if edge in ("伊始", "开年", "一开年"):
            return unknown("year")
        if "初" in edge:
            if _CLOSING.search(setting.before):
                return Value(begin, begin, "day", again=self._again_day(begin, begin))
            return months(year, 1, 3, "month")
        if edge == "年中":
            return months(year, 6, 6, "month")
        if "末" in edge or _CLOSING.search(setting.before):
            return Value(end, end, "day", again=self._again_day(end, end))
        return months(year, 12, 12, "month")

    _year_edge_alone = _year_edge

    def _own_year(self) -> int | None:
        return self.anchors.now_year

    def _half(self, fields: Fields, setting: Setting) -> Value | None:
        year = self.period_year(fields)
        if year is None:
            return unknown("half", "point")
        return months(year, 7, 12, "half") if fields["half"] == "下半年" else months(year, 1, 6, "half")

    def _quarter(self, fields: Fields, setting: Setting) -> Value | None:
        year = self.period_year(fields)
        last = number(fields["quarter"])
        first = number(fields["from_quarter"]) if "from_quarter" in fields else last
        if first is None or last is None or first > last:
            return None
        if year is None:
            return unknown("quarter", "point")
        return self._quarter_edge(months(year, 3 * first - 2, 3 * last, "quarter"), fields)

    _quarter_letter = _quarter

    def _quarter_edge(self, value: Value, fields: Fields) -> Value:
        if fields[""].endswith(("末", "底")) and value.last is not None:
            return Value(value.last, value.last, "day", again=self._again_day(value.last, value.last))
        return value

    def _quarter_word(self, fields: Fields, setting: Setting) -> Value | None:
        base = self._relative(fields["quarter_word"], "quarter")
        if base is None:
            return unknown("quarter", "point")
        quarter = (base.month + 2) // 3
        return self._quarter_edge(months(base.year, 3 * quarter - 2, 3 * quarter, "quarter"), fields)

    def _first_quarter(self, fields: Fields, setting: Setting) -> Value | None:
        return self._quarter(fields | {"quarter": "1"}, setting)

    def _first_quarters(self, fields: Fields, setting: Setting) -> Value | None:
        year, count = self.period_year(fields), number(fields["first_quarters"])
        if year is None or count is None:
            return unknown("quarter", "range")
        return self._quarter_edge(dataclasses.replace(months(year, 1, 3 * count, "quarter"), kind="range"), fields)

    def _first_months(self, fields: Fields, setting: Setting) -> Value | None:
        year, count = self.period_year(fields), number(fields["first_months"])
        if count is None or not 1 <= count <= 12:
            return None
        return unknown("month", "range") if year is None else months(year, 1, count, "month")

    def _whole_year(self, fields: Fields, setting: Setting) -> Value | None:
        year = self.period_year(fields)
        return unknown("year", "point") if year is None else whole_year(year)

    def _year_season(self, fields: Fields, setting: Setting) -> Value | None:
        season = _SEASONS[fields["season"]]
        year = self.year_of(fields) if self.names_year(fields) else self._own_year()
        return unknown("season", "point") if year is None else months(year, season, (season + 1) % 12 + 1, "season")

    def _season_word(self, fields: Fields, setting: Setting) -> Value | None:
        year = self._own_year()
        if year is None:
            return unknown("season", "point")
        # fields keep the last of 去冬今春: its year and season; the first word is the text's first character.
        shift = {"去": -1, "今": 0, "明": 1}
        first = _SEASONS[fields[""][1]]
        value = months(year + shift[fields[""][0]], first, (first + 1) % 12 + 1, "season")
        if "last_season" not in fields:
            return value
        last = _SEASONS[fields["last_season"]]
        end = months(year + shift[fields[""][2]], last, (last + 1) % 12 + 1, "season")
        return Value(value.first, end.last, "season", "range")

    def _term_school(self, fields: Fields, setting: Setting) -> Value | None:
        year = self.period_year(fields)
        if year is None:
            return unknown("half", "point")
        return months(year, 3, 6, "half") if fields["school"].startswith("春") else months(year, 9, 1, "half")

    def _school_year(self, fields: Fields, setting: Setting) -> Value | None:
        first, last = year_number(fields["from_year"]), year_number(fields["year"])
        cycle = fields["cycle"]
        if not first <= last or not first >= c.FIRST_YEAR or last > c.LAST_YEAR:
            return None
        if cycle.startswith("学"):
            return Value(Date(first, 9, 1), Date(last, 8, 31), "year")
        if cycle in ("供暖季", "采暖季"):
            return Value(Date(first, 11, 15), Date(last, 3, 15), "season")
        if cycle.endswith("雪季"):
            return Value(Date(first, 11, 1), Date(last, 4, 30), "season")
        return unknown("year", "point")

    def _fiscal_year(self, fields: Fields, setting: Setting) -> Value | None:
        # Fiscal years differ by country and company; only that of the United States is told by the clause.
        if "year" in fields and "季" not in fields[""] and "美国" in setting.before:
            year = int(fields["year"])
            return Value(Date(year - 1, 10, 1), Date(year, 9, 30), "year")
        return unknown("quarter" if "季" in fields[""] else "year", "point")

    def _lunar_year(self, years: list[int]) -> Value:
        """The year of the Chinese calendar among those that is nearest to the article's."""
        now = self.anchors.now_year or 0
        year = min(years, key=lambda y: (abs(y - now), y))
        first, after = c.lunar_date(year, 1, 1), c.lunar_date(year + 1, 1, 1)
        return Value(first, after - c.ONE_DAY if after else None, "year")

    def _cycle_year(self, fields: Fields, setting: Setting) -> Value | None:
        stem, branch = _STEMS.index(fields["stem"]), _BRANCHES.index(fields["branch"])
        if (stem - branch) % 2:
            return None
        if self.anchors.now_year is None:
            return unknown("year", "point")
        return self._lunar_year([y for y in range(1900, 2100) if (y - 4) % 10 == stem and (y - 4) % 12 == branch])

    def _republic_year(self, fields: Fields, setting: Setting) -> Value | None:
        return whole_year(1911 + (number(fields["republic"]) or 1))

    def _common_era(self, fields: Fields, setting: Setting) -> Value | None:
        year = number(fields["era_year"])
        if "before_era" in fields or year is None or fields[""].endswith("世纪") or not 1 <= year <= c.LAST_YEAR:
            return unknown("century" if fields[""].endswith("世纪") else "year", "point")
        return whole_year(year)

    def _animal_year(self, fields: Fields, setting: Setting) -> Value | None:
        if self.anchors.now_year is None:
            return unknown("year", "point")
        index = _ANIMALS.index(fields["animal"])
        return self._lunar_year([y for y in range(1900, 2100) if (y - 4) % 12 == index])

    def _plan(self, fields: Fields, setting: Setting) -> Value | None:
        first, last = self.grammar.plans[fields["plan"]]
        edge = fields.get("plan_edge", "")
        if edge == "以来":
            return Value(Date(first, 1, 1), self.anchors.reference, "year", "range")
        if edge.startswith("开局第一个季度"):
            return months(first, 1, 3, "quarter")
        if edge == "末":
            return Value(Date(last, 12, 31), Date(last, 12, 31), "day")
        if edge in ("开局之年", "初", "初期"):
            return whole_year(first)
        if edge:
            return whole_year(last)
        return Value(Date(first, 1, 1), Date(last, 12, 31), "year", "range")

    _plan_alone = _plan

    def _century(self, fields: Fields, setting: Setting) -> Value | None:
        if "century" in fields:
            base = 100 * ((number(fields["century"]) or 20) - 1)
        else:
            base = 2000 if fields["century_word"] == "本世纪" else 1900
        if "decade" in fields:
            return self._decade_of(base, fields)
        part = fields["century_part"]
        if part == "以来":
            return Value(Date(base + (base == 2000), 1, 1), self.anchors.reference, "century", "range")
        return unknown("century")

    def _decade_of(self, base: int, fields: Fields) -> Value:
        decade = (number(fields["decade"]) or 0) % 100
        # 七八十年代 gives the field 八.
        decade = decade * 10 if 0 < decade < 10 else decade
        first = base + (10 * (number(fields["from_decade"]) or 0) if "from_decade" in fields else decade)
        end = base + decade + 9
        part = fields.get("decade_part", "")
        if part.startswith("初") or part == "前期":
            end = first + 3
        elif part == "中期":
            first, end = first + 4, first + 6
        elif part:
            first = end - 2 if part.startswith("末") else end - 4
        if not c.FIRST_YEAR <= first <= end <= c.LAST_YEAR:
            return unknown("decade")
        return Value(Date(first, 1, 1), Date(end, 12, 31), "decade")

    def _decade(self, fields: Fields, setting: Setting) -> Value | None:
        if "decade_year" in fields:
            year = int(fields["decade_year"])
            return self._decade_of(year // 100 * 100, fields | {"decade": f"{year % 100:02d}"})
        return self._decade_of(1900, fields)

    # Holidays

    def _holiday_day(self, holiday: Holiday, year: int) -> Date | None:
        if not 1900 <= year <= 2100:
            return None
        if holiday.calendar == "gregorian":
            return c.date(year, int(holiday.month), holiday.day)
        if holiday.calendar == "term":
            return c.solar_term(year, holiday.month)
        if holiday.calendar == "weekday":
            month, weekday = (int(part) for part in holiday.month.split("-"))
            return c.nth_weekday(year, month, weekday, holiday.day)
        # New Year's Eve belongs to the year that follows.
        return c.lunar_date(year - (holiday.month == "12"), int(holiday.month), holiday.day)

    def _nearest(self, holiday: Holiday, setting: Setting) -> int | None:
        """The year of the nearest such day, the next one where the clause points ahead."""
        reference = self.anchors.reference
        if reference is None:
            return None
        days = [(d, y) for y in range(reference.year - 1, reference.year + 2) if (d := self._holiday_day(holiday, y))]
        if setting.future:
            days = [(d, y) for d, y in days if d >= reference] or days
        else:
            days = [(d, y) for d, y in days if (d - reference).days <= _COMING] or days
        return min(days, key=lambda pair: (abs((pair[0] - reference).days), pair[1]))[1] if days else None

    def _holiday(self, fields: Fields, setting: Setting) -> Value | None:
        name = fields["holiday"]
        holiday = self.grammar.holidays[name]
        marked = re.search(r"[“”\"‘’]", fields[""]) is not None
        part = "".join(_HOLIDAY_PARTS.findall(fields[""].partition(name)[2]))
        second = fields.get("second_holiday")
        if not (
            holiday.bare
            or marked
            or part
            or second
            or self.names_year(fields)
            or setting.after.startswith("以来")
            or fields.keys() & {"nth", "holiday_days"}
        ):
            return None
        year = self.year_of(fields) if self.names_year(fields) else self._nearest(holiday, setting)
        if year is None:
            return unknown("day", "point")
        span = any(word in part for word in ("假", "黄金周", "期间", "里")) or fields[""].startswith("这个")
        return self._holiday_in(year, holiday, second, fields, span, part)

    def _holiday_in(
        self, year: int, holiday: Holiday, second: str | None, fields: Fields, span: bool, part: str
    ) -> Value:
        def again(other: int) -> Value:
            return self._holiday_in(other, holiday, second, fields, span, part)

        day = self._holiday_day(holiday, year)
        if day is None:
            return unknown("day", "point")
        if holiday.calendar == "travel":
            first = day - datetime.timedelta(days=_TRAVEL_BEFORE)
            return Value(first, first + datetime.timedelta(days=_TRAVEL_DAYS - 1), "day", "range", again=again)
        closure = self.grammar.closures.get((holiday.closure or "", year))
        reference = self.anchors.reference
        if closure is not None and holiday.closure is not None:
            self.anchors.closure = (holiday.closure, year)
            if second is not None:
                other = self.grammar.closures.get((self.grammar.holidays[second].closure or "", year))
                if other is not None:
                    closure = min(closure[0], other[0]), max(closure[1], other[1])
                    span = True
            if part.endswith("后"):
                return Value(closure[1] + c.ONE_DAY, None, "day", "range")
            if part.endswith("前"):
                return Value(None, closure[0] - c.ONE_DAY, "day", "range")
            during = reference is not None and closure[0] <= reference <= closure[1] + datetime.timedelta(days=5)
            plain = not part and "nth" not in fields and "节" not in fields["holiday"].removeprefix("春节")
            if span or (plain and during):
                return dataclasses.replace(self._nth_day(closure, fields), again=again)
        if "nth" in fields and "前一天" in fields["nth"]:
            day -= c.ONE_DAY
        if part == "前夕":
            return Value(day - datetime.timedelta(days=10), day - c.ONE_DAY, "day", "range", again=again)
        if part.endswith("后"):
            return Value(day + c.ONE_DAY, None, "day", "range")
        if part.endswith("前"):
            return Value(None, day - c.ONE_DAY, "day", "range")
        return Value(day, day, "day", again=again)

    def _nth_day(self, closure: tuple[Date, Date], fields: Fields) -> Value:
        first, last = closure
        nth = fields.get("nth", "")
        days = [number(n) or 1 for n in re.findall("第([一二三四五六七八1-8])", nth)]
        if nth == "首日":
            last = first
        elif nth == "最后一天":
            first = last
        elif nth == "前一天":
            first = last = first - c.ONE_DAY
        elif nth.startswith("前"):
            last = first + datetime.timedelta(days=(number(nth[1]) or 1) - 1)
        elif days:
            first, last = (
                first + datetime.timedelta(days=days[0] - 1),
                first + datetime.timedelta(days=days[-1] - 1),
            )
        return Value(first, last, "day", "point" if first == last else "range")

    def _closure(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        known = self.anchors.closure
        if known is None and reference is not None:
            near = datetime.timedelta(days=2)
            known = next(
                (k for k, (a, b) in sorted(self.grammar.closures.items()) if a - near <= reference <= b + near), None
            )
        if known is None:
            return None
        closure = self.grammar.closures[known]
        if fields[""].endswith("前"):
            return Value(None, closure[0] - c.ONE_DAY, "day", "range")
        if fields[""].endswith("后"):
            return Value(closure[1] + c.ONE_DAY, None, "day", "range")
        return self._nth_day(closure, fields)

    def _lunar_day(self, fields: Fields, setting: Setting) -> Value | None:
        if "lunar_new_year" in fields:
            month, text = 1, fields["lunar_new_year"]
        else:
            name = fields["lunar_month"]
            month = {"正月": 1, "冬月": 11, "腊月": 12}.get(name) or number(name.rstrip("月")) or 1
            text = fields["lunar_day"]
        day = number(text.lstrip("初")) or 0
        holiday = Holiday("lunar", str(month), day, None, True)
        if not 1 <= day <= 30:
            return None
        year = self._nearest(holiday, setting)
        found = self._holiday_day(holiday, year) if year is not None else None
        return unknown("day", "point") if found is None else Value(found, found, "day")

    def _lunar_month(self, fields: Fields, setting: Setting) -> Value | None:
        month = 1 if fields["lunar_month"] == "正月" else 12
        year = self._nearest(Holiday("lunar", str(month), 1, None, True), setting)
        if year is None:
            return unknown("month", "point")
        first = c.lunar_date(year - (month == 12), month, 1)
        last = c.lunar_date(year - (month == 12), month, -1)
        return Value(first, last, "month")

    # Periods the text is about

    def _event_since(self, fields: Fields, setting: Setting) -> Value | None:
        if not ("since" in fields or "years_since" in fields):
            return None
        first, _ = self.grammar.events[fields["event"]]
        if first is None:
            return unknown("year")
        return Value(first, self.anchors.reference, "day", "range")

    def _since_event(self, fields: Fields, setting: Setting) -> Value | None:
        return Value(None, self.anchors.reference, "day", "range")

    def _report_period(self, fields: Fields, setting: Setting) -> Value | None:
        period = self.anchors.period
        if period is None or period.grain not in ("year", "half", "quarter", "month"):
            return unknown("year", "point")
        return period

    def _same_period(self, fields: Fields, setting: Setting) -> Value | None:
        period = self.anchors.period
        year = self.year_of(fields)
        if year is None and self.names_year(fields):
            return unknown("year", "point")
        if year is None:
            return period if period is not None and period.known else None
        if period is None or not period.known or period.again is None or period.last is None:
            return whole_year(year)
        return period.again(year)

    # Spans

    def _past_span(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        count, unit = _length(fields)
        first = None
        if reference is not None and count is not None and "多" not in fields[""] and "余" not in fields[""]:
            first = self._before(reference, unit, count)
        return (
            unknown(grain_of(unit), "duration")
            if first is None
            else Value(first, reference, grain_of(unit), "duration")
        )

    def _years_span(self, fields: Fields, setting: Setting) -> Value | None:
        # 32年间 is some 32 years, 32年来 the last ones.
        return unknown("year", "duration") if fields[""].endswith("间") else self._past_span(fields, setting)

    def _before(self, day: Date, unit: str, count: int) -> Date | None:
        if unit in ("年", "载"):
            return c.shift_years(day, -count)
        if unit in ("月", "季度"):
            return c.shift_months(day, -count * (3 if unit == "季度" else 1))
        if unit in ("周", "星期"):
            return day - datetime.timedelta(days=7 * count)
        if unit in ("天", "日", "自然日"):
            return day - datetime.timedelta(days=count - 1)
        if unit == "小时":
            return day - datetime.timedelta(days=(count + 23) // 24)
        return None

    def _disclosure(self, fields: Fields, setting: Setting) -> Value | None:
        # N个交易日后的M个月内, counted from the day of the announcement.
        reference, days, length = self.anchors.reference, number(fields["from_count"]), number(fields["count"])
        if reference is None or days is None or length is None or days > 250:
            return unknown("month", "duration")
        first = reference
        off = self.grammar.closures.values()
        while days:
            first += c.ONE_DAY
            days -= first.weekday() < 5 and not any(a <= first <= b for a, b in off)
        end = c.shift_months(first, length)
        return Value(first, end - c.ONE_DAY if end is not None else None, "month", "duration")

    def _future_span(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        count, unit = _length(fields)
        if reference is None or count is None or fields["future"].startswith(("下", "此后")):
            return unknown(grain_of(unit), "duration")
        first, last = reference + c.ONE_DAY, None
        if unit == "年" and reference.year + count <= c.LAST_YEAR:
            first, last = Date(reference.year + 1, 1, 1), Date(reference.year + count, 12, 31)
        elif unit == "月":
            end = c.shift_months(reference, count)
            first, last = reference, end - c.ONE_DAY if end is not None else None
        elif unit in ("周", "星期", "天", "日"):
            last = reference + datetime.timedelta(days=count * (7 if unit in ("周", "星期") else 1))
        elif unit == "小时":
            first, last = reference, reference + datetime.timedelta(days=(count + 23) // 24)
        return unknown(grain_of(unit), "duration") if last is None else Value(first, last, grain_of(unit), "duration")

    def _ago(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        count, unit = _length(fields)
        if reference is None or count is None or "vague" in fields or "多" in unit:
            return unknown(grain_of(unit))
        if unit == "年":
            # What is said to be 3000年前 is not that very year.
            return whole_year(reference.year - count) if count <= 150 else unknown("year")
        if unit in ("天", "日"):
            day = reference - datetime.timedelta(days=min(count, 9999))
            return Value(day, day, "day")
        return unknown(grain_of(unit))

    def _later(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown(grain_of(fields["unit"]))

    def _within(self, fields: Fields, setting: Setting) -> Value | None:
        reference = self.anchors.reference
        count, unit = _length(fields)
        if not setting.promised or reference is None or count is None or "vague" in fields or "多" in unit:
            return unknown(grain_of(unit), "duration")
        end = c.shift_months(reference, count * (12 if unit == "年" else 1)) if unit in ("年", "月") else None
        if end is None:
            return unknown(grain_of(unit), "duration")
        return Value(reference, end - c.ONE_DAY, grain_of(unit), "duration")

    def _consecutive(self, fields: Fields, setting: Setting) -> Value | None:
        unit, count, period = fields["unit"].lstrip("个"), number(fields["count"]), self.anchors.period
        if count is None or period is None or period.last is None:
            return unknown(grain_of(unit), "duration")
        if unit == "年" and period.grain in ("year", "half", "quarter"):
            year = period.last.year
            return Value(Date(year - count + 1, 1, 1), Date(year, 12, 31), "year", "duration")
        if unit in ("月", "季度") and period.grain in ("month", "quarter"):
            length = count * (3 if unit == "季度" else 1)
            first = c.shift_months(period.last.replace(day=1), 1 - length)
            return Value(first, period.last, grain_of(unit), "duration")
        return unknown(grain_of(unit), "duration")

    def _vague_bare(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown("day", "duration")

    def _vague_span(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown(grain_of(fields["unit"]))

    def _duration(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown(grain_of(fields["unit"]), "duration")

    def _fuzzy(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown("day")

    def _adverb(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown("day")

    def _era(self, fields: Fields, setting: Setting) -> Value | None:
        return unknown("century")


_GRAINS = {
    "世纪": "century", "年": "year", "载": "year", "季度": "quarter", "月": "month", "周": "week", "星期": "week",
    "天": "day", "日": "day", "交易日": "day", "工作日": "day", "自然日": "day", "小时": "hour", "分钟": "minute",
}  # fmt: skip
