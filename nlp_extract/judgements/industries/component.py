"""Component `nlp_extract_industries`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class IndustriesPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_industries")
def create_component(nlp: Language, name: str) -> IndustriesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_industries")`."""
    return IndustriesPipe(name)
