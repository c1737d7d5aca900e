"""Component `nlp_extract_names`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class NamesPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_names")
def create_component(nlp: Language, name: str) -> NamesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_names")`."""
    return NamesPipe(name)
