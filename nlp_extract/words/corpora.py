"""Segmented, tagged and parsed sentences of the corpora of `../shared`, as the models read them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from nlp_extract.learning.labelled import read_jsonl
from nlp_extract.learning.treebank import Treebank, read_trees
from nlp_extract.text.normalise import shadow

# Longest training sentence in characters.
LONGEST = 200


@dataclasses.dataclass(frozen=True)
class Segmented:
    """A sentence cut into words by a standard (`ud`, `pku`, `msr`), with their tags where the corpus has them."""

    words: tuple[str, ...]
    standard: str
    tags: tuple[str, ...] = ()


def gsd(shared: Path, part: str) -> list[Treebank]:
    """Part `train` (labels made by rules, 4 to 5 % noise), `dev` or `test` of UD Chinese GSD."""
    name = "train_v2auto" if part == "train" else f"zh_gsdsimp-ud-{part}"
    return read_trees(shared / f"corpora/ud_gsd/{name}.conllu.gz")


def _cut(words: list[str], tags: list[str], standard: str) -> Iterator[Segmented]:
    """A paragraph as sentences."""
    begin = length = 0
    for i, word in enumerate(words, 1):
        length += len(word)
        if word in "。!?;" or length > LONGEST or i == len(words):
            yield Segmented(tuple(words[begin:i]), standard, tuple(tags[begin:i]))
            begin, length = i, 0


def pku(shared: Path) -> Iterator[Segmented]:
    """People's Daily, January 1998, with its tags."""
    for row in read_jsonl(shared / "corpora/pku199801/pku199801.jsonl.gz"):
        yield from _cut([shadow(word) for word in row["tokens"]], row["pos"], "pku")


def msr(shared: Path) -> Iterator[Segmented]:
    """The segmentation of MSRA's corpus."""
    for row in read_jsonl(shared / "corpora/msra_ner/train.jsonl.gz"):
        yield from _cut([shadow(word) for word in row["tokens"]], [], "msr")


def sighan(shared: Path, standard: str) -> list[Segmented]:
    """The test set of a standard."""
    lines = (shared / f"corpora/sighan2005/{standard}_test_gold.txt").read_text("utf-8").splitlines()
    return [Segmented(tuple(shadow(w) for w in line.split()), standard) for line in lines if line.strip()]


def news(shared: Path) -> Iterator[str]:
    """The texts of the news items."""
    for row in read_jsonl(shared / "corpora/news/news.jsonl.gz"):
        yield f"{row.get('title') or ''}\n{row['text']}"
    yield from background(shared)


def background(shared: Path) -> Iterator[str]:
    """The texts of broadcast news, none of them labelled."""
    for row in read_jsonl(shared / "corpora/news/xwlb_background.jsonl.gz"):
        yield f"{row.get('title') or ''}\n{row['text']}"
