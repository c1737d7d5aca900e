"""Train the roles of `nlp_extract_statements` on labelled articles.

Run: python -m nlp_extract.statements.training --shared ../shared --output models/statements
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.learning.labelled import LabelledArticle, shared_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import LinearModel, bucket, fit_linear, linear_model
from nlp_extract.models import ModelFolder
from nlp_extract.statements.features import rows
from nlp_extract.statements.find import ROLES
from nlp_extract.text.component import analyse_text

BITS = 18
C = 5.0
FOLDS = 5
# A feature of fewer sentences teaches nothing.
RAREST = 2
GROUPS: Mapping[str, tuple[str, ...]] = {
    "reactions": ("reaction",),
    "measures": ("measure",),
    "challenges": ("challenge",),
    "outlook": ("outlook_positive", "outlook_negative"),
    "scopes": ("scope_national", "scope_industry", "scope_company", "scope_regional"),
}

CARD = """# statements: which sentences play which roles

Logistic regressions over hashed features of a sentence, one a role, each with its threshold.

- Data: {articles} labelled articles (part `train` of `data/split.tsv`), {sentences} sentences.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- F1 by sentence, as the labelled set's `score.py` counts:

{table}

  Beside it: the same by TF-IDF of a sentence and its neighbours with logistic regression, and by two readers.
- Thresholds maximise F1 in {folds}-fold cross-validation by article on part `train`; dev had no part in it.
- Command: `python -m nlp_extract.statements.training --shared ../shared --output models/statements`
- Made: 2026-11-24, seed 0. Licence of the weights: Apache-2.0.
"""
BESIDE = {
    "reactions": ("0.57", "0.79"),
    "measures": ("0.62", "0.87"),
    "challenges": ("0.35", "0.90"),
    "outlook": ("0.47", "0.75"),
    "scopes": ("0.25", "0.68"),
}

Rows = list[dict[str, float]]


class Data:
    """Sentences of labelled articles: feature rows, gold roles (n, k), the article each belongs to."""

    def __init__(self, articles: Sequence[LabelledArticle]) -> None:
        self.rows: Rows = []
        gold: list[list[int]] = []
        owner: list[int] = []
        for number, article in enumerate(articles):
            text = analyse_text(article.article, title_end=len(article.title or ""))
            self.rows += rows(text.shadow[s.start : s.end] for s in text.sentences)
            for sentence in text.sentences:
                played = article.label["roles"].get(str(sentence.index), [])
                gold.append([int(role in played) for role in ROLES])
                owner.append(number)
        self.gold = numpy.array(gold, dtype=numpy.int64).reshape(-1, len(ROLES))
        self.owner = numpy.array(owner, dtype=numpy.int64)


def fit(data: Data, kept: NDArray[Any], base: LinearModel | None, seed: int) -> LinearModel:
    """Train on the sentences `kept`; features weigh by how rare they are, and the weights absorb it."""
    train = [data.rows[int(n)] for n in kept]
    if base is not None:
        return fit_linear(train, data.gold[kept], ROLES, bits=BITS, c=C, seed=seed, base=base)
    rarity = _rarity(train)
    scaled = [{name: value * rarity[bucket(name, BITS)] for name, value in row.items()} for row in train]
    model = fit_linear(scaled, data.gold[kept], ROLES, bits=BITS, c=C, seed=seed)
    return LinearModel(ROLES, model.weights * rarity[:, None], model.intercept, bits=BITS, multilabel=True)


def _rarity(train: Rows) -> NDArray[numpy.float32]:
    counts = numpy.zeros(1 << BITS, dtype=numpy.int64)
    for row in train:
        counts[sorted({bucket(name, BITS) for name in row})] += 1
    rarity = numpy.log((1 + len(train)) / (1 + counts)) / 5.0
    return numpy.where(counts >= RAREST, rarity, 0.0).astype(numpy.float32)


def cross_predict(data: Data, base: LinearModel | None, seed: int) -> NDArray[numpy.float32]:
    """Probabilities of every sentence from models that have not seen its article."""
    folds = (data.owner * 7 + 3) % FOLDS
    result = numpy.zeros(data.gold.shape, dtype=numpy.float32)
    for fold in range(FOLDS):
        test = numpy.flatnonzero(folds == fold)
        if len(test):
            model = fit(data, numpy.flatnonzero(folds != fold), base, seed)
            result[test] = model.predict_proba([data.rows[int(n)] for n in test])
    return result


def f1(hits: int, made: int, gold: int) -> tuple[float, float, float]:
    """F1, precision, recall."""
    return 2 * hits / max(made + gold, 1), hits / max(made, 1), hits / max(gold, 1)


def tune(chances: NDArray[Any], gold: NDArray[Any]) -> dict[str, float]:
    """Thresholds that maximise the F1 of each group of roles."""
    grid = [round(0.04 + 0.02 * n, 2) for n in range(40)]
    chosen = dict.fromkeys(ROLES, 0.3)
    for group in GROUPS.values():
        for _ in range(3 if len(group) > 1 else 1):
            for role in group:
                values = [(counts(chances, gold, {**chosen, role: t}, group)[0], -n) for n, t in enumerate(grid)]
                chosen[role] = grid[-max(values)[1]]
    return chosen


def counts(
    chances: NDArray[Any], gold: NDArray[Any], thresholds: Mapping[str, float], roles: Sequence[str]
) -> tuple[float, float, float]:
    """F1, precision, recall of some roles together."""
    hits = made = right = 0
    for role in roles:
        column = ROLES.index(role)
        chosen = chances[:, column] >= thresholds[role]
        hits += int((chosen & (gold[:, column] == 1)).sum())
        made += int(chosen.sum())
        right += int(gold[:, column].sum())
    return f1(hits, made, right)


def scores(chances: NDArray[Any], gold: NDArray[Any], thresholds: Mapping[str, float]) -> dict[str, float]:
    """F1, precision and recall of every section and role."""
    result: dict[str, float] = {}
    for name, roles in {**GROUPS, **{role: (role,) for role in ROLES}}.items():
        values = counts(chances, gold, thresholds, roles)
        for key, value in zip((name, f"{name}.precision", f"{name}.recall"), values, strict=True):
            result[key] = round(value, 4)
    return result


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given; thresholds by cross-validation."""
    data = Data(articles)
    start = linear_model(base, "roles")
    chances = cross_predict(data, start, seed)
    thresholds = tune(chances, data.gold)
    model = fit(data, numpy.arange(len(data.rows)), start, seed)
    files = {
        **model.to_files("roles"),
        "settings.json": (json.dumps(thresholds, sort_keys=True) + "\n").encode(),
        "README.md": OWN_CARD.format(articles=len(articles)).encode(),
    }
    meta = {"version": "1", "cross_validation": scores(chances, data.gold, thresholds), "sentences": len(data.rows)}
    return ModelFolder.build("statements", files, meta)


def table(cross: Mapping[str, float], dev: Mapping[str, float]) -> str:
    """The card's table."""
    lines = [
        "  | | cross-validation F1 | dev F1 | dev precision | dev recall | TF-IDF, dev | readers |",
        "  | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in (*GROUPS, *ROLES):
        beside = " | ".join(BESIDE.get(name, ("", "")))
        values = " | ".join(
            f"{v:.3f}" for v in (cross[name], dev[name], dev[f"{name}.precision"], dev[f"{name}.recall"])
        )
        lines.append(f"  | {name} | {values} | {beside} |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/statements"))
    options = parser.parse_args()
    articles, dev = shared_articles("train", options.shared), shared_articles("dev", options.shared)
    folder = train(articles)
    held = Data(dev)
    chances = LinearModel.from_arrays(folder.arrays("roles.npz")).predict_proba(held.rows)
    reached = scores(chances, held.gold, folder.json("settings.json"))
    card = CARD.format(
        articles=len(articles),
        sentences=folder.meta["sentences"],
        table=table(folder.meta["cross_validation"], reached),
        folds=FOLDS,
    )
    folder.described(card, scores=reached).write(options.output)


if __name__ == "__main__":
    main()
