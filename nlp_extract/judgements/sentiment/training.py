"""Train `nlp_extract_sentiment` on labelled articles.

Run: python -m nlp_extract.judgements.sentiment.training --shared ../shared --output models/sentiment
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy

from nlp_extract.judgements.sentiment.features import document_row, sentence_rows
from nlp_extract.judgements.sentiment.find import LABELS, POLARITIES, find_sentiment
from nlp_extract.judgements.vectors import WordVectors, load_vectors, step
from nlp_extract.layers import TextLayer
from nlp_extract.learning.folds import held_out
from nlp_extract.learning.labelled import LabelledArticle, read_jsonl, shared_articles, training_articles
from nlp_extract.linear import LinearModel, fit_linear, linear_model
from nlp_extract.models import ModelFolder
from nlp_extract.text.component import analyse_text

SENTENCE_BITS, SENTENCE_C = 17, 0.1
VECTOR_SCALE = 0.5
HEADLINE_WEIGHT = 0.1
DOCUMENT_BITS, DOCUMENT_C = 15, 0.3
MODELS = ("sentence", "document", "strength")
STRENGTHS = ("0", "1", "2", "3")
SURE = 0.5
# A rare class counts as if its sentences were this much more frequent.
BIAS = {"-1": 2.5, "0": 1.0, "1": 1.2}

CARD = """# sentiment: polarity of sentences and of the article, from China's viewpoint

Two levels of logistic regression over hashed features: sentences (words, word pairs, title, neighbours, place, cues of
gain and harm and whom they concern), then the document over its words and over what the first level says of its
sentences (out of fold in training).

- Data: {articles} labelled articles (part `train` of `data/split.tsv`, and `data/labelled/news.jsonl`),
  {sentences} sentences; {headlines} headlines of `fin_news_sentiment/seed_titles` (licence unstated, Wind's labels)
  with weight {weight}; the word vectors of `models/vectors`, folded into the weights of the sentence model.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores on part `dev` ({dev_articles} articles; `fin_news_sentiment/test`: sign of the score, 2,358 company news):
  {scores}
- Command: `python -m nlp_extract.judgements.sentiment.training --shared ../shared --output models/sentiment`
- Made: 2026-11-28, seed {seed}. Licence of the weights: Apache-2.0.

Confusion on `dev` (rows: reader, columns: model):

{confusion}
"""


def text_layer(article: LabelledArticle) -> TextLayer:
    """The text layer of a labelled article."""
    return analyse_text(article.article, title_end=len(article.title or ""))


def polarities(article: LabelledArticle, text: TextLayer) -> list[int]:
    """Column of every sentence's label."""
    return [int(article.label["polarity"].get(str(s.index), 0)) + 1 for s in text.sentences]


@dataclasses.dataclass(frozen=True)
class Example:
    """An article's sentences with their polarity, for training."""

    text: TextLayer
    rows: list[dict[str, float]]
    polarity: list[int]
    weight: float = 1.0


def examples(articles: Sequence[LabelledArticle]) -> list[Example]:
    """Labelled articles as examples."""
    texts = [text_layer(article) for article in articles]
    return [Example(t, sentence_rows(t), polarities(a, t)) for a, t in zip(articles, texts, strict=True)]


def headline_examples(headlines: Sequence[tuple[str, str]]) -> list[Example]:
    """Headlines of companies, each with `positive` or `negative`, as short articles of little weight."""
    found = []
    for title, label in headlines:
        text = analyse_text(title, title_end=len(title))
        polarity = [POLARITIES.index("1" if label == "positive" else "-1")] * len(text.sentences)
        found.append(Example(text, sentence_rows(text), polarity, HEADLINE_WEIGHT))
    return found


def fit_sentences(
    given: Sequence[Example], vectors: WordVectors, seed: int, base: LinearModel | None = None
) -> LinearModel:
    """Train the sentence model on the sentences of some articles."""
    model = fit_linear(
        [row for example in given for row in example.rows],
        numpy.array([column for example in given for column in example.polarity]),
        POLARITIES,
        bits=SENTENCE_BITS,
        c=step(SENTENCE_C, base),
        sample_weight=numpy.array([example.weight for example in given for _ in example.rows]),
        seed=seed,
        base=base,
        table=vectors.table({"w:": VECTOR_SCALE}, SENTENCE_BITS),
        tol=1e-3,
    )
    if base is None:
        model.intercept += numpy.log([BIAS[label] for label in POLARITIES]).astype(numpy.float32)
    return model


def train(
    articles: Sequence[LabelledArticle],
    *,
    models: str | None = None,
    seed: int = 0,
    base: ModelFolder | None = None,
    headlines: Sequence[tuple[str, str]] = (),
) -> ModelFolder:
    """Train both levels.

    Parameters
    ----------
    articles : sequence of LabelledArticle
    models : str, optional
        A folder of own models; word vectors are taken from there when it has them.
    seed : int
    base : ModelFolder, optional
        A model to adapt instead of starting from nothing.
    headlines : sequence of (headline, `positive` or `negative`)
        Company news for the sentence model; they count little.
    """
    vectors = load_vectors(models)
    known = {name: linear_model(base, name) for name in MODELS}
    given, beside = examples(articles), headline_examples(headlines)

    def fit(kept: Sequence[Example]) -> LinearModel:
        return fit_sentences([*kept, *beside], vectors, seed, known["sentence"])

    # What the documents are trained on is what models say of sentences they have not seen, as at run time.
    documents = held_out(given, fit, lambda e, model: document_row(e.text, model.predict_proba(e.rows)))
    levels = {}
    for name, labels, targets in (
        ("document", LABELS, [LABELS.index(a.label["sentiment"][0]) for a in articles]),
        ("strength", STRENGTHS, [STRENGTHS.index(str(a.label["sentiment"][1])) for a in articles]),
    ):
        levels[name] = fit_linear(
            documents,
            numpy.array(targets),
            labels,
            bits=DOCUMENT_BITS,
            c=step(DOCUMENT_C, base),
            seed=seed,
            base=known[name],
        )
    sentence = fit(given)
    files = {
        **sentence.to_files("sentence"),
        **levels["document"].to_files("document"),
        **levels["strength"].to_files("strength"),
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
    sentence, document, strength = (LinearModel.from_arrays(folder.arrays(f"{n}.npz")) for n in MODELS)
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


def company_news(path: Path) -> list[tuple[str, str, str]]:
    """Title, body (may be empty) and label of the company news in a JSON-lines file."""
    return [(row["title"], row.get("text") or "", row["label"]) for row in read_jsonl(path)]


def score_company_news(folder: ModelFolder, news: Sequence[tuple[str, str, str]]) -> float:
    """How often the sign of the score is the label, `positive` or `negative`."""
    sentence, document, strength = (LinearModel.from_arrays(folder.arrays(f"{n}.npz")) for n in MODELS)
    right = 0
    for title, body, label in news:
        text = analyse_text(f"{title}\n{body}" if body else title, title_end=len(title))
        found = find_sentiment(text, sentence, document, strength, folder.json("settings.json")["sure"])
        right += found is not None and (found.score > 0) == (label == "positive")
    return right / max(len(news), 1)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/sentiment"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    articles, dev = training_articles(options.shared), shared_articles("dev", options.shared)
    finance = options.shared / "corpora" / "fin_news_sentiment"
    headlines = [(title, label) for title, _, label in company_news(finance / "seed_titles.jsonl.gz")]
    folder = train(articles, seed=options.seed, headlines=headlines)
    scores, confusion = score(folder, dev)
    news = company_news(finance / "test.jsonl.gz")
    scores["fin_news_sentiment/test"] = round(score_company_news(folder, news), 4)
    card = CARD.format(
        articles=len(articles), sentences=sum(len(a.rows()) for a in articles), dev_articles=len(dev),
        scores=",\n  ".join(f"{k} {v:.3f}" for k, v in scores.items()), confusion=confusion, seed=options.seed,
        headlines=len(headlines), weight=HEADLINE_WEIGHT,
    )  # fmt: skip
    files = {name: data for name, data in folder.files.items() if name != "meta.json"}
    ModelFolder.build("sentiment", {**files, "README.md": card.encode()}, {"version": "1", "scores": scores}).write(
        options.output
    )


if __name__ == "__main__":
    main()
