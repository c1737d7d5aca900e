"""Component `nlp_extract_opinions`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class OpinionsPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_opinions")
def create_component(nlp: Language, name: str) -> OpinionsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_opinions")`."""
    return OpinionsPipe(name)
