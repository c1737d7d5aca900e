"""Component `nlp_extract_figures`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class FiguresPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_figures")
def create_component(nlp: Language, name: str) -> FiguresPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_figures")`."""
    return FiguresPipe(name)
