"""Industries: divisions of GB/T 4754-2017 with the terms they rest on."""

from __future__ import annotations

import numpy
import pytest

from nlp_extract.judgements.industries.component import create_component
from nlp_extract.judgements.industries.find import find_industries
from nlp_extract.judgements.industries.lexicon import divisions, find_terms
from nlp_extract.judgements.vectors import WordVectors
from nlp_extract.layers import IndustryItem
from nlp_extract.linear import fit_linear
from nlp_extract.text.component import analyse_text

PIPE = create_component(None, "industries", None)


def industries(title: str, body: str) -> tuple[IndustryItem, ...]:
    text = analyse_text(f"{title}\n{body}", title_end=len(title))
    return find_industries(text, PIPE.words, PIPE.decision, PIPE.thresholds)


@pytest.mark.parametrize(
    ("title", "body", "code", "section", "term"),
    [
        (
            "新能源汽车出口再创新高",
            "中国汽车工业协会发布数据，上月新能源汽车出口12万辆，多家车企在海外建厂，带动动力电池等零部件出口。",
            "36",
            "C",
            "新能源汽车",
        ),
        (
            "各地抢抓农时推进秋收秋种",
            "眼下正是秋粮收获时节，农民驾驶收割机抢收玉米和水稻，冬小麦播种也在有序展开。",
            "01",
            "A",
            "秋粮",
        ),
        (
            "校外培训机构治理取得进展",
            "教育部要求各地学校提升课堂教学质量，减轻中小学生作业负担，教师参与课后服务。",
            "83",
            "P",
            "教育部",
        ),
    ],
)
def test_sample_articles(title: str, body: str, code: str, section: str, term: str) -> None:
    found = industries(title, body)
    assert 1 <= len(found) <= 3
    assert found[0].code == code
    assert found[0].section == section
    assert found[0].name == divisions()[code].name
    article = f"{title}\n{body}"
    assert term in [article[s.start : s.end] for s in found[0].evidence]
    assert all(item.evidence for item in found)


def test_listed_company_points_to_its_business() -> None:
    hits = find_terms("海螺水泥公布年报。宁德时代签约。")
    assert [hit.code for hit in hits] == ["30", "38"]


def test_every_division_has_terms() -> None:
    assert len(divisions()) == 97
    from nlp_extract.judgements.industries.lexicon import _rows

    rows = [row for name in ("terms.tsv", "companies.tsv") for row in _rows(name)]
    assert {code for _, code in rows} == set(divisions())
    assert len({term for term, _ in rows}) == len(rows)


@pytest.mark.parametrize("article", ["", "\n", "abc def", "😀" * 50, "\ud800。\x00", "。" * 3000, "农业" * 3000])
def test_any_text(article: str) -> None:
    text = analyse_text(article)
    for item in find_industries(text, PIPE.words, PIPE.decision, PIPE.thresholds):
        assert 0 <= item.score <= 1
        assert all(0 <= s.start < s.end <= len(article) for s in item.evidence)


def test_vectors_spread_what_is_learnt_to_unseen_words() -> None:
    vectors = WordVectors(("好", "佳", "坏", "差"), numpy.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=numpy.float32))
    rows = [{"w:好": 1.0}, {"w:坏": 1.0}] * 4
    targets = numpy.array([0, 1] * 4)
    model = fit_linear(rows, targets, ("good", "bad"), bits=12, c=10.0, table=vectors.table({"w:": 1.0}, 12))
    assert model.predict_proba([{"w:佳": 1.0}])[0].argmax() == 0
    assert model.predict_proba([{"w:差": 1.0}])[0].argmax() == 1
    again = WordVectors.from_arrays(vectors.to_arrays())
    assert again.words == vectors.words
    assert numpy.allclose(again.matrix, vectors.matrix, atol=0.01)
