"""`nlp-extract extract`: articles in, records out."""

from __future__ import annotations

import enum
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nlp_extract.running.articles import Article
    from nlp_extract.running.many import Row, Settings


class Format(enum.StrEnum):
    """What a record is written as."""

    markdown = "markdown"
    json = "json"
    jsonl = "jsonl"
    html = "html"


def extract(
    articles: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Text, JSON, JSON lines (.jsonl, .gz, .zst) or Parquet; standard input when none is given."
        ),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="markdown for one article, jsonl for many, if not given.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="The article's title, where the input gives none.")] = None,
    published: Annotated[str | None, typer.Option(help="Its day of publication, e.g. 2025-06-27.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write, .jsonl may be .gz or .zst; a folder for many pages; else standard output.",
        ),
    ] = None,
    max_items: Annotated[int, typer.Option(min=0, help="Items a section at most; 0 for all.")] = 10,
    models: Annotated[Path | None, typer.Option(help="A folder of own models.")] = None,
    lexicon: Annotated[Path | None, typer.Option(help="Own names: name, tab, ORG, PER or LOC.")] = None,
    engine: Annotated[str, typer.Option(help="Where words, entities and trees come from.")] = "default",
    model: Annotated[str | None, typer.Option(help="The engine's model: a folder, or its name.")] = None,
    processes: Annotated[int, typer.Option(min=1, help="Worker processes, for many articles.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Carry on with an output that was cut short.")] = False,
) -> None:
    """Extract the key-point record of each article.

    Exit codes: 0 all done, 1 some articles failed (the rest is written), 2 wrong use, 3 a model is missing or damaged.
    """
    from nlp_extract.pipeline import as_date
    from nlp_extract.running import files
    from nlp_extract.running.articles import read_file, read_stdin
    from nlp_extract.running.many import Settings, extract_rows

    paths = articles or []
    missing = [str(p) for p in paths if not p.is_file()]
    if missing:
        raise typer.BadParameter(f"no such file: {', '.join(missing)}", param_hint="ARTICLE")
    try:
        as_date(published)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--published") from error

    total: int | None = None
    rows: Iterable[Article]
    if paths:
        many = any(files.form_of(p) for p in paths)
        rows = itertools.chain.from_iterable(files.read_many(p) if files.form_of(p) else read_file(p) for p in paths)
        total = sum(files.count(p) or 0 for p in paths) if many else None
    else:
        many, rows = read_stdin()
    chosen = form or (Format.jsonl if many else Format.markdown)
    if resume and (output is None or chosen is not Format.jsonl):
        raise typer.BadParameter("needs --output and JSON lines", param_hint="--resume")
    rows = (_with_defaults(article, title, published) for article in rows)
    settings = Settings.of(max_items=max_items or None, models=models, lexicon=lexicon, engine=engine, model=model)

    if chosen is Format.html:
        failed = _write_html(output, rows, settings, processes, total)
    elif output is not None and chosen is Format.jsonl:
        failed = _write_lines(output, rows, settings, processes, resume, total)
    else:
        found = _progress(extract_rows(rows, settings, processes=processes), total, show=many)
        if output is None:
            failed = _write(sys.stdout, found, chosen)
        else:
            with output.open("w", encoding="utf-8") as file:
                failed = _write(file, found, chosen)
    if failed:
        raise typer.Exit(1)


def _write_html(
    output: Path | None, rows: Iterable[Article], settings: Settings, processes: int, total: int | None
) -> int:
    """Write one page, or a folder of pages with an index; return how many articles failed."""
    from nlp_extract.running.pages import one_page, write_pages

    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        return write_pages(output, rows, settings, processes, lambda found: _progress(found, total, show=True))
    first = list(itertools.islice(rows, 2))
    if len(first) > 1:
        raise typer.BadParameter("give many articles a folder, e.g. -o pages/", param_hint="--output")
    page, error = one_page(first[0], settings) if first else (None, "no article")
    if page is None:
        sys.stderr.write(f"nlp-extract: {error}\n")
    elif output is None:
        sys.stdout.write(page)
    else:
        output.write_text(page, encoding="utf-8")
    return int(page is None)


def _with_defaults(article: Article, title: str | None, published: str | None) -> Article:
    import dataclasses

    return dataclasses.replace(article, title=article.title or title, published=article.published or published)


def _progress(rows: Iterator[Row], total: int | None, *, show: bool, done: int = 0) -> Iterator[Row]:
    import tqdm

    yield from tqdm.tqdm(rows, total=total, initial=done, unit=" articles", file=sys.stderr, disable=not show)


def _write_lines(
    output: Path, rows: Iterable[Article], settings: Settings, processes: int, resume: bool, total: int | None
) -> int:
    """Write JSON lines so that a killed run can be resumed; return how many articles failed."""
    from nlp_extract.running.files import LineWriter
    from nlp_extract.running.many import extract_rows

    writer = LineWriter(output, resume=resume)
    left = itertools.islice(rows, writer.done, None)
    try:
        found = extract_rows(left, settings, processes=processes)
        for number, row in enumerate(_progress(found, total, show=True, done=writer.done), 1):
            writer.write(row.id, row.json, row.error)
            if number % 64 == 0:
                writer.flush()
    except BaseException:
        writer.abandon()
        raise
    writer.finish()
    if writer.failed:
        sys.stderr.write(f"nlp-extract: {writer.failed} of {writer.done} articles failed, see {writer.side}\n")
    return writer.failed


def _write(stream: IO[str], rows: Iterator[Row], form: Format) -> int:
    """Write every record to a stream; return how many articles failed."""
    import json

    from nlp_extract.record.model import KeyPointRecord

    failed = written = 0
    whole: list[object] = []  # JSON is one value: an object for one article, an array for several
    for row in rows:
        name = {} if row.id is None else {"id": row.id}
        if row.json is None:
            failed += 1
            sys.stderr.write(f"nlp-extract: {row.id or 'article'}: {row.error}\n")
            if form is Format.jsonl:
                stream.write(json.dumps({**name, "error": row.error}, ensure_ascii=False) + "\n")
            continue
        if form is Format.markdown:
            stream.write(("\n---\n\n" if written else "") + KeyPointRecord.model_validate_json(row.json).to_markdown())
        elif form is Format.json:
            whole.append(json.loads(row.json))
        else:
            stream.write(json.dumps({**name, **json.loads(row.json)}, ensure_ascii=False) + "\n")
        written += 1
    if form is Format.json and whole:
        stream.write(json.dumps(whole if len(whole) > 1 else whole[0], ensure_ascii=False, indent=2) + "\n")
    return failed
