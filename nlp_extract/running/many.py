"""Many articles: in order, in bounded memory, on one process or several, errors beside the records."""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import itertools
import multiprocessing
import signal
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language

from nlp_extract.errors import ExtractError
from nlp_extract.pipeline import bound_vocab, default_pipeline, extract, load
from nlp_extract.record.model import KeyPointRecord
from nlp_extract.running.articles import Article, from_object

# Batches under way for each process: enough to keep it busy, few enough to bound memory.
AHEAD = 3


class Extracted(NamedTuple):
    """What became of one article: its record, or the reason why there is none."""

    id: str | None
    record: KeyPointRecord | None
    error: str | None


class Row(NamedTuple):
    """The same with the record as JSON: what travels between processes and goes to files."""

    id: str | None
    json: str | None
    error: str | None


class Settings(NamedTuple):
    """How a worker loads its pipeline; plain values, so that nothing but configuration travels."""

    models: str | None = None
    lexicon: str | None = None
    max_items: int | None = 10
    engine: str = "default"
    model: str | None = None

    @classmethod
    def of(
        cls,
        *,
        max_items: int | None = 10,
        models: str | Path | None = None,
        lexicon: str | Path | None = None,
        engine: str = "default",
        model: str | Path | None = None,
    ) -> Settings:
        """The settings of arguments as `load` takes them."""
        first, second, third = (None if path is None else str(path) for path in (models, lexicon, model))
        return cls(first, second, max_items, engine, third)

    def pipeline(self) -> Language:
        """The pipeline; the shared default one where nothing is set."""
        if self._replace(max_items=10) == Settings():
            return default_pipeline()
        return load(models=self.models, lexicon=self.lexicon, engine=self.engine, model=self.model)


def extract_many(
    articles: Iterable[str | Mapping[str, Any] | Article],
    *,
    processes: int = 1,
    batch_size: int = 32,
    max_items: int | None = 10,
    models: str | Path | None = None,
    lexicon: str | Path | None = None,
    engine: str = "default",
    model: str | Path | None = None,
    start_method: str | None = None,
) -> Iterator[Extracted]:
    """Yield what became of each article, in order.

    Parameters
    ----------
    articles : iterable of str, mapping or Article
        Texts, or mappings with `text` and, if given, `title`, `published` and `id`. Read as needed: at most
        `3 * processes * batch_size` articles are held at a time, whatever the length of the input.
    processes : int
        Worker processes; 1 works in this process.
    batch_size : int
        Articles a worker gets at a time.
    max_items, models, lexicon, engine, model
        As in `extract` and `load`.
    start_method : {"spawn", "fork", "forkserver"}, optional
        How workers start; the platform's default if not given.

    Yields
    ------
    Extracted
        One an article; a bad article has `error` and no record, and the rest go on.

    Raises
    ------
    ValueError
        `processes` or `batch_size` below 1.
    ModelError, EngineError
        As in `load`.

    Examples
    --------
    >>> from nlp_extract import extract_many
    >>> [found.error for found in extract_many(["会议25日在上海举行。"])]
    [None]
    """
    settings = Settings.of(max_items=max_items, models=models, lexicon=lexicon, engine=engine, model=model)
    given, kept = itertools.tee(map(as_article, articles))
    rows = extract_rows(given, settings, processes=processes, batch_size=batch_size, start_method=start_method)
    for row, article in zip(rows, kept, strict=False):
        record = None
        if row.json is not None:
            record = KeyPointRecord.model_validate_json(row.json).beside(article.article)
        yield Extracted(row.id, record, row.error)


def extract_rows(
    articles: Iterable[str | Mapping[str, Any] | Article],
    settings: Settings,
    *,
    processes: int = 1,
    batch_size: int = 32,
    start_method: str | None = None,
) -> Iterator[Row]:
    """As `extract_many`, with the records as JSON."""
    if processes < 1 or batch_size < 1:
        raise ValueError(f"processes and batch_size must be 1 or more, got {processes} and {batch_size}.")
    rows = map(as_article, articles)
    if processes == 1:
        nlp = settings.pipeline()
        for article in rows:
            yield extract_row(nlp, article, settings.max_items)
        return
    context = multiprocessing.get_context(start_method)
    pool = concurrent.futures.ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start_worker, initargs=(settings,)
    )
    waiting: collections.deque[concurrent.futures.Future[list[Row]]] = collections.deque()
    try:
        while batch := list(itertools.islice(rows, batch_size)):
            with _uninterrupted():
                waiting.append(pool.submit(_work, batch))
            if len(waiting) >= AHEAD * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def as_article(value: str | Mapping[str, Any] | Article) -> Article:
    """An article of whatever was given for it; a wrong type becomes an article with an error."""
    if isinstance(value, Article):
        return value
    if isinstance(value, str):
        return Article(value)
    return from_object(dict(value) if isinstance(value, Mapping) else value, where="article")


def extract_row(nlp: Language, article: Article, max_items: int | None) -> Row:
    """Extract one article; never raises for what is wrong with the article."""
    try:
        if article.error is not None:
            raise ValueError(article.error)
        bound_vocab(nlp)
        record = extract(article.text, title=article.title, published=article.published, max_items=max_items, nlp=nlp)
        return Row(article.id, record.model_dump_json(), None)
    except Exception as error:  # a row of a million carries its error, and the rest go on
        return Row(article.id, None, f"{type(error).__name__}: {error}")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back while a worker starts: it inherits that, and is never hit before it can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker: tuple[Language, int | None] | ExtractError | None = None


def _start_worker(settings: Settings) -> None:
    """Load the pipeline once a process; the parent alone answers Ctrl-C, and one core a process is enough."""
    import threadpoolctl

    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpoolctl.threadpool_limits(1)
    try:
        _worker = (settings.pipeline(), settings.max_items)
    except ExtractError as error:  # what is said here is lost; the first batch says it
        _worker = error


def _work(batch: list[Article]) -> list[Row]:
    assert _worker is not None
    if isinstance(_worker, ExtractError):
        raise _worker
    nlp, max_items = _worker
    return [extract_row(nlp, article, max_items) for article in batch]
