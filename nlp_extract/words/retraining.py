"""Adapt the parser to one's own trees and score it on them: what `nlp-extract train syntax` calls; torch to train."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path

import numpy

from nlp_extract.characters import characters_of
from nlp_extract.errors import DataError
from nlp_extract.learning.scoring import ArticleScore, Tally
from nlp_extract.learning.treebank import Treebank
from nlp_extract.models import ModelFolder, load_model, npz
from nlp_extract.words.parser import Parser
from nlp_extract.words.training import parse

RATE = 5e-4
EPOCHS = 5
STEPS = 60  # At least; few trees are seen more often.
_KINDS = ("relations", "tags", "parts")


def train(
    trees: Sequence[Treebank], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train the base's parser on, over the characters that it reads.

    Raises
    ------
    DataError
        No base, or relations or parts of speech of another standard than the base's.
    """
    from nlp_extract.words.learning import Reader, batches, fit_parser
    from nlp_extract.words.network import ParserNetwork

    if base is None:
        raise DataError(
            "a parser from nothing takes thousands of trees: python -m nlp_extract.words.training --help. "
            "Without --scratch the shipped one is trained on."
        )
    listed = base.json("names.json")
    trees = [_reduced(tree, listed["relations"]) for tree in trees]
    for kind in ("relations", "parts"):
        found = [name for tree in trees for name in getattr(tree, kind)]
        unknown = [name for name in found if name not in listed[kind]]
        # A rare one (`orphan`) is left out of the training; many are another standard than ours.
        if len(unknown) > len(found) / 2:
            names = ", ".join(sorted(set(unknown)))
            raise DataError(f"most {kind} are unknown to the parser: {names}; expected: {', '.join(listed[kind])}.")
    arrays = base.arrays("parser.npz")
    kept = {name: arrays[name] for name in ("word_keys", "word_table")}
    keys = arrays["word_keys"].tolist()
    columns = {kind: {name: i for i, name in enumerate(listed[kind])} for kind in _KINDS}
    reader = Reader({key: i for i, key in enumerate(keys)}, columns, len(keys))
    read = characters_of(base)(["".join(tree.words) for tree in trees])
    examples = [(tree, vectors) for tree, (_, vectors) in zip(trees, read, strict=True)]
    epochs = max(EPOCHS, -(-STEPS // sum(1 for _ in batches(examples, random.Random(seed)))))
    network = ParserNetwork.from_arrays(arrays)
    for average in fit_parser(network, examples, reader, epochs, seed, RATE):
        network = average
    files = {name: data for name, data in base.files.items() if name not in ("meta.json", "README.md")}
    files["parser.npz"] = npz(network.arrays() | kept)
    return ModelFolder.build("syntax", files, {"version": "1", "reads": base.meta["reads"]})


def score(trees: Sequence[Treebank], models: Path | None) -> list[ArticleScore]:
    """Right tags, heads, and heads with relations of the given words, tree by tree."""
    folder = load_model("syntax", models)
    parser, names = Parser(folder.arrays("parser.npz")), folder.json("names.json")
    characters = characters_of(folder)
    reduced = [_reduced(tree, names["relations"]) for tree in trees]
    vectors = numpy.concatenate([read for _, read in characters(["".join(tree.words) for tree in reduced])])
    scores = []
    for number, (gold, found) in enumerate(
        zip(reduced, parse(parser, [tree.words for tree in reduced], vectors), strict=True)
    ):
        count = len(gold.words)
        heads = [made + 1 == head for made, head in zip(found.heads, gold.heads, strict=True)]
        parts = [names["parts"][made] == part for made, part in zip(found.parts, gold.parts, strict=True)]
        both = [
            right and names["relations"][made] == relation
            for right, made, relation in zip(heads, found.relations, gold.relations, strict=True)
        ]
        choices = {
            name: Tally(sum(right), count, count) for name, right in (("upos", parts), ("uas", heads), ("las", both))
        }
        scores.append(ArticleScore(str(number), choices=choices))
    return scores


def _reduced(tree: Treebank, known: Sequence[str]) -> Treebank:
    """The tree, with relations whose subtype the parser does not know (`discourse:sp`) as the relation alone."""
    relations = tuple(name if name in known else name.partition(":")[0] for name in tree.relations)
    return dataclasses.replace(tree, relations=relations)
