"""Extraction on Apache Spark: `nlp_extract.spark.extract(df)`; install with `pip install 'nlp-extract[spark]'`."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic

from nlp_extract.errors import EngineError
from nlp_extract.record.model import KeyPointRecord
from nlp_extract.running.frames import Columns, ExtractFrame
from nlp_extract.running.many import Settings

if TYPE_CHECKING:
    import pandas
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType


def extract(
    df: DataFrame,
    text: str = "text",
    *,
    title: str | None = None,
    published: str | None = None,
    max_items: int | None = 10,
    models: str | Path | None = None,
    lexicon: str | Path | None = None,
    engine: str = "default",
    model: str | Path | None = None,
) -> DataFrame:
    """Return a Spark data frame with the columns of `df` and `record`, `record_json`, `error`.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        One article a row.
    text, title, published : str
        Names of the columns that hold them.
    max_items, models, lexicon, engine, model
        As in `nlp_extract.extract` and `nlp_extract.load`; paths must exist on every worker.

    Returns
    -------
    pyspark.sql.DataFrame
        `record` has the typed schema of `record_schema()`; a failing row has `error` and null records.

    Raises
    ------
    EngineError
        pyspark is not installed.
    ValueError
        A named column is not in `df`, or `df` already has one of the three.
    """
    spark_types = _spark_types()
    added = ("record", "record_json", "error")
    wanted = [name for name in (text, title, published) if name is not None]
    if missing := [name for name in wanted if name not in df.columns]:
        raise ValueError(f"no column {', '.join(missing)}; the data frame has {', '.join(df.columns)}.")
    if taken := [name for name in added if name in df.columns]:
        raise ValueError(f"the data frame already has {', '.join(taken)}; rename it first.")
    schema = spark_types.StructType(
        [
            *df.schema.fields,
            spark_types.StructField("record", record_schema()),
            spark_types.StructField("record_json", spark_types.StringType()),
            spark_types.StructField("error", spark_types.StringType()),
        ]
    )
    settings = Settings.of(max_items=max_items, models=models, lexicon=lexicon, engine=engine, model=model)
    work = functools.partial(_work, ExtractFrame(Columns(text, title, published), settings))
    return df.mapInPandas(work, schema=schema)


def _work(extractor: ExtractFrame, frames: Iterable[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
    for frame in frames:
        yield extractor(frame)


def record_schema() -> StructType:
    """The record as a Spark type, derived from the typed record."""
    return typing.cast("StructType", _struct(KeyPointRecord))


def _struct(model: type[pydantic.BaseModel]) -> DataType:
    spark_types = _spark_types()
    return spark_types.StructType(
        [spark_types.StructField(name, _type(field.annotation)) for name, field in model.model_fields.items()]
    )


def _type(annotation: Any) -> DataType:
    spark_types = _spark_types()
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _type(next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        return spark_types.ArrayType(_type(arguments[0]))
    if origin is typing.Literal:
        return _type(type(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return _struct(annotation)
    plain = {
        str: spark_types.StringType(),
        bool: spark_types.BooleanType(),
        int: spark_types.LongType(),
        float: spark_types.DoubleType(),
    }
    return typing.cast("DataType", plain[annotation])


def _spark_types() -> Any:
    try:
        from pyspark.sql import types as spark_types
    except ImportError as error:
        raise EngineError("pyspark is not installed: pip install 'nlp-extract[spark]' (and a Java runtime).") from error
    return spark_types
