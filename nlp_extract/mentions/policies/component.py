"""Component `nlp_extract_policies`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class PoliciesPipe(ArticlePipe):
    """Gives the doc its policies."""

    component = "policies"
    model: LinearModel
    threshold: float

    def use_model(self, folder: ModelFolder) -> None:
        """Build the decision from the model folder."""
        self.model = LinearModel.from_arrays(folder.arrays("decision.npz"))
        self.threshold = float(folder.json("settings.json")["threshold"])

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        from nlp_extract.mentions.policies.find import find_policies

        found = find_policies(text_of(doc), self.model, layers.items(doc, "entities"), self.threshold)
        layers.put(doc, "policies", found)


@Language.factory("nlp_extract_policies", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> PoliciesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_policies")`; `models` is a folder of own models."""
    return PoliciesPipe(name, load_model("policies", models))
