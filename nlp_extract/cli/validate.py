"""`nlp-extract validate`: check labelled articles, or a lexicon of own names."""

from pathlib import Path
from typing import Annotated

import typer


def validate(
    labels: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Labelled articles (.jsonl), or own names (.tsv).")
    ],
    articles: Annotated[Path | None, typer.Option(exists=True, help="File with the texts, by id.")] = None,
) -> None:
    """Print line, field and reason of everything that is not as the guidelines have it; exit code 1 if anything is."""
    if labels.suffix == ".tsv":
        from nlp_extract.mentions.entities.lexicon import lint

        problems = lint(labels)
        for row in problems:
            typer.echo(f"{labels}:{row.line}: {row.name}: {row.text}")
        typer.echo(f"{len(problems)} problems")
        raise typer.Exit(1 if problems else 0)

    from nlp_extract.learning.validation import validate as check

    count, found = check(labels, articles)
    for problem in found:
        typer.echo(problem)
    typer.echo(f"{count} labelled articles, {len(found)} problems")
    if found:
        raise typer.Exit(1)
