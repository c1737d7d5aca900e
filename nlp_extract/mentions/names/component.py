"""Component `nlp_extract_names`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.mentions.names.find import Models, find_names
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class NamesPipe(ArticlePipe):
    """Gives the doc its entities: mentions grouped, places resolved, people described."""

    component = "names"
    models: Models

    def use_model(self, folder: ModelFolder) -> None:
        """Build the decisions from the model folder."""
        self.models = Models.of(folder)

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        layers.put(doc, "names", find_names(text_of(doc), layers.items(doc, "entities"), self.models))


@Language.factory("nlp_extract_names", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> NamesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_names")`; `models` is a folder of own models."""
    return NamesPipe(name, load_model("names", models))
