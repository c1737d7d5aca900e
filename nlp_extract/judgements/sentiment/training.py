"""Train `nlp_extract_sentiment` on labelled articles.

Run: python -m nlp_extract.judgements.sentiment.training --shared ../shared --output models/sentiment
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy
from numpy.typing import NDArray

from nlp_extract.judgements.sentiment.features import document_row, sentence_rows
from nlp_extract.judgements.sentiment.find import LABELS, POLARITIES, find_sentiment
from nlp_extract.layers import TextLayer
from nlp_extract.learning.labelled import LabelledArticle, shared_articles
from nlp_extract.linear import LinearModel, fit_linear
from nlp_extract.models import ModelFolder
from nlp_extract.text.component import analyse_text

SENTENCE_BITS, SENTENCE_C = 16, 0.7
DOCUMENT_BITS, DOCUMENT_C = 15, 1.0
FOLDS = 5
SURE = 0.5
# A rare class counts as if its sentences were this much more frequent.
BIAS = {"-1": 2.0, "0": 1.0, "1": 1.2}

CARD = """# sentiment: polarity of sentences and of the article, from China's viewpoint

Two levels of logistic regression over hashed features: sentences (words, word pairs, title, neighbours, place), then
the document over its words and over what the first level says of its sentences (out of fold in training).

- Data: {articles} labelled articles (part `train` of `data/split.tsv`), {sentences} sentences.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores on part `dev` ({dev_articles} articles): {scores}
- Command: `python -m nlp_extract.judgements.sentiment.training --shared ../shared --output models/sentiment`
- Made: 2026-11-24, seed {seed}. Licence of the weights: Apache-2.0.

Confusion on `dev` (rows: reader, columns: model):

{confusion}
"""


def text_layer(article: LabelledArticle) -> TextLayer:
    """The text layer of a labelled article."""
    return analyse_text(article.article, title_end=len(article.title or ""))


def polarities(article: LabelledArticle, text: TextLayer) -> list[int]:
    """Column of every sentence's label."""
    return [int(article.label["polarity"].get(str(s.index), 0)) + 1 for s in text.sentences]


def fit_sentences(
    rows: Sequence[Sequence[dict[str, float]]], targets: Sequence[Sequence[int]], seed: int
) -> LinearModel:
    """Train the sentence model on the sentences of some articles."""
    flat = [row for article in rows for row in article]
    wanted = numpy.array([target for article in targets for target in article])
    model = fit_linear(flat, wanted, POLARITIES, bits=SENTENCE_BITS, c=SENTENCE_C, seed=seed)
    model.intercept += numpy.log([BIAS[label] for label in POLARITIES]).astype(numpy.float32)
    return model


def out_of_fold(
    rows: Sequence[Sequence[dict[str, float]]], targets: Sequence[Sequence[int]], seed: int
) -> list[NDArray[numpy.float32]]:
    """What sentence models say of articles they were not trained on, as at run time."""
    order = numpy.random.default_rng(seed).permutation(len(rows))
    found: dict[int, NDArray[numpy.float32]] = {}
    for fold in range(FOLDS):
        held = {int(i) for i in order[fold::FOLDS]}
        kept = [i for i in range(len(rows)) if i not in held]
        model = fit_sentences([rows[i] for i in kept], [targets[i] for i in kept], seed)
        found.update((i, model.predict_proba(rows[i])) for i in sorted(held))
    return [found[i] for i in range(len(rows))]


def train(articles: Sequence[LabelledArticle], *, models: str | None = None, seed: int = 0) -> ModelFolder:
    """Train both levels.

    Parameters
    ----------
    articles : sequence of LabelledArticle
    models : str, optional
        A folder of own models for the components before this one (none is needed).
    seed : int
    """
    texts = [text_layer(a) for a in articles]
    rows = [sentence_rows(t) for t in texts]
    targets = [polarities(a, t) for a, t in zip(articles, texts, strict=True)]
    probabilities = out_of_fold(rows, targets, seed)
    documents = [document_row(t, p) for t, p in zip(texts, probabilities, strict=True)]
    labels = numpy.array([LABELS.index(a.label["sentiment"][0]) for a in articles])
    strengths = numpy.array([int(a.label["sentiment"][1]) for a in articles])
    sentence = fit_sentences(rows, targets, seed)
    document = fit_linear(documents, labels, LABELS, bits=DOCUMENT_BITS, c=DOCUMENT_C, seed=seed)
    strength = fit_linear(documents, strengths, ("0", "1", "2", "3"), bits=DOCUMENT_BITS, c=DOCUMENT_C, seed=seed)
    files = {
        **sentence.to_files("sentence"),
        **document.to_files("document"),
        **strength.to_files("strength"),
        "settings.json": (json.dumps({"sure": SURE}) + "\n").encode(),
    }
    return ModelFolder.build("sentiment", files)


def macro_f1(wanted: Sequence[str | int], made: Sequence[str | int]) -> float:
    """Mean over the classes of F1."""
    scores = []
    for label in sorted(set(wanted), key=str):
        hits = sum(w == m == label for w, m in zip(wanted, made, strict=True))
        scores.append(2 * hits / max(sum(w == label for w in wanted) + sum(m == label for m in made), 1))
    return sum(scores) / max(len(scores), 1)


def score(folder: ModelFolder, articles: Sequence[LabelledArticle]) -> tuple[dict[str, float], str]:
    """Accuracy, macro-F1 and the confusion matrix (Markdown)."""
    sentence, document, strength = (
        LinearModel.from_arrays(folder.arrays(f"{n}.npz")) for n in ("sentence", "document", "strength")
    )
    wanted: list[str] = []
    made: list[str] = []
    wanted_polarity: list[int] = []
    made_polarity: list[int] = []
    strong = 0
    for article in articles:
        text = text_layer(article)
        found = find_sentiment(text, sentence, document, strength, folder.json("settings.json")["sure"])
        wanted.append(article.label["sentiment"][0])
        made.append(found.label if found else "neutral")
        strong += bool(found and found.strength == article.label["sentiment"][1])
        wanted_polarity += polarities(article, text)
        made_polarity += [int(c) for c in sentence.scores(sentence_rows(text)).argmax(axis=1)]
    sign = {"mixed": "neutral"}
    pairs = Counter(zip(wanted, made, strict=True))
    count = max(len(wanted), 1)
    scores = {
        "sentiment": sum(w == m for w, m in zip(wanted, made, strict=True)) / count,
        "sentiment.sign": sum(sign.get(w, w) == sign.get(m, m) for w, m in zip(wanted, made, strict=True)) / count,
        "sentiment.macro_f1": macro_f1(wanted, made),
        "strength": strong / count,
        "polarity.macro_f1": macro_f1(wanted_polarity, made_polarity),
    }
    lines = ["| | " + " | ".join(LABELS) + " |", "| --- |" + " --- |" * len(LABELS)]
    lines += [f"| {w} | " + " | ".join(str(pairs[w, m]) for m in LABELS) + " |" for w in LABELS]
    return {name: round(value, 4) for name, value in scores.items()}, "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/sentiment"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    articles, dev = shared_articles("train", options.shared), shared_articles("dev", options.shared)
    folder = train(articles, seed=options.seed)
    scores, confusion = score(folder, dev)
    card = CARD.format(
        articles=len(articles), sentences=sum(len(a.rows()) for a in articles), dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()), confusion=confusion, seed=options.seed,
    )  # fmt: skip
    files = {name: data for name, data in folder.files.items() if name != "meta.json"}
    ModelFolder.build("sentiment", {**files, "README.md": card.encode()}, {"version": "1", "scores": scores}).write(
        options.output
    )


if __name__ == "__main__":
    main()
