"""Component `nlp_extract_figures`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class FiguresPipe(ArticlePipe):
    """Gives the doc its figures."""

    component = "figures"
    worth: LinearModel
    rank: LinearModel
    threshold: float

    def use_model(self, folder: ModelFolder) -> None:
        """Build the two decisions from the model folder."""
        self.worth = LinearModel.from_arrays(folder.arrays("worth.npz"))
        self.rank = LinearModel.from_arrays(folder.arrays("rank.npz"))
        self.threshold = float(folder.json("settings.json")["threshold"])

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        from nlp_extract.mentions.figures.find import find_figures

        times, entities = layers.items(doc, "times"), layers.items(doc, "entities")
        found = find_figures(text_of(doc), self.worth, self.rank, self.threshold, times, entities)
        layers.put(doc, "figures", found)


@Language.factory("nlp_extract_figures", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> FiguresPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_figures")`; `models` is a folder of own models."""
    return FiguresPipe(name, load_model("figures", models))
