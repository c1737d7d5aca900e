"""Component `nlp_extract_sentiment`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class SentimentPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_sentiment")
def create_component(nlp: Language, name: str) -> SentimentPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_sentiment")`."""
    return SentimentPipe(name)
