"""`nlp-extract evaluate`: the section table, and errors in readable form."""

import json
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    labels: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Labelled articles (.jsonl).")],
    articles: Annotated[Path | None, typer.Option(exists=True, help="File with the texts, by id.")] = None,
    split: Annotated[Path | None, typer.Option(exists=True, help="Split file: id, tab, part.")] = None,
    part: Annotated[str, typer.Option(help="Part of the split to score: train or dev.")] = "dev",
    models: Annotated[Path | None, typer.Option(help="A folder of own models.")] = None,
    engine: Annotated[str, typer.Option(help="Where words, entities and trees come from.")] = "default",
    model: Annotated[str | None, typer.Option(help="The engine's model: a folder, or its name.")] = None,
    errors: Annotated[str | None, typer.Option(help="Print what differs in one measure, e.g. times, opinions.")] = None,
    interval: Annotated[bool, typer.Option("--interval", help="Add 95 % bootstrap intervals.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score the records of labelled articles, section by section (the numbers of the labelled set's score.py)."""
    from nlp_extract.learning.labelled import read_labelled, read_split, select
    from nlp_extract.learning.scoring import evaluate as score
    from nlp_extract.learning.scoring import intervals
    from nlp_extract.pipeline import extract, load

    labelled = read_labelled(labels, articles)
    if split is not None:
        labelled = select(labelled, read_split(split), "train" if part == "train" else "dev")
    nlp = load(models=models, engine=engine, model=model)
    report = score(
        labelled,
        lambda a: extract(a.text, title=a.title, published=a.published, max_items=None, nlp=nlp).model_dump(),
    )
    failed = [(a.id, a.error) for a in report.articles if a.error]
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "headline": report.headline,
                    "sections": report.sections(),
                    "measures": {
                        n: {"precision": t.precision, "recall": t.recall, "f1": t.f1, "gold": t.gold}
                        for n, t in report.measures().items()
                    },
                    "choices": {n: t.recall for n, t in report.choices().items()},
                    "articles": len(report.articles),
                    "failed": failed,
                },
                ensure_ascii=False,
            )
        )
        return
    if errors is not None:
        for miss in (m for a in report.articles for m in a.misses if m.measure == errors):
            typer.echo(f"{miss.article}")
            typer.echo(f"  found  {'; '.join(miss.predicted) or '—'}")
            typer.echo(f"  gold   {'; '.join(miss.gold) or '—'}")
    around = intervals(report, report.values()) if interval else {}

    def band(name: str) -> str:
        return "  [{:.3f}, {:.3f}]".format(*around[name]) if name in around else ""

    typer.echo(f"{len(report.articles)} articles, {len(failed)} failed")
    for article, error in failed[:5]:
        typer.echo(f"  failed {article}: {error}")
    for name, tally in sorted(report.measures().items()):
        typer.echo(
            f"  {name:20} P {tally.precision:.3f}  R {tally.recall:.3f}  F1 {tally.f1:.3f}  "
            f"(gold {tally.gold}, found {tally.predicted}){band(name)}"
        )
    for name, tally in sorted(report.choices().items()):
        typer.echo(f"  {name:20} accuracy {tally.recall:.3f}  (of {tally.gold}){band(name)}")
    for name, value in report.sections().items():
        typer.echo(f"{name:16} {value:.3f}")
    typer.echo(f"{'record':16} {report.headline:.3f}{band('record')}")
