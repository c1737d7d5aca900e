"""Participants: main actors and those acted on, on articles of our own."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from nlp_extract import layers
from nlp_extract.layers import Participants
from nlp_extract.models import load_model
from nlp_extract.participants.candidates import alike, collect
from nlp_extract.pipeline import TOKENIZER, load, make_doc
from nlp_extract.relations.clusters import Clusters
from nlp_extract.text.component import text_of


@pytest.fixture(scope="module")
def chain() -> Language:
    return load(exclude=["statements", "sentiment", "industries", "record"])


def participants(chain: Language, text: str, title: str | None = None) -> Participants:
    found = layers.get(chain(make_doc(chain, text, title=title)), "participants")
    assert isinstance(found, Participants)
    return found


def test_actor_and_those_acted_on(chain: Language) -> None:
    text = (
        "商务部25日发布公告，对原产于美国的进口汽车加征关税。商务部新闻发言人表示，美方单边加征关税损害中国企业利益，"
        "中方采取必要措施维护自身权益。"
    )
    found = participants(chain, text, "商务部对美国进口汽车加征关税")
    assert found.subjects[0].name == "商务部"
    assert found.subjects[0].label == "ORG"
    assert any("汽车" in p.name or "关税" in p.name for p in found.objects)
    assert len(found.subjects) <= 6
    assert len(found.objects) <= 6


def test_names_of_one_entity_are_one_participant(chain: Language) -> None:
    text = (
        "东方智能设备股份有限公司（以下简称“东方智能”）25日宣布进入欧洲市场。东方智能将在荷兰建立研发中心，"
        "东方智能总经理王建国表示，公司计划招聘员工。"
    )
    found = participants(chain, text)
    assert found.subjects[0].name == "东方智能设备股份有限公司"
    assert len(found.subjects[0].mentions) == 4
    assert not any("东方智能" in p.name for p in found.subjects[1:])


def test_byline_is_no_participant(chain: Language) -> None:
    text = "新华社北京6月25日电（记者李明远、王小丽）国家能源局25日印发电力市场规则，推动全国统一电力市场建设。"
    found = participants(chain, text)
    names = {p.name for p in (*found.subjects, *found.objects)}
    assert found.subjects[0].name == "国家能源局"
    assert not names & {"李明远", "王小丽", "新华社"}


def test_those_alike_are_found_in_one_search(chain: Language, articles: list[dict[str, Any]]) -> None:
    clusters = Clusters(load_model("participants"))
    for article in articles[:6]:
        doc = chain(make_doc(chain, article["text"], title=article.get("title")))
        found = collect(doc, text_of(doc), clusters)
        kept = range(0, len(found), 2)
        assert alike(found, kept) == {n: {m for m in kept if m != n and found[n].alike(found[m])} for n in kept}


def test_no_phrase_is_part_of_another_participant(chain: Language, articles: list[dict[str, Any]]) -> None:
    for article in articles:
        found = participants(chain, article["text"], article.get("title"))
        for rows in (found.subjects, found.objects):
            assert rows
            for a, b in itertools.permutations(rows, 2):
                assert a.name != b.name
                # A country and its ministry may both act.
                assert a.name not in b.name or (rows is found.subjects and "OTHER" not in (a.label, b.label))
            assert [p.salience for p in rows] == sorted((p.salience for p in rows), reverse=True)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("中国商务部发布公告企业市场，。《》“”他\n 1%a\ud800\x00"), max_size=80))
def test_any_text_gives_spans_inside_it(text: str) -> None:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_relations")
    nlp.add_pipe("nlp_extract_participants")
    found = layers.get(nlp(text), "participants")
    for p in (*found.subjects, *found.objects):
        assert all(0 <= m.start < m.end <= len(text) for m in p.mentions)
        assert (p.start, p.end) == (p.mentions[0].start, p.mentions[0].end)
