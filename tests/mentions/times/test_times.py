"""Times: the table of cases, statements, any text, linear time."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp_extract import layers
from nlp_extract.layers import EntityMention, TimeMention
from nlp_extract.mentions.times.find import find_times
from nlp_extract.text.component import analyse_text

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2})?")
GRAINS = {
    "millennium", "century", "decade", "year", "half", "quarter", "season", "month", "ten_days", "week", "day",
    "part_of_day", "hour", "minute", "second",
}  # fmt: skip


def table() -> list[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "times.tsv").read_text("utf-8").splitlines()
    rows = [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
    assert all(len(row) == 3 for row in rows)
    return rows  # type: ignore[return-value]


def times_of(text: str, published: str | None = None, entities: tuple[EntityMention, ...] = ()):
    day = None if published is None else datetime.date.fromisoformat(published)
    return find_times(analyse_text(text, published=day), entities)


def written(text: str, mention: TimeMention) -> str:
    first, last = (value[:10] if value else "" for value in (mention.value_start, mention.value_end))
    value = "?" if not first and not last else first if first == last else f"{first}..{last}"
    return f"{text[mention.start : mention.end]}={value}"


@pytest.mark.parametrize(("text", "reference", "expected"), table(), ids=lambda value: value[:24])
def test_table(text: str, reference: str, expected: str) -> None:
    found = times_of(text, None if reference == "-" else reference)
    assert ("|".join(written(text, m) for m in found) or "-") == expected


def test_table_is_large_enough() -> None:
    rows = table()
    assert len(rows) >= 400
    assert sum(expected == "-" for _, _, expected in rows) >= 80
    assert len({(text, reference) for text, reference, _ in rows}) == len(rows)


@pytest.mark.parametrize(
    ("text", "surface", "said"),
    [
        ("6月18日，公司公告称新厂投产。", "6月18日", "6月18日，公司公告称新厂投产"),
        ("公司去年亏损，今年扭亏为盈。", "今年", "今年扭亏为盈"),
        ("据悉，截至5月底，贷款余额增长一成，存款持平。", "5月底", "截至5月底，贷款余额增长一成"),
    ],
)
def test_statement_is_the_clause_that_says_what_happens(text: str, surface: str, said: str) -> None:
    mention = next(m for m in times_of(text, "2025-06-19") if text[m.start : m.end] == surface)
    assert mention.statement is not None
    assert text[mention.statement.start : mention.statement.end] == said


def test_clock_times_have_hour_and_minute() -> None:
    minute, hour = times_of("18日20时37分，飞船分离。19日下午3时，返回舱着陆。", "2025-06-19")
    assert (minute.value_start, minute.grain) == ("2025-06-18T20:37", "minute")
    assert (hour.value_start, hour.grain) == ("2025-06-19T15:00", "hour")


def test_every_mention_names_its_rule() -> None:
    found = times_of("2024年以来，产量增长，未来五年将翻番。", "2025-06-19")
    assert [m.rule for m in found] == ["year+since", "future_span"]


def test_a_relative_time_inside_a_name_is_none() -> None:
    text = "据今日新闻社报道，今日股市收高。"
    inside = EntityMention(1, 6, "ORG", 0.9)
    assert [text[m.start : m.end] for m in times_of(text, "2025-06-19")] == ["今日", "今日"]
    assert [m.start for m in times_of(text, "2025-06-19", (inside,))] == [9]


def test_the_component_works_alone() -> None:
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "nlp_extract.characters.v1"}}})
    nlp.add_pipe("nlp_extract_times")
    found = layers.items(nlp("2025年6月19日，会议在京召开。"), "times")
    assert [(m.start, m.end, m.value_start, m.grain, m.kind) for m in found] == [(0, 10, "2025-06-19", "day", "point")]


WORDS = (
    "年 月 日 号 时 分 点 周 季度 上半年 今年 去年 当天 次日 同期 以来 前 后 至 — 、 （ ） 《 “ 十四五 ” 春节 假期 "
    "正月 初 三十 二 31 30 13 0 9999 2025 99 . / : 个 近 未来 连续 世纪 年代 ， 。 \n \t \ud800 \x00 😀 A 将 比"
)
PIECES = st.sampled_from(WORDS.split(" "))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.characters(), max_size=30), st.none() | st.dates())
@example(["以来", "年", "以来"], datetime.date(2000, 1, 1))
def test_any_text_gives_ordered_spans_with_valid_values(pieces: list[str], published: datetime.date | None) -> None:
    text = "".join(pieces)
    layer = analyse_text(text, published=published)
    last = 0
    for mention in find_times(layer):
        assert last <= mention.start < mention.end <= len(text)
        last = mention.end
        assert mention.grain in GRAINS
        assert mention.kind in ("point", "range", "duration", "fuzzy")
        values = [v for v in (mention.value_start, mention.value_end) if v is not None]
        assert all(ISO.fullmatch(v) and datetime.datetime.fromisoformat(v) for v in values)
        assert values == sorted(values)
        if mention.statement is not None:
            assert mention.statement.start <= mention.start < mention.end <= mention.statement.end
    assert find_times(layer) == find_times(layer)


@pytest.mark.parametrize(
    "unit",
    ["1", "《", "（", "“", "一", "十", "年", "月", "2025-", "9:", "今", "1至", "、2", " ", "今天，", "日，去年同期"],
)
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        layer = analyse_text(unit * (size // len(unit)))
        began = time.process_time()
        find_times(layer)
        return time.process_time() - began

    seconds(1000)
    small = max(min(seconds(10_000) for _ in range(3)), 0.002)
    assert seconds(80_000) < 8 * 4 * small
