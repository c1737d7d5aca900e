"""Component `nlp_extract_relations`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.relations.find import RelationsModel, find_relations
from nlp_extract.text.component import text_of


class RelationsPipe(ArticlePipe):
    """Gives the doc its main relations: subject, predicate, object, modality."""

    component = "relations"
    model: RelationsModel

    def use_model(self, folder: ModelFolder) -> None:
        """Build the decisions from the model folder."""
        self.model = RelationsModel.from_folder(folder)

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        layers.put(doc, "relations", find_relations(doc, text_of(doc), self.model))


@Language.factory("nlp_extract_relations", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> RelationsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_relations")`; `models` is a folder of own models."""
    return RelationsPipe(name, load_model("relations", models))
