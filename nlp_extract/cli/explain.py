"""`nlp-extract explain`: the rule behind each match."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def explain(
    articles: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Text, JSON or JSON lines.")],
    title: Annotated[str | None, typer.Option(help="The article's title, where the input gives none.")] = None,
    published: Annotated[str | None, typer.Option(help="Its day of publication, e.g. 2025-06-27.")] = None,
    models: Annotated[Path | None, typer.Option(help="A folder of own models.")] = None,
    lexicon: Annotated[Path | None, typer.Option(help="Own names: name, tab, ORG, PER or LOC.")] = None,
) -> None:
    """Print layer, start, end, text and rule of every match, tab-separated, an empty line between articles."""
    from nlp_extract.assembly.explain import explain as matches
    from nlp_extract.pipeline import load, make_doc
    from nlp_extract.running import files
    from nlp_extract.running.articles import read_file

    nlp = load(models=models, lexicon=lexicon)
    for path in articles:
        for article in files.read_many(path) if files.form_of(path) else read_file(path):
            if article.error:
                raise typer.BadParameter(article.error, param_hint="ARTICLES")
            doc = nlp(
                make_doc(nlp, article.text, title=article.title or title, published=article.published or published)
            )
            for match in matches(doc):
                text = " ".join(match.text.split())
                typer.echo(f"{match.layer}\t{match.start}\t{match.end}\t{text}\t{match.rule}")
            typer.echo()
