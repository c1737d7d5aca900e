"""Component `nlp_extract_syntax`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class SyntaxPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_syntax")
def create_component(nlp: Language, name: str) -> SyntaxPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_syntax")`."""
    return SyntaxPipe(name)
