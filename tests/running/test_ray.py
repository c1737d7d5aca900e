"""Ray Data: the same bytes as one process."""

import os
from typing import Any

import pytest

from nlp_extract import extract_many

pandas = pytest.importorskip("pandas", reason="pandas is not installed (extra spark)")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AUTH_MODE", "disabled")
ray = pytest.importorskip("ray.data", reason="ray is not installed: make test-spark sets it up")

from nlp_extract.running.frames import Columns, ExtractFrame  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def test_ray_gives_the_bytes_of_one_process(articles: list[dict[str, Any]]) -> None:
    import ray

    table = [{"n": n, **articles[n % len(articles)]} for n in range(5)]
    table[2]["text"] = None
    table[3]["published"] = "yesterday"
    table[4]["title"] = None
    # More than the one worker needs: Ray's own tasks want some too.
    ray.init(num_cpus=4, include_dashboard=False)
    try:
        found = (
            ray.data.from_pandas(pandas.DataFrame(table))
            .map_batches(
                ExtractFrame,
                batch_format="pandas",
                batch_size=2,
                compute=ray.data.ActorPoolStrategy(size=1),
                fn_constructor_kwargs={"columns": Columns("text", "title", "published")},
            )
            .take_all()
        )
    finally:
        ray.shutdown()
    found.sort(key=lambda row: row["n"])
    assert [row["record_json"] for row in found] == [
        f.record.model_dump_json() if f.record else None for f in extract_many(table)
    ]
    assert "str" in found[2]["error"]
    assert "yesterday" in found[3]["error"]
