"""Memory of one process over many articles: flat after the first ones?

Run: `make soak`, or `python benchmarks/soak.py --articles 20000`. The news of ../shared are read over and over until
there are enough; every 500 articles a line says how much memory the process holds and how fast it was.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nlp_extract.running.many import Settings, extract_rows

SHARED = Path(__file__).parent.parent.parent / "shared"


def news(shared: Path) -> Iterator[dict[str, Any]]:
    for path in itertools.cycle(sorted((shared / "corpora" / "news").glob("*.jsonl.gz"))):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield {"id": row["id"], "title": row.get("title"), "text": row["text"], "published": row.get("date")}


def memory(field: str) -> int:
    """Megabytes the process holds (`VmRSS`) or has held at most (`VmHWM`)."""
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(field)) // 1024


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=500)
    options = parser.parse_args()
    failed = 0
    start = time.perf_counter()
    rows = extract_rows(itertools.islice(news(options.shared), options.articles), Settings())
    for number, row in enumerate(rows, 1):
        if row.error is not None:
            failed += 1
            print(f"{row.id}: {row.error}", flush=True)
        if number % options.every == 0:
            rate = number / (time.perf_counter() - start)
            held = f"{memory('VmRSS'):4} MB, at most {memory('VmHWM'):4}"
            print(f"{number:7,} articles  {held}  {failed} failed  {rate:5.1f}/s", flush=True)


if __name__ == "__main__":
    main()
