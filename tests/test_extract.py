"""The main job as a user meets it, and record.md's table of what goes wrong."""

import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language

import nlp_extract
from nlp_extract import extract
from nlp_extract.record.model import KeyPointRecord
from tests.grounding import check


def whole(article: dict[str, Any]) -> str:
    return f"{article['title']}\n{article['text']}"


def test_every_item_of_the_samples_stands_where_it_says(articles: list[dict[str, Any]]) -> None:
    for article in articles:
        record = extract(article["text"], title=article["title"], published=article["published"], max_items=None)
        assert check(record, whole(article)) > 100


def test_the_car_makers_article_fills_every_section(articles: list[dict[str, Any]]) -> None:
    article = next(a for a in articles if "车" in a["title"])
    record = extract(article["text"], title=article["title"], published=article["published"])
    empty = [
        name
        for name in (
            "times",
            "places",
            "industries",
            "subjects",
            "objects",
            "actions",
            "reactions",
            "policies",
            "scopes",
        )
        if not getattr(record, name)
    ]
    assert empty == []
    assert record.sentiment is not None
    assert record.outlook.positive
    assert record.details.figures
    assert record.details.opinions
    assert record.details.measures
    assert record.details.challenges
    assert any(i.code == "36" for i in record.industries)


def test_a_sanction_on_chinese_firms_is_seen_from_china(articles: list[dict[str, Any]]) -> None:
    article = next(a for a in articles if "出口管制" in a["title"])
    record = extract(article["text"], title=article["title"], published=article["published"])
    assert record.sentiment is not None
    assert record.sentiment.label in ("negative", "mixed")
    assert {"中华人民共和国对外贸易法", "中华人民共和国反外国制裁法"} <= {p.name for p in record.policies}
    assert any(t.value_start == "2025-09-11" for t in record.times)
    assert any(f.text.startswith("1295亿") and f.change and f.change.ratio == 0.218 for f in record.details.figures)


def test_max_items_limits_every_list(articles: list[dict[str, Any]]) -> None:
    article = articles[0]
    short = extract(article["text"], title=article["title"], published=article["published"], max_items=2)
    full = extract(article["text"], title=article["title"], published=article["published"], max_items=None)
    for name in ("times", "places", "subjects", "actions"):
        assert len(getattr(short, name)) <= 2
        assert getattr(short, name) == getattr(full, name)[: len(getattr(short, name))]
    assert len(short.details.figures) <= 2


def test_record_goes_to_json_and_back(articles: list[dict[str, Any]]) -> None:
    record = extract(articles[0]["text"], title=articles[0]["title"], published=articles[0]["published"])
    assert KeyPointRecord.model_validate_json(record.model_dump_json()) == record


def test_explain_puts_every_rule_beside_the_record() -> None:
    text = "国务院25日印发《养老服务条例》，要求各地增加床位3万张。"
    plain, record = (extract(text, published="2025-06-27", explain=explain) for explain in (False, True))
    assert record == plain
    assert record.model_dump() == plain.model_dump()
    assert plain.explanations == ()
    rules = {(e.layer, e.text): e.rule for e in record.explanations}
    assert rules["times", "25日"] == "day"
    assert rules["policies", "《养老服务条例》"] == "title_marks"
    assert all(text[e.start : e.end] == e.text and e.rule for e in record.explanations)


def test_spacy_users_find_the_record_on_the_doc(nlp: Language) -> None:
    doc = nlp("商务部新闻发言人陆明11日表示，双方将签署协议。")
    assert doc.text == "商务部新闻发言人陆明11日表示，双方将签署协议。"
    assert isinstance(doc._.record, KeyPointRecord)


# What goes wrong, and what then


@pytest.mark.parametrize("text", [b"bytes", None, 3, ["a"]])
def test_not_str(text: Any) -> None:
    with pytest.raises(TypeError, match=type(text).__name__):
        extract(text)


@pytest.mark.parametrize("text", ["", " \n\t\u3000 "])
def test_empty(text: str) -> None:
    record = extract(text)
    assert "empty" in record.warnings[0]
    assert record.subjects == ()


@pytest.mark.parametrize("text", ["Only English here, 100 of it.", "12345 !!! 😀", "これはテストです"[:2]])
def test_no_chinese(text: str) -> None:
    record = extract(text)
    assert "no Chinese" in record.warnings[0]
    assert record.times == ()


def test_too_long() -> None:
    with pytest.raises(ValueError, match=r"100001.*100000"):
        extract("长" * 100_001)


def test_max_chars_is_the_callers() -> None:
    nlp = nlp_extract.load(max_chars=5, exclude=["entities", "syntax", "relations"])
    with pytest.raises(ValueError, match=r"6.*5"):
        extract("一二三四五六", nlp=nlp)


@pytest.mark.parametrize("published", ["yesterday", "2025-13-01", "", 20250627])
def test_published_no_date(published: Any) -> None:
    with pytest.raises(ValueError, match=repr(published)):
        extract("好。", published=published)


@pytest.mark.parametrize(
    "published",
    ["2025-06-27", "2025-06-27T08:30:00", datetime.date(2025, 6, 27), datetime.datetime(2025, 6, 27, 8, 30)],
)
def test_published_forms(published: Any) -> None:
    record = extract("会议25日举行。", published=published)
    assert record.published == "2025-06-27"
    assert record.provenance.reference_source == "published"


@pytest.mark.parametrize("max_items", [0, -1, True, "3"])
def test_max_items_no_count(max_items: Any) -> None:
    with pytest.raises(ValueError, match="max_items"):
        extract("好。", max_items=max_items)


@pytest.mark.parametrize(
    "noise",
    [
        "\ud800",
        "\x00\x07",
        "\r\n\r",
        "\u200b\u200d\ufeff",
        "👨\u200d👩\u200d👧😀",
        "&nbsp;<br/><p>",
        "\U00020bb7",
        "\u3000",
    ],
)
def test_noise_is_extracted_around(noise: str) -> None:
    clean = "工业和信息化部6月25日在北京发布《汽车行业稳增长工作方案》，汽车出口同比增长7.9%。"
    text = f"{noise}新闻{noise}\n{clean}\n{noise}结束。"
    record = extract(text, published="2025-06-27")
    check(record, text)
    assert any(t.text == "6月25日" and t.value_start == "2025-06-25" for t in record.times)
    assert any("汽车行业稳增长工作方案" in p.name for p in record.policies)
    assert KeyPointRecord.model_validate_json(record.model_dump_json()) == record


def test_without_a_date_relative_times_stay_unresolved() -> None:
    record = extract("会议昨天在上海举行，3日后结束。")
    assert all(t.value_start is None and t.value_end is None for t in record.times)
    assert record.provenance.reference_date is None


def test_traditional_text_keeps_its_own_characters() -> None:
    text = "商務部發言人陸明25日在北京表示，汽車出口額達120億美元，同比增長8%。"
    record = extract(text, published="2025-06-27")
    check(record, text)
    assert any(f.text == "120億美元" and f.number == 1.2e10 for f in record.details.figures)


PIECES = st.sampled_from(
    [
        "工业和信息化部",
        "6月25日",
        "同比增长7.9%",
        "《电池法》",
        "他说：“",
        "”",
        "。",
        "，",
        "\n",
        "中国",
        "将",
        "120万辆",
        "（记者张三）",
        "<b>",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=25).map("".join))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, title=st.one_of(st.none(), TEXTS))
def test_offsets_hold_for_any_text(text: str, title: str | None) -> None:
    record = extract(text, title=title, published="2025-06-27", max_items=None)
    check(record, f"{title}\n{text}" if title else text)
    assert KeyPointRecord.model_validate_json(record.model_dump_json()) == record
    assert record.to_markdown().count("\n## ") == 12
