"""Policies: names with and without title marks, kinds, issuers, numbers, clauses, and what is none."""

import re
from importlib.resources import files

import pytest
import yaml

from nlp_extract import extract
from nlp_extract.record.model import Policy

DATA = files("nlp_extract.mentions.policies") / "data"


def policies(text: str) -> tuple[Policy, ...]:
    return extract(text, published="2025-06-27", max_items=None).policies


def test_a_notice_with_issuer_number_and_statement() -> None:
    (policy,) = policies("国务院印发《关于扩大消费的若干措施》（国发〔2023〕5号），要求各地放宽汽车限购。")
    assert policy.name == "关于扩大消费的若干措施"
    assert policy.issuer is not None
    assert policy.issuer.text == "国务院"
    assert policy.number is not None
    assert policy.number.text == "国发〔2023〕5号"


def test_a_law_with_its_clauses() -> None:
    (policy,) = policies("该平台违反了《中华人民共和国反垄断法》第二十二条，监管部门依照第五十七条作出处罚。")
    assert policy.kind == "law"
    assert [c.text for c in policy.clauses] == ["第二十二条", "第五十七条"]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("欧盟《欧盟电池和废电池法规》要求企业披露碳足迹。", "欧盟电池和废电池法规", "regulation"),
        ("两国签署《双边投资保护协定》。", "双边投资保护协定", "treaty"),
        ("美国国会通过了《通胀削减法案》。", "通胀削减法案", "bill"),
        ("发改委发布《新型储能发展规划》。", "新型储能发展规划", "plan"),
    ],
)
def test_names_and_kinds(text: str, name: str, kind: str) -> None:
    assert [(p.name, p.kind) for p in policies(text)] == [(name, kind)]


def test_a_short_form_bears_the_full_name() -> None:
    full, short = policies("财政部发布《政府采购管理办法》（以下简称《办法》）。《办法》规定，供应商应当公平竞争。")
    assert (full.text, short.text) == ("《政府采购管理办法》", "《办法》")
    assert full.name == short.name == "政府采购管理办法"
    assert full.statement is not None
    assert "公平竞争" in full.statement.text


def test_a_name_that_ends_another_is_its_short_form() -> None:
    found = policies("各方加快编制“十五五”规划。专家认为，“十五五”期间新能源装机将继续增长。")
    assert [p.name for p in found] == ["“十五五”规划"]


def test_a_title_repeated_is_one_policy() -> None:
    found = policies("国务院印发《关于加快养老服务发展的意见》。记者了解到，《关于加快养老服务发展的意见》共有六章。")
    assert [p.name for p in found] == ["关于加快养老服务发展的意见"]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("欧委会根据反胁迫工具条例对该国启动调查。", "反胁迫工具条例", "regulation"),
        ("各成员国批准了昆明-蒙特利尔全球生物多样性框架。", "昆明-蒙特利尔全球生物多样性框架", "treaty"),
        ("该型发动机已达到欧七排放标准。", "欧七排放标准", "standard"),
        ("两国部长签署了中新自由贸易协定升级议定书。", "中新自由贸易协定升级议定书", "treaty"),
        ("参议院表决通过了大漂亮法案。", "大漂亮法案", "bill"),
        ("当地法院依照反外国制裁法作出裁定。", "反外国制裁法", "law"),
    ],
)
def test_names_without_title_marks(text: str, name: str, kind: str) -> None:
    assert (name, kind) in [(p.name, p.kind) for p in policies(text)]


@pytest.mark.parametrize(
    "number", ["国发〔2024〕11号", "财税[2018]12号", "国办函（2022）36号", "国务院令第684号", "2023年第5号公告"]
)
def test_document_numbers(number: str) -> None:
    found = policies(f"有关部门公布了《外资企业登记管理办法》（{number}）。")
    assert [p.number.text for p in found if p.number] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "电影《长堤》上映六天。",
        "他著有长篇小说《北方的河》。",
        "《人民日报》发表文章。",
        "电视剧《县委大院》今晚播出。",
        "她在《自然》杂志上发表论文《深海菌群的迁移》。",
    ],
)
def test_books_films_and_papers_are_none(text: str) -> None:
    assert policies(text) == ()


@pytest.mark.parametrize(
    "text", ["《", "《《《", "《关于", "》《", "《A《关于加强管理的通知》", "《" * 500 + "》" * 500]
)
def test_unclosed_and_nested_marks(text: str) -> None:
    for policy in policies(f"有关部门印发{text}。"):
        assert policy.text.count("《") <= 2


def test_no_name_across_a_quotation_or_an_item_number() -> None:
    found = policies("各地围绕中国“六稳”目标发力。该行为违反了《证券法》第六十七条第二款第八项规定。")
    assert {p.name for p in found} <= {"六稳", "证券法"}


@pytest.mark.parametrize("name", ["cues.tsv", "heads.tsv", "laws.tsv", "names.tsv"])
def test_lists_are_sorted_and_free_of_repetitions(name: str) -> None:
    rows = [line for line in (DATA / name).read_text("utf-8").splitlines() if not line.startswith("#")]
    assert rows == sorted(set(rows))
    assert len({row.count("\t") for row in rows}) == 1


def test_every_pattern_compiles() -> None:
    patterns = yaml.safe_load((DATA / "patterns.yaml").read_text("utf-8"))
    for value in patterns.values():
        for pattern in value.values() if isinstance(value, dict) else [value]:
            re.compile(pattern)
