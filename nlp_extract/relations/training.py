"""Train the decisions of `nlp_extract_relations` on labelled articles.

Run: python -m nlp_extract.relations.training --shared ../shared --output models/relations
"""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from spacy.tokens import Doc

from nlp_extract.layers import Relation, Span
from nlp_extract.learning.folds import FOLDS, held_out
from nlp_extract.learning.labelled import LabelledArticle, Part, shared_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import LinearModel, fit_linear, linear_model
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.relations.arguments import NONE, Phrase, first_like
from nlp_extract.relations.boosting import BoostedTrees, fit_boosting
from nlp_extract.relations.clusters import Clusters
from nlp_extract.relations.find import (
    ARGUMENT_BITS,
    PREDICATE_BITS,
    PRUNE,
    ROLES,
    ArticleView,
    RelationsModel,
    choose,
    decision_features,
    relations,
)
from nlp_extract.relations.ranking import fit_ranking
from nlp_extract.relations.resolve import Resolver
from nlp_extract.relations.table import Integers
from nlp_extract.relations.words import Word
from nlp_extract.text.component import text_of

C, ARGUMENT_C = 0.15, 0.3
SETTINGS = {"threshold": 0.33, "subject_none": 0.8, "object_none": 0.5}
GRID: dict[str, list[float]] = {
    "threshold": [round(0.26 + 0.02 * n, 2) for n in range(10)],
    "subject_none": [0.5, 0.65, 0.8, 0.9],
    "object_none": [0.4, 0.45, 0.5, 0.55, 0.6],
}
PARTS: tuple[Part, Part] = ("train", "dev")
Offsets = tuple[int, int]

CARD = """# relations: who did what to whom

Four decisions. `predicate`: a logistic regression over hashed features says how likely a verbal word is the predicate
of an action that a summary would keep. `subject`, `object`: two softmax rankings choose its phrases, or none.
`decision`: boosted trees see the first value among its neighbours and the phrases, and decide.

- Data: {articles} labelled articles (part `train` of `data/split.tsv`), {gold} actions. Mentions, words and trees are
  those the chain finds at run time. The last decision is trained on values of {folds}-fold cross-validation, the
  threshold is tuned on the same part.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores, matched as the labelled set's `score.py` does: on part `dev` ({dev_articles} articles) {scores};
  by cross-validation on `train` {cross}
- Command: `python -m nlp_extract.relations.training --shared ../shared --output models/relations`
- Made: 2026-11-28, seed 0. Licence of the weights: Apache-2.0.
"""


class Example:
    """A labelled article as the chain sees it, and which candidates and phrases are right."""

    def __init__(self, labelled: LabelledArticle, view: ArticleView) -> None:
        self.view = view
        self.gold: list[tuple[int, Offsets | None, Offsets, Offsets | None]] = []
        for index, subject, action, object_ in labelled.label["actions"]:
            predicate = labelled.place(index, action)
            if predicate is not None:
                self.gold.append((index, labelled.place(index, subject), predicate, labelled.place(index, object_)))
        self.columns = view.columns()
        self.action: list[int | None] = []
        for row in view.candidates:
            word = view.words[row]
            here = (word.start, word.end)
            self.action.append(next((n for n, g in enumerate(self.gold) if _touches(here, g[2])), None))
        self.targets = numpy.array([a is not None for a in self.action], dtype=numpy.int64)

    def ranking(self, role: str) -> tuple[Integers, list[float], list[int]]:
        """Columns, targets and group sizes of the phrases of every gold predicate that has a right one."""
        rows: list[int] = []
        options: list[list[Phrase]] = []
        targets: list[float] = []
        for row, action in zip(self.view.candidates.tolist(), self.action, strict=True):
            if action is None:
                continue
            _, subject, _, object_ = self.gold[action]
            group = self.view.options(row, role)
            fits = [_fit(self.view, option, subject if role == "subject" else object_) for option in group]
            best = max(fits)
            if best > 0:
                rows.append(row)
                options.append(group)
                targets += [float(fit == best) for fit in fits]
        return self.view.alternatives(rows, options), targets, [len(group) for group in options]


def _touches(a: Offsets | None, b: Offsets | None) -> bool:
    return (a is None and b is None) or (a is not None and b is not None and a[0] < b[1] and b[0] < a[1])


def _fit(view: ArticleView, option: Phrase, gold: Offsets | None) -> float:
    """Shared characters over all characters of both; none fits none."""
    if option is NONE or gold is None:
        return float(option is NONE and gold is None)
    span = first_like(view.words, option, int(view.table.low[option.first])).span(view.words)
    shared = min(span.end, gold[1]) - max(span.start, gold[0])
    return max(shared, 0) / (max(span.end, gold[1]) - min(span.start, gold[0]))


def chain_docs(articles: Sequence[LabelledArticle], models: str | None, last: str) -> list[Doc]:
    """Docs of labelled articles as the chain makes them up to the component `last`."""
    from nlp_extract.pipeline import PIPELINE, load, make_doc

    nlp = load(exclude=PIPELINE[PIPELINE.index(last) + 1 :], models=models)
    return [nlp(make_doc(nlp, a.text, title=a.title, published=a.published)) for a in articles]


def examples_of(articles: Sequence[LabelledArticle], docs: Sequence[Doc], clusters: ModelFolder) -> list[Example]:
    """Labelled articles with what the chain found in them."""
    classes = Clusters(clusters)
    return [Example(a, ArticleView(d, text_of(d), classes)) for a, d in zip(articles, docs, strict=True)]


Linear = tuple[LinearModel, LinearModel, LinearModel]


def fit_linears(examples: Sequence[Example], base: ModelFolder | None = None) -> Linear:
    """Train the predicate, subject and object models."""
    rows = numpy.concatenate([e.columns for e in examples], axis=1).T
    targets = numpy.concatenate([e.targets for e in examples])[:, None]
    predicate = fit_linear(rows, targets, ["action"], bits=PREDICATE_BITS, c=C, base=linear_model(base, "predicate"))
    rankings = []
    for role in ROLES:
        groups = [e.ranking(role) for e in examples]
        rankings.append(
            fit_ranking(
                numpy.concatenate([columns for columns, _, _ in groups], axis=1).T,
                numpy.array([target for _, targets, _ in groups for target in targets]),
                [size for _, _, sizes in groups for size in sizes],
                role,
                bits=ARGUMENT_BITS,
                c=ARGUMENT_C,
                base=linear_model(base, role),
            )
        )
    return predicate, rankings[0], rankings[1]


class Staged:
    """An example with what the linear models say of it."""

    def __init__(self, example: Example, models: Linear) -> None:
        self.example = example
        view = example.view
        self.first = models[0].proba_at(example.columns)[:, 0]
        self.kept: list[int] = numpy.flatnonzero(self.first >= PRUNE).tolist()
        self.subjects, self.objects = view.choices(self.kept, models[1:])
        self.rows = decision_features(view, self.first, self.kept, self.subjects, self.objects)
        self.targets = example.targets[self.kept]

    def counts(self, scores: NDArray[Any], settings: dict[str, float]) -> NDArray[Any]:
        """Hits by predicate, hits of the whole, predicted, gold; matched as score.py does."""
        view = self.example.view
        found = choose(view, self.kept, scores, self.subjects, self.objects, settings)
        found.sort(key=lambda f: -f.score)
        hits = [0, 0]
        for mode in (0, 1):
            free = list(self.example.gold)
            for f in found:
                words = view.words
                predicate = (words[f.first].start, words[f.last].end)
                subject, object_ = _offsets(f.subject, words), _offsets(f.object, words)
                match = next(
                    (
                        g
                        for g in free
                        if _touches(predicate, g[2])
                        and (mode == 0 or (_touches(object_, g[3]) and (g[1] is None or _touches(subject, g[1]))))
                    ),
                    None,
                )
                if match is not None:
                    free.remove(match)
                    hits[mode] += 1
        return numpy.array([*hits, len(found), len(self.example.gold)])


def _offsets(phrase: Phrase, words: Sequence[Word]) -> Offsets | None:
    if phrase is NONE:
        return None
    span: Span = phrase.span(words)
    return (span.start, span.end)


def score(staged: Sequence[Staged], scores: Sequence[NDArray[Any]], settings: dict[str, float]) -> dict[str, float]:
    """F1, precision and recall of `actions` and `actions.predicate`."""
    counts = [s.counts(values, settings) for s, values in zip(staged, scores, strict=True)]
    by_predicate, whole, made, gold = numpy.sum(counts, axis=0).tolist()
    result = {}
    for name, hits in (("actions.predicate", by_predicate), ("actions", whole)):
        result[name] = round(2 * hits / max(made + gold, 1), 4)
        result[f"{name}.precision"] = round(hits / max(made, 1), 4)
        result[f"{name}.recall"] = round(hits / max(gold, 1), 4)
    return result


def cross_stage(examples: Sequence[Example]) -> list[Staged]:
    """Every example as models see it that were not trained on it; with one example, as its own."""
    return held_out(examples, fit_linears, Staged)


def fit_decision(staged: Sequence[Staged], seed: int = 0) -> BoostedTrees:
    """Train the last decision."""
    kept = [s for s in staged if len(s.kept)]
    return fit_boosting(
        numpy.concatenate([s.rows for s in kept]), numpy.concatenate([s.targets for s in kept]), seed=seed
    )


def chances(staged: Staged, decision: BoostedTrees) -> NDArray[Any]:
    """What the last decision says of an article's candidates."""
    return decision.predict_proba(staged.rows) if len(staged.kept) else numpy.zeros(0)


def _cross_scores(staged: Sequence[Staged], seed: int) -> tuple[dict[str, float], dict[str, float], list[NDArray[Any]]]:
    """Settings that give the best mean of both F1 by cross-validation, the F1, and the scores behind them."""
    scores = held_out(staged, functools.partial(fit_decision, seed=seed), chances, shift=3)
    best: tuple[float, dict[str, float], dict[str, float]] = (-1.0, dict(SETTINGS), {})
    for name, values in GRID.items():
        for value in values:
            settings = {**best[1], name: value}
            result = score(staged, scores, settings)
            goal = result["actions"] + result["actions.predicate"]
            if goal > best[0] + 1e-9:
                best = (goal, settings, result)
    return best[1], best[2], scores


def cross_relations(
    articles: Sequence[LabelledArticle], docs: Sequence[Doc], clusters: ModelFolder, seed: int = 0
) -> list[tuple[Relation, ...]]:
    """Relations of every article found by models that were not trained on it."""
    examples = examples_of(articles, docs, clusters)
    staged = cross_stage(examples)
    settings, _, scores = _cross_scores(staged, seed)
    found = []
    for doc, s, values in zip(docs, staged, scores, strict=True):
        chosen = choose(s.example.view, s.kept, values, s.subjects, s.objects, settings)
        found.append(relations(s.example.view, chosen, Resolver(doc, text_of(doc))))
    return found


def train_examples(
    examples: Sequence[Example], clusters: ModelFolder, base: ModelFolder | None, seed: int
) -> tuple[ModelFolder, dict[str, float]]:
    """Train all decisions on prepared articles; also the scores by cross-validation.

    With a `base`, the linear models are adapted, and its last decision and settings stay.
    """
    linears = fit_linears(examples, base)
    cross: dict[str, float] = {}
    if base is None:
        staged = cross_stage(examples)
        settings, cross = _cross_scores(staged, seed)[:2] if len(staged) > 1 else (dict(SETTINGS), {})
        decision = fit_decision(staged, seed)
    else:
        settings, decision = base.json("settings.json"), BoostedTrees(base.arrays("decision.npz"))
    files = {**decision.to_files("decision"), "settings.json": (json.dumps(settings, sort_keys=True) + "\n").encode()}
    for name, model in zip(("predicate", "subject", "object"), linears, strict=True):
        files.update(model.to_files(name))
    files["clusters.npz"] = clusters.files["clusters.npz"]
    files["README.md"] = OWN_CARD.format(articles=len(examples)).encode()
    return ModelFolder.build("relations", files, {"version": "1"}), cross


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given, with the models of the components before."""
    clusters = load_model("clusters", models)
    examples = examples_of(articles, chain_docs(articles, models, "syntax"), clusters)
    return train_examples(examples, clusters, base, seed)[0]


def evaluate(folder: ModelFolder, examples: Sequence[Example]) -> dict[str, float]:
    """Scores of a model on prepared articles."""
    model = RelationsModel.from_folder(folder)
    staged = [Staged(e, (model.predicate, model.subject, model.object)) for e in examples]
    scores = [chances(s, model.decision) for s in staged]
    return score(staged, scores, dict(model.settings))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/relations"))
    options = parser.parse_args()
    clusters = load_model("clusters")
    train_set, dev_set = (shared_articles(part, options.shared) for part in PARTS)
    examples = examples_of(train_set, chain_docs(train_set, None, "syntax"), clusters)
    folder, cross = train_examples(examples, clusters, None, 0)
    dev = examples_of(dev_set, chain_docs(dev_set, None, "syntax"), clusters)
    scores = evaluate(folder, dev)
    card = CARD.format(
        articles=len(examples), gold=sum(len(e.gold) for e in examples), folds=FOLDS, dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()),
        cross=", ".join(f"{k} {v:.3f}" for k, v in cross.items()),
    )  # fmt: skip
    folder.described(card, scores=scores, cross_validation=cross).write(options.output)


if __name__ == "__main__":
    main()
