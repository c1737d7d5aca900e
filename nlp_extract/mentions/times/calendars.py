"""Days of the Gregorian and the Chinese calendar."""

from __future__ import annotations

import calendar
import datetime
import functools

Date = datetime.date
ONE_DAY = datetime.timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1, 2199


def date(year: int, month: int, day: int) -> Date | None:
    """A day, None where the calendar has none (30 February)."""
    try:
        return Date(year, month, day)
    except ValueError:
        return None


def month_end(year: int, month: int) -> Date:
    """The last day of a month."""
    return Date(year, month, calendar.monthrange(year, month)[1])


def shift_months(day: Date, months: int) -> Date | None:
    """The same day some months on, or the last of a shorter month; None outside the years known."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return Date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shift_years(day: Date, years: int) -> Date | None:
    """The same day some years on."""
    return shift_months(day, 12 * years)


def week_of(day: Date, weeks: int = 0) -> tuple[Date, Date]:
    """Monday and Sunday of a day's week, some weeks on."""
    monday = day - datetime.timedelta(days=day.weekday() - 7 * weeks)
    return monday, monday + datetime.timedelta(days=6)


@functools.lru_cache(maxsize=1024)
def lunar_date(year: int, month: int, day: int) -> Date | None:
    """The Gregorian day of a day of the Chinese calendar; day -1 is the last of the month.

    `year` is the Gregorian year that the Chinese year begins in. None where the month has no such day.
    """
    # Imported when needed: most articles have no lunar date.
    from lunar_python import Lunar, LunarMonth

    if not 1900 <= year <= 2100 or not 1 <= month <= 12:
        return None
    days = LunarMonth.fromYm(year, month).getDayCount()
    if day == -1:
        day = days
    if not 1 <= day <= days:
        return None
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return Date(solar.getYear(), solar.getMonth(), solar.getDay())


@functools.lru_cache(maxsize=1024)
def solar_term(year: int, name: str) -> Date | None:
    """The day of one of the twenty-four solar terms in a Gregorian year."""
    from lunar_python import Lunar

    if not 1900 <= year <= 2100:
        return None
    # The table of a Chinese year runs from the winter solstice before it to the next spring.
    for chinese_year in (year, year + 1):
        found = Lunar.fromYmd(chinese_year, 6, 1).getJieQiTable().get(name)
        if found is not None and found.getYear() == year:
            return Date(found.getYear(), found.getMonth(), found.getDay())
    return None


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> Date:
    """The n-th weekday (Monday is 1) of a month."""
    first = Date(year, month, 1)
    return first + datetime.timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (nth - 1))
