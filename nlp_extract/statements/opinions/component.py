"""Component `nlp_extract_opinions`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class OpinionsPipe(ArticlePipe):
    """Gives the doc its opinions: speaker, verb, content."""

    component = "opinions"
    decision: LinearModel
    speaker: LinearModel
    thresholds: dict[str, float]

    def use_model(self, folder: ModelFolder) -> None:
        """Build both decisions from the model folder."""
        self.decision = LinearModel.from_arrays(folder.arrays("decision.npz"))
        self.speaker = LinearModel.from_arrays(folder.arrays("speaker.npz"))
        self.thresholds = {name: float(value) for name, value in folder.json("settings.json").items()}

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        from nlp_extract.statements.opinions.find import find_opinions

        entities, names = layers.items(doc, "entities"), layers.items(doc, "names")
        found = find_opinions(text_of(doc), entities, names, self.decision, self.speaker, self.thresholds)
        layers.put(doc, "opinions", found)


@Language.factory("nlp_extract_opinions", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> OpinionsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_opinions")`; `models` is a folder of own models."""
    return OpinionsPipe(name, load_model("opinions", models))
