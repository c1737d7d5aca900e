"""Dependency trees, read with their faults named: CoNLL-U, plain or `.gz`, or spaCy's DocBin."""

from __future__ import annotations

import dataclasses
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from nlp_extract.errors import DataError
from nlp_extract.text.normalise import shadow

_COLUMNS = 10
FORMS = (".conllu", ".conllu.gz", ".spacy")


@dataclasses.dataclass(frozen=True)
class Treebank:
    """One sentence of Universal Dependencies: columns of the CoNLL-U file; heads count from 1, 0 is the root."""

    words: tuple[str, ...]
    parts: tuple[str, ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]


def is_treebank(path: Path) -> bool:
    """Whether a file's name says that it holds trees."""
    return path.name.endswith(FORMS)


def read_trees(path: Path) -> list[Treebank]:
    """The sentences of a `.conllu`, `.conllu.gz` or `.spacy` file.

    Raises
    ------
    DataError
        Names the file, the line or the sentence, and what is wrong there.
    """
    found = list(_docbin(path) if path.name.endswith(".spacy") else _conllu(path))
    if not found:
        raise DataError(f"{path}: holds no tree.")
    return found


def _conllu(path: Path) -> Iterator[Treebank]:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
        lines = raw.decode("utf-8").splitlines()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not CoNLL-U in UTF-8 ({error})") from error
    rows: list[list[str]] = []
    for number, line in enumerate([*lines, ""], 1):
        if not line.strip():
            if rows:
                yield _tree([[row[i] for row in rows] for i in (1, 3, 4, 6, 7)], f"{path}:{number - len(rows)}")
            rows = []
        elif not line.startswith("#"):
            fields = line.split("\t")
            if len(fields) != _COLUMNS:
                raise DataError(f"{path}:{number}: expected {_COLUMNS} columns parted by tabs, got {len(fields)}.")
            # Ranges (1-2) and empty nodes (1.1) are no words of the tree.
            if fields[0].isdigit():
                rows.append(fields)


def _docbin(path: Path) -> Iterator[Treebank]:
    import spacy
    from spacy.tokens import DocBin

    try:
        docs = list(DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab))
    except Exception as error:  # spaCy raises whatever its decoder meets
        raise DataError(f"{path}: no DocBin ({type(error).__name__}: {error})") from error
    for number, doc in enumerate(docs, 1):
        if not doc.has_annotation("DEP"):
            raise DataError(f"{path}: doc {number} has no trees (heads and relations).")
        for sentence in doc.sents:
            words = [token for token in sentence if not token.is_space]
            place = {token.i: n for n, token in enumerate(words, 1)}
            columns = [
                [token.text for token in words],
                [token.pos_ for token in words],
                [token.tag_ for token in words],
                ["0" if token.head.i == token.i else str(place.get(token.head.i, "-1")) for token in words],
                ["root" if token.head.i == token.i else token.dep_ for token in words],
            ]
            yield _tree(columns, f"{path}: doc {number}")


def _tree(columns: Sequence[Sequence[str]], where: str) -> Treebank:
    """A sentence of the columns word, part of speech, tag, head and relation; checked."""
    words, parts, tags, heads, relations = columns
    if not all(head.isdecimal() and int(head) <= len(words) for head in heads):
        raise DataError(f"{where}: a head is no number from 0 to {len(words)}, the words of the sentence.")
    above = [int(head) for head in heads]
    if above.count(0) != 1:
        raise DataError(f"{where}: a tree has one root (head 0), this one has {above.count(0)}.")
    for start in range(1, len(words) + 1):
        node, steps = start, 0
        while node and steps <= len(words):
            node, steps = above[node - 1], steps + 1
        if node:
            raise DataError(f"{where}: the heads of word {start} run in a circle.")
    return Treebank(tuple(map(shadow, words)), tuple(parts), tuple(tags), tuple(above), tuple(relations))
