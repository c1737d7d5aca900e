"""Component `nlp_extract_industries`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.judgements.industries.find import find_industries
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class IndustriesPipe(ArticlePipe):
    """Gives the doc its industries."""

    component = "industries"
    words: LinearModel
    decision: LinearModel
    thresholds: tuple[float, ...]

    def use_model(self, folder: ModelFolder) -> None:
        """Build both models from the folder."""
        self.words = LinearModel.from_arrays(folder.arrays("words.npz"))
        self.decision = LinearModel.from_arrays(folder.arrays("decision.npz"))
        self.thresholds = tuple(folder.json("settings.json")["thresholds"])

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        layers.put(doc, "industries", find_industries(text_of(doc), self.words, self.decision, self.thresholds))


@Language.factory("nlp_extract_industries", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> IndustriesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_industries")`; `models` is a folder of own models."""
    return IndustriesPipe(name, load_model("industries", models))
