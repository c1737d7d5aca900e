"""Component `nlp_extract_policies`."""

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe


class PoliciesPipe(ArticlePipe):
    """Adds its layer to the doc."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""


@Language.factory("nlp_extract_policies")
def create_component(nlp: Language, name: str) -> PoliciesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_policies")`."""
    return PoliciesPipe(name)
