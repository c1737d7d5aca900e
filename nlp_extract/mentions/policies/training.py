"""Train the decision of `nlp_extract_policies` on labelled articles.

Run: python -m nlp_extract.mentions.policies.training --shared ../shared --output models/policies
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy

from nlp_extract.learning.labelled import LabelledArticle, shared_articles, training_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import LinearModel, fit_linear, linear_model
from nlp_extract.mentions.policies.find import candidates, features, find_policies
from nlp_extract.models import ModelFolder
from nlp_extract.text.component import analyse_text

BITS = 15
C = 0.3
THRESHOLD = 0.3
LABELS = ("other", "policy")

CARD = """# policies: which names are policies

Logistic regression over hashed features of a candidate: its ending, its marks, the words beside it. Candidates come
from title marks, the packaged lexicons and name endings (`nlp_extract/mentions/policies`).

- Data: {articles} labelled articles (part `train` of `data/split.tsv`, and `data/labelled/news.jsonl`),
  {rows} candidates, {positives} of them policies.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores on part `dev` ({dev_articles} articles), matched as the labelled set's `score.py` does: {scores}
- Command: `python -m nlp_extract.mentions.policies.training --shared ../shared --output models/policies`
- Made: 2026-11-28, seed 0. Licence of the weights: Apache-2.0.
"""


def matches(name: str, gold: str) -> bool:
    """Whether the score takes a name for a labelled one: equal, or one within the other from four characters."""
    return name == gold or (min(len(name), len(gold)) >= 4 and (name in gold or gold in name))


def plain(surface: str) -> str:
    """A surface as the score compares it."""
    return "".join(surface.split()).strip('《》〈〉“”"')


def fit(articles: Iterable[LabelledArticle], base: LinearModel | None = None) -> tuple[LinearModel, int, int]:
    """Train on articles; also the numbers of candidates and of policies among them."""
    rows, targets = [], []
    for article in articles:
        text = analyse_text(article.article, title_end=len(article.title or ""))
        gold = [plain(surface) for surface, _ in article.label["policies"]]
        found = candidates(text)
        counts = Counter(text.shadow[c.bare_start : c.bare_end] for c in found)
        for c in found:
            name = plain(article.article[c.start : c.end])
            rows.append(features(text, c, counts))
            targets.append(int(any(matches(name, g) for g in gold)))
    model = fit_linear(rows, numpy.array(targets), LABELS, bits=BITS, c=C, base=base)
    return model, len(rows), sum(targets)


def score(model: LinearModel, articles: Sequence[LabelledArticle], threshold: float = THRESHOLD) -> dict[str, float]:
    """F1 of `policies` and accuracy of `policies.kind`, as the labelled set's `score.py` counts them."""
    hits = made = gold_count = right = total = 0
    for article in articles:
        text = analyse_text(article.article, title_end=len(article.title or ""))
        found = find_policies(text, model, (), threshold)
        kinds = {plain(article.article[p.start : p.end]): p.kind for p in found}
        for p in found:
            for span in p.short_forms:
                kinds.setdefault(plain(article.article[span.start : span.end]), p.kind)
        free = [plain(surface) for surface, _ in article.label["policies"]]
        gold_count += len(free)
        made += len(kinds)
        for name in kinds:
            match = next((g for g in free if matches(name, g)), None)
            if match is not None:
                free.remove(match)
                hits += 1
        for surface, kind in article.label["policies"]:
            if plain(surface) in kinds:
                total += 1
                right += kinds[plain(surface)] == kind
    precision, recall = hits / max(made, 1), hits / max(gold_count, 1)
    result = {
        "policies": 2 * precision * recall / max(precision + recall, 1e-9),
        "policies.precision": precision,
        "policies.recall": recall,
        "kind": right / max(total, 1),
    }
    return {key: round(value, 4) for key, value in sorted(result.items())}


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given; no other model and no chance is involved."""
    model, rows, positives = fit(articles, linear_model(base, "decision"))
    files = {
        **model.to_files("decision"),
        "settings.json": (json.dumps({"threshold": THRESHOLD}) + "\n").encode(),
        "README.md": OWN_CARD.format(articles=len(articles)).encode(),
    }
    return ModelFolder.build("policies", files, {"version": "1", "candidates": rows, "policies": positives})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/policies"))
    options = parser.parse_args()
    articles, dev = training_articles(options.shared), shared_articles("dev", options.shared)
    folder = train(articles)
    scores = score(LinearModel.from_arrays(folder.arrays("decision.npz")), dev)
    card = CARD.format(
        articles=len(articles),
        rows=folder.meta["candidates"],
        positives=folder.meta["policies"],
        dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()),
    )
    folder.described(card, scores=scores).write(options.output)


if __name__ == "__main__":
    main()
