"""Component `nlp_extract_sentiment`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.judgements.sentiment.find import find_sentiment
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class SentimentPipe(ArticlePipe):
    """Gives the doc its sentiment, seen from China's interest."""

    component = "sentiment"
    sentence_model: LinearModel
    document_model: LinearModel
    strength_model: LinearModel
    sure: float

    def use_model(self, folder: ModelFolder) -> None:
        """Build the three models from the folder."""
        self.sentence_model = LinearModel.from_arrays(folder.arrays("sentence.npz"))
        self.document_model = LinearModel.from_arrays(folder.arrays("document.npz"))
        self.strength_model = LinearModel.from_arrays(folder.arrays("strength.npz"))
        self.sure = float(folder.json("settings.json")["sure"])

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        found = find_sentiment(text_of(doc), self.sentence_model, self.document_model, self.strength_model, self.sure)
        if found is not None:
            layers.put(doc, "sentiment", found)


@Language.factory("nlp_extract_sentiment", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> SentimentPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_sentiment")`; `models` is a folder of own models."""
    return SentimentPipe(name, load_model("sentiment", models))
