"""Train the decisions of `nlp_extract_participants` on labelled articles.

Run: python -m nlp_extract.participants.training --shared ../shared --output models/participants
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

from nlp_extract import layers
from nlp_extract.learning.folds import FOLDS, held_out
from nlp_extract.learning.labelled import LabelledArticle, shared_articles
from nlp_extract.learning.scoring import bare
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import LinearModel, fit_linear, linear_model
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.participants.candidates import Participant
from nlp_extract.participants.features import BITS
from nlp_extract.participants.find import ROLES, ArticleParticipants, ParticipantsModel, log_odds
from nlp_extract.relations.boosting import BoostedTrees, fit_boosting
from nlp_extract.relations.clusters import Clusters
from nlp_extract.relations.training import chain_docs, cross_relations
from nlp_extract.text.component import text_of

C = 0.1
SETTINGS = {"subject": 0.35, "object": 0.3}
THRESHOLDS = [round(0.2 + 0.02 * n, 2) for n in range(16)]

CARD = """# participants: main actors and those acted on

`first`: two logistic regressions over hashed crosses of attributes say how likely a candidate (an entity or a noun
phrase) is a main actor or one acted on. `subject`, `object`: boosted trees see the first values among those of the
other candidates. Of the candidates that match a labelled main actor one is right, its entity before phrases around it;
of those acted on all are.

- Data: {articles} labelled articles (part `train` of `data/split.tsv`), {subjects} subjects, {objects} objects.
  Entities and names are those the chain finds at run time; relations are found by models that have not seen the
  article ({folds}-fold cross-validation). Thresholds are tuned by cross-validation on the same part.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores, matched as the labelled set's `score.py` does: on part `dev` ({dev_articles} articles) {scores};
  by cross-validation on `train` {cross}
- Command: `python -m nlp_extract.participants.training --shared ../shared --output models/participants`
- Made: 2026-11-28, seed 0. Licence of the weights: Apache-2.0.
"""


class Example:
    """A labelled article, its candidates, and what they match."""

    def __init__(self, labelled: LabelledArticle, article: ArticleParticipants) -> None:
        self.article = article
        groups: dict[str, set[str]] = {}
        for group in labelled.label["aliases"]:
            for surface in group:
                groups.setdefault(bare(surface), set()).update(bare(s) for s in group)
        self.gold: list[list[set[str]]] = [
            [groups.get(bare(s), set()) | {bare(s)} for s in labelled.label[f"{role}s"]] for role in ROLES
        ]
        found = [_targets(article.participants, gold, role) for role, gold in zip(ROLES, self.gold, strict=True)]
        self.targets = numpy.stack([targets for targets, _ in found], axis=1)
        self.weights = numpy.stack([weights for _, weights in found], axis=1)


def _targets(
    participants: Sequence[Participant], gold: Sequence[set[str]], role: str
) -> tuple[NDArray[numpy.int64], NDArray[numpy.float64]]:
    """Which candidates are right, and how much each counts as an example."""
    fits = numpy.array([[_fit(p, names) for names in gold] for p in participants], dtype=numpy.float64)
    fits = fits.reshape(len(participants), len(gold))
    targets, weights = numpy.zeros(len(fits), dtype=numpy.int64), numpy.ones(len(fits))
    if role == "subject":
        # An actor is named once: what is part of its name or has it inside is wrong. An entity goes before a phrase.
        entity = numpy.array([p.entity is not None for p in participants])
        for column in fits.T[fits.any(axis=0)]:
            targets[numpy.argmax(column + (column > 0) * entity + 2 * (column == 1))] = 1
    else:
        best = fits.max(axis=1, initial=0.0)
        targets[best > 0] = 1
        # A small part of what is meant, or one with much around it, is a weaker example.
        weights[(best > 0) & (best < 0.5)] = 0.4
    return targets, weights


def _forms(p: Participant) -> set[str]:
    return {f for f in (bare(f) for f in p.forms()) if f}


def _same(forms: set[str], names: set[str]) -> bool:
    return bool(forms & names) or any(a in b or b in a for a in forms for b in names if min(len(a), len(b)) >= 2)


def _fit(p: Participant, names: set[str]) -> float:
    """Shorter over longer form of a match, 0 for none."""
    forms = _forms(p)
    if not _same(forms, names):
        return 0.0
    return max(min(len(a), len(b)) / max(len(a), len(b)) for a in forms for b in names if a in b or b in a)


def prepare(
    articles: Sequence[LabelledArticle], clusters: ModelFolder, models: str | None = None, *, cross: bool
) -> list[Example]:
    """Run the chain up to the relations; with `cross`, relations come from models that have not seen the article."""
    docs = chain_docs(articles, models, last="relations")
    if cross and len(articles) > 1:
        for doc, found in zip(docs, cross_relations(articles, docs, clusters), strict=True):
            layers.put(doc, "relations", found)
    return examples_of(articles, docs, clusters)


def examples_of(articles: Sequence[LabelledArticle], docs: Sequence[Doc], clusters: ModelFolder) -> list[Example]:
    """Labelled articles with what the chain found in them."""
    classes = Clusters(clusters)
    return [Example(a, ArticleParticipants(d, text_of(d), classes)) for a, d in zip(articles, docs, strict=True)]


def fit_first(examples: Sequence[Example], base: LinearModel | None = None) -> LinearModel:
    """Train the first decision of both roles."""
    rows = numpy.concatenate([e.article.columns.T for e in examples])
    targets = numpy.concatenate([e.targets for e in examples])
    weights = numpy.concatenate([e.weights for e in examples])
    parts = [
        fit_linear(
            rows, targets[:, k : k + 1], [role], bits=BITS, c=C, sample_weight=weights[:, k], base=_column(base, k)
        )
        for k, role in enumerate(ROLES)
    ]
    return LinearModel(
        ROLES,
        numpy.concatenate([m.weights for m in parts], axis=1),
        numpy.concatenate([m.intercept for m in parts]),
        bits=parts[0].bits,
        multilabel=True,
    )


def _column(base: LinearModel | None, k: int) -> LinearModel | None:
    if base is None:
        return None
    return LinearModel(
        [ROLES[k]], base.weights[:, k : k + 1], base.intercept[k : k + 1], bits=base.bits, multilabel=True
    )


class Staged:
    """An example with the values of the first decision."""

    def __init__(self, example: Example, first: LinearModel) -> None:
        self.example = example
        values = log_odds(first, example.article.columns)
        self.kept = example.article.keep(values)
        self.rows = example.article.facts.decision(self.kept, values)
        self.targets = example.targets[self.kept]

    def counts(self, scores: NDArray[Any], role: str, settings: dict[str, float]) -> tuple[int, int, int]:
        """Hits, predicted and gold of a role, matched as score.py does."""
        gold = self.example.gold[ROLES.index(role)]
        chosen = self.example.article.choose(self.kept, scores, role, settings)
        free = list(gold)
        for n, _ in chosen:
            forms = _forms(self.example.article.participants[n])
            match = next((g for g in free if _same(forms, g)), None)
            if match is not None:
                free.remove(match)
        return len(gold) - len(free), len(chosen), len(gold)


def score(
    staged: Sequence[Staged],
    scores: Sequence[Sequence[NDArray[Any]]],
    settings: dict[str, float],
    roles: Sequence[str] = ROLES,
) -> dict[str, float]:
    """F1, precision and recall of `subjects` and `objects`."""
    result = {}
    for role in roles:
        k = ROLES.index(role)
        counts = [s.counts(values[k], role, settings) for s, values in zip(staged, scores, strict=True)]
        hits, made, gold = numpy.sum(counts, axis=0).tolist()
        result[f"{role}s"] = round(2 * hits / max(made + gold, 1), 4)
        result[f"{role}s.precision"] = round(hits / max(made, 1), 4)
        result[f"{role}s.recall"] = round(hits / max(gold, 1), 4)
    return result


def cross_stage(examples: Sequence[Example]) -> list[Staged]:
    """Every example as a first decision sees it that was not trained on it."""
    return held_out(examples, fit_first, Staged)


def fit_decisions(staged: Sequence[Staged], seed: int = 0) -> tuple[BoostedTrees, BoostedTrees]:
    """Train the last decision of both roles."""
    rows = numpy.concatenate([s.rows for s in staged if len(s.kept)])
    targets = numpy.concatenate([s.targets for s in staged if len(s.kept)])
    subject, object_ = (fit_boosting(rows, targets[:, k], trees=100, depth=4, seed=seed) for k in range(len(ROLES)))
    return subject, object_


def chances(staged: Staged, decisions: Sequence[BoostedTrees]) -> list[NDArray[Any]]:
    """What the last decisions say of an article's candidates, role by role."""
    return [d.predict_proba(staged.rows) if len(staged.kept) else numpy.zeros(0) for d in decisions]


def tune(staged: Sequence[Staged], seed: int = 0) -> tuple[dict[str, float], dict[str, float]]:
    """Settings that give the best F1 by cross-validation, and the scores."""
    if len(staged) < 2:
        return dict(SETTINGS), {}
    scores = held_out(staged, functools.partial(fit_decisions, seed=seed), chances, shift=3)
    settings = dict(SETTINGS)
    for role in ROLES:
        tried = {t: score(staged, scores, {**settings, role: t}, [role])[f"{role}s"] for t in THRESHOLDS}
        settings[role] = max(THRESHOLDS, key=lambda t, tried=tried: tried[t])  # type: ignore[misc]
    return settings, score(staged, scores, settings)


def train_examples(
    examples: Sequence[Example], clusters: ModelFolder, base: ModelFolder | None, seed: int
) -> tuple[ModelFolder, dict[str, float]]:
    """Train all decisions on prepared articles; also the scores by cross-validation.

    With a `base`, the first decision is adapted, and its last decisions and settings stay.
    """
    first = fit_first(examples, linear_model(base, "first"))
    cross: dict[str, float] = {}
    files: dict[str, bytes] = {}
    if base is None:
        staged = cross_stage(examples)
        settings, cross = tune(staged, seed)
        for role, decision in zip(ROLES, fit_decisions(staged, seed), strict=True):
            files.update(decision.to_files(role))
        files["settings.json"] = (json.dumps(settings, sort_keys=True) + "\n").encode()
    else:
        files = {name: base.files[name] for name in ("settings.json", "subject.npz", "object.npz")}
    files.update(first.to_files("first"))
    files["clusters.npz"] = clusters.files["clusters.npz"]
    files["README.md"] = OWN_CARD.format(articles=len(examples)).encode()
    return ModelFolder.build("participants", files, {"version": "1"}), cross


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given, with the models of the components before."""
    clusters = load_model("clusters", models)
    examples = prepare(articles, clusters, models, cross=base is None)
    return train_examples(examples, clusters, base, seed)[0]


def evaluate(folder: ModelFolder, examples: Sequence[Example]) -> dict[str, float]:
    """Scores of a model on prepared articles."""
    model = ParticipantsModel.from_folder(folder)
    staged = [Staged(e, model.first) for e in examples]
    scores = [chances(s, model.decisions) for s in staged]
    return score(staged, scores, dict(model.settings))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/participants"))
    options = parser.parse_args()
    clusters = load_model("clusters")
    examples = prepare(shared_articles("train", options.shared), clusters, cross=True)
    folder, cross = train_examples(examples, clusters, None, 0)
    dev = prepare(shared_articles("dev", options.shared), clusters, cross=False)
    scores = evaluate(folder, dev)
    card = CARD.format(
        articles=len(examples), subjects=sum(len(e.gold[0]) for e in examples),
        objects=sum(len(e.gold[1]) for e in examples), folds=FOLDS, dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()),
        cross=", ".join(f"{k} {v:.3f}" for k, v in cross.items()),
    )  # fmt: skip
    folder.described(card, scores=scores, cross_validation=cross).write(options.output)


if __name__ == "__main__":
    main()
