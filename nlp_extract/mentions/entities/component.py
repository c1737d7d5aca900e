"""Component `nlp_extract_entities`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class EntitiesPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_entities")
def create_component(nlp: Language, name: str) -> EntitiesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_entities")`."""
    return EntitiesPipe(name)
