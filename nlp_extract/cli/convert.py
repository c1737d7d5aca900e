"""`nlp-extract convert`: labelled articles to and from the forms of annotation tools."""

from __future__ import annotations

import enum
import importlib
from pathlib import Path
from typing import Annotated

import typer


class Form(enum.StrEnum):
    """A form of labelled articles."""

    labelled = "labelled"
    label_studio = "label-studio"
    doccano = "doccano"
    brat = "brat"
    conll = "conll"
    docbin = "docbin"


def convert(
    source: Annotated[Path, typer.Argument(exists=True, help="File to read (a folder for brat).")],
    target: Annotated[Path, typer.Argument(help="File to write (a folder for brat).")],
    from_: Annotated[Form, typer.Option("--from", help="Form of the source.")] = Form.labelled,
    to: Annotated[Form, typer.Option("--to", help="Form of the target.")] = Form.label_studio,
    articles: Annotated[Path | None, typer.Option(exists=True, help="Texts by id, where labels carry none.")] = None,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="Label Studio: write predictions to correct.")
    ] = False,
) -> None:
    """Convert labelled articles; marks and offsets are checked on the way."""
    reader = importlib.import_module(f"nlp_extract.learning.formats.{from_.name}")
    writer = importlib.import_module(f"nlp_extract.learning.formats.{to.name}")
    if articles is not None and from_ is not Form.labelled:
        raise typer.BadParameter("is for --from labelled", param_hint="--articles")
    if predictions and to is not Form.label_studio:
        raise typer.BadParameter("is for --to label-studio", param_hint="--predictions")
    found = reader.read(source, articles) if articles is not None else reader.read(source)
    if predictions:
        writer.write(found, target, predictions=True)
    else:
        writer.write(found, target)
    typer.echo(f"{len(found)} articles to {target}", err=True)
