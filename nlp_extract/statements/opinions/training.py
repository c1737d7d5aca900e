"""Train the decisions of `nlp_extract_opinions` on labelled articles.

Run: python -m nlp_extract.statements.opinions.training --shared ../shared --output models/opinions
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy

from nlp_extract.layers import OpinionMention, Span, TextLayer
from nlp_extract.learning.labelled import LabelledArticle, shared_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import LinearModel, fit_linear, linear_model
from nlp_extract.models import ModelFolder
from nlp_extract.statements.opinions.find import (
    Article,
    Candidate,
    Context,
    State,
    advance,
    candidates,
    decide,
    find_opinions,
    speaker_candidates,
    speaker_features,
    static_features,
)
from nlp_extract.statements.upstream import Upstream, annotate

BITS = 18
C = 0.6
SPEAKER_BITS = 14
SPEAKER_C = 0.5
FOLDS = 5

CARD = """# opinions: who is said to think what

Two logistic regressions over hashed features: `decision` (is a candidate, a verb of saying with what follows or a
sentence that runs on, an opinion, given what the sentences before were) and `speaker` (which span before the verb
names the speaker). Candidates come from verbs and nouns kept as data (`nlp_extract/statements/opinions/data`).

- Data: {articles} labelled articles (part `train` of `data/split.tsv`), {gold} opinions. Entities and names are those
  the chain finds at run time. Thresholds are tuned by {folds}-fold cross-validation on the same part.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores, matched as the labelled set's `score.py` does: on part `dev` ({dev_articles} articles) {scores};
  by cross-validation on `train` {cross}
- Command: `python -m nlp_extract.statements.opinions.training --shared ../shared --output models/opinions`
- Made: 2026-11-24, seed 0. Licence of the weights: Apache-2.0.
"""


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return max(shared, 0) / max(a[1] - a[0], b[1] - b[0], 1)


def _bare(surface: str) -> str:
    return "".join(surface.split()).strip('《》〈〉“”"')


def _same(a: str, b: str) -> bool:
    a, b = _bare(a), _bare(b)
    return bool(a and b) and (a in b or b in a)


class Example:
    """A labelled article prepared for training: candidates, static features, gold."""

    def __init__(self, labelled: LabelledArticle, upstream: Upstream) -> None:
        self.labelled = labelled
        self.upstream = upstream
        self.text: TextLayer = upstream.text
        self.article = Article.of(upstream.text, upstream.entities)
        self.choices = [candidates(self.text.shadow, s) for s in self.text.sentences]
        self.static = [[static_features(self.article, s, c) for c in row] for s, row in self.rows()]
        self.gold: list[tuple[int, str | None, tuple[int, int]]] = []
        for index, speaker, content in labelled.label["opinions"]:
            place = labelled.place(index, content)
            if place is not None:
                self.gold.append((index, speaker, place))
        # 1 the best candidate of an opinion, 0 none, -1 another one that would do (not trained on).
        self.target = [[0] * len(row) for row in self.choices]
        for index, _, place in self.gold:
            values = [_overlap((c.content.start, c.content.end), place) for c in self.choices[index]]
            if values and max(values) >= 0.5:
                top = int(numpy.argmax(values))
                for n, value in enumerate(values):
                    if value >= 0.5 and self.target[index][n] == 0:
                        self.target[index][n] = -1
                self.target[index][top] = 1

    def rows(self) -> list[tuple[Any, list[Candidate]]]:
        """Sentences with their candidates."""
        return list(zip(self.text.sentences, self.choices, strict=True))

    def truth(self) -> list[str | None]:
        """The form of each sentence's opinion."""
        return [
            next((c.form for c, t in zip(row, mark, strict=True) if t == 1), None)
            for row, mark in zip(self.choices, self.target, strict=True)
        ]

    def training_rows(self, forms: Sequence[str | None]) -> tuple[list[dict[str, float]], list[int]]:
        """Features and targets, with the state that decisions `forms` lead to."""
        rows: list[dict[str, float]] = []
        targets: list[int] = []
        state = State()
        for number, (sentence, row) in enumerate(self.rows()):
            for static, candidate, target in zip(self.static[number], row, self.target[number], strict=True):
                if target >= 0:
                    rows.append({**static, **Context.of(self.article, sentence, candidate, state).features()})
                    targets.append(target)
            state = advance(state, forms[number])
        return rows, targets

    def speaker_rows(self) -> tuple[list[Any], list[int]]:
        """Speaker candidates of the gold opinions."""
        rows: list[Any] = []
        targets: list[int] = []
        for index, speaker, _ in self.gold:
            sentence = self.text.sentences[index]
            for candidate, target in zip(self.choices[index], self.target[index], strict=True):
                if target != 1 or candidate.form == "whole":
                    continue
                options = speaker_candidates(self.article, candidate, sentence)
                match = [
                    speaker is not None and _same(self.labelled.article[s.start : s.end], speaker) for s, _ in options
                ]
                best = max(
                    (n for n, right in enumerate(match) if right),
                    key=lambda n: (_closeness(self.labelled.article, options[n][0], speaker or ""), -n),
                    default=None,
                )
                for n, (span, kind) in enumerate(options):
                    if match[n] and n != best:
                        continue
                    rows.append(speaker_features(self.article, candidate, sentence, span, kind, n, len(options)))
                    targets.append(int(n == best))
        return rows, targets


def _closeness(article: str, span: Span, speaker: str) -> float:
    name = _bare(article[span.start : span.end])
    other = _bare(speaker)
    return min(len(name), len(other)) / max(len(name), len(other), 1)


def _fit(examples: Sequence[Example], forms: Sequence[Sequence[str | None]], base: LinearModel | None) -> LinearModel:
    rows: list[Any] = []
    targets: list[int] = []
    for example, form in zip(examples, forms, strict=True):
        more = example.training_rows(form)
        rows += more[0]
        targets += more[1]
    return fit_linear(rows, numpy.array(targets)[:, None], ["opinion"], bits=BITS, c=C, base=base)


def _fit_speaker(examples: Sequence[Example], base: LinearModel | None) -> LinearModel:
    rows: list[Any] = []
    targets: list[int] = []
    for example in examples:
        more = example.speaker_rows()
        rows += more[0]
        targets += more[1]
    return fit_linear(rows, numpy.array(targets)[:, None], ["speaker"], bits=SPEAKER_BITS, c=SPEAKER_C, base=base)


def _forms(example: Example, model: LinearModel, threshold: float) -> list[str | None]:
    return [c[0].form if c else None for c in decide(example.article, example.choices, model, threshold)]


def fit(
    examples: Sequence[Example], base: tuple[LinearModel | None, LinearModel | None] = (None, None)
) -> tuple[LinearModel, LinearModel]:
    """Train both models; the second round sees earlier decisions as they come out at run time."""
    folds = [n % FOLDS for n in range(len(examples))]
    truth = [e.truth() for e in examples]
    predicted: list[Any] = [None] * len(examples)
    for fold in range(FOLDS):
        # One article alone is its own training set.
        kept = [n for n, f in enumerate(folds) if f != fold] or list(range(len(examples)))
        model = _fit([examples[n] for n in kept], [truth[n] for n in kept], base[0])
        for n, f in enumerate(folds):
            if f == fold:
                predicted[n] = _forms(examples[n], model, 0.45)
    return _fit(list(examples) * 2, truth + predicted, base[0]), _fit_speaker(examples, base[1])


def counts(example: Example, found: Sequence[OpinionMention]) -> dict[str, tuple[int, int, int]]:
    """Hits, predicted, gold: `opinions` as score.py matches them, `content` without the speaker."""
    article = example.labelled.article
    rows = example.labelled.rows()
    result = {}
    for name, strict in (("opinions", True), ("content", False)):
        free = list(example.gold)
        hits = 0
        for o in found:
            for g in free:
                if (
                    min(o.end, rows[g[0]][1]) > max(o.start, rows[g[0]][0])
                    and _overlap((o.content.start, o.content.end), g[2]) >= 0.5
                    and (
                        not strict
                        or g[1] is None
                        or (o.speaker is not None and _same(article[o.speaker.start : o.speaker.end], g[1]))
                    )
                ):
                    free.remove(g)
                    hits += 1
                    break
        result[name] = (hits, len(found), len(example.gold))
    return result


def score(
    examples: Sequence[Example], models: Sequence[tuple[LinearModel, LinearModel]], thresholds: dict[str, float]
) -> dict[str, float]:
    """F1, precision and recall; `models` gives the pair for each example."""
    total: dict[str, list[int]] = {}
    for example, (decision, speaker) in zip(examples, models, strict=True):
        found = find_opinions(
            example.text, example.upstream.entities, example.upstream.names, decision, speaker, thresholds
        )
        for name, values in counts(example, found).items():
            row = total.setdefault(name, [0, 0, 0])
            for n, value in enumerate(values):
                row[n] += value
    scores: dict[str, float] = {}
    for name, (hits, made, gold) in total.items():
        scores[name] = round(2 * hits / max(made + gold, 1), 4)
        scores[f"{name}.precision"] = round(hits / max(made, 1), 4)
        scores[f"{name}.recall"] = round(hits / max(gold, 1), 4)
    return scores


def tune(
    examples: Sequence[Example], base: tuple[LinearModel | None, LinearModel | None] = (None, None)
) -> tuple[dict[str, float], dict[str, float]]:
    """Thresholds and scores by cross-validation."""
    folds = [(n * 7 + 3) % FOLDS for n in range(len(examples))]
    models: list[Any] = [None] * len(examples)
    for fold in range(FOLDS):
        pair = fit([e for e, f in zip(examples, folds, strict=True) if f != fold] or examples, base)
        for n, f in enumerate(folds):
            if f == fold:
                models[n] = pair
    best: tuple[float, dict[str, float], dict[str, float]] = (-1.0, {}, {})
    for opinion in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55):
        thresholds = {"opinion": opinion, "speaker": 0.2}
        scores = score(examples, models, thresholds)
        if scores["opinions"] > best[0]:
            best = (scores["opinions"], thresholds, scores)
    for speaker in (0.05, 0.1, 0.3, 0.4):
        thresholds = {**best[1], "speaker": speaker}
        scores = score(examples, models, thresholds)
        if scores["opinions"] > best[0] + 0.001:
            best = (scores["opinions"], thresholds, scores)
    return best[1], best[2]


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given; thresholds by cross-validation.

    Parameters
    ----------
    articles : sequence of LabelledArticle
    base : ModelFolder, optional
        The model to start from.
    models : str, optional
        A folder with the models of the components before this one.
    seed : int
    """
    examples = [Example(a, u) for a, u in zip(articles, annotate(articles, "names", models), strict=True)]
    start = (linear_model(base, "decision"), linear_model(base, "speaker"))
    thresholds, cross = tune(examples, start)
    decision, speaker = fit(examples, start)
    files = {
        **decision.to_files("decision"),
        **speaker.to_files("speaker"),
        "settings.json": (json.dumps(thresholds, sort_keys=True) + "\n").encode(),
        "README.md": OWN_CARD.format(articles=len(articles)).encode(),
    }
    meta = {"version": "1", "cross_validation": cross, "opinions": sum(len(e.gold) for e in examples)}
    return ModelFolder.build("opinions", files, meta)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/opinions"))
    options = parser.parse_args()
    articles, held = shared_articles("train", options.shared), shared_articles("dev", options.shared)
    folder = train(articles)
    pair = (
        LinearModel.from_arrays(folder.arrays("decision.npz")),
        LinearModel.from_arrays(folder.arrays("speaker.npz")),
    )
    dev = [Example(a, u) for a, u in zip(held, annotate(held, "names"), strict=True)]
    scores = score(dev, [pair] * len(dev), folder.json("settings.json"))
    card = CARD.format(
        articles=len(articles),
        gold=folder.meta["opinions"],
        folds=FOLDS,
        dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()),
        cross=", ".join(f"{k} {v:.3f}" for k, v in folder.meta["cross_validation"].items()),
    )
    folder.described(card, scores=scores).write(options.output)


if __name__ == "__main__":
    main()
