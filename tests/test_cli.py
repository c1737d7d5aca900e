"""The command line: formats, standard input, JSON lines, exit codes."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nlp_extract.record.model import KeyPointRecord
from tests.conftest import ROOT

TEXT = "工业和信息化部6月25日在北京发布通知，汽车出口同比增长7.9%。"


def run(*arguments: str, text: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "nlp_extract", *arguments],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert done.returncode == code, done.stderr
    return done


def test_text_file_to_markdown(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    done = run("extract", str(tmp_path / "a.txt"), "--published", "2025-06-27", "--title", "汽车出口")
    assert done.stdout.startswith("# 汽车出口\n")
    assert "（2025-06-25）" in done.stdout
    assert done.stdout.count("\n## ") == 12


def test_standard_input_to_json() -> None:
    record = KeyPointRecord.model_validate_json(
        run("extract", "--format", "json", "--published", "2025-06-27", text=TEXT).stdout
    )
    assert record.times[0].value_start == "2025-06-25"


def test_a_lexicon_is_linted(tmp_path: Path) -> None:
    (tmp_path / "names.tsv").write_text("远山集团\tORG\n远山集团\tPER\n", "utf-8")
    done = run("validate", str(tmp_path / "names.tsv"), code=1)
    assert "names.tsv:2: 远山集团: conflicts with ORG in line 1" in done.stdout


def test_explain_names_the_rule_of_each_match(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    rows = [line.split("\t") for line in run("explain", str(tmp_path / "a.txt")).stdout.splitlines() if line]
    assert all(TEXT[int(start) : int(end)] == text and rule for _, start, end, text, rule in rows)
    assert {"times", "entities", "figures"} <= {row[0] for row in rows}


def test_json_lines_in_and_out_with_a_bad_line(tmp_path: Path, articles: list[dict[str, Any]]) -> None:
    rows: list[Any] = [
        {"id": "a", **articles[0]},
        {"id": "b", "text": 3},
        {"id": "c", "text": TEXT, "date": "2025-06-27"},
    ]
    with gzip.open(tmp_path / "in.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.write("no json\n")
    done = run("extract", str(tmp_path / "in.jsonl.gz"), "-o", str(tmp_path / "out.jsonl"), code=1)
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [row.get("id") for row in found] == ["a", "b", "c", None]
    assert "text must be a string" in found[1]["error"]
    assert "not JSON" in found[3]["error"]
    assert found[2]["published"] == "2025-06-27"
    assert found[0]["subjects"]
    assert "articles" in done.stderr


def test_json_lines_on_standard_input() -> None:
    done = run("extract", text=json.dumps({"id": 7, "text": TEXT}) + "\n\n")
    assert json.loads(done.stdout)["id"] == "7"


def test_several_files_make_one_json_array(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(TEXT, "utf-8")
    done = run("extract", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--format", "json")
    assert len(json.loads(done.stdout)) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("extract", "nowhere.txt"), "nowhere.txt"),
        (("extract", "--published", "yesterday"), "yesterday"),
        (("extract", "--format", "pdf"), "pdf"),
    ],
)
def test_wrong_use_exits_2(arguments: tuple[str, ...], message: str) -> None:
    assert message in run(*arguments, text=TEXT, code=2).stderr


def test_a_damaged_model_exits_3(tmp_path: Path) -> None:
    (tmp_path / "sentiment").mkdir()
    assert "NX101" in run("extract", "--models", str(tmp_path), text=TEXT, code=3).stderr


def test_info_lists_models_with_hashes() -> None:
    rows = json.loads(run("info", "--json").stdout)
    assert rows["version"]
    assert {"entities", "syntax", "sentiment"} <= {m["component"] for m in rows["models"]}
    assert all(len(m["sha256"]) == 64 for m in rows["models"])
    assert "entities" in run("info").stdout
