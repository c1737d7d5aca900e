"""Component `nlp_extract_words`: a new doc whose tokens are words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.characters import characters_of
from nlp_extract.engines.analysis import pieces
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of
from nlp_extract.words.segment import Segmenter, jieba_borders, words_of


class WordsPipe(ArticlePipe):
    """Returns a doc of words in which every mention begins and ends with a word.

    Parameters
    ----------
    segmenter : str
        `ud`, `pku` or `msr`: the learnt segmenter in one of its standards; `jieba`: no model.
    """

    component = "words"

    def __init__(self, name: str, model: ModelFolder | None, segmenter: str = "ud") -> None:
        self.segmenter = segmenter
        super().__init__(name, model)

    def use_model(self, folder: ModelFolder) -> None:
        """Build the segmenter from the model folder."""
        if self.segmenter != "jieba":
            self._characters = characters_of(folder)
            self._learnt = Segmenter(folder.arrays("segmenter.npz"), self.segmenter)

    def replace(self, doc: Doc) -> Doc:
        """See `ArticlePipe`."""
        text = text_of(doc)
        borders = set(mention_borders(doc))
        if self.segmenter != "jieba":
            borders.update(self._learnt(self._characters.article(text).words))
        for span in pieces(text):
            borders.update((span.start, span.end))
            if self.segmenter == "jieba":
                borders.update(span.start + offset for offset in jieba_borders(text.shadow[span.start : span.end]))
        words = words_of(doc.text, borders)
        new = Doc(doc.vocab, words=words, spaces=[False] * len(words))
        new.user_data = doc.user_data
        new._context = doc._context
        return new

    def settings(self) -> dict[str, Any]:
        """See `ArticlePipe`."""
        return {"segmenter": self.segmenter}

    def use_settings(self, settings: dict[str, Any]) -> None:
        """See `ArticlePipe`."""
        self.segmenter = settings["segmenter"]


def mention_borders(doc: Doc) -> Iterator[int]:
    """Where entities, times, policies and figures begin and end."""
    for layer in ("entities", "times", "policies", "figures"):
        for mention in layers.items(doc, layer):
            yield from (mention.start, mention.end)
    for policy in layers.items(doc, "policies"):
        for span in policy.mentions:
            yield from (span.start, span.end)


@Language.factory("nlp_extract_words", default_config={"models": None, "segmenter": "ud"})
def create_component(nlp: Language, name: str, models: str | None, segmenter: str) -> WordsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_words")`.

    Parameters
    ----------
    models : str, optional
        A folder of own models.
    segmenter : str
        `ud`, `pku`, `msr` or `jieba`.
    """
    if segmenter not in ("ud", "pku", "msr", "jieba"):
        raise ValueError(f"nlp_extract_words: segmenter is {segmenter!r}; known: ud, pku, msr, jieba")
    return WordsPipe(name, None if segmenter == "jieba" else load_model("words", models), segmenter)
