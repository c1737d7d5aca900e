"""First link of the chain: the text layer."""

import datetime
from typing import Literal, cast

from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import TextLayer
from nlp_extract.pipe import ArticlePipe
from nlp_extract.text.dateline import dateline, reference_date
from nlp_extract.text.normalise import shadow, storable
from nlp_extract.text.sentences import quotations, sentences


def analyse_text(article: str, *, title_end: int = 0, published: datetime.date | None = None) -> TextLayer:
    """Return the text layer of an article.

    Parameters
    ----------
    article : str
        `title + "\\n" + text`, or `text`.
    title_end : int
        Length of the title, 0 without one.
    published : datetime.date, optional
        Day of publication.
    """
    article = storable(article)
    plain = shadow(article)
    line = dateline(plain, title_end)
    reference, source = reference_date(plain, line, published)
    return TextLayer(
        article=article,
        shadow=plain,
        title_end=title_end,
        sentences=sentences(plain, title_end),
        quotations=quotations(plain),
        dateline=line,
        published=published,
        reference=reference,
        reference_source=cast(Literal["published", "dateline", "text"] | None, source),
    )


def text_of(doc: Doc) -> TextLayer:
    """The text layer of a doc, made now if no component has made it yet."""
    layer = layers.get(doc, "text")
    if layer is None:
        layer = analyse_text(doc.text)
        layers.put(doc, "text", layer)
    return cast(TextLayer, layer)


class TextPipe(ArticlePipe):
    """Gives the doc its text layer."""

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        text_of(doc)


@Language.factory("nlp_extract_text")
def create_component(nlp: Language, name: str) -> TextPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_text")`."""
    return TextPipe(name)
