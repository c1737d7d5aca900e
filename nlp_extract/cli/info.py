"""`nlp-extract info`: versions, models, hashes."""

import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Annotated

import typer

from nlp_extract import __version__
from nlp_extract.models import default_root, installed_models

LIBRARIES = ("spacy", "rjieba", "opencc", "numpy", "scikit-learn", "pydantic")


def info(
    models: Annotated[Path | None, typer.Option(help="A folder of own models.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print versions, models and their hashes; every model is read and checked."""
    root = models or default_root()
    rows = [
        {
            "component": f.meta["component"],
            "version": str(f.meta.get("version", "1")),
            "sha256": f.digest,
            "bytes": f.size,
        }
        for f in installed_models(root)
    ]
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "version": __version__,
                    "python": platform.python_version(),
                    "libraries": versions,
                    "models_folder": str(root),
                    "models": rows,
                },
                ensure_ascii=False,
            )
        )
        return
    typer.echo(f"nlp_extract {__version__}, Python {platform.python_version()}")
    typer.echo(", ".join(f"{name} {version}" for name, version in versions.items()))
    typer.echo(f"models in {root}:")
    for row in rows:
        typer.echo(f"  {row['component']:14} version {row['version']:6} {row['bytes']:>10,} bytes  {row['sha256']}")
