"""spaCy's own Chinese models as engine: `load(engine="spacy", model="zh_core_web_sm")`, when installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import spacy
from spacy.language import Language

from nlp_extract.engines import Replacement
from nlp_extract.engines.analysis import Analysis, AnalysisPipe
from nlp_extract.errors import EngineError


def components(model: str | None) -> Mapping[str, Replacement | None]:
    """A spaCy model stands in for our entities, words and syntax."""
    if model is None:
        raise EngineError("engine='spacy' needs model=<an installed pipeline, such as zh_core_web_sm, or a folder>.")
    if not (Path(model).is_dir() or spacy.util.is_package(model)):
        raise EngineError(f"spaCy model {model!r} is neither an installed package nor a folder; nothing is downloaded.")
    return {
        "entities": ("nlp_extract_spacy", {"model": model}),
        "words": ("nlp_extract_engine_words", {}),
        "syntax": None,
    }


class SpacyAnalyser:
    """A loaded spaCy pipeline."""

    def __init__(self, model: str) -> None:
        self.nlp = spacy.load(model)

    def __call__(self, sentences: Sequence[str]) -> list[Analysis]:
        """See `Analyser`."""
        found = []
        for doc in self.nlp.pipe(sentences):
            words = [token for token in doc if not token.is_space]
            index = {token.i: n for n, token in enumerate(words)}
            parsed = doc.has_annotation("DEP")
            found.append(
                Analysis(
                    tokens=[(t.idx, t.idx + len(t)) for t in words],
                    tags=[t.tag_ for t in words] if doc.has_annotation("TAG") else [],
                    heads=[index.get(t.head.i, index[t.i]) for t in words] if parsed else [],
                    deps=[t.dep_ for t in words] if parsed else [],
                    entities=[(e.start_char, e.end_char, e.label_) for e in doc.ents],
                )
            )
        return found


class SpacyPipe(AnalysisPipe):
    """The component `nlp_extract_spacy`."""

    def analyser(self) -> SpacyAnalyser:
        """See `AnalysisPipe`."""
        if self.model is None:
            raise EngineError("the component nlp_extract_spacy needs its setting model.")
        return SpacyAnalyser(self.model)


@Language.factory("nlp_extract_spacy", default_config={"model": None})
def create_component(nlp: Language, name: str, model: str | None) -> SpacyPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_spacy")`."""
    return SpacyPipe(name, model)
