"""Normalisation that keeps offsets, sentences, clauses, dateline, quotations."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_extract.text.component import analyse_text
from nlp_extract.text.normalise import shadow


@given(st.text())
def test_shadow_has_the_articles_length(text: str) -> None:
    assert len(shadow(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("２０２５年，１．５％", "2025年，1.5%"),
        ("後來發展", "后来发展"),
        ("洪义乾走在乾坤大道", "洪义乾走在乾坤大道"),
        ("乾燥的氣候", "干燥的气候"),
        ("a\u3000b\u200bc\r\nd", "a b c\n\nd"),
        ("买<br/>卖&nbsp;《<关于>》", "买     卖      《<关于>》"),
        ("\x00\u2028", "\n\n"),
    ],
)
def test_shadow_is_plain(text: str, plain: str) -> None:
    assert shadow(text) == plain


@given(st.text(alphabet="中国说：“”。，；！？\n ａ1a\u3000", max_size=60))
def test_sentences_and_clauses_stay_inside_and_in_order(text: str) -> None:
    layer = analyse_text(text)
    last = 0
    for sentence in layer.sentences:
        assert last <= sentence.start < sentence.end <= len(text)
        last = sentence.end
        for clause in sentence.clauses:
            assert sentence.start <= clause.start < clause.end <= sentence.end


def test_sentences_are_numbered_as_labelled_articles_are(shared: Path) -> None:
    spec = importlib.util.spec_from_file_location("gold_sentences", shared / "labelled" / "sentences.py")
    assert spec is not None
    assert spec.loader is not None
    gold = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gold)
    title, text = "标题！", "第一句。“第二句。”他说；第三句\n\n（第四句？！）好"
    expected = [(start, end) for start, end, _ in gold.sentences(title, text)]
    assert [(s.start, s.end) for s in analyse_text(f"{title}\n{text}").sentences] == expected


@pytest.mark.parametrize(
    ("text", "agency", "place", "date", "reporters"),
    [
        ("新华社上海6月25日电（记者何嘉、周岚）正文。", "新华社", "上海", "6月25日", ["何嘉", "周岚"]),
        ("中新网北京2025年1月3日电 (记者 何嘉)正文。", "中新网", "北京", "2025年1月3日", ["何嘉"]),
        ("本报讯 正文。", "本报", None, None, []),
    ],
)
def test_dateline(text: str, agency: str, place: str | None, date: str | None, reporters: list[str]) -> None:
    line = analyse_text(text).dateline
    assert line is not None

    def cut(span: object) -> str | None:
        return None if span is None else text[span.start : span.end]  # type: ignore[attr-defined]

    assert (cut(line.agency), cut(line.place), cut(line.date)) == (agency, place, date)
    assert [cut(r) for r in line.reporters] == reporters


def test_commas_inside_numbers_do_not_cut_clauses() -> None:
    (sentence,) = analyse_text("出口1,295,000辆，增长8%。").sentences
    assert [(c.start, c.end) for c in sentence.clauses] == [(0, 12), (13, 17)]


def test_reference_date_of_the_dateline_and_of_the_text() -> None:
    assert analyse_text("中新网北京2025年1月3日电 正文。").reference_source == "dateline"
    assert str(analyse_text("会议于2024年5月6日举行，昨天结束。").reference) == "2024-05-06"
    assert analyse_text("会议于5月6日举行。").reference is None
