"""The layers that statements rest on, of a doc or of labelled articles: training sees what run time will see."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Entity, EntityMention, OpinionMention, TextLayer
from nlp_extract.text.component import text_of

if TYPE_CHECKING:
    from nlp_extract.learning.labelled import LabelledArticle


@dataclasses.dataclass(frozen=True, slots=True)
class Upstream:
    """Layers of one article; those whose component is left out are empty."""

    text: TextLayer
    entities: tuple[EntityMention, ...]
    names: tuple[Entity, ...]
    times: tuple[Any, ...]
    figures: tuple[Any, ...]
    policies: tuple[Any, ...]
    opinions: tuple[OpinionMention, ...]


def upstream_of(doc: Doc) -> Upstream:
    """The layers of a doc."""
    names = ("entities", "names", "times", "figures", "policies", "opinions")
    return Upstream(text_of(doc), *(layers.items(doc, name) for name in names))


def annotate(articles: Iterable[LabelledArticle], last: str, models: str | None = None) -> list[Upstream]:
    """Run the chain up to a component over labelled articles.

    Parameters
    ----------
    articles : iterable of LabelledArticle
    last : str
        The last component to run, e.g. `names`.
    models : str, optional
        A folder of own models.
    """
    from nlp_extract.pipeline import PIPELINE, load, make_doc

    wanted: Sequence[str] = PIPELINE[: PIPELINE.index(last) + 1]
    nlp = load(exclude=[c for c in PIPELINE if c not in wanted], models=models)
    return [
        upstream_of(nlp(make_doc(nlp, article.text, title=article.title, published=article.published)))
        for article in articles
    ]
