"""Train the two decisions of `nlp_extract_figures` on labelled articles.

Run: python -m nlp_extract.mentions.figures.training --shared ../shared --output models/figures
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy

from nlp_extract.layers import Span
from nlp_extract.learning.labelled import LabelledArticle, shared_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import Features, LinearModel, fit_linear, linear_model
from nlp_extract.mentions.figures.find import find_figures, prepare
from nlp_extract.mentions.figures.metrics import rank_features, worth_features
from nlp_extract.models import ModelFolder
from nlp_extract.text.component import analyse_text

BITS = 17
C_WORTH = 0.3
C_RANK = 0.3
THRESHOLD = 0.42

CARD = """# figures: which numbers are worth a table, and what they measure

Two logistic regressions over hashed features (`nlp_extract/mentions/figures/metrics.py`): `worth` decides on a
quantity, `rank` on the phrases around it, the best of which is the metric.

- Data: {articles} labelled articles (part `train` of `data/split.tsv`): {quantities} quantities, {figures} of them
  figures; {phrases} candidate phrases.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores on part `dev` ({dev_articles} articles), the component alone, matched as the labelled set's `score.py` does:
  {scores}
- Command: `python -m nlp_extract.mentions.figures.training --shared ../shared --output models/figures`
- Made: 2026-11-24, seed 0. Licence of the weights: Apache-2.0.
"""

Place = tuple[int, int]


def overlap(a: Place, b: Place) -> float:
    """Shared characters over the longer one's length."""
    return max(min(a[1], b[1]) - max(a[0], b[0]), 0) / max(a[1] - a[0], b[1] - b[0], 1)


def gold_of(article: LabelledArticle) -> list[tuple[Place, Place | None]]:
    """Value and metric of every labelled figure, as offsets."""
    rows = article.rows()
    found = []
    for index, metric, value, _ in article.label["figures"]:
        start = article.article.find(value, *rows[index])
        at = article.article.find(metric, *rows[index]) if metric else -1
        if start >= 0:
            found.append(((start, start + len(value)), (at, at + len(metric)) if at >= 0 else None))
    return found


def examples(
    articles: Iterable[LabelledArticle],
) -> tuple[list[Features], list[int], list[Features], list[int]]:
    """Rows and targets of both decisions."""
    worth: list[Features] = []
    worth_targets: list[int] = []
    rank: list[Features] = []
    rank_targets: list[int] = []
    for article in articles:
        text = analyse_text(article.article, title_end=len(article.title or ""))
        gold = gold_of(article)
        for items in prepare(text):
            for item in items:
                q = item.place.quantity
                mine = [g for g in gold if overlap((q.start, q.end), g[0]) > 0.5]
                row = worth_features(item.place, text.shadow, text.title_end, len(items), item.attached)
                worth.append(row)
                worth_targets.append(int(bool(mine)))
                metrics = [m for _, m in mine if m is not None]
                if not metrics:
                    continue
                hits = [int(any(min(c.end, m[1]) > max(c.start, m[0]) for m in metrics)) for c in item.options]
                if any(hits):
                    rank += [rank_features(item.place, c, item.options) for c in item.options]
                    rank_targets += hits
    return worth, worth_targets, rank, rank_targets


def fit(
    articles: Iterable[LabelledArticle], base: ModelFolder | None = None
) -> tuple[LinearModel, LinearModel, tuple[int, int, int]]:
    """Train both; also the numbers of quantities, of figures among them and of candidate phrases."""
    worth, worth_targets, rank, rank_targets = examples(articles)
    return (
        fit_linear(
            worth, numpy.array(worth_targets), ("no", "yes"), bits=BITS, c=C_WORTH, base=linear_model(base, "worth")
        ),
        fit_linear(
            rank, numpy.array(rank_targets), ("no", "yes"), bits=BITS, c=C_RANK, base=linear_model(base, "rank")
        ),
        (len(worth), sum(worth_targets), len(rank)),
    )


def score(
    worth: LinearModel, rank: LinearModel, articles: Sequence[LabelledArticle], threshold: float = THRESHOLD
) -> dict[str, float]:
    """F1 of `figures.value` and `figures`."""
    hit_value = hit = made = gold_count = 0
    for article in articles:
        text = analyse_text(article.article, title_end=len(article.title or ""))
        gold = gold_of(article)
        found = find_figures(text, worth, rank, threshold)
        made += len(found)
        gold_count += len(gold)
        for strict in (False, True):
            free = list(gold)
            for figure in found:
                match = next((g for g in free if _same(figure.start, figure.end, figure.metric, g, strict)), None)
                if match is not None:
                    free.remove(match)
                    hit, hit_value = hit + strict, hit_value + (not strict)
    scores = {}
    for name, hits in (("figures", hit), ("figures.value", hit_value)):
        precision, recall = hits / max(made, 1), hits / max(gold_count, 1)
        scores[f"{name}.precision"], scores[f"{name}.recall"] = precision, recall
        scores[name] = 2 * precision * recall / max(precision + recall, 1e-9)
    return {key: round(value, 4) for key, value in sorted(scores.items())}


def _same(start: int, end: int, metric: Span | None, gold: tuple[Place, Place | None], strict: bool) -> bool:
    if overlap((start, end), gold[0]) <= 0.5:
        return False
    if not strict:
        return True
    if metric is None or gold[1] is None:
        return metric is None and gold[1] is None
    return min(metric.end, gold[1][1]) > max(metric.start, gold[1][0])


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given; no other model and no chance is involved."""
    worth, rank, (quantities, figures, phrases) = fit(articles, base)
    files = {
        **worth.to_files("worth"),
        **rank.to_files("rank"),
        "settings.json": (json.dumps({"threshold": THRESHOLD}) + "\n").encode(),
        "README.md": OWN_CARD.format(articles=len(articles)).encode(),
    }
    counts = {"quantities": quantities, "figures": figures, "phrases": phrases}
    return ModelFolder.build("figures", files, {"version": "1", **counts})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/figures"))
    options = parser.parse_args()
    articles, dev = shared_articles("train", options.shared), shared_articles("dev", options.shared)
    folder = train(articles)
    worth, rank = (LinearModel.from_arrays(folder.arrays(f"{name}.npz")) for name in ("worth", "rank"))
    scores = score(worth, rank, dev)
    card = CARD.format(
        articles=len(articles),
        quantities=folder.meta["quantities"],
        figures=folder.meta["figures"],
        phrases=folder.meta["phrases"],
        dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()),
    )
    folder.described(card, scores=scores).write(options.output)


if __name__ == "__main__":
    main()
