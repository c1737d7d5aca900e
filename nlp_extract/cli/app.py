"""The application that the commands hang on."""

import typer

from nlp_extract.cli.convert import convert
from nlp_extract.cli.evaluate import evaluate
from nlp_extract.cli.explain import explain
from nlp_extract.cli.extract import extract
from nlp_extract.cli.info import info
from nlp_extract.cli.package import package
from nlp_extract.cli.serve import serve
from nlp_extract.cli.train import train
from nlp_extract.cli.validate import validate

app = typer.Typer(
    name="nlp-extract",
    help="A Chinese news article in, an analyst's twelve-section key-point record out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(extract)
app.command()(explain)
app.command()(evaluate)
app.command()(validate)
app.command()(convert)
app.command()(serve)
app.command()(info)
app.command()(train)
app.command()(package)
