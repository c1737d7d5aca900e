"""Component `nlp_extract_statements`."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.linear import LinearModel
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.component import text_of


class StatementsPipe(ArticlePipe):
    """Gives the doc its statements: reactions, scopes, outlook, measures, challenges."""

    component = "statements"
    model: LinearModel
    thresholds: dict[str, float]

    def use_model(self, folder: ModelFolder) -> None:
        """Build the model and its thresholds from the model folder."""
        self.model = LinearModel.from_arrays(folder.arrays("roles.npz"))
        self.thresholds = {name: float(value) for name, value in folder.json("settings.json").items()}

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        from nlp_extract.statements.find import find_statements

        found = find_statements(text_of(doc), layers.items(doc, "entities"), self.model, self.thresholds)
        layers.put(doc, "statements", found)


@Language.factory("nlp_extract_statements", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> StatementsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_statements")`; `models` is a folder of own models."""
    return StatementsPipe(name, load_model("statements", models))
