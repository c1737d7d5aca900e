"""Train the roles of `nlp_extract_statements` on labelled articles.

Run: python -m nlp_extract.statements.training --shared ../shared --output models/statements
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.learning.labelled import LabelledArticle, read_jsonl, shared_articles, training_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder
from nlp_extract.statements.features import BITS, Cut, dense, grams
from nlp_extract.statements.find import ROLES
from nlp_extract.statements.roles import Roles, likeness
from nlp_extract.statements.upstream import Upstream, annotate
from nlp_extract.statements.vectors import Vectors, learn_vectors
from nlp_extract.text.normalise import shadow, storable

PENALTY = 1.0
LANDMARKS = 3000
WIDTH = 200
FOLDS = 5
# A feature of fewer sentences teaches nothing; neither do fewer examples of a role teach a threshold.
RAREST = 3
FEW = 20
GROUPS: Mapping[str, tuple[str, ...]] = {
    "reactions": ("reaction",),
    "measures": ("measure",),
    "challenges": ("challenge",),
    "outlook": ("outlook_positive", "outlook_negative"),
    "scopes": ("scope_national", "scope_industry", "scope_company", "scope_regional"),
}

CARD = """# statements: which sentences play which roles

Ridge regression with two kernels, a score a role, log odds by Platt scaling, a threshold a section: linear over hashed
n-grams of characters and words (`linear.npz`), and a radial basis function over what a sentence means, its article and
neighbours mean, where it stands, its names, figures and times, and its cues (`kernel.npz`, {landmarks} landmarks).
Meaning is the mean of word vectors (`vectors.npz`).

- Data: {articles} labelled articles (part `train` of `data/split.tsv`, and `data/labelled/news.jsonl`),
  {sentences} sentences; entities, times, figures and policies are those that the chain finds at run time.
- Word vectors: {words} words, {dimensions} dimensions, learnt from {news} news articles without labels
  (`news/news.jsonl.gz`, `news/xwlb_background.jsonl.gz`); words are kept as hash values.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model.
- F1 by sentence, as the labelled set's `score.py` counts:

{table}

  Beside it: TF-IDF of a sentence and its neighbours with logistic regression, and two readers.
- Thresholds maximise F1 in {folds}-fold cross-validation by article on part `train`; dev had no part in it.
- Command: `python -m nlp_extract.statements.training --shared ../shared --output models/statements`
- Made: 2026-11-28, seed 0. Licence of the weights: Apache-2.0.
"""
BESIDE = {
    "reactions": ("0.57", "0.79"),
    "measures": ("0.62", "0.87"),
    "challenges": ("0.35", "0.90"),
    "outlook": ("0.47", "0.75"),
    "scopes": ("0.25", "0.68"),
}


class Data:
    """Sentences of labelled articles: words, features, gold roles (n, k), the article each belongs to."""

    def __init__(self, articles: Sequence[LabelledArticle], upstream: Sequence[Upstream]) -> None:
        self.cuts: list[Cut] = []
        self.upstream: list[Upstream] = []
        gold: list[list[int]] = []
        owner: list[int] = []
        for number, (article, layers) in enumerate(zip(articles, upstream, strict=True)):
            text = layers.text
            if not text.sentences:
                continue
            self.cuts.append(Cut.of(text.shadow[s.start : s.end] for s in text.sentences))
            self.upstream.append(layers)
            for sentence in text.sentences:
                played = article.label["roles"].get(str(sentence.index), [])
                gold.append([int(role in played) for role in ROLES])
                owner.append(number)
        self.gold = numpy.array(gold, dtype=numpy.int64).reshape(-1, len(ROLES))
        self.owner = numpy.array(owner, dtype=numpy.int64)
        columns, lengths = (numpy.concatenate(parts) for parts in zip(*map(grams, self.cuts), strict=True))
        self.matrix = grams_matrix(columns, lengths)

    def __len__(self) -> int:
        return len(self.owner)

    def centre(self, vectors: Vectors) -> NDArray[numpy.float32]:
        """Mean meaning of the sentences, shape (d,)."""
        rows = [vectors.means(cut.hashes, cut.bounds[:-1], cut.bounds[1:]) for cut in self.cuts]
        mean: NDArray[numpy.float32] = numpy.concatenate(rows).mean(axis=0)
        return mean

    def dense(self, vectors: Vectors, centre: NDArray[Any]) -> NDArray[numpy.float32]:
        """`features.dense` of all sentences, shape (n, width)."""
        pairs = zip(self.upstream, self.cuts, strict=True)
        return numpy.concatenate([dense(layers, cut, vectors, centre) for layers, cut in pairs])


class Learner:
    """What the fits of one training run share: features of both kinds and what the base says already."""

    def __init__(self, data: Data, vectors: Vectors, base: Roles | None, seed: int) -> None:
        from scipy.linalg import cholesky, solve_triangular
        from scipy.sparse import diags

        self.data, self.vectors, self.base = data, vectors, base
        self.centre = base.centre if base is not None else data.centre(vectors)
        places = data.dense(vectors, self.centre)
        self.axes = base.axes if base is not None else _axes(places)
        self.places = places @ self.axes
        self.known = numpy.zeros(data.gold.shape)
        if base is not None:
            self.known = scores_of(base.linear, data.matrix) + likeness(self.places, base.landmarks) @ base.weights
            self.landmarks = base.landmarks
        else:
            chosen = numpy.sort(numpy.random.default_rng(seed).permutation(len(data))[:LANDMARKS])
            self.landmarks = self.places[chosen].astype(numpy.float16).astype(numpy.float32)
        # What needs no labels is the same for every fit: how rare a column is, and Nyström's features, whose products
        # are the kernel's values, as far as the landmarks reach.
        self.rarity = _rarity(data.matrix)
        self.scaled = (data.matrix @ diags(self.rarity)).tocsr().astype(numpy.float32)
        likely = likeness(self.landmarks, self.landmarks) + 1e-3 * numpy.eye(len(self.landmarks))
        self.root = cholesky(likely, lower=True).astype(numpy.float32)
        self.mapped = numpy.ascontiguousarray(
            solve_triangular(self.root, likeness(self.landmarks, self.places), lower=True).T
        )

    def fit(self, kept: NDArray[Any]) -> Roles:
        """Ridge regression on the sentences `kept`; the penalty is on the distance from the base."""
        from scipy.linalg import solve_triangular

        scaled, mapped = self.scaled[kept], self.mapped[kept]
        middle = mapped.mean(axis=0)
        mapped -= middle
        residual = self.data.gold[kept] - self.known[kept]
        mean = residual.mean(axis=0)
        dual = _conjugate(
            lambda v: scaled @ (scaled.T @ v) + mapped @ (mapped.T @ v) + numpy.float32(PENALTY) * v,
            (residual - mean).astype(numpy.float32),
        )
        inner = mapped.T @ dual
        weights = numpy.zeros((1 << BITS, len(ROLES)), dtype=numpy.float32)
        weights += (scaled.T @ dual) * self.rarity[:, None]
        likely = solve_triangular(self.root, inner, lower=True, trans=1)
        intercept = mean - middle @ inner
        if self.base is not None:
            weights += self.base.linear.weights
            likely += self.base.weights
            intercept += self.base.linear.intercept
        linear = LinearModel(ROLES, weights, intercept, bits=BITS, multilabel=True)
        one = numpy.ones(len(ROLES), dtype=numpy.float32)
        return Roles(
            linear, self.vectors, self.centre, self.axes, self.landmarks, likely.astype(numpy.float32), one, 0 * one
        )

    def raw(self, roles: Roles, chosen: NDArray[Any]) -> NDArray[numpy.float32]:
        """Scores of the sentences `chosen`, before Platt scaling."""
        linear = scores_of(roles.linear, self.data.matrix[chosen])
        values: NDArray[numpy.float32] = linear + likeness(self.places[chosen], roles.landmarks) @ roles.weights
        return values

    def cross(self) -> NDArray[numpy.float32]:
        """Scores of every sentence by models that have not seen its article."""
        folds = (self.data.owner * 7 + 3) % FOLDS
        result = numpy.zeros(self.data.gold.shape, dtype=numpy.float32)
        for fold in range(FOLDS):
            test, kept = numpy.flatnonzero(folds == fold), numpy.flatnonzero(folds != fold)
            if len(test):
                # One article alone is its own training set.
                result[test] = self.raw(self.fit(kept if len(kept) else test), test)
        return result


def grams_matrix(columns: NDArray[numpy.int64], lengths: NDArray[numpy.int64]) -> Any:
    """`features.grams` as a scipy CSR matrix whose rows have length 1."""
    from scipy.sparse import csr_matrix

    values = numpy.repeat(1 / numpy.sqrt(numpy.maximum(lengths, 1)), lengths).astype(numpy.float32)
    return csr_matrix((values, columns, numpy.cumsum([0, *lengths])), shape=(len(lengths), 1 << BITS))


def scores_of(model: LinearModel, matrix: Any) -> NDArray[numpy.float32]:
    """Decision values of the rows of `grams_matrix`, shape (n, k)."""
    values: NDArray[numpy.float32] = matrix @ model.weights.astype(numpy.float32) + model.intercept
    return values


def _axes(places: NDArray[Any]) -> NDArray[numpy.float32]:
    """The directions in which sentences differ most, shape (width, at most `WIDTH`)."""
    _, axes = numpy.linalg.eigh(numpy.cov(places.T.astype(numpy.float64)))
    chosen: NDArray[numpy.float32] = axes[:, ::-1][:, :WIDTH].astype(numpy.float16).astype(numpy.float32)
    return chosen


def _rarity(matrix: Any) -> NDArray[numpy.float64]:
    """How much each column counts, by how rare it is; 0 for the rarest. The weights absorb it."""
    counts = numpy.asarray((matrix > 0).sum(axis=0)).ravel()
    rarity = numpy.log((1 + matrix.shape[0]) / (1 + counts)) / 5.0
    return numpy.where(counts >= RAREST, rarity, 0.0)


def _conjugate(apply: Callable[[NDArray[Any]], NDArray[Any]], target: NDArray[Any]) -> NDArray[Any]:
    """Solve `apply(x) = target`, each column by conjugate gradients."""
    found = numpy.zeros_like(target)
    rest = target.copy()
    step = rest.copy()
    size = (rest**2).sum(axis=0)
    enough = 1e-6 * size.sum()
    for _ in range(300):
        if size.sum() <= enough:
            break
        moved = apply(step)
        pace = size / numpy.maximum((step * moved).sum(axis=0), 1e-30)
        found += pace * step
        rest -= pace * moved
        size, before = (rest**2).sum(axis=0), size
        step = rest + step * (size / numpy.maximum(before, 1e-30))
    return found


def platt(values: NDArray[Any], gold: NDArray[Any], base: Roles | None) -> tuple[NDArray[Any], NDArray[Any]]:
    """Slope and offset of each role; the base's where there are few examples."""
    from sklearn.linear_model import LogisticRegression

    slope, offset = numpy.full(len(ROLES), 6.0, numpy.float32), numpy.full(len(ROLES), -3.0, numpy.float32)
    if base is not None:
        slope, offset = base.slope.copy(), base.offset.copy()
    for k in range(len(ROLES)):
        if FEW <= gold[:, k].sum() <= len(gold) - FEW:
            fitted = LogisticRegression(C=1e3).fit(values[:, [k]], gold[:, k])
            slope[k], offset[k] = fitted.coef_[0, 0], fitted.intercept_[0]
    return slope, offset


def f1(hits: int, made: int, gold: int) -> tuple[float, float, float]:
    """F1, precision, recall."""
    return 2 * hits / max(made + gold, 1), hits / max(made, 1), hits / max(gold, 1)


def tune(chances: NDArray[Any], gold: NDArray[Any], start: Mapping[str, float]) -> dict[str, float]:
    """The threshold that maximises the F1 of each group of roles; `start` where there are few examples.

    The best threshold of calibrated probabilities is half the F1 reached, so the roles of a group share one.
    """
    grid = [round(0.04 + 0.01 * n, 2) for n in range(80)]
    chosen = dict(start)
    for group in GROUPS.values():
        if gold[:, [ROLES.index(role) for role in group]].sum() >= FEW:
            shared = [dict.fromkeys(group, threshold) for threshold in grid]
            values = [(counts(chances, gold, same, group)[0], -n) for n, same in enumerate(shared)]
            chosen.update(shared[-max(values)[1]])
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
    articles: Sequence[LabelledArticle],
    *,
    base: ModelFolder | None = None,
    models: str | None = None,
    seed: int = 0,
    vectors: Vectors | None = None,
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given; thresholds by cross-validation.

    Parameters
    ----------
    articles : sequence of LabelledArticle
    base : ModelFolder, optional
        The model to start from; its word vectors are kept.
    models : str, optional
        A folder with the models of the components before this one.
    seed : int
    vectors : Vectors, optional
        Word vectors; without them and without a base they are learnt from the articles.
    """
    return train_on(articles, annotate(articles, "figures", models), base, seed, vectors)


def train_on(
    articles: Sequence[LabelledArticle],
    upstream: Sequence[Upstream],
    base: ModelFolder | None,
    seed: int,
    vectors: Vectors | None,
) -> ModelFolder:
    """Train on articles whose layers are known."""
    data = Data(articles, upstream)
    start = Roles.of(base) if base is not None else None
    if start is not None:
        vectors = start.vectors
    elif vectors is None:
        vectors = learn_vectors([cut.words for cut in data.cuts], seed)
    learner = Learner(data, vectors, start, seed)
    values = learner.cross()
    slope, offset = platt(values, data.gold, start)
    chances = 1 / (1 + numpy.exp(-(slope * values + offset)))
    usual = dict.fromkeys(ROLES, 0.3) if base is None else {k: float(v) for k, v in base.json("settings.json").items()}
    thresholds = tune(chances, data.gold, usual)
    roles = dataclasses.replace(learner.fit(numpy.arange(len(data))), slope=slope, offset=offset)
    files = {
        **roles.files(),
        "settings.json": (json.dumps(thresholds, sort_keys=True) + "\n").encode(),
        "README.md": OWN_CARD.format(articles=len(articles)).encode(),
    }
    meta = {"version": "1", "cross_validation": scores(chances, data.gold, thresholds), "sentences": len(data)}
    return ModelFolder.build("statements", files, meta)


def evaluate(
    folder: ModelFolder, articles: Sequence[LabelledArticle], upstream: Sequence[Upstream]
) -> dict[str, float]:
    """F1, precision and recall of a model on labelled articles."""
    roles = Roles.of(folder)
    data = Data(articles, upstream)
    chances = numpy.concatenate([roles.chances(layers) for layers in upstream if layers.text.sentences])
    return scores(chances, data.gold, folder.json("settings.json"))


def news(shared: Path) -> list[tuple[str, ...]]:
    """The words of the news articles without labels."""
    paths = [shared / "corpora" / "news" / f"{name}.jsonl.gz" for name in ("news", "xwlb_background")]
    rows = (row for path in paths for row in read_jsonl(path))
    return [Cut.of([shadow(storable(f"{row.get('title') or ''}\n{row['text']}"))]).words for row in rows]


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
    articles, dev = training_articles(options.shared), shared_articles("dev", options.shared)
    texts = news(options.shared)
    vectors = learn_vectors(texts)
    folder = train(articles, vectors=vectors)
    reached = evaluate(folder, dev, annotate(dev, "figures"))
    card = CARD.format(
        articles=len(articles),
        sentences=folder.meta["sentences"],
        words=len(vectors.hashes),
        dimensions=vectors.dimensions,
        news=len(texts),
        landmarks=LANDMARKS,
        table=table(folder.meta["cross_validation"], reached),
        folds=FOLDS,
    )
    folder.described(card, scores=reached).write(options.output)


if __name__ == "__main__":
    main()
