"""spaCy's DocBin: one token a character, entities in `doc.ents`, every mark in `doc.spans[label]`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans

from nlp_extract.errors import DataError
from nlp_extract.learning.formats.marks import Annotated, Link, Mark, reading, split_article
from nlp_extract.learning.validation import ENTITY_TYPES

KEY = "nlp_extract_annotated"


def write(articles: Iterable[Annotated], path: Path) -> None:
    """Write a `.spacy` file that `spacy train` reads."""
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "nlp_extract.characters.v1"}}})
    bin_ = DocBin(store_user_data=True)
    for annotated in articles:
        bin_.add(_doc(nlp.make_doc(annotated.article), annotated))
    bin_.to_disk(path)


def _doc(doc: Doc, annotated: Annotated) -> Doc:
    spans = [Span(doc, m.start, m.end, label=m.label, span_id=str(m.number)) for m in annotated.marks]
    for label in sorted({m.label for m in annotated.marks}):
        doc.spans[label] = [span for span in spans if span.label_ == label]
    doc.set_ents(filter_spans([span for span in spans if span.label_ in ENTITY_TYPES]))
    doc.user_data[KEY] = {
        "id": annotated.id,
        "title": annotated.title,
        "published": annotated.published,
        "notes": {str(m.number): m.note for m in annotated.marks if m.note},
        "links": [[link.source, link.target, link.label] for link in annotated.links],
        "choices": {name: list(values) for name, values in annotated.choices.items()},
    }
    return doc


@reading
def read(path: Path) -> list[Annotated]:
    """Articles of a `.spacy` file, ours or another's (then its entities alone)."""
    try:
        docs = list(DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab))
    except Exception as error:  # spaCy raises whatever its decoder meets
        raise DataError(f"{path}: no DocBin ({type(error).__name__}: {error})") from error
    return [_annotated(doc, f"{path}: doc {number}") for number, doc in enumerate(docs, 1)]


def _annotated(doc: Doc, where: str) -> Annotated:
    rest = doc.user_data.get(KEY) or {}
    notes = rest.get("notes") or {}
    if rest:
        spans = [span for label in doc.spans for span in doc.spans[label]]
        marks = [Mark(int(s.id_), s.start_char, s.end_char, s.label_, notes.get(s.id_, "")) for s in spans]
    else:
        marks = [Mark(n, e.start_char, e.end_char, e.label_) for n, e in enumerate(doc.ents, 1)]
    links = tuple(Link(*row) for row in rest.get("links") or ())
    choices = {name: tuple(values) for name, values in (rest.get("choices") or {}).items()}
    title = rest.get("title") or None
    marks.sort(key=lambda m: m.number)
    name = str(rest.get("id") or where)
    text = split_article(doc.text, title)
    return Annotated(name, title, text, rest.get("published"), tuple(marks), links, choices).check(where)
