"""Train `nlp_extract_industries` on labelled articles.

Run: python -m nlp_extract.judgements.industries.training --shared ../shared --output models/industries
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy

from nlp_extract.judgements.industries.features import division_rows, word_row
from nlp_extract.judgements.industries.find import MOST, choose, rank_divisions
from nlp_extract.judgements.industries.lexicon import divisions, find_terms
from nlp_extract.judgements.vectors import WordVectors, load_vectors, step
from nlp_extract.layers import TextLayer
from nlp_extract.learning.folds import FOLDS
from nlp_extract.learning.labelled import LabelledArticle, shared_articles, training_articles
from nlp_extract.linear import LinearModel, fit_linear, linear_model
from nlp_extract.models import ModelFolder
from nlp_extract.text.component import analyse_text

WORD_BITS, WORD_C = 15, 3.0
DECISION_BITS, DECISION_C = 10, 1.0
MODELS = ("words", "decision")
VECTOR_SCALES = {"D:": 5.0, "T:": 2.0}
RARITY = 2.0
ROUND = 1 / 64  # Weights are rounded to steps, which halves the file and changes no score.

Proposals = dict[str, dict[str, float]]  # Features of every proposed division.

CARD = """# industries: GB/T 4754-2017 divisions of an article

A word model (one logistic regression a division, over hashed words of title, lead and body) and the packaged terms
propose divisions; a second logistic regression, whose features mean the same for every division, decides.

- Data: {articles} labelled articles (part `train` of `data/split.tsv`, and `data/labelled/news.jsonl`),
  {labels} of 97 divisions occur.
- Terms and listed companies of `nlp_extract/judgements/industries/data`; the word vectors of `models/vectors`, folded
  into the weights of the word model.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores on part `dev` ({dev_articles} articles): {scores}
- Command: `python -m nlp_extract.judgements.industries.training --shared ../shared --output models/industries`
- Made: 2026-11-24, seed {seed}. Licence of the weights: Apache-2.0.
"""


def text_layer(article: LabelledArticle) -> TextLayer:
    """The text layer of a labelled article."""
    return analyse_text(article.article, title_end=len(article.title or ""))


def fit_words(
    rows: Sequence[dict[str, float]],
    wanted: Sequence[Sequence[str]],
    vectors: WordVectors,
    seed: int,
    base: LinearModel | None = None,
) -> LinearModel:
    """One logistic regression for every division that occurs here or in the base."""
    known = {code for codes in wanted for code in codes} | set(base.labels if base is not None else ())
    labels = [code for code in divisions() if code in known]
    targets = numpy.array([[int(code in codes) for code in labels] for codes in wanted])
    return fit_linear(
        rows,
        targets,
        labels,
        bits=WORD_BITS,
        c=step(WORD_C, base),
        seed=seed,
        base=base,
        table=vectors.table(VECTOR_SCALES, WORD_BITS, RARITY),
    )


def propose(
    texts: Sequence[TextLayer],
    wanted: Sequence[Sequence[str]],
    vectors: WordVectors,
    seed: int,
    base: LinearModel | None = None,
) -> tuple[LinearModel, list[Proposals]]:
    """Train the word model; also, for every article, the divisions that a model trained on others proposes."""
    hits = [find_terms(text.shadow) for text in texts]
    rows = [word_row(text, found) for text, found in zip(texts, hits, strict=True)]
    order = numpy.random.default_rng(seed).permutation(len(rows))
    proposed: dict[int, Proposals] = {}
    for fold in range(FOLDS):
        held = {int(i) for i in order[fold::FOLDS]}
        kept = [i for i in range(len(rows)) if i not in held]
        model = fit_words([rows[i] for i in kept], [wanted[i] for i in kept], vectors, seed, base)
        for i in sorted(held):
            scores = dict(zip(model.labels, (float(s) for s in model.scores([rows[i]])[0]), strict=True))
            proposed[i] = division_rows(texts[i], hits[i], scores)
    return fit_words(rows, wanted, vectors, seed, base), [proposed[i] for i in range(len(rows))]


def fit_decision(
    listed: Sequence[Proposals], wanted: Sequence[Sequence[str]], seed: int, base: LinearModel | None = None
) -> LinearModel:
    """Train the second model on what word models say of articles they were not trained on."""
    flat = [row for found in listed for row in found.values()]
    targets = numpy.array([int(code in codes) for found, codes in zip(listed, wanted, strict=True) for code in found])
    return fit_linear(
        flat, targets, ("no", "yes"), bits=DECISION_BITS, c=step(DECISION_C, base), seed=seed, base=base, tol=1e-3
    )


def f1(made: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> float:
    """Micro F1 of the divisions, as the labelled set's `score.py` counts them."""
    hits = sum(len(set(m) & set(w)) for m, w in zip(made, wanted, strict=True))
    return 2 * hits / max(sum(map(len, made)) + sum(map(len, wanted)), 1)


def tune(decision: LinearModel, listed: Sequence[Proposals], wanted: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Thresholds of the first, second and third industry that give the best F1."""
    ranked = []
    for found in listed:
        shares = decision.predict_proba(list(found.values()))[:, 1] if found else ()
        ranked.append(sorted(zip(found, (float(s) for s in shares), strict=True), key=lambda p: (-p[1], p[0])))
    grid = [round(0.05 * step, 2) for step in range(1, 15)]
    options = [(0.05, a, b) for a, b in itertools.product(grid, grid) if b >= a]
    return max(options, key=lambda o: f1([[c for c, _ in choose(r, o)] for r in ranked], wanted))


def train(
    articles: Sequence[LabelledArticle],
    *,
    models: str | None = None,
    seed: int = 0,
    base: ModelFolder | None = None,
) -> ModelFolder:
    """Train both models.

    Parameters
    ----------
    articles : sequence of LabelledArticle
    models : str, optional
        A folder of own models; word vectors are taken from there when it has them.
    seed : int
    base : ModelFolder, optional
        A model to adapt instead of starting from nothing.
    """
    known = {name: linear_model(base, name) for name in MODELS}
    wanted = [a.label["industries"] for a in articles]
    words, listed = propose([text_layer(a) for a in articles], wanted, load_vectors(models), seed, known["words"])
    words.weights = numpy.round(words.weights / ROUND) * ROUND
    decision = fit_decision(listed, wanted, seed, known["decision"])
    # Few own articles are too few to set thresholds anew.
    settings = base.json("settings.json") if base is not None else {"thresholds": tune(decision, listed, wanted)}
    files = {
        **words.to_files("words"),
        **decision.to_files("decision"),
        "settings.json": (json.dumps(settings) + "\n").encode(),
    }
    return ModelFolder.build("industries", files)


def predict(folder: ModelFolder, articles: Sequence[LabelledArticle]) -> list[list[str]]:
    """Codes of every article's industries."""
    words, decision = (LinearModel.from_arrays(folder.arrays(f"{n}.npz")) for n in MODELS)
    thresholds = folder.json("settings.json")["thresholds"]
    made = []
    for article in articles:
        ranked, _ = rank_divisions(text_layer(article), words, decision)
        made.append([code for code, _ in choose(ranked, thresholds)][:MOST])
    return made


def score(folder: ModelFolder, articles: Sequence[LabelledArticle]) -> dict[str, float]:
    """F1 of the divisions and how often the first one is right."""
    made = predict(folder, articles)
    wanted = [a.label["industries"] for a in articles]
    judged = [(m, w) for m, w in zip(made, wanted, strict=True) if w]
    first = sum(bool(m) and m[0] in w for m, w in judged) / max(len(judged), 1)
    return {"industries": round(f1(made, wanted), 4), "industries.first": round(first, 4)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/industries"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    articles, dev = training_articles(options.shared), shared_articles("dev", options.shared)
    folder = train(articles, seed=options.seed)
    scores = score(folder, dev)
    card = CARD.format(
        articles=len(articles), labels=len({c for a in articles for c in a.label["industries"]}),
        dev_articles=len(dev), scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()), seed=options.seed,
    )  # fmt: skip
    files = {name: data for name, data in folder.files.items() if name != "meta.json"}
    meta = {"version": "1", "scores": scores}
    ModelFolder.build("industries", {**files, "README.md": card.encode()}, meta).write(options.output)


if __name__ == "__main__":
    main()
