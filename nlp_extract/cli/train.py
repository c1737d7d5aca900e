"""`nlp-extract train`: retrain components on one's own labelled articles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nlp_extract.learning.labelled import LabelledArticle
    from nlp_extract.learning.training import Example


def train(
    components: Annotated[list[str], typer.Argument(help="Components to train, e.g. sentiment statements; or: all.")],
    data: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="Labelled articles (.jsonl); for syntax trees (.conllu, .spacy)."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", file_okay=False, help="Folder for the models.")],
    articles: Annotated[Path | None, typer.Option(exists=True, help="File with the texts, by id.")] = None,
    base: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Own models to start from; else the shipped ones.")
    ] = None,
    scratch: Annotated[bool, typer.Option("--scratch", help="Start from nothing.")] = False,
    folds: Annotated[int, typer.Option(min=0, help="Of the cross-validation; 0 for no comparison.")] = 5,
    seed: Annotated[int, typer.Option(help="For folds and training.")] = 0,
) -> None:
    """Train components on labelled articles or trees, on top of the shipped models, and compare before and after.

    An interrupted run is taken up again by the same command. Use the result with load(models=OUTPUT), or make a wheel
    of it with nlp-extract package.
    """
    from nlp_extract.learning.training import COMPONENTS, table, train_components
    from nlp_extract.learning.treebank import is_treebank, read_trees

    trees = is_treebank(data)
    labelled: Sequence[Example] = read_trees(data) if trees else _articles(data, articles)
    names = [n for n, c in COMPONENTS.items() if c.trees == trees] if components == ["all"] else components
    comparisons = train_components(
        names,
        labelled,
        output,
        base=base,
        scratch=scratch,
        folds=folds,
        seed=seed,
        progress=lambda line: typer.echo(line, err=True),
    )
    if comparisons:
        typer.echo(table(comparisons), nl=False)
    typer.echo(f"{len(labelled)} {'trees' if trees else 'articles'}, models in {output}", err=True)


def _articles(data: Path, articles: Path | None) -> list[LabelledArticle]:
    """The labelled articles of a valid file; any problem ends the command."""
    from nlp_extract.learning.labelled import read_labelled
    from nlp_extract.learning.validation import validate

    _, found = validate(data, articles)
    if found:
        for problem in found[:20]:
            typer.echo(problem, err=True)
        typer.echo(f"{len(found)} problems in {data}; nothing was trained. See: nlp-extract validate {data}", err=True)
        raise typer.Exit(2)
    return read_labelled(data, articles)
