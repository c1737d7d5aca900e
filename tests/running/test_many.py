"""Many articles: order, errors beside records, processes, files, and runs that were cut short."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import zstandard

from nlp_extract import extract, extract_many
from nlp_extract.pipeline import default_pipeline
from nlp_extract.running.files import LineWriter, finished_lines, read_many
from tests.conftest import ROOT


def rows(articles: list[dict[str, Any]]) -> list[Any]:
    return [{"id": str(n), **a} for n, a in enumerate(articles)] + [
        {"id": "bad", "text": 7},
        "会议25日结束。",
        3,
        {"text": ""},
    ]


def test_in_order_with_errors_beside(articles: list[dict[str, Any]]) -> None:
    found = list(extract_many(rows(articles)))
    assert [f.id for f in found] == [*(str(n) for n in range(len(articles))), "bad", None, None, None]
    assert [f.error is not None for f in found] == [False] * len(articles) + [True, False, True, False]
    first = articles[0]
    assert found[0].record == extract(first["text"], title=first["title"], published=first["published"])


@pytest.mark.parametrize("start_method", ["spawn", "fork"])
def test_processes_give_the_same_records(articles: list[dict[str, Any]], start_method: str) -> None:
    if start_method == "fork" and sys.platform == "win32":
        pytest.skip("no fork on Windows")
    one = list(extract_many(rows(articles)))
    assert list(extract_many(rows(articles), processes=2, batch_size=1, start_method=start_method)) == one


def test_reads_no_further_than_needed() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "会议25日结束。"

    stream = extract_many(endless(), processes=2, batch_size=2, start_method="fork")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert taken <= 3 * 2 * 2 + 2


@pytest.mark.parametrize("arguments", [{"processes": 0}, {"batch_size": 0}])
def test_wrong_numbers(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        list(extract_many(["好"], **arguments))  # type: ignore[arg-type]


def test_every_form_of_file_reads_alike(tmp_path: Path) -> None:
    table = [{"id": "a", "text": "会议25日结束。", "title": None}, {"id": "b", "text": "好。", "title": "题"}]
    lines = "".join(json.dumps(row) + "\n" for row in table).encode()
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(lines))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), tmp_path / "a.parquet")
    found = [list(read_many(path)) for path in sorted(tmp_path.iterdir())]
    assert len(found) == 4
    assert all(f == found[0] for f in found)
    assert [a.title for a in found[0]] == [None, "题"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst"])
@pytest.mark.parametrize("cut", [0, 1, 7])
def test_a_run_cut_short_is_resumed_without_loss_or_repetition(tmp_path: Path, name: str, cut: int) -> None:
    first = LineWriter(tmp_path / name, resume=False)
    for number in range(5):
        first.write(str(number), '{"x":1}' if number != 2 else None, "broken" if number == 2 else None)
    first.abandon()
    part = first.part
    if cut:
        part.write_bytes(part.read_bytes()[:-cut])
    second = LineWriter(tmp_path / name, resume=True)
    assert second.done <= 5
    for number in range(second.done, 7):
        second.write(str(number), '{"x":1}' if number != 2 else None, "broken" if number == 2 else None)
    second.finish()
    found = [json.loads(line)["id"] for line in finished_lines(tmp_path / name)]
    assert found == [str(n) for n in range(7)]
    assert [json.loads(line)["line"] for line in second.side.read_text().splitlines()] == [3]
    assert not part.exists()


def test_the_command_resumes_after_a_kill(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(
        "".join(json.dumps({"id": n, "text": f"会议{n % 28 + 1}日在上海结束。"}) + "\n" for n in range(300))
    )
    command = [
        sys.executable,
        "-m",
        "nlp_extract",
        "extract",
        str(source),
        "-o",
        str(tmp_path / "out.jsonl"),
        "--resume",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    part = tmp_path / "part-out.jsonl"
    while running.poll() is None and not (part.exists() and part.stat().st_size):
        pass
    running.kill()
    running.wait()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ids = [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert ids == [str(n) for n in range(300)]


def test_the_vocabulary_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"会议{n}日在上海{n}区结束。" for n in range(30)]
    before = list(extract_many(texts))
    nlp = default_pipeline()
    monkeypatch.setattr("nlp_extract.pipeline.MAX_STRINGS", 40)
    assert list(extract_many(texts)) == before
    assert len(nlp.vocab.strings) < 100
