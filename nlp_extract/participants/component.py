"""Component `nlp_extract_participants`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.participants.find import ParticipantsModel, find_participants
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class ParticipantsPipe(ArticlePipe):
    """Gives the doc its main actors and those acted on, ranked."""

    component = "participants"
    model: ParticipantsModel

    def use_model(self, folder: ModelFolder) -> None:
        """Build the decisions from the model folder."""
        self.model = ParticipantsModel.from_folder(folder)

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        layers.put(doc, "participants", find_participants(doc, text_of(doc), self.model))


@Language.factory("nlp_extract_participants", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> ParticipantsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_participants")`; `models` is a folder of own models."""
    return ParticipantsPipe(name, load_model("participants", models))
