"""What a foreign engine found in an article, on characters, and the components that bring it into the chain."""

from __future__ import annotations

import csv
import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from typing import Any, Protocol, cast

from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import EntityMention, Frame, Label, Span, TextLayer
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of

MAX_SENTENCE = 200


@dataclasses.dataclass(frozen=True)
class Analysis:
    """The findings of one sentence, offsets in its characters.

    Attributes
    ----------
    tokens : list of (start, end), length n
    tags : list of str, length n or 0
        Part-of-speech tags of the engine.
    heads : list of int, length n or 0
        Index of each token's head, its own for the root.
    deps : list of str, length n or 0
    entities : list of (start, end, label)
    frames : list of list of (role, start, end)
        Semantic roles; the predicate has the role PRED.
    """

    tokens: list[tuple[int, int]]
    tags: list[str] = dataclasses.field(default_factory=list)
    heads: list[int] = dataclasses.field(default_factory=list)
    deps: list[str] = dataclasses.field(default_factory=list)
    entities: list[tuple[int, int, str]] = dataclasses.field(default_factory=list)
    frames: list[list[tuple[str, int, int]]] = dataclasses.field(default_factory=list)


class Analyser(Protocol):
    """A loaded foreign model."""

    def __call__(self, sentences: Sequence[str]) -> Sequence[Analysis]:
        """Analyse sentences of at most `MAX_SENTENCE` characters, one result each."""


@functools.cache
def label_map(kind: str) -> dict[str, str]:
    """Labels of foreign engines -> ours, from `labels.tsv`; kinds: entity, tag, dep."""
    data = resources.files("nlp_extract.engines").joinpath("labels.tsv").read_text("utf-8")
    rows = csv.DictReader(data.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["label"]: row["ours"] for row in rows if row["kind"] == kind}


def pieces(text: TextLayer) -> list[Span]:
    """The article's sentences, those over `MAX_SENTENCE` characters cut between clauses, else anywhere."""
    found: list[Span] = []
    for sentence in text.sentences:
        start = sentence.start
        for clause in sentence.clauses:
            if clause.end - start > MAX_SENTENCE and clause.start > start:
                found.append(Span(start, clause.start))
                start = clause.start
            while sentence.end - start > MAX_SENTENCE and clause.end - start > MAX_SENTENCE:
                found.append(Span(start, start + MAX_SENTENCE))
                start += MAX_SENTENCE
        while sentence.end - start > MAX_SENTENCE:
            found.append(Span(start, start + MAX_SENTENCE))
            start += MAX_SENTENCE
        if start < sentence.end:
            found.append(Span(start, sentence.end))
    return found


class AnalysisPipe(ArticlePipe):
    """Runs a foreign model over the sentences; gives the entities layer and keeps the rest for `EngineWordsPipe`.

    Subclasses say how the model is loaded; it is loaded at the first article, not when the pipe is made.
    """

    def __init__(self, name: str, model: str | None) -> None:
        super().__init__(name)
        self.model = model
        self._analyser: Analyser | None = None

    def analyser(self) -> Analyser:
        """Load the model; raises `EngineError` when it is not on disk."""
        raise NotImplementedError

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        if self._analyser is None:
            self._analyser = self.analyser()
        text = text_of(doc)
        spans = pieces(text)
        results = self._analyser([text.shadow[s.start : s.end] for s in spans]) if spans else []
        doc.user_data[KEY] = [(s.start, s.end, dataclasses.asdict(r)) for s, r in zip(spans, results, strict=True)]
        layers.put(doc, "entities", tuple(_entities(spans, results)))
        layers.put(doc, "frames", tuple(_frames(spans, results)))

    def settings(self) -> dict[str, Any]:
        """See `ArticlePipe`."""
        return {"model": self.model}

    def use_settings(self, settings: dict[str, Any]) -> None:
        """See `ArticlePipe`."""
        self.model = settings["model"]


KEY = "nlp_extract_analysis"


def _entities(spans: Iterable[Span], results: Iterable[Analysis]) -> Iterator[EntityMention]:
    known = label_map("entity")
    for span, result in zip(spans, results, strict=True):
        taken = 0
        # Longest first where two start together; what overlaps an earlier one is left out.
        for start, end, label in sorted(result.entities, key=lambda e: (e[0], -e[1], e[2])):
            if label in known and start >= taken and start < end:
                ours = cast(Label, known[label])
                yield EntityMention(span.start + start, span.start + end, ours, 1.0, source="engine")
                taken = end


def _frames(spans: Iterable[Span], results: Iterable[Analysis]) -> Iterator[Frame]:
    for span, result in zip(spans, results, strict=True):
        for frame in result.frames:
            predicate = next((r for r in frame if r[0] == "PRED"), None)
            if predicate is not None:
                arguments = tuple(
                    (role, Span(span.start + b, span.start + e)) for role, b, e in frame if role != "PRED" and b < e
                )
                yield Frame(Span(span.start + predicate[1], span.start + predicate[2]), arguments)


class EngineWordsPipe(ArticlePipe):
    """Returns a doc of the engine's tokens with its tags and tree."""

    def replace(self, doc: Doc) -> Doc:
        """See `ArticlePipe`."""
        rows = doc.user_data.pop(KEY, None)
        if rows is None:
            return doc
        words, found = _words(doc.text, rows)
        new = Doc(doc.vocab, words=words, spaces=[False] * len(words))
        new.user_data = doc.user_data
        new._context = doc._context
        tags, deps = label_map("tag"), label_map("dep")
        for index, (tag, head, dep) in enumerate(found):
            token = new[index]
            token.tag_ = tag
            token.pos_ = tags.get(tag, "X") if tag else ""
            token.dep_ = "ROOT" if head == index else deps.get(dep, dep) or "dep"
            token.head = new[head]
        return new


def _words(text: str, rows: Sequence[tuple[int, int, dict[str, Any]]]) -> tuple[list[str], list[tuple[str, int, str]]]:
    """Words that cover the whole text, and for each its tag, the index of its head and its relation."""
    words: list[str] = []
    found: list[tuple[str, int, str]] = []

    def fill(start: int, end: int) -> None:
        # White space and whatever the engine dropped are words of their own.
        if start < end:
            found.append(("", len(words), ""))
            words.append(text[start:end])

    position = 0
    for start, _, row in rows:
        index: dict[int, int] = {}
        pending = []
        for number, (begin, end) in enumerate(row["tokens"]):
            fill(position, start + begin)
            index[number] = len(words)
            pending.append(number)
            words.append(text[start + begin : start + end])
            found.append(("", len(words) - 1, ""))
            position = start + end
        for number in pending:
            here = index[number]
            tag = row["tags"][number] if row["tags"] else ""
            head = index[row["heads"][number]] if row["heads"] else here
            found[here] = (tag, head, row["deps"][number] if row["deps"] else "")
    fill(position, len(text))
    return words, found
