"""Round trips through the forms of annotation tools: emoji, traditional text, rare characters, what tools leave out."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nlp_extract.cli.app import app
from nlp_extract.errors import DataError
from nlp_extract.learning.formats import brat, conll, docbin, doccano, label_studio
from nlp_extract.learning.formats.marks import LABELS, Annotated, Mark, from_labelled, to_labelled
from nlp_extract.learning.labelled import LabelledArticle
from nlp_extract.learning.validation import problems

# Emoji and a rare character (two UTF-16 units each) stand before the marks, so that a wrong count shows.
TITLE = "🚄𠮷 中老鐵路開通"
TEXT = (
    "😀國鐵集團（以下簡稱國鐵）27日與老撾鐵路公司簽署《合作協議》。\n"
    "國鐵副總經理劉振華說，貨運量將達1260萬噸，同比增長18.3%。"
)
LABEL: dict[str, Any] = {
    "id": "own/1 甲",
    "title": TITLE,
    "text": TEXT,
    "published": "2025-03-28",
    "entities": [["國鐵集團", "ORG"], ["國鐵", "ORG"], ["老撾鐵路公司", "ORG"], ["劉振華", "PER"], ["老撾", "LOC"]],
    "aliases": [["國鐵集團", "國鐵"]],
    "persons": [["劉振華", "國鐵", "副總經理"]],
    "times": [[1, "27日", "2025-03-27", "2025-03-27"], [1, "以下", None, None]],
    "places": [["老撾", "involved"]],
    "industries": ["53", "59"],
    "policies": [["《合作協議》", "treaty"]],
    "subjects": ["國鐵集團", "老撾鐵路公司"],
    "objects": ["貨運量"],
    "actions": [[1, "國鐵集團", "簽署", "《合作協議》"], [2, None, "達", None]],
    "roles": {"1": ["action", "scope_company"], "2": ["opinion", "outlook_positive"]},
    "polarity": {"1": 1, "2": -1},
    "figures": [[2, "貨運量", "1260萬噸", "同比增長18.3%"], [2, "同比", "18.3%", None]],
    "opinions": [[2, "劉振華", "貨運量將達1260萬噸"]],
    "sentiment": ["positive", 2],
}
FORMS = ["labelled", "label_studio", "doccano", "brat", "docbin"]


def labelled() -> LabelledArticle:
    return LabelledArticle(LABEL["id"], TITLE, TEXT, LABEL["published"], LABEL)


def test_the_sample_is_valid_and_marks_lose_nothing() -> None:
    assert list(problems(labelled())) == []
    assert to_labelled(from_labelled(labelled())).label == LABEL


@pytest.mark.parametrize("form", FORMS)
def test_round_trip_loses_nothing(form: str, tmp_path: Path) -> None:
    module = importlib.import_module(f"nlp_extract.learning.formats.{form}")
    module.write([from_labelled(labelled())], tmp_path / "out")
    (found,) = module.read(tmp_path / "out")
    assert to_labelled(found).label == LABEL


def test_conll_keeps_text_and_entities(tmp_path: Path) -> None:
    annotated = from_labelled(labelled())
    conll.write([annotated, Annotated("b", None, "好 的。", None, ())], tmp_path / "out.conll")
    first, second = conll.read(tmp_path / "out.conll")
    assert (first.id, first.title, first.text, first.published) == (LABEL["id"], TITLE, TEXT, "2025-03-28")
    assert {(first.article[m.start : m.end], m.label) for m in first.marks} == {
        (surface, kind) for surface, kind in map(tuple, LABEL["entities"]) if surface != "老撾"
    }
    assert second.text == "好 的。"


def test_docbin_trains_spacy(tmp_path: Path) -> None:
    import spacy
    from spacy.tokens import DocBin

    docbin.write([from_labelled(labelled())], tmp_path / "out.spacy")
    (doc,) = DocBin().from_disk(tmp_path / "out.spacy").get_docs(spacy.blank("zh").vocab)
    assert doc.text == f"{TITLE}\n{TEXT}"
    assert ("老撾鐵路公司", "ORG") in {(e.text, e.label_) for e in doc.ents}
    assert [s.text for s in doc.spans["policy_treaty"]] == ["《合作協議》"]


def export(**changes: Any) -> list[dict[str, Any]]:
    task = label_studio.task(from_labelled(labelled()))
    task["annotations"][0].update(changes)
    return [task]


def test_label_studio_counts_utf16_units(tmp_path: Path) -> None:
    task = export()[0]
    region = next(r for r in task["annotations"][0]["result"] if r["value"].get("text") == "國鐵集團")
    article = task["data"]["text"]
    units = article.encode("utf-16-le")
    assert units[2 * region["value"]["start"] : 2 * region["value"]["end"]].decode("utf-16-le") == "國鐵集團"
    assert article.index("國鐵集團") == region["value"]["start"] - 3


def test_label_studio_in_code_points_without_quoted_text(tmp_path: Path) -> None:
    task = export()[0]
    article = task["data"]["text"]
    start = article.index("老撾鐵路公司")
    value = {"start": start, "end": start + 6, "text": "老撾鐵路公司", "labels": ["ORG"]}
    task["annotations"][0]["result"] = [{"id": "x", "type": "labels", "value": value}]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task]), "utf-8")
    (found,) = label_studio.read(path)
    assert [(m.start, m.end, m.label) for m in found.marks] == [(start, start + 6, "ORG")]
    value["text"] = "沒有這個"
    path.write_text(json.dumps([task]), "utf-8")
    with pytest.raises(DataError, match="沒有這個"):
        label_studio.read(path)


def test_label_studio_skips_what_was_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([*export(was_cancelled=True), {"data": {"text": "好"}, "annotations": []}]), "utf-8")
    assert label_studio.read(path) == []


def test_label_studio_predictions_and_interface() -> None:
    task = label_studio.task(from_labelled(labelled()), predictions=True)
    assert "annotations" not in task
    assert task["predictions"][0]["result"]
    assert all(f'value="{label}"' in label_studio.config() for label in LABELS)


def test_doccano_plain_labels(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text(json.dumps({"id": 3, "text": "李明在上海。", "label": [[0, 2, "PER"], [3, 5, "LOC"]]}) + "\n")
    (found,) = doccano.read(path)
    assert to_labelled(found).label["entities"] == [["李明", "PER"], ["上海", "LOC"]]


def test_brat_with_discontinuous_spans_and_no_sidecar(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("李明在上海。", "utf-8")
    (tmp_path / "a.ann").write_text("T1\tPER 0 2\t李明\nT2\tLOC 3 4;4 5\t上 海\nE1\tMove:T1\n", "utf-8")
    (found,) = brat.read(tmp_path)
    assert found.marks == (Mark(1, 0, 2, "PER"), Mark(2, 3, 5, "LOC"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("label_studio", "{}", "array of tasks"),
        ("label_studio", "nope", "not JSON"),
        ("doccano", '{"text": "好", "label": [[0, 9, "PER"]]}', "outside of the article"),
        ("doccano", '{"label": []}', "text is missing"),
        ("conll", "好 X-PER\n", "BIO tag"),
        ("docbin", "nope", "no DocBin"),
        ("labelled", '{"id": "a", "text": "好"}', "entities: missing"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / "source"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=message):
        importlib.import_module(f"nlp_extract.learning.formats.{name}").read(path)


def test_the_command(tmp_path: Path) -> None:
    source, target, back = tmp_path / "a.jsonl", tmp_path / "a.json", tmp_path / "b.jsonl"
    source.write_text(json.dumps(LABEL, ensure_ascii=False) + "\n", "utf-8")
    runner = CliRunner()
    assert runner.invoke(app, ["convert", str(source), str(target)]).exit_code == 0
    done = runner.invoke(app, ["convert", str(target), str(back), "--from", "label-studio", "--to", "labelled"])
    assert done.exit_code == 0, done.output
    assert json.loads(back.read_text("utf-8")) == LABEL


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("labelled", b"\xff"),
        ("labelled", b'{"text": "x"}'),
        ("labelled", b"[" * 100_000),
        ("label_studio", b"[1]"),
        ("label_studio", b'[{"annotations": [{"result": [{"type": "labels"}]}], "data": {"text": "x"}}]'),
        ("doccano", b"\xff"),
        ("doccano", b'{"text": "abc", "entities": [{"id": 1}]}'),
        ("doccano", b'{"text": "abc", "entities": [{"id": 1e999}]}'),
        ("doccano", b'{"text": "abc", "label": [[0.5, 2, "ORG"]]}'),
        ("doccano", b'{"text": "abc", "title": "another", "label": [[0, 2, "ORG"]]}'),
        ("doccano", b'{"text": "abc", "title": 7, "label": []}'),
        ("conll", b"\xff"),
        ("conll", b"\\uffffff O"),
    ],
)
def test_a_file_of_another_shape_is_an_error_that_names_it(form: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(data)
    with pytest.raises(DataError, match="labels"):
        importlib.import_module(f"nlp_extract.learning.formats.{form}").read(path)


def test_a_folder_of_brat_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff")
    with pytest.raises(DataError, match=tmp_path.name):
        brat.read(tmp_path)
