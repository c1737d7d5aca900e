"""Component `nlp_extract_statements`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class StatementsPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_statements")
def create_component(nlp: Language, name: str) -> StatementsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_statements")`."""
    return StatementsPipe(name)
