"""The package's evaluation gives the numbers of the labelled set's score.py; validation names line, field, reason."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from nlp_extract.learning.labelled import LabelledArticle, read_labelled
from nlp_extract.learning.scoring import Report, Tally, intervals, score_article
from nlp_extract.learning.validation import validate

TEXT = "工业和信息化部25日发布通知。汽车出口120万辆，同比增长8%。专家李明说，前景良好。"
LABEL: dict[str, Any] = {
    "id": "own-1",
    "title": "汽车出口增长",
    "text": TEXT,
    "published": "2025-06-27",
    "entities": [["工业和信息化部", "ORG"], ["李明", "PER"]],
    "aliases": [],
    "persons": [["李明", None, "专家"]],
    "times": [[1, "25日", "2025-06-25", "2025-06-25"]],
    "places": [],
    "industries": ["36"],
    "policies": [],
    "subjects": ["工业和信息化部"],
    "objects": ["通知"],
    "actions": [[1, "工业和信息化部", "发布", "通知"]],
    "roles": {"0": ["reaction"], "1": ["action"], "2": ["reaction"], "3": ["opinion", "outlook_positive"]},
    "polarity": {"2": 1},
    "figures": [[2, "汽车出口", "120万辆", "同比增长8%"]],
    "opinions": [[3, "李明", "前景良好"]],
    "sentiment": ["positive", 1],
}


def labelled(**changes: Any) -> LabelledArticle:
    row = {**LABEL, **changes}
    return LabelledArticle(row["id"], row["title"], row["text"], row["published"], row)


def span(text: str) -> dict[str, Any]:
    start = labelled().article.index(text)
    return {"text": text, "start": start, "end": start + len(text)}


RECORD: dict[str, Any] = {
    "times": [{**span("25日"), "value_start": "2025-06-25", "value_end": "2025-06-26"}],
    "entities": [{**span("李明"), "type": "PER", "mentions": [span("李明")]}],
    "industries": [{"code": "36"}, {"code": "51"}],
    "subjects": [{**span("工业和信息化部"), "name": "工业和信息化部", "mentions": []}],
    "actions": [{"subject": span("工业和信息化部"), "predicate": span("发布"), "object": None}],
    "reactions": [span("汽车出口120万辆")],
    "sentiment": {"label": "neutral"},
    "details": {
        "figures": [{**span("120万辆"), "metric": span("出口120")}],
        "opinions": [{**span("专家李明说，前景良好。"), "speaker": span("李明"), "content": span("前景良好")}],
    },
}


def test_each_measure_counts_what_it_says() -> None:
    score = score_article(labelled(), RECORD)
    assert score.tallies["times.found"] == Tally(1, 1, 1)
    assert score.tallies["times"] == Tally(0, 1, 1)
    assert score.tallies["entities"] == Tally(1, 1, 2)
    assert score.tallies["industries"] == Tally(1, 2, 1)
    assert score.tallies["actions.predicate"] == Tally(1, 1, 1)
    assert score.tallies["actions"] == Tally(0, 1, 1)
    assert score.tallies["reactions"] == Tally(1, 1, 2)
    assert score.tallies["figures"] == Tally(1, 1, 1)
    assert score.tallies["opinions"] == Tally(1, 1, 1)
    assert score.choices["sentiment"] == Tally(0, 1, 1)
    assert {m.measure for m in score.misses} >= {"times", "entities", "sentiment"}


def test_headline_is_the_mean_of_twelve_sections() -> None:
    report = Report((score_article(labelled(), RECORD), score_article(labelled(id="own-2"), {})))
    assert len(report.sections()) == 12
    assert report.headline == pytest.approx(sum(report.sections().values()) / 12)
    low, high = intervals(report, ["record"], rounds=50)["record"]
    assert 0 <= low <= report.headline <= high <= 1


def test_same_numbers_as_the_labelled_sets_score(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nlp_extract import extract

    monkeypatch.syspath_prepend(str(shared / "labelled"))
    reference = importlib.import_module("score")
    try:
        labels, articles = shared / "labelled" / "labels.jsonl", shared / "corpora" / "news" / "news.jsonl.gz"
        report = reference.Report()
        scores = []
        for article in read_labelled(labels, articles)[::60]:
            record = extract(article.text, title=article.title, published=article.published, max_items=None)
            dump = record.model_dump(mode="json")
            reference.score_article(report, reference.Gold(article.label, vars(article)), dump)
            scores.append(score_article(article, dump))
        ours = Report(tuple(scores))
        assert ours.sections() == pytest.approx(reference.sections(report))
        assert {n: t.f1 for n, t in ours.measures().items()} == pytest.approx(
            {n: t.f1 for n, t in report.tally.items()}
        )
        assert {n: t.recall for n, t in ours.choices().items()} == pytest.approx(
            {n: report.accuracy(n) for n in report.total}
        )
    finally:
        sys.modules.pop("score", None)
        sys.modules.pop("sentences", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"entities": [["某某部", "ORG"]]}, "entities: '某某部' is not in the article"),
        ({"entities": [["李明", "X"]]}, "entities: 'X' is none of"),
        ({"times": [[9, "25日", None, None]]}, "times: no sentence 9 (0..3)"),
        ({"times": [[1, "25日", "2025-13-01", None]]}, "times: '2025-13-01' is not an ISO date"),
        ({"actions": [[1, "工业和信息化部", None, "通知"]]}, "actions: no action"),
        ({"roles": {"1": ["dance"]}}, "roles: 'dance' is no role"),
        ({"polarity": {"1": 0}}, "polarity: 0 is neither"),
        ({"sentiment": ["positive", 7]}, "sentiment: strength 7"),
        ({"figures": [["x"]]}, "figures: wrong shape"),
    ],
)
def test_validation_names_line_field_and_reason(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({**LABEL, **changes}), "utf-8")
    count, found = validate(path)
    assert count == 1
    assert any(line.startswith(f"{path}:1: own-1: {reason}") for line in found), found


def test_validation_of_sound_labels_and_of_broken_lines(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(LABEL) + "\n{broken\n" + json.dumps(LABEL) + "\n", "utf-8")
    count, found = validate(path)
    assert count == 3
    assert len(found) == 2
    assert "not JSON" in found[0]
    assert "already in line 1" in found[1]
