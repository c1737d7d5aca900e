"""`load` and `extract`: the whole chain as one spaCy pipeline."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import create_vocab

from nlp_extract import engines, layers
from nlp_extract.assembly.component import record_of
from nlp_extract.assembly.explain import explain as explanations
from nlp_extract.errors import message
from nlp_extract.layers import Request
from nlp_extract.record.model import KeyPointRecord
from nlp_extract.text.component import analyse_text
from nlp_extract.text.normalise import storable
from nlp_extract.threads import one_thread

MAX_CHARS = 100_000
# Strings a vocabulary may hold before a new one is begun: some 1,500 articles, 15 MB.
MAX_STRINGS = 50_000
PIPELINE = (
    "text", "entities", "times", "policies", "figures", "names", "opinions", "words", "syntax", "relations",
    "statements", "participants", "sentiment", "industries", "record",
)  # fmt: skip
TOKENIZER = {"nlp": {"tokenizer": {"@tokenizers": "nlp_extract.characters.v1"}}}


def load(
    *,
    models: str | Path | None = None,
    lexicon: str | Path | None = None,
    engine: str = "default",
    model: str | Path | None = None,
    exclude: Iterable[str] = (),
    max_items: int | None = 10,
    max_chars: int = MAX_CHARS,
) -> Language:
    """Return the chain as a spaCy pipeline; its docs carry `doc._.record`.

    Parameters
    ----------
    models : path, optional
        A folder of own models (`models/<component>/`), used in place of the shipped ones where it has them.
    lexicon : path, optional
        Own names, `name<TAB>type` a line, type ORG, PER or LOC; they win over the model.
    engine : str
        Where words, tags, entities and trees come from: `default`, `hanlp` or `spacy` (see `nlp_extract.engines`).
    model : path or str, optional
        The engine's model: a folder, or its official name where it is on disk.
    exclude : iterable of str
        Components to leave out, e.g. `["syntax"]` (see `PIPELINE`).
    max_items : int or None
        Items a section at most, None for all.
    max_chars : int
        Longest article in characters; a longer one is a ValueError.

    Raises
    ------
    ModelError
        A model is missing, damaged or foreign (NX101 to NX104).
    EngineError
        The engine is unknown or not installed, or its model is not on disk; nothing is ever downloaded.

    Examples
    --------
    >>> import nlp_extract
    >>> nlp = nlp_extract.load()
    >>> nlp("工业和信息化部6月25日发布通知。")._.record.subjects[0].name
    '工业和信息化部'
    """
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.max_length = max_chars
    left_out = set(exclude)
    unknown = sorted(left_out - set(PIPELINE))
    if unknown:
        raise ValueError(f"exclude names no component: {', '.join(unknown)}; known: {', '.join(PIPELINE)}")
    given: dict[str, Any] = {
        "models": None if models is None else str(models),
        "lexicon": None if lexicon is None else str(lexicon),
    }
    replaced = engines.engine(engine).components(None if model is None else str(model))
    for component in PIPELINE:
        if component in left_out or component == "record":
            continue
        if component in replaced:
            replacement = replaced[component]
            if replacement is not None:
                nlp.add_pipe(replacement[0], config=dict(replacement[1]))
            continue
        factory = f"nlp_extract_{component}"
        settings = Language.get_factory_meta(factory).default_config or {}
        nlp.add_pipe(factory, config={key: value for key, value in given.items() if key in settings})
    if "record" not in left_out:
        nlp.add_pipe("nlp_extract_record", config={"max_items": max_items, "models": models_in(nlp), "engine": engine})
    return nlp


def models_in(nlp: Language) -> list[dict[str, str]]:
    """Component, version and sha256 of every model in a pipeline."""
    found = []
    for _, pipe in nlp.pipeline:
        folder = getattr(pipe, "folder", None)
        if folder is not None:
            version = str(folder.meta.get("version", "1"))
            found.append({"component": folder.meta["component"], "version": version, "sha256": folder.digest})
    return found


@functools.cache
def default_pipeline() -> Language:
    """The chain with the shipped models, loaded once a process."""
    return load()


def bound_vocab(nlp: Language) -> Language:
    """Begin a new vocabulary where the old one has grown large: it keeps every word it has ever seen.

    For chains of `load` with nothing added, whose components hold no vocabulary; docs keep the one they were made
    with. Returns the chain.
    """
    if len(nlp.vocab.strings) > MAX_STRINGS:
        nlp.vocab = create_vocab(nlp.lang, nlp.Defaults)
        nlp.tokenizer.vocab = nlp.vocab
    return nlp


def make_doc(
    nlp: Language,
    text: str,
    *,
    title: str | None = None,
    published: str | datetime.date | None = None,
    max_items: int | None = 10,
) -> Doc:
    """Return a doc that is ready for `nlp(doc)` or `nlp.pipe(docs)`, with title and date.

    Raises
    ------
    TypeError
        NX001 or NX005: text or title is no str.
    ValueError
        NX002 too long, NX003 `published` is no date, NX004 `max_items` is no positive int.
    """
    if not isinstance(text, str):
        raise TypeError(message("NX001", kind=type(text).__name__))
    if title is not None and not isinstance(title, str):
        raise TypeError(message("NX005", name="title", kind=type(title).__name__))
    if max_items is not None and (not isinstance(max_items, int) or isinstance(max_items, bool) or max_items < 1):
        raise ValueError(message("NX004", value=max_items))
    day = as_date(published)
    article = f"{title}\n{text}" if title else text
    if len(article) > nlp.max_length:
        raise ValueError(message("NX002", length=len(article), limit=nlp.max_length))
    doc = nlp.make_doc(article)
    layers.put(doc, "text", analyse_text(article, title_end=len(title) if title else 0, published=day))
    layers.put(doc, "request", Request(storable(title) if title else None, day.isoformat() if day else None, max_items))
    return doc


def as_date(value: object) -> datetime.date | None:
    """A date from an ISO string, a date or a datetime; ValueError NX003 for anything else."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, str):
        try:
            return datetime.datetime.fromisoformat(value.strip()).date()
        except ValueError as error:
            raise ValueError(message("NX003", value=value)) from error
    raise ValueError(message("NX003", value=value))


def extract(
    text: str,
    *,
    title: str | None = None,
    published: str | datetime.date | None = None,
    max_items: int | None = 10,
    explain: bool = False,
    nlp: Language | None = None,
) -> KeyPointRecord:
    """Return the key-point record of a Chinese news article.

    Parameters
    ----------
    text : str
        The article without its title.
    title : str, optional
        Its title; offsets then count from `title + "\\n" + text`.
    published : str, date or datetime, optional
        Day of publication (ISO 8601), from which relative times count.
    max_items : int or None
        Items a section at most, None for all.
    explain : bool
        Keep every match with the name of its rule beside the record, in `record.explanations`.
    nlp : Language, optional
        A pipeline from `load`; the default one is loaded once a process.

    Returns
    -------
    KeyPointRecord

    Raises
    ------
    TypeError, ValueError
        NX001 to NX005, see `make_doc`.

    Examples
    --------
    >>> from nlp_extract import extract
    >>> record = extract("工业和信息化部25日发布通知。", published="2025-06-27")
    >>> record.times[0].value_start
    '2025-06-25'
    """
    chain = bound_vocab(default_pipeline()) if nlp is None else nlp
    doc = make_doc(chain, text, title=title, published=published, max_items=max_items)
    with one_thread():  # once an article, not once a component
        doc = chain(doc)
    record = record_of(doc)
    if record is None:
        raise ValueError("the pipeline has no component nlp_extract_record; add it last, or use nlp_extract.load().")
    return record.explained(explanations(doc)) if explain else record
