"""Component `nlp_extract_times`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class TimesPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_times")
def create_component(nlp: Language, name: str) -> TimesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_times")`."""
    return TimesPipe(name)
