"""Component `nlp_extract_relations`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class RelationsPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_relations")
def create_component(nlp: Language, name: str) -> RelationsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_relations")`."""
    return RelationsPipe(name)
