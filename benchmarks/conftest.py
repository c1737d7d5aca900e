"""Articles to measure on, and the table at the end: characters a second, with the ratio to each peer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
RATES: dict[str, float] = {}
NOTES: dict[str, str] = {}


@pytest.fixture(scope="session")
def articles() -> list[dict[str, Any]]:
    """News of about 600 characters: the labelled dev split where it is here, else our own samples, repeated."""
    if (SHARED / "labelled").is_dir():
        from nlp_extract.learning.labelled import shared_articles

        rows = shared_articles("dev", SHARED, ROOT / "data" / "split.tsv")
        found = [{"title": a.title, "text": a.text, "published": a.published} for a in rows]
        return [a for a in found if 300 <= len(a["text"]) <= 900][:40]
    files = sorted((ROOT / "data" / "articles").glob("*.json"))
    return [json.loads(p.read_text("utf-8")) for p in files] * 10


def characters(rows: list[dict[str, Any]]) -> int:
    """Length of all articles, titles included."""
    return sum(len(row["text"]) + len(row["title"] or "") for row in rows)


def rate(name: str, benchmark: Any, count: int) -> None:
    """Keep the median rate of a benchmark."""
    RATES[name] = count / benchmark.stats.stats.median
    benchmark.extra_info["characters_per_second"] = round(RATES[name])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    write = terminalreporter.write_line
    ours = RATES.get("nlp_extract, whole chain")
    for name, value in RATES.items():
        ratio = f"  {ours / value:6.2f} times it" if ours and not name.startswith("nlp_extract") else ""
        write(f"{name:44} {value:12,.0f} characters/s{ratio}")
    for name, text in NOTES.items():
        write(f"{name:44} {text}")
