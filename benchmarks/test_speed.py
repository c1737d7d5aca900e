"""Speed and memory of the whole chain, with the peers in the same run.

Run: `make bench` (one core: the numeric libraries are held to one thread). Peers that are not installed are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest
from conftest import NOTES, ROOT, characters, rate

COLD = """
import json, sys, time
start = time.perf_counter()
import nlp_extract
imported = time.perf_counter()
extract, nlp = nlp_extract.extract, nlp_extract.load()
loaded = time.perf_counter()
row = json.loads(sys.argv[1])
extract(row["text"], title=row["title"], published=row["published"], nlp=nlp)
first = time.perf_counter()
for _ in range(50):
    extract(row["text"], title=row["title"], published=row["published"], nlp=nlp)
# Not getrusage: its maximum is inherited from the process that started this one.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
print(json.dumps({"import": imported - start, "load": loaded - imported, "first": first - imported, "peak": peak}))
"""


def test_whole_chain(benchmark: Any, articles: list[dict[str, Any]]) -> None:
    from nlp_extract import extract

    def run() -> None:
        for row in articles:
            extract(row["text"], title=row["title"], published=row["published"])

    run()
    benchmark.pedantic(run, rounds=5)
    rate("nlp_extract, whole chain", benchmark, characters(articles))


def test_components(articles: list[dict[str, Any]]) -> None:
    """Share of each component, in milliseconds a 1,000 characters."""
    from nlp_extract.pipeline import default_pipeline, make_doc

    nlp = default_pipeline()
    spent: dict[str, float] = {"make_doc": 0.0}
    for row in articles:
        start = time.perf_counter()
        doc = make_doc(nlp, row["text"], title=row["title"], published=row["published"])
        spent["make_doc"] += time.perf_counter() - start
        for name, pipe in nlp.pipeline:
            start = time.perf_counter()
            doc = pipe(doc)
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start
    count = characters(articles)
    for name, seconds in spent.items():
        NOTES[f"  {name}"] = f"{seconds * 1e6 / count:8.2f} ms a 1,000 characters"


def test_jieba_posseg(benchmark: Any, articles: list[dict[str, Any]]) -> None:
    posseg = pytest.importorskip("jieba.posseg", reason="jieba is not installed (extra bench)")
    posseg.lcut("预热")

    def run() -> None:
        for row in articles:
            posseg.lcut(row["text"])

    benchmark.pedantic(run, rounds=5)
    rate("jieba.posseg, tags only", benchmark, characters(articles))


def test_jionlp_extraction(benchmark: Any, articles: list[dict[str, Any]]) -> None:
    jionlp = pytest.importorskip("jionlp", reason="jionlp is not installed (pip install jionlp, benchmark only)")

    def run() -> None:
        for row in articles[:4]:
            jionlp.ner.extract_time(row["text"], time_base=time.time())
            jionlp.ner.extract_money(row["text"])
            jionlp.recognize_location(row["text"])

    run()
    benchmark.pedantic(run, rounds=2)
    rate("JioNLP, times, money and places only", benchmark, characters(articles[:4]))


def test_cold_start_and_memory(articles: list[dict[str, Any]]) -> None:
    found = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", COLD, json.dumps(articles[0])],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(3)
    ]
    best = {key: min(row[key] for row in found) for key in found[0]}
    NOTES["import nlp_extract"] = f"{best['import']:.2f} s"
    NOTES["load(), spaCy's import included"] = f"{best['load']:.2f} s"
    NOTES["first record after import"] = f"{best['first']:.2f} s"
    NOTES["peak memory of a process"] = f"{best['peak']:.0f} MB"


@pytest.mark.parametrize("length", [1_000, 10_000, 100_000])
def test_time_grows_with_length_alone(articles: list[dict[str, Any]], length: int) -> None:
    from nlp_extract import extract

    text = "\n".join(row["text"] for row in articles * 20)[:length]
    start = time.perf_counter()
    extract(text, published="2025-06-27")
    NOTES[f"one article of {length:,} characters"] = f"{length / (time.perf_counter() - start):,.0f} characters/s"


def test_two_processes(articles: list[dict[str, Any]]) -> None:
    from nlp_extract import extract_many

    rows = articles * 10
    seconds = {}
    for processes in (1, 2):
        stream = extract_many(rows, processes=processes, batch_size=16)
        next(stream)  # workers have loaded their models
        start = time.perf_counter()
        assert sum(found.error is None for found in stream) == len(rows) - 1
        seconds[processes] = time.perf_counter() - start
    NOTES["two processes against one"] = f"{seconds[1] / seconds[2]:.2f} times"
