"""Sentiment from China's viewpoint: label, score, strength and the sentences that carry it."""

from __future__ import annotations

import json

import pytest

from nlp_extract.judgements.sentiment.component import create_component
from nlp_extract.judgements.sentiment.cues import cue_features
from nlp_extract.judgements.sentiment.find import find_sentiment
from nlp_extract.layers import SentimentLayer, TextLayer
from nlp_extract.text.component import analyse_text

PIPE = create_component(None, "sentiment", None)


def judge(title: str, body: str) -> tuple[SentimentLayer, TextLayer]:
    text = analyse_text(f"{title}\n{body}", title_end=len(title))
    found = find_sentiment(text, PIPE.sentence_model, PIPE.document_model, PIPE.strength_model, PIPE.sure)
    assert found is not None
    return found, text


@pytest.mark.parametrize(
    ("title", "body", "label"),
    [
        (
            "美国宣布制裁多家中国企业",
            "当地时间3日，美国商务部宣布对12家中国企业实施制裁，禁止美国公司向其出售芯片。"
            "受此影响，相关企业股价大跌，部分生产线被迫停产。分析人士担忧损失将进一步扩大。",
            "negative",
        ),
        (
            "我国警方破获跨境电信诈骗大案",
            "记者从公安部获悉，各地公安机关持续严厉打击电信网络诈骗犯罪，成功抓获一批嫌疑人，"
            "为群众挽回损失，人民群众的安全感显著提升。",
            "positive",
        ),
        (
            "新型运载火箭首飞成功",
            "今天上午，我国自主研制的新型运载火箭在文昌航天发射场成功发射，卫星顺利进入预定轨道，任务取得圆满成功。",
            "positive",
        ),
        (
            "某国首都发生爆炸袭击",
            "当地时间5日，该国首都一处市场发生自杀式爆炸袭击，造成至少30人死亡、60多人受伤。目前伤亡人数还在上升。",
            "negative",
        ),
    ],
)
def test_viewpoint(title: str, body: str, label: str) -> None:
    found, text = judge(title, body)
    assert found.label == label
    assert found.evidence
    wanted = 1 if label == "positive" else -1
    assert {s.polarity for s in found.evidence} == {wanted}
    assert found.score * wanted > 0
    assert 1 <= found.strength <= 3
    scores = [s.score for s in found.evidence]
    assert scores == sorted(scores, reverse=True)
    places = {(s.start, s.end) for s in text.sentences}
    assert all((s.start, s.end) in places for s in found.evidence)


def test_neutral_names_no_evidence() -> None:
    found, _ = judge("某公司股东减持计划公告", "持股5%的股东计划在6个月内以集中竞价方式减持不超过1%股份。")
    if found.label == "neutral":
        assert found.evidence == ()
    assert found.label in ("neutral", "negative")


def cues(sentence: str) -> dict[str, float]:
    text = analyse_text(sentence)
    return cue_features(text.shadow, text.sentences[0])


def test_negated_gain_and_fought_harm() -> None:
    assert "cue:good|not" in cues("该项目未能获批。")
    assert "cue:good|not" not in cues("该项目正式获批。")
    assert "cue:bad|turn" in cues("各地严厉打击违法行为。")
    assert "cue:bad|turn" not in cues("该公司存在违法行为。")


def test_contrast_and_degree() -> None:
    found = cues("销量下滑，但利润大幅回升。")
    assert "cue:good|but" in found
    assert "cue:bad|but" not in found
    assert "cue:good|strong" in found


@pytest.mark.parametrize(
    ("sentence", "sign"),
    [
        ("公司利润明显下滑。", "bad"),
        ("公司上半年利润为52亿元，同比下滑67%。", "bad"),
        ("全市失业率持续下降。", "good"),
        ("新政降低企业成本。", "good"),
        ("原材料价格一路上涨。", "bad"),
        ("一季度货运量稳步增长。", "good"),
    ],
)
def test_a_change_is_good_or_bad_by_its_measure(sentence: str, sign: str) -> None:
    found = cues(sentence)
    assert f"cue:all {sign}" in found
    assert f"cue:all {'bad' if sign == 'good' else 'good'}" not in found


def test_who_is_meant() -> None:
    assert "side=foreign+toward" in cues("美国对中国企业加征关税。")
    assert "side=foreign" in cues("欧盟经济持续低迷。")


@pytest.mark.parametrize("article", ["", "\n\n", "abc", "😀" * 50, "\ud800。\x00！", "。" * 3000, "跌" * 5000])
def test_any_text(article: str) -> None:
    text = analyse_text(article)
    found = find_sentiment(text, PIPE.sentence_model, PIPE.document_model, PIPE.strength_model, PIPE.sure)
    assert (found is None) == (not text.sentences)
    if found is not None:
        assert -1 <= found.score <= 1
        json.dumps([found.label, found.score, found.strength])
