"""Component `nlp_extract_syntax`: tags and dependency trees on the tokens."""

from __future__ import annotations

import itertools

import numpy
from spacy.attrs import DEP, HEAD, POS, TAG
from spacy.language import Language
from spacy.symbols import IDS
from spacy.tokens import Doc

from nlp_extract.characters import characters_of
from nlp_extract.engines.analysis import pieces
from nlp_extract.layers import TextLayer
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of
from nlp_extract.words.parser import Parser

MAX_WORDS = 150


class SyntaxPipe(ArticlePipe):
    """Gives the tokens `tag_`, `pos_`, `dep_`, `head` and sentence starts (Universal Dependencies)."""

    component = "syntax"
    parser: Parser

    def use_model(self, folder: ModelFolder) -> None:
        """Build the parser from the model folder."""
        self.characters = characters_of(folder)
        self.parser = Parser(folder.arrays("parser.npz"))
        names = folder.json("names.json")
        self._tags: list[str] = names["tags"]
        self._parts: list[str] = names["parts"]
        self._relations: list[str] = names["relations"]

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        text = text_of(doc)
        sentences = sentences_of(doc, text)
        starts = [token.idx for token in doc]
        words = [*itertools.pairwise([*starts, len(text.shadow)])]
        vectors = self.characters.article(text).words
        trees = self.parser(text.shadow, vectors, [[words[i] for i in sentence] for sentence in sentences])
        # Nothing after this component reads characters.
        self.characters.release()
        strings = doc.vocab.strings
        tags = [strings.add(name) for name in self._tags]
        relations = [strings.add(name) for name in self._relations]
        parts = [IDS[name] for name in self._parts]
        # What is in no tree, white space above all, hangs on the token before it.
        heads = numpy.full(len(doc), -1, dtype=numpy.int64)
        heads[:1] = 0
        rest = (strings.add("dep"), strings.add("_SP"), IDS["SPACE"])
        found = numpy.array([rest] * len(doc), dtype=numpy.uint64).reshape(len(doc), 3)
        root = strings.add("ROOT")
        for sentence, tree in zip(sentences, trees, strict=True):
            for i, head, relation, tag, part in zip(
                sentence, tree.heads, tree.relations, tree.tags, tree.parts, strict=True
            ):
                heads[i] = 0 if head < 0 else sentence[head] - i
                found[i] = (root if head < 0 else relations[relation], tags[tag], parts[part])
        if len(doc):
            doc.from_array([HEAD, DEP, TAG, POS], numpy.column_stack([heads.astype(numpy.uint64), found]))


def sentences_of(doc: Doc, text: TextLayer) -> list[list[int]]:
    """The tokens of every sentence, white space left out, at most `MAX_WORDS` together."""
    found: list[list[int]] = []
    spans = iter(pieces(text))
    span = next(spans, None)
    current: list[int] = []
    for token in doc:
        while span is not None and token.idx >= span.end:
            span = next(spans, None)
            found.append(current)
            current = []
        if span is None:
            break
        if len(current) == MAX_WORDS:
            found.append(current)
            current = []
        if token.idx >= span.start and not token.is_space:
            current.append(token.i)
    found.append(current)
    return [tokens for tokens in found if tokens]


@Language.factory("nlp_extract_syntax", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> SyntaxPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_syntax")`; `models` is a folder of own models."""
    return SyntaxPipe(name, load_model("syntax", models))
