"""Records as pages: one, or a folder of them with an index."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nlp_extract.record.html import Entry, to_html, to_index
from nlp_extract.record.model import KeyPointRecord
from nlp_extract.running.articles import Article
from nlp_extract.running.many import Row, Settings, extract_row, extract_rows


def one_page(article: Article, settings: Settings) -> tuple[str | None, str | None]:
    """The page of one article, or the reason why there is none."""
    row = extract_row(settings.pipeline(), article, settings.max_items)
    if row.json is None:
        return None, row.error
    return to_html(KeyPointRecord.model_validate_json(row.json), article.article), None


def write_pages(
    folder: Path,
    articles: Iterable[Article],
    settings: Settings,
    processes: int = 1,
    progress: Callable[[Iterator[Row]], Iterator[Row]] = iter,
) -> int:
    """Write `00001.html` and so on and `index.html` into a folder; return how many articles failed.

    Raises
    ------
    OSError
        The folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries: list[Entry] = []
    given, kept = itertools.tee(articles)
    rows = progress(extract_rows(given, settings, processes=processes))
    for number, (row, article) in enumerate(zip(rows, kept, strict=False), 1):
        title = article.title or article.id or f"第 {number} 篇"
        if row.json is None:
            sys.stderr.write(f"nlp-extract: {row.id or f'article {number}'}: {row.error}\n")
            entries.append(Entry(title, None, None, row.error))
            continue
        record = KeyPointRecord.model_validate_json(row.json)
        page = f"{number:05d}.html"
        (folder / page).write_text(to_html(record, article.article, home="index.html"), encoding="utf-8")
        entries.append(Entry(title, page, record))
    (folder / "index.html").write_text(to_index(entries), encoding="utf-8")
    return sum(entry.error is not None for entry in entries)
