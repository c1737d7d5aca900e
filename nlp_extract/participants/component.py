"""Component `nlp_extract_participants`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class ParticipantsPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_participants")
def create_component(nlp: Language, name: str) -> ParticipantsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_participants")`."""
    return ParticipantsPipe(name)
