"""Relations: who does what to whom, on sentences of our own."""

from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from nlp_extract import layers
from nlp_extract.layers import Relation
from nlp_extract.pipeline import TOKENIZER, load, make_doc

Triple = tuple[str | None, str, str | None]


@pytest.fixture(scope="module")
def chain() -> Language:
    return load(exclude=["statements", "participants", "sentiment", "industries", "record"])


def relations(chain: Language, text: str) -> dict[str, Relation]:
    """Relations by predicate."""
    doc = chain(make_doc(chain, text))
    return {text[r.predicate.start : r.predicate.end]: r for r in layers.items(doc, "relations")}


def triple(text: str, relation: Relation) -> Triple:
    """Its three surfaces."""
    subject, object_ = relation.subject, relation.object
    return (
        None if subject is None else text[subject.start : subject.end],
        text[relation.predicate.start : relation.predicate.end],
        None if object_ is None else text[object_.start : object_.end],
    )


def test_subject_action_object_with_time_and_clause(chain: Language) -> None:
    text = "6月25日，工业和信息化部发布新能源汽车标准，有关企业表示欢迎。"
    found = relations(chain, text)["发布"]
    assert triple(text, found) == ("工业和信息化部", "发布", "新能源汽车标准")
    assert found.subject_name == "工业和信息化部"
    assert text[found.clause.start : found.clause.end] == "工业和信息化部发布新能源汽车标准"
    assert found.modality == "fact"
    assert found.sentence == 0


def test_object_marked_by_ba_stands_before_the_verb(chain: Language) -> None:
    text = "6月25日，警方将两名嫌疑人抓获，比亚迪把总部迁至深圳市坪山区。"
    found = relations(chain, text)
    assert triple(text, found["抓获"]) == ("警方", "抓获", "两名嫌疑人")
    assert found["抓获"].rule == "subject+disposal"


def test_coordinated_predicates_share_the_subject(chain: Language) -> None:
    text = "中国商务部宣布取消附加关税，推动双边贸易发展，扩大农产品进口。"
    found = relations(chain, text)
    assert triple(text, found["取消"]) == ("中国商务部", "取消", "附加关税")
    assert triple(text, found["推动"]) == ("中国商务部", "推动", "双边贸易发展")
    assert found["扩大"].subject_name == "中国商务部"


def test_carried_over_subject_is_named(chain: Language) -> None:
    text = "国家能源局印发电力市场规则。将建立全国统一电力市场，完善价格机制。"
    found = relations(chain, text)
    assert triple(text, found["建立"]) == (None, "建立", "全国统一电力市场")
    assert found["建立"].subject_name == "国家能源局"
    assert found["建立"].rule.startswith("carried_subject")


def test_pronoun_stands_for_the_last_person(chain: Language) -> None:
    text = "法国总统马克龙抵达北京。他会见了中国企业家代表。"
    found = relations(chain, text)["会见"]
    assert triple(text, found)[0] == "他"
    assert found.subject_name == "马克龙"


@pytest.mark.parametrize(
    ("text", "predicate", "modality"),
    [
        ("吉利汽车计划收购英国一家电池公司。", "收购", "plan"),
        ("双方有望签署新的贸易协定。", "签署", "possible"),
        ("美国政府未取消对中国企业的限制措施。", "取消", "negated"),
        ("国务院25日批准海南自由贸易港建设方案。", "批准", "fact"),
    ],
)
def test_modality(chain: Language, text: str, predicate: str, modality: str) -> None:
    found = relations(chain, text)
    assert found[predicate].modality == modality


def test_passive_is_named_in_the_rule(chain: Language) -> None:
    text = "这项收购案被美国监管机构否决。"
    found = relations(chain, text)["否决"]
    assert found.rule.endswith("+passive")
    assert triple(text, found)[0] == "美国监管机构"


def test_a_comma_inside_a_number_cuts_no_phrase(chain: Language) -> None:
    text = "临江重工投资11,000万元建设第二条船用曲轴生产线。"
    for relation in relations(chain, text).values():
        for span in (relation.subject, relation.object):
            assert span is None or not text[span.start : span.end].startswith("000")


def test_verbs_of_saying_are_no_actions(chain: Language) -> None:
    text = "外交部发言人25日表示，中方将采取必要措施，维护企业权益。"
    found = relations(chain, text)
    assert "表示" not in found
    assert triple(text, found["采取"]) == ("中方", "采取", "必要措施")


def test_words_that_jieba_keeps_whole_are_cut(chain: Language) -> None:
    text = "格力电器今日发布公告，拟充分发挥渠道优势。"
    assert triple(text, relations(chain, text)["发布"]) == ("格力电器", "发布", "公告")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("中国商务部发布公告将被把由，。；《》“”他\n 1%a\ud800\x00"), max_size=80))
def test_any_text_gives_spans_inside_it(text: str) -> None:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_relations")
    doc = nlp.make_doc(text)
    for r in layers.items(nlp(doc), "relations"):
        spans = [s for s in (r.clause, r.predicate, r.subject, r.object, r.time) if s is not None]
        assert all(0 <= s.start < s.end <= len(text) for s in spans)
        assert r.clause.contains(r.predicate)
        assert r.subject is None or not r.subject.overlaps(r.predicate)
        assert r.object is None or not r.object.overlaps(r.predicate)


def test_long_text_takes_linear_time(chain: Language) -> None:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_relations")
    sentence = "商务部发布公告，对进口产品加征关税，"
    found = layers.items(nlp(sentence * 5_000), "relations")
    assert found
