"""`nlp-extract package`: one wheel with the models in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def package(
    models: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder of own models.")],
    output: Annotated[Path, typer.Option("--output", "-o", file_okay=False, help="Folder for the wheel.")] = Path(
        "dist"
    ),
    label: Annotated[str, typer.Option(help="Local part of the version, e.g. newsroom.2.")] = "own",
) -> None:
    """Make one wheel of this package with own models in place of the shipped ones; prints its path.

    For a machine without a network see docs/offline.md.
    """
    from nlp_extract.learning.packaging import build_wheel

    typer.echo(build_wheel(models, output, label=label))
