"""Component `nlp_extract_times`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class TimesPipe(ArticlePipe):
    """Gives the doc its times."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        from nlp_extract.mentions.times.find import find_times

        layers.put(doc, "times", find_times(text_of(doc), layers.items(doc, "entities")))


@Language.factory("nlp_extract_times")
def create_component(nlp: Language, name: str) -> TimesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_times")`."""
    return TimesPipe(name)
