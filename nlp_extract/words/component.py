"""Component `nlp_extract_words`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class WordsPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_words")
def create_component(nlp: Language, name: str) -> WordsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_words")`."""
    return WordsPipe(name)
