"""Articles in data frames: one class for Spark's `mapInPandas`, Ray Data's `map_batches` and pandas itself."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from nlp_extract.running.articles import Article, from_object
from nlp_extract.running.many import Settings, extract_row

if TYPE_CHECKING:
    import pandas


class Columns(NamedTuple):
    """Names of the columns that hold an article; None where the frame has none."""

    text: str = "text"
    title: str | None = None
    published: str | None = None


class ExtractFrame:
    """Adds `record`, `record_json` and `error` to a data frame of articles.

    The models are loaded once a process, at the first frame; instances hold configuration only, so that
    they travel between machines.

    Parameters
    ----------
    columns : Columns
        Where text, title and date stand.
    settings : Settings
        Models, lexicon, engine and `max_items`.

    Examples
    --------
    >>> import ray.data  # doctest: +SKIP
    >>> pool = ray.data.ActorPoolStrategy(size=2)  # doctest: +SKIP
    >>> ds.map_batches(ExtractFrame, batch_format="pandas", compute=pool)  # doctest: +SKIP
    """

    def __init__(self, columns: Columns = Columns(), settings: Settings = Settings()) -> None:  # noqa: B008 - tuples
        self.columns = columns
        self.settings = settings

    def __call__(self, frame: pandas.DataFrame) -> pandas.DataFrame:
        """Return the frame with three more columns, its rows in order; a failing row has `error` and no record."""
        rows = [self._row(article) for article in self._articles(frame)]
        return frame.assign(
            record=[None if text is None else json.loads(text) for text, _ in rows],
            record_json=[text for text, _ in rows],
            error=[error for _, error in rows],
        )

    def _row(self, article: Article) -> tuple[str | None, str | None]:
        row = extract_row(_pipeline(self.settings), article, self.settings.max_items)
        return row.json, row.error

    def _articles(self, frame: pandas.DataFrame) -> list[Article]:
        wanted = {key: name for key, name in self.columns._asdict().items() if name is not None}
        missing = [name for name in wanted.values() if name not in frame.columns]
        if missing:
            raise KeyError(f"no column {', '.join(missing)}; the frame has {', '.join(map(str, frame.columns))}")
        values = {key: [_plain(value) for value in frame[name]] for key, name in wanted.items()}
        return [
            from_object({key: column[number] for key, column in values.items()}, where=f"row {number}")
            for number in range(len(frame))
        ]


def _plain(value: Any) -> Any:
    # pandas marks what is missing as NaN, NaT or NA: none of them equals itself or is a value.
    return None if value is None or value != value else value


@functools.lru_cache(maxsize=4)
def _pipeline(settings: Settings) -> Any:
    return settings.pipeline()
