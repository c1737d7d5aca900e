"""Component `nlp_extract_entities`."""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import EntityMention, Label, TextLayer
from nlp_extract.mentions.entities.document import over_article
from nlp_extract.mentions.entities.lexicon import Matcher, read_lexicon
from nlp_extract.mentions.entities.recognise import Recogniser
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


def find_entities(text: TextLayer, recogniser: Recogniser, matcher: Matcher | None = None) -> tuple[EntityMention, ...]:
    """The mentions of an article, apart and in order."""
    return over_article(text, recogniser.article(text), matcher)


class EntitiesPipe(ArticlePipe):
    """Gives the doc its organisations, people and places."""

    component = "entities"
    recogniser: Recogniser

    def __init__(self, name: str, model: ModelFolder, names: dict[str, Label]) -> None:
        super().__init__(name, model)
        self.use_settings({"lexicon": names})

    def use_model(self, folder: ModelFolder) -> None:
        """Build the network from the model folder."""
        self.recogniser = Recogniser(folder)

    def settings(self) -> dict[str, Any]:
        """The user's names; they travel with the pipeline."""
        return {"lexicon": self._names}

    def use_settings(self, settings: dict[str, Any]) -> None:
        """Take back what `settings` gave."""
        self._names: dict[str, Label] = dict(settings["lexicon"])
        self._matcher = Matcher(self._names) if self._names else None

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        layers.put(doc, "entities", find_entities(text_of(doc), self.recogniser, self._matcher))


@Language.factory("nlp_extract_entities", default_config={"models": None, "lexicon": None})
def create_component(nlp: Language, name: str, models: str | None, lexicon: str | None) -> EntitiesPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_entities")`.

    `models` is a folder of own models, `lexicon` a file of own names, `name<TAB>type` a line.
    """
    return EntitiesPipe(name, load_model("entities", models), read_lexicon(lexicon) if lexicon else {})
