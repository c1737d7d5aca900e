"""Component `nlp_extract_statements`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.models import ModelFolder, load_model
from nlp_extract.pipe import ArticlePipe

if TYPE_CHECKING:
    from nlp_extract.statements.roles import Roles


class StatementsPipe(ArticlePipe):
    """Gives the doc its statements: reactions, scopes, outlook, measures, challenges."""

    component = "statements"
    roles: Roles
    thresholds: dict[str, float]

    def use_model(self, folder: ModelFolder) -> None:
        """Build the model and its thresholds from the model folder."""
        from nlp_extract.statements.roles import Roles

        self.roles = Roles.of(folder)
        self.thresholds = {name: float(value) for name, value in folder.json("settings.json").items()}

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        from nlp_extract.statements.find import find_statements
        from nlp_extract.statements.upstream import upstream_of

        layers.put(doc, "statements", find_statements(upstream_of(doc), self.roles, self.thresholds))


@Language.factory("nlp_extract_statements", default_config={"models": None})
def create_component(nlp: Language, name: str, models: str | None) -> StatementsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_statements")`; `models` is a folder of own models."""
    return StatementsPipe(name, load_model("statements", models))
