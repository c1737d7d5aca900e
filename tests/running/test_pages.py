"""`nlp-extract extract --format html`: one page, or a folder of pages with an index."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nlp_extract import extract
from nlp_extract.cli.app import app


@pytest.fixture
def many(tmp_path: Path, articles: list[dict[str, Any]]) -> Path:
    rows: list[Any] = [{"id": "one", **articles[0]}, {"id": "bad", "text": 3}, {"text": "没有标题。<b>在北京</b>。"}]
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_one_article_is_one_page(tmp_path: Path, articles: list[dict[str, Any]]) -> None:
    article = articles[0]
    (tmp_path / "a.json").write_text(json.dumps(article), "utf-8")
    done = CliRunner().invoke(app, ["extract", str(tmp_path / "a.json"), "--format", "html"])
    assert done.exit_code == 0
    record = extract(article["text"], title=article["title"], published=article["published"])
    assert done.stdout == record.to_html()


def test_many_articles_are_a_folder_with_an_index(many: Path, tmp_path: Path, articles: list[dict[str, Any]]) -> None:
    pages = tmp_path / "pages"
    done = CliRunner().invoke(app, ["extract", str(many), "--format", "html", "-o", str(pages)])
    assert done.exit_code == 1
    assert sorted(p.name for p in pages.iterdir()) == ["00001.html", "00003.html", "index.html"]
    index = (pages / "index.html").read_text("utf-8")
    assert f'<a href="00001.html">{articles[0]["title"]}</a>' in index
    assert "text must be a string" in index
    assert "第 3 篇" in index
    assert "在北京" not in index
    page = (pages / "00003.html").read_text("utf-8")
    assert '<a href="index.html">' in page
    assert "<b>在北京" not in page


def test_many_articles_do_not_go_into_one_page(many: Path, tmp_path: Path) -> None:
    for output in ([], ["-o", str(tmp_path / "page.html")]):
        done = CliRunner().invoke(app, ["extract", str(many), "--format", "html", *output])
        assert done.exit_code == 2
        assert "folder" in done.stderr


def test_a_bad_article_has_no_page(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": 3}', "utf-8")
    done = CliRunner().invoke(app, ["extract", str(tmp_path / "a.json"), "--format", "html"])
    assert done.exit_code == 1
    assert "text must be a string" in done.stderr
