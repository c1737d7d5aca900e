"""Names: forms of one entity, places, people."""

from __future__ import annotations

import dataclasses
from typing import Literal, cast

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_extract import layers
from nlp_extract.layers import Entity, EntityMention, Label
from nlp_extract.mentions.names.find import Models, find_names
from nlp_extract.mentions.names.gazetteer import gazetteer
from nlp_extract.models import load_model
from nlp_extract.text.component import analyse_text

MODELS = Models.of(load_model("names"))


def entities(article: str, title_end: int = 0, byline: str = "", **names: str) -> tuple[Entity, ...]:
    """Entities of an article, given its names by label: every occurrence is a mention, longer names first."""
    taken: set[int] = set()
    mentions = []
    rows = [(name, label) for label, joined in names.items() for name in joined.split("/")]
    for name, label in sorted(rows, key=lambda row: -len(row[0])):
        start = article.find(name)
        assert start >= 0
        while start >= 0:
            if not taken & set(range(start, start + len(name))):
                taken |= set(range(start, start + len(name)))
                mentions.append(EntityMention(start, start + len(name), cast(Label, label), 1.0, byline=name == byline))
            start = article.find(name, start + 1)
    return find_names(analyse_text(article, title_end=title_end), mentions, MODELS)


def groups(found: tuple[Entity, ...]) -> set[frozenset[str]]:
    return {frozenset(e.names) for e in found}


def test_full_name_short_name_and_shorter_are_one() -> None:
    found = entities(
        "广东小鹏汽车科技集团有限公司（以下简称“小鹏汽车”）9日说，小鹏汽车将扩建工厂。市场认为小鹏的产能会翻番。",
        ORG="广东小鹏汽车科技集团有限公司/小鹏汽车/小鹏",
    )
    assert groups(found) == {frozenset({"广东小鹏汽车科技集团有限公司", "小鹏汽车", "小鹏"})}
    assert found[0].canonical == found[0].name == "广东小鹏汽车科技集团有限公司"
    assert len(found[0].mentions) == 4


@pytest.mark.parametrize(
    ("article", "label", "names"),
    [
        ("国家发展和改革委员会6日发布通知。发改委有关负责人作了说明。", "ORG", "国家发展和改革委员会/发改委"),
        ("美国商务部周五公布规则，美商务部没有说明原因。", "ORG", "美国商务部/美商务部"),
        ("世界卫生组织（世卫组织）总干事到访。世卫组织提供了药品。", "ORG", "世界卫生组织/世卫组织"),
        ("弗拉基米尔·普京抵达会场。普京随后讲话。", "PER", "弗拉基米尔·普京/普京"),
        ("北京市9日通报，北京将增加班次。", "LOC", "北京市/北京"),
        ("湖南省常德市临澧县降雨。临澧县转移了居民。", "LOC", "湖南省常德市临澧县/临澧县"),
    ],
)
def test_forms_of_one(article: str, label: str, names: str) -> None:
    assert groups(entities(article, **{label: names})) == {frozenset(names.split("/"))}


@pytest.mark.parametrize(
    ("article", "names"),
    [
        ("中国移动和中国联通公布了用户数。", {"ORG": "中国移动/中国联通"}),
        ("北京大学位于北京。", {"ORG": "北京大学", "LOC": "北京"}),
        ("美国商务部表示，美国将加征关税。", {"ORG": "美国商务部", "LOC": "美国"}),
        ("王伟与王强出席仪式。", {"PER": "王伟/王强"}),
        ("河南省和河北省遭遇大风。", {"LOC": "河南省/河北省"}),
    ],
)
def test_different_ones_stay_apart(article: str, names: dict[str, str]) -> None:
    found = entities(article, **names)
    assert len(found) == sum(len(joined.split("/")) for joined in names.values())


@pytest.mark.parametrize(
    ("surface", "context", "name", "level", "country"),
    [
        ("美方", (), "美国", "country", "US"),
        ("印尼", (), "印度尼西亚", "country", "ID"),
        ("襄樊", (), "襄阳市", "city", "CN"),
        ("神木县", (), "神木市", "county", "CN"),
        ("内蒙古", (), "内蒙古自治区", "province", "CN"),
        ("四川宜宾市筠连县", (), "筠连县", "county", "CN"),
        ("威斯康星州基诺沙", (), "基诺沙", "city", "US"),
        ("江西南昌", (), "南昌市", "city", "CN"),
        ("长三角", (), "长三角", "region", "CN"),
        ("朝阳", (), "朝阳", "county", "CN"),
        ("朝阳", ("北京",), "朝阳区", "county", "CN"),
        ("朝阳", ("辽宁省",), "朝阳市", "city", "CN"),
        ("鼓楼", (), "鼓楼", "county", "CN"),
        ("西安区", ("牡丹江",), "西安区", "county", "CN"),
        ("西安", ("牡丹江",), "西安市", "city", "CN"),
        ("太湖", ("安徽",), "太湖", "region", "CN"),
        ("新桥机场", ("合肥",), "新桥机场", "site", "CN"),
        ("新桥机场", (), "新桥机场", "site", None),
        ("贝拉德罗金矿", (), "贝拉德罗金矿", "site", None),
    ],
)
def test_gazetteer(surface: str, context: tuple[str, ...], name: str, level: str, country: str | None) -> None:
    place = gazetteer().resolve([*context, surface])[surface]
    assert (place.name, place.level, place.country) == (name, level, country)


def test_ambiguous_place_with_its_parent() -> None:
    first = gazetteer().resolve(["鼓楼", "南京"])["鼓楼"]
    second = gazetteer().resolve(["鼓楼", "开封"])["鼓楼"]
    assert first.entry is not None
    assert second.entry is not None
    assert first.entry.parents != second.entry.parents


def test_roles_of_places() -> None:
    title = "湖南临澧县暴雨致多地内涝"
    text = "10日，湖南临澧县遭遇强降雨，当地转移居民两千人。总部位于深圳的一家企业捐赠了物资。"
    found = entities(f"{title}\n{text}", title_end=len(title), LOC="湖南/临澧县/深圳")
    roles = {e.name: e.role for e in found}
    assert roles["临澧县"] == "scene"
    assert roles["深圳"] == "seat"


@pytest.mark.parametrize(
    ("article", "names", "person", "affiliation", "title"),
    [
        (
            "中国电动汽车百人会副理事长兼秘书长张永伟在论坛上发言。",
            {"ORG": "中国电动汽车百人会", "PER": "张永伟"},
            "张永伟", "中国电动汽车百人会", "副理事长兼秘书长",
        ),
        ("外交部发言人毛宁主持记者会。", {"ORG": "外交部", "PER": "毛宁"}, "毛宁", "外交部", "发言人"),
        ("赤道几内亚副总统曼格到访。", {"LOC": "赤道几内亚", "PER": "曼格"}, "曼格", "赤道几内亚", "副总统"),
        ("美国商务部长罗斯到访。", {"ORG": "美国商务部", "PER": "罗斯"}, "罗斯", "美国", "商务部长"),
        ("工业大学程松教授介绍了成果。", {"ORG": "工业大学", "PER": "程松"}, "程松", "工业大学", "教授"),
        ("张三（远航科技董事长）认为前景良好。", {"ORG": "远航科技", "PER": "张三"}, "张三", "远航科技", "董事长"),
        ("中国驻老挝大使孙立出席。", {"LOC": "中国/老挝", "PER": "孙立"}, "孙立", "中国", "驻老挝大使"),
        ("会上，董事长李四作了报告。", {"PER": "李四"}, "李四", None, "董事长"),
        ("远航实际控制人陈军、黄芳减持。", {"ORG": "远航", "PER": "陈军/黄芳"}, "黄芳", "远航", "实际控制人"),
        ("证券网讯（记者 骆明）远航公告。", {"ORG": "证券网/远航", "PER": "骆明"}, "骆明", "证券网", "记者"),
        ("远航科技签约，李四在场。", {"ORG": "远航科技", "PER": "李四"}, "李四", None, None),
    ],
)  # fmt: skip
def test_people(article: str, names: dict[str, str], person: str, affiliation: str | None, title: str | None) -> None:
    entity = next(e for e in entities(article, **names) if e.name == person)
    made = [None if s is None else article[s.start : s.end] for s in (entity.affiliation, entity.title)]
    assert made == [affiliation, title]


def test_name_of_a_company_taken_for_a_person() -> None:
    article = "广东小鹏汽车科技集团有限公司扩建工厂。小鹏的产能会翻番。"
    found = entities(article, ORG="广东小鹏汽车科技集团有限公司", PER="小鹏")
    assert [(e.label, len(e.mentions)) for e in found] == [("ORG", 2)]


def test_byline_is_kept() -> None:
    found = entities("（记者 骆明）王强出席。", byline="骆明", PER="骆明/王强")
    assert {e.name: e.byline for e in found} == {"骆明": True, "王强": False}


def test_component_adds_the_layer() -> None:
    nlp = spacy.blank("zh")
    pipe = nlp.add_pipe("nlp_extract_names")
    doc = nlp.make_doc("北京市和北京")
    layers.put(doc, "entities", (EntityMention(0, 3, "LOC", 1.0), EntityMention(4, 6, "LOC", 1.0)))
    doc = pipe(doc)
    assert [e.names for e in layers.items(doc, "names")] == [("北京市", "北京")]
    again = pipe.from_bytes(pipe.to_bytes())(doc)
    assert layers.items(again, "names") == layers.items(doc, "names")


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet="北京市张伟公司（以下简称）的长美方·A \n\u200b", max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12), st.sampled_from(["ORG", "PER", "LOC"])), max_size=8),
)
def test_any_text_any_mentions(article: str, spans: list[tuple[int, int, Literal["ORG", "PER", "LOC"]]]) -> None:
    mentions = [
        EntityMention(start, min(start + length, len(article)), label, 1.0)
        for start, length, label in spans
        if start < len(article)
    ]
    text = analyse_text(article)
    found = find_names(text, mentions, MODELS)
    assert find_names(text, list(reversed(mentions)), MODELS) == found
    grouped = {(s.start, s.end, e.label) for e in found for s in e.mentions}
    wanted = {(m.start, m.end, m.label) for m in mentions if article[m.start : m.end].strip('《》〈〉“”" \n\u200b')}
    assert grouped == wanted
    for e in found:
        assert dataclasses.asdict(e)["names"][0] == e.name
        assert e.role is None or e.label == "LOC"
