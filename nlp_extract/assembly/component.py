"""Component `nlp_extract_record`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class RecordPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_record")
def create_component(nlp: Language, name: str) -> RecordPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_record")`."""
    return RecordPipe(name)
