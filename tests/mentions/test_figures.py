"""Figures: numbers both ways, values with unit, metric and change, and what is none."""

import re
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nlp_extract import extract
from nlp_extract.mentions.figures.numbers import cardinal, parse_number, to_chinese
from nlp_extract.record.model import Figure

DATA = files("nlp_extract.mentions.figures") / "data"


@given(st.integers(0, 10**16 - 1))
def test_a_whole_number_is_read_as_it_is_written(number: int) -> None:
    assert cardinal(to_chinese(number)) == number
    assert cardinal(str(number)) == number


@given(st.integers(1, 9999), st.integers(0, 99), st.sampled_from([("万", 10**4), ("亿", 10**8), ("万亿", 10**12)]))
def test_a_decimal_with_a_scale(whole: int, part: int, scale: tuple[str, int]) -> None:
    number = parse_number(f"{whole}.{part:02}{scale[0]}")
    assert number is not None
    assert number.value == pytest.approx((whole + part / 100) * scale[1])


@pytest.mark.parametrize(
    ("text", "value", "lower", "upper"),
    [
        ("1.2万亿", 1.2e12, None, None),
        ("三成", 0.3, None, None),
        ("三成半", 0.35, None, None),
        ("百分之五点二", 0.052, None, None),
        ("5.3%", 0.053, None, None),
        ("三分之一", 1 / 3, None, None),
        ("一百二", 120, None, None),
        ("一百零二", 102, None, None),
        ("两千三百亿", 2.3e11, None, None),
        ("30多", 30, 30, 40),
        ("3,200", 3200, None, None),
        ("半", 0.5, None, None),
    ],
)
def test_numbers_of_newspapers(text: str, value: float, lower: float | None, upper: float | None) -> None:
    number = parse_number(text)
    assert number is not None
    assert number.value == pytest.approx(value)
    assert (number.lower, number.upper) == (lower, upper)


@pytest.mark.parametrize("text", ["", "公司", "1.2.3", "十" * 80, "%"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


def figures(text: str) -> tuple[Figure, ...]:
    return extract(text, published="2025-06-27", max_items=None).details.figures


def test_metric_value_and_change() -> None:
    (figure,) = figures("今年1至5月，我国汽车出口249万辆，同比增长7.9%。")
    assert (figure.text, figure.number, figure.unit) == ("249万辆", 2_490_000, "万辆"[1:])
    assert figure.metric is not None
    assert "出口" in figure.metric.text
    assert figure.change is not None
    assert (figure.change.text, figure.change.basis, figure.change.ratio) == ("同比增长7.9%", "year_on_year", 0.079)
    assert figure.period is not None
    assert figure.period.text == "今年1至5月"


@pytest.mark.parametrize(
    ("text", "basis", "ratio"),
    [
        ("公司净利润9.3亿元，同比下降20.4%。", "year_on_year", -0.204),
        ("新房成交面积1200万平方米，环比增长3.1%。", "period_on_period", 0.031),
        ("全市用电量达98亿千瓦时，比去年同期翻了一番。", "year_on_year", 1.0),
    ],
)
def test_changes_are_signed_and_have_a_basis(text: str, basis: str, ratio: float) -> None:
    changes = [f.change for f in figures(text) if f.change is not None]
    assert [(c.basis, c.ratio) for c in changes] == [(basis, ratio)]


def test_a_level_that_was_reached_is_no_rate() -> None:
    (figure,) = figures("5月中国品牌在当地的市场份额升至14.2%。")
    assert figure.number == pytest.approx(0.142)
    assert figure.change is None or figure.change.ratio is None


def test_members_of_a_list_have_their_own_metric() -> None:
    found = {f.text: f.metric.text for f in figures("原煤、原油产量分别增长3.2%、2.1%。") if f.metric}
    assert "原煤" in found["3.2%"]
    assert "原油" in found["2.1%"]


def test_words_of_vagueness_give_bounds() -> None:
    (figure,) = figures("活动吸引了超过300家企业参展。")
    assert (figure.text, figure.approximate, figure.lower) == ("300家", True, 300)


@pytest.mark.parametrize(
    "text",
    [
        "会议6月25日上午在上海举行。",
        "国务院印发国发〔2023〕5号文件。",
        "咨询电话为010-88886666。",
        "他在第19届亚运会上夺冠。",
        "公司发布Model 3和5G手机。",
        "主队以3比1战胜客队。",
    ],
)
def test_dates_ordinals_codes_and_scores_are_no_figures(text: str) -> None:
    assert figures(text) == ()


@pytest.mark.parametrize("name", ["units.tsv", "bounds.tsv", "links.tsv"])
def test_lists_are_sorted_and_free_of_repetitions(name: str) -> None:
    rows = [line for line in (DATA / name).read_text("utf-8").splitlines() if not line.startswith("#")]
    assert rows == sorted(set(rows))


def test_every_pattern_compiles() -> None:
    patterns = yaml.safe_load((DATA / "patterns.yaml").read_text("utf-8"))
    for group in ("guards", "changes"):
        for pattern in patterns[group].values():
            re.compile(pattern)
