"""`nlp-extract extract`: articles in, records out."""

from __future__ import annotations

import enum
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

import typer


class Format(enum.StrEnum):
    """What a record is written as."""

    markdown = "markdown"
    json = "json"
    jsonl = "jsonl"


def extract(
    articles: Annotated[
        list[Path] | None,
        typer.Argument(help="Text, JSON or JSON-lines files (.jsonl, .jsonl.gz); standard input when none is given."),
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="markdown for one article, jsonl for JSON lines, if not given.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="The article's title, where the input gives none.")] = None,
    published: Annotated[str | None, typer.Option(help="Its day of publication, e.g. 2025-06-27.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output if not given.")
    ] = None,
    max_items: Annotated[int, typer.Option(min=0, help="Items a section at most; 0 for all.")] = 10,
    models: Annotated[Path | None, typer.Option(help="A folder of own models.")] = None,
    lexicon: Annotated[Path | None, typer.Option(help="Own names: name, tab, ORG, PER or LOC.")] = None,
) -> None:
    """Extract the key-point record of each article."""
    from nlp_extract.pipeline import as_date
    from nlp_extract.running.articles import Article, is_lines, read_path, read_stdin

    paths = articles or []
    missing = [str(p) for p in paths if not p.is_file()]
    if missing:
        raise typer.BadParameter(f"no such file: {', '.join(missing)}", param_hint="ARTICLE")
    try:
        as_date(published)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--published") from error

    rows: Iterator[Article]
    if paths:
        many = any(is_lines(p) for p in paths)
        rows = itertools.chain.from_iterable(read_path(p) for p in paths)
    else:
        many, rows = read_stdin()
    chosen = form or (Format.jsonl if many else Format.markdown)
    limit = max_items or None
    if output is None:
        failed = _write(sys.stdout, rows, chosen, title, published, limit, models, lexicon, progress=many)
    else:
        with output.open("w", encoding="utf-8") as file:
            failed = _write(file, rows, chosen, title, published, limit, models, lexicon, progress=many)
    if failed:
        raise typer.Exit(1)


def _write(
    stream: IO[str],
    rows: Iterator[object],
    form: Format,
    title: str | None,
    published: str | None,
    max_items: int | None,
    models: Path | None,
    lexicon: Path | None,
    *,
    progress: bool,
) -> int:
    """Write every record; return how many articles failed."""
    import tqdm

    from nlp_extract.pipeline import load, make_doc
    from nlp_extract.running.articles import Article

    nlp = load(models=models, lexicon=lexicon)
    failed = written = 0
    whole: list[object] = []  # JSON is one value: an object for one article, an array for several
    for article in tqdm.tqdm(rows, unit=" articles", file=sys.stderr, disable=not progress):
        assert isinstance(article, Article)
        name = {} if article.id is None else {"id": article.id}
        try:
            if article.error:
                raise ValueError(article.error)
            doc = nlp(
                make_doc(
                    nlp,
                    article.text,
                    title=article.title or title,
                    published=article.published or published,
                    max_items=max_items,
                )
            )
            record = doc._.record
        except (ValueError, TypeError) as error:
            failed += 1
            sys.stderr.write(f"nlp-extract: {article.id or 'article'}: {error}\n")
            if form is Format.jsonl:
                stream.write(json.dumps({**name, "error": str(error)}, ensure_ascii=False) + "\n")
            continue
        if form is Format.markdown:
            stream.write(("\n---\n\n" if written else "") + record.to_markdown())
        elif form is Format.json:
            whole.append(record.model_dump(mode="json"))
        else:
            stream.write(json.dumps({**name, **record.model_dump(mode="json")}, ensure_ascii=False) + "\n")
        written += 1
    if form is Format.json and whole:
        stream.write(json.dumps(whole if len(whole) > 1 else whole[0], ensure_ascii=False, indent=2) + "\n")
    return failed
