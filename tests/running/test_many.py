"""Many articles: order, errors beside records, processes, files, and runs that were cut short."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import zstandard

from nlp_extract import extract, extract_many
from nlp_extract.pipeline import default_pipeline
from nlp_extract.running.files import LineWriter, finished_lines, open_bytes, read_many
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


def started(source: Path, output: Path, *more: str) -> "subprocess.Popen[bytes]":
    """The command on its way: some of its lines are written."""
    running = subprocess.Popen(
        command(source, output, *more),
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    part = output.with_name(f"part-{output.name}")
    while running.poll() is None and not (part.exists() and part.stat().st_size > 100):
        time.sleep(0.01)
    return running


def heed_interrupts() -> None:
    """Undo what a shell does to its background jobs, whose children ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def command(source: Path, output: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "nlp_extract", "extract", str(source), "-o", str(output), "--resume", *more]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def write_articles(path: Path) -> None:
    """300 articles, one of them bad."""
    table = [{"id": n, "text": f"会议{n % 28 + 1}日在上海结束。" if n != 7 else None} for n in range(300)]
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), path)
    else:
        with open_bytes(path, "wb") as file:
            file.write("".join(json.dumps(row) + "\n" for row in table).encode())


@pytest.mark.parametrize(
    ("source", "output", "end"),
    [
        ("in.jsonl", "out.jsonl", signal.SIGKILL),
        ("in.jsonl.gz", "out.jsonl.gz", signal.SIGKILL),
        ("in.jsonl.zst", "out.jsonl.zst", signal.SIGKILL),
        ("in.parquet", "out.jsonl", signal.SIGINT),
    ],
)
def test_the_command_resumes_after_a_kill(tmp_path: Path, source: str, output: str, end: signal.Signals) -> None:
    write_articles(tmp_path / source)
    running = started(tmp_path / source, tmp_path / output)
    os.killpg(running.pid, end)
    running.communicate()
    assert not (tmp_path / output).exists()
    done = subprocess.run(
        command(tmp_path / source, tmp_path / output), env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "1 of 300" in done.stderr
    ids = [json.loads(line)["id"] for line in finished_lines(tmp_path / output)]
    assert ids == [str(n) for n in range(300)]
    errors = (tmp_path / f"{output}.errors.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in errors] == ["7"]


def test_an_interrupt_ends_the_command_and_its_workers(tmp_path: Path) -> None:
    write_articles(tmp_path / "in.jsonl")
    running = started(tmp_path / "in.jsonl", tmp_path / "out.jsonl", "--processes", "2")
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert b"Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)
    assert (tmp_path / "part-out.jsonl").exists()


def test_the_vocabulary_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"会议{n}日在上海{n}区结束。" for n in range(30)]
    before = list(extract_many(texts))
    nlp = default_pipeline()
    monkeypatch.setattr("nlp_extract.pipeline.MAX_STRINGS", 40)
    assert list(extract_many(texts)) == before
    assert len(nlp.vocab.strings) < 100
