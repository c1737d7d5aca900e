"""Spark and data frames: typed records, failing rows, and the same bytes as one process."""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from nlp_extract import extract_many

pandas = pytest.importorskip("pandas", reason="pandas is not installed (extra spark)")
pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed (extra spark)")

from nlp_extract.record.model import KeyPointRecord  # noqa: E402
from nlp_extract.running.frames import Columns, ExtractFrame  # noqa: E402
from nlp_extract.running.many import Settings  # noqa: E402
from nlp_extract.spark import extract, record_schema  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("no Java runtime: apt-get install default-jre-headless")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "3")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


def rows(articles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    table = [{"n": n, **articles[n % len(articles)]} for n in range(7)]
    table[3]["text"] = None
    table[4]["published"] = "yesterday"
    table[5]["title"] = None
    return table


def expected(table: list[dict[str, Any]], processes: int = 1) -> list[str | None]:
    return [
        f.record.model_dump_json() if f.record else None for f in extract_many(table, processes=processes, batch_size=2)
    ]


def test_spark_gives_the_bytes_of_one_process(spark: Any, articles: list[dict[str, Any]]) -> None:
    table = rows(articles)
    df = spark.createDataFrame(table, "n long, title string, text string, published string")
    # Everything into one partition, then one row alone: partitions of uneven size, and empty ones.
    uneven = df.filter("n < 6").coalesce(1).union(df.filter("n = 6")).union(df.filter("n > 6"))
    found = extract(uneven, text="text", title="title", published="published").orderBy("n").collect()
    assert [row["record_json"] for row in found] == expected(table) == expected(table, processes=2)
    assert "str" in found[3]["error"]
    assert "yesterday" in found[4]["error"]
    assert found[3]["record"] is None
    record = KeyPointRecord.model_validate(found[0]["record"].asDict(recursive=True))
    assert record == KeyPointRecord.model_validate_json(found[0]["record_json"])


def test_spark_names_columns_that_are_missing_or_taken(spark: Any) -> None:
    df = spark.createDataFrame([("好", "x")], "text string, record string")
    with pytest.raises(ValueError, match="body"):
        extract(df, text="body")
    with pytest.raises(ValueError, match="record"):
        extract(df)


def test_schema_is_typed() -> None:
    schema = record_schema()
    assert schema["times"].dataType.elementType["start"].dataType.typeName() == "long"
    assert schema["sentiment"].dataType["score"].dataType.typeName() == "double"


def test_frames_of_pandas(articles: list[dict[str, Any]]) -> None:
    table = rows(articles)
    frame = pandas.DataFrame(table)
    done = ExtractFrame(Columns("text", "title", "published"), Settings())(frame)
    assert [None if value is None or value != value else value for value in done["record_json"]] == expected(table)
    with pytest.raises(KeyError, match="headline"):
        ExtractFrame(Columns("text", "headline"))(frame)
