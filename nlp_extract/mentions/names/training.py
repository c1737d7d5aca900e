"""Train the decisions of `nlp_extract_names` on labelled articles: which names are one, which places are listed.

Run: python -m nlp_extract.mentions.names.training --shared ../shared --output models/names
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy

from nlp_extract.layers import Entity, EntityMention, Label, TextLayer
from nlp_extract.learning.labelled import LabelledArticle, shared_articles
from nlp_extract.learning.training import OWN_CARD
from nlp_extract.linear import Features, LinearModel, fit_linear, linear_model
from nlp_extract.mentions.names import aliases, roles
from nlp_extract.mentions.names.aliases import bare
from nlp_extract.mentions.names.find import Models, find_names, place_groups
from nlp_extract.mentions.names.gazetteer import gazetteer
from nlp_extract.models import ModelFolder
from nlp_extract.text.component import analyse_text

BITS = 16
C_ALIASES = 1.0
C_PLACES = 0.1
ALIAS_THRESHOLD = 0.37
PLACE_THRESHOLD = 0.6

CARD = """# names: which names are one, and what role a place has

Three logistic regressions over hashed features: `aliases` decides on pairs of names of one article
(`nlp_extract/mentions/names/aliases.py`), `places` whether a place is worth listing, `scene` whether the main event
happens there (`nlp_extract/mentions/names/roles.py`); seats are found by rule.

- Data: {articles} labelled articles (part `train` of `data/split.tsv`): {pairs} pairs of names, {same} of them one;
  {places} places, {listed} of them listed.
- Provenance of the labels: each article was read and labelled once by a large language model following
  the guidelines of the labelled set. The texts are the publishers' copyright; none is in the model, whose features
  are hash values.
- Scores on part `dev` ({dev_articles} articles), on the labelled names: {scores}
- Command: `python -m nlp_extract.mentions.names.training --shared ../shared --output models/names`
- Made: 2026-11-24, seed 0. Licence of the weights: Apache-2.0.
"""


def labelled_mentions(article: LabelledArticle, text: TextLayer) -> list[EntityMention]:
    """Every occurrence of a labelled name, the longest first where they overlap; no one-character names."""
    found: list[EntityMention] = []
    taken = bytearray(len(text.article))
    names = sorted(((s, k) for s, k in article.label["entities"] if len(s) > 1), key=lambda row: (-len(row[0]), row))
    for surface, label in names:
        start = text.article.find(surface)
        while start >= 0:
            end = start + len(surface)
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(EntityMention(start, end, cast(Label, label), 1.0))
            start = text.article.find(surface, end)
    return sorted(found, key=lambda m: (m.start, m.end))


def text_of_article(article: LabelledArticle) -> TextLayer:
    """The text layer of a labelled article."""
    return analyse_text(article.article, title_end=len(article.title or ""))


def gold_pairs(article: LabelledArticle) -> set[frozenset[str]]:
    """Pairs of names that the reader took for one."""
    pairs: set[frozenset[str]] = set()
    for group in article.label["aliases"]:
        names = sorted({bare(s) for s in group})
        pairs.update(frozenset(pair) for pair in itertools.combinations(names, 2))
    return pairs


def alias_examples(
    article: LabelledArticle, text: TextLayer, mentions: Sequence[EntityMention]
) -> tuple[list[Features], list[bool]]:
    """Rows and targets of the decision on pairs."""
    gold = gold_pairs(article)
    rows: list[Features] = []
    targets: list[bool] = []
    for label in ("LOC", "ORG", "PER"):
        own = [m for m in mentions if m.label == label]
        places = gazetteer().resolve(bare(text.shadow[m.start : m.end]) for m in own) if label == "LOC" else {}
        forms = aliases.Forms(text, own, places)
        for a, b in aliases.pairs(forms, label):
            rows.append(aliases.features(forms, label, a, b))
            targets.append(frozenset((a, b)) in gold)
    return rows, targets


def same_place(name: str, other: str) -> bool:
    """Whether the score takes one name for another: equal, or one the end of the other."""
    return name == other or name.endswith(other) or other.endswith(name)


def gold_places(article: LabelledArticle) -> list[tuple[set[str], str]]:
    """The places a reader lists, each with all its names, and the role."""
    groups = [{bare(s) for s in group} for group in article.label["aliases"]]
    found = []
    for surface, role in article.label["places"]:
        name = bare(surface)
        if len(name) > 1:
            found.append((set().union({name}, *(g for g in groups if name in g)), role))
    return found


def place_examples(
    article: LabelledArticle, text: TextLayer, mentions: Sequence[EntityMention], pairs: LinearModel
) -> tuple[list[Features], list[str | None]]:
    """Rows of the decisions on places, and the role that the reader gives."""
    own = [m for m in mentions if m.label == "LOC"]
    groups = place_groups(text, own, pairs, ALIAS_THRESHOLD)
    gold = gold_places(article)
    given = []
    for _, _, names in groups:
        role = next((r for g, r in gold if any(n in g for n in names)), None)
        given.append(role or next((r for g, r in gold if any(same_place(n, m) for n in names for m in g)), None))
    return roles.features(text, [(spans, place) for spans, place, _ in groups]), given


Sample = tuple[LabelledArticle, TextLayer, Sequence[EntityMention]]


def fit_one(
    rows: Sequence[Features], targets: Sequence[bool], name: str, c: float, base: ModelFolder | None
) -> LinearModel:
    """Train a decision with one logistic output."""
    wanted = numpy.array(targets, dtype=numpy.int64)[:, None]
    return fit_linear(rows, wanted, (name,), bits=BITS, c=c, base=linear_model(base, name))


def fit(samples: Sequence[Sample], base: ModelFolder | None = None) -> tuple[Models, dict[str, int]]:
    """Train the decisions; also the numbers of pairs, of aliases among them, of places and of those listed."""
    rows: list[Features] = []
    targets: list[bool] = []
    for sample in samples:
        more, wanted = alias_examples(*sample)
        rows += more
        targets += wanted
    pairs = fit_one(rows, targets, "aliases", C_ALIASES, base)
    place_rows: list[Features] = []
    given: list[str | None] = []
    for sample in samples:
        more, roles_given = place_examples(*sample, pairs)
        place_rows += more
        given += roles_given
    listed = [(row, role) for row, role in zip(place_rows, given, strict=True) if role is not None]
    places = fit_one(place_rows, [role is not None for role in given], "places", C_PLACES, base)
    scene = fit_one([row for row, _ in listed], [role == "scene" for _, role in listed], "scene", C_PLACES, base)
    counts = {"pairs": len(rows), "same": sum(targets), "places": len(given), "listed": len(listed)}
    return Models(pairs, places, scene, ALIAS_THRESHOLD, PLACE_THRESHOLD), counts


class Scores:
    """Counts of the four measures."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {name: [0, 0, 0] for name in ("aliases", "places")}
        self.right: dict[str, list[int]] = {}

    def add(self, name: str, hits: int, made: int, gold: int) -> None:
        """Count hits, predicted and gold items."""
        self.counts[name] = [a + b for a, b in zip(self.counts[name], (hits, made, gold), strict=True)]

    def choice(self, name: str, right: bool) -> None:
        """Count a decision."""
        row = self.right.setdefault(name, [0, 0])
        row[0] += right
        row[1] += 1

    def values(self) -> dict[str, float]:
        """Precision, recall, F1 and accuracies."""
        result = {name: a / b for name, (a, b) in self.right.items()}
        for name, (hits, made, gold) in self.counts.items():
            precision, recall = hits / max(made, 1), hits / max(gold, 1)
            result |= {f"{name}.precision": precision, f"{name}.recall": recall}
            result[name] = 2 * precision * recall / max(precision + recall, 1e-9)
        return {name: round(value, 4) for name, value in sorted(result.items())}


def score_article(scores: Scores, article: LabelledArticle, text: TextLayer, found: Sequence[Entity]) -> None:
    """Count one article."""
    gold = gold_pairs(article)
    labelled = {bare(s) for s, _ in article.label["entities"]}
    seen = {n for e in found for n in e.names}
    made = {frozenset(p) for e in found for p in itertools.combinations(sorted(set(e.names)), 2)}
    made = {p for p in made if p <= labelled}
    gold = {p for p in gold if p <= seen}
    scores.add("aliases", len(made & gold), len(made), len(gold))
    places = [e for e in found if e.label == "LOC" and e.role is not None and any(len(n) > 1 for n in e.names)]
    free = gold_places(article)
    count = len(free)
    hits = 0
    for e in places:
        match = next((g for g in free if any(same_place(n, m) for n in e.names for m in g[0])), None)
        if match is not None:
            free.remove(match)
            hits += 1
    scores.add("places", hits, len(places), count)
    by_name = {n: e.role for e in places for n in e.names}
    for surface, role in article.label["places"]:
        if bare(surface) in by_name:
            scores.choice("places.role", by_name[bare(surface)] == role)
    score_persons(scores, article, text, found)


def score_persons(scores: Scores, article: LabelledArticle, text: TextLayer, found: Sequence[Entity]) -> None:
    """Count titles and affiliations: right when equal to one of the labelled, `overlap` when one lies in the other."""
    gold: dict[str, list[tuple[str | None, str | None]]] = {}
    for name, affiliation, title in article.label["persons"]:
        gold.setdefault(bare(name), []).append((affiliation, title))
    by_name = {n: e for e in found if e.label == "PER" for n in e.names}
    for name, options in gold.items():
        if name not in by_name:
            continue
        entity = by_name[name]
        for index, key in ((0, "affiliation"), (1, "title")):
            span = entity.affiliation if index == 0 else entity.title
            made = None if span is None else bare(text.article[span.start : span.end])
            wanted = [None if o[index] is None else bare(cast(str, o[index])) for o in options]
            scores.choice(f"persons.{key}", made in wanted)
            near = any(
                (made is None) == (w is None) and (made is None or made in cast(str, w) or cast(str, w) in made)
                for w in wanted
            )
            scores.choice(f"persons.{key}.overlap", near)


def score(models: Models, samples: Sequence[Sample]) -> dict[str, float]:
    """All measures on articles with their mentions."""
    scores = Scores()
    for article, text, mentions in samples:
        score_article(scores, article, text, find_names(text, mentions, models))
    return scores.values()


def labelled_samples(
    articles: Sequence[LabelledArticle],
) -> list[tuple[LabelledArticle, TextLayer, list[EntityMention]]]:
    """Articles with their text layers and labelled mentions."""
    texts = [text_of_article(article) for article in articles]
    return [(a, t, labelled_mentions(a, t)) for a, t in zip(articles, texts, strict=True)]


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on the labelled names of articles, on top of `base` if given; no other model and no chance is involved."""
    decisions, counts = fit(labelled_samples(articles), base)
    settings: Mapping[str, Any] = {"alias_threshold": ALIAS_THRESHOLD, "place_threshold": PLACE_THRESHOLD}
    files = {
        **decisions.aliases.to_files("aliases"),
        **decisions.places.to_files("places"),
        **decisions.scene.to_files("scene"),
        "settings.json": (json.dumps(settings) + "\n").encode(),
        "README.md": OWN_CARD.format(articles=len(articles)).encode(),
    }
    return ModelFolder.build("names", files, {"version": "1", **counts})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/names"))
    options = parser.parse_args()
    articles, dev = shared_articles("train", options.shared), shared_articles("dev", options.shared)
    folder = train(articles)
    models = Models.of(folder)
    scores = score(models, labelled_samples(dev))
    card = CARD.format(
        articles=len(articles),
        dev_articles=len(dev),
        scores=", ".join(f"{k} {v:.3f}" for k, v in scores.items()),
        **{key: folder.meta[key] for key in ("pairs", "same", "places", "listed")},
    )
    folder.described(card, scores=scores).write(options.output)


if __name__ == "__main__":
    main()
