"""Labels of news that hold no text."""

import json
from pathlib import Path

import pytest

from nlp_extract.learning.labelled import more_articles, read_jsonl, read_marks

ROOT = Path(__file__).parent.parent.parent
NEWS = ROOT / "data" / "labelled" / "news.jsonl"
SHARED = ROOT.parent / "shared"


def test_offsets_become_the_surfaces_of_title_and_text(tmp_path: Path) -> None:
    article = {"id": "a", "title": "两部门发布《船舶条例》", "text": "船东协会欢迎《办法》。", "date": "2025-03-28"}
    label = {"id": "a", "policies": [[5, 11, "regulation"], [18, 22, "regulation"]], "roles": {"0": ["action"]}}
    (tmp_path / "articles.jsonl").write_text(json.dumps(article), "utf-8")
    (tmp_path / "labels.jsonl").write_text(json.dumps(label), "utf-8")
    [found] = read_marks(tmp_path / "labels.jsonl", tmp_path / "articles.jsonl")
    assert found.label["policies"] == [["《船舶条例》", "regulation"], ["《办法》", "regulation"]]
    assert found.label["roles"] == {"0": ["action"]}
    assert found.published == "2025-03-28"


def test_the_labels_of_news_hold_no_text() -> None:
    text = NEWS.read_text("utf-8")
    assert text.isascii()
    ids = [json.loads(line)["id"] for line in text.splitlines()]
    assert len(set(ids)) == len(ids)


def test_the_labels_of_news_are_none_of_the_labelled_set() -> None:
    if not SHARED.exists():
        pytest.skip("needs ../shared")
    labelled = {row["id"] for row in read_jsonl(SHARED / "labelled" / "labels.jsonl")}
    articles = more_articles(SHARED, NEWS)
    assert articles
    assert not labelled & {article.id for article in articles}
    for article in articles:
        rows = len(article.rows())
        assert all(int(index) < rows for field in ("roles", "polarity") for index in article.label[field])
