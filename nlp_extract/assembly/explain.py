"""Why an item is there: the rule or model behind each match of the rule-based layers."""

from __future__ import annotations

from typing import NamedTuple

from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.text.component import text_of

# Layer -> the field that names what found its items.
FOUND_BY = {"entities": "source", "times": "rule", "policies": "rule", "figures": "rule", "relations": "rule"}


class Explanation(NamedTuple):
    """One match: `article[start:end] == text`; `rule` is a pattern's or lexicon's name, or `model`."""

    layer: str
    text: str
    start: int
    end: int
    rule: str


def explain(doc: Doc) -> list[Explanation]:
    """Every match behind a doc's record with the name of its rule, by position.

    Parameters
    ----------
    doc : Doc
        Of a pipeline from `nlp_extract.load`.

    Examples
    --------
    >>> import nlp_extract
    >>> doc = nlp_extract.load()("会议6月25日在上海举行。")
    >>> [e.text for e in nlp_extract.explain(doc) if e.layer == "times"]
    ['6月25日']
    """
    article = text_of(doc).article
    found = []
    for layer, field in FOUND_BY.items():
        for item in layers.items(doc, layer):
            span = item.predicate if layer == "relations" else item
            found.append(Explanation(layer, article[span.start : span.end], span.start, span.end, getattr(item, field)))
    return sorted(found, key=lambda e: (e.start, e.end, e.layer, e.rule))
