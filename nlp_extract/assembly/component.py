"""Last link of the chain: the record."""

import re
from typing import Any

import srsly
from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.assembly.assemble import Assembler, empty_record
from nlp_extract.layers import Request
from nlp_extract.pipe import ArticlePipe
from nlp_extract.record.model import KeyPointRecord, ModelUse
from nlp_extract.text.component import text_of

KEY = "nlp_extract_record"
CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class RecordPipe(ArticlePipe):
    """Assembles `doc._.record` from the layers.

    Parameters
    ----------
    max_items : int or None
        Items a section at most, unless the doc's request says otherwise; None for all.
    models : list of dict
        Component, version and sha256 of the models in the pipeline; goes into the provenance.
    engine : str
        Name of the engine; goes into the provenance.
    """

    def __init__(self, name: str, *, max_items: int | None, models: list[dict[str, str]], engine: str) -> None:
        super().__init__(name)
        self.max_items = max_items
        self.models = tuple(ModelUse(**use) for use in models)
        self.engine = engine

    def annotate(self, doc: Doc) -> None:
        """See `ArticlePipe`."""
        request = layers.get(doc, "request") or Request(max_items=self.max_items)
        text = text_of(doc)
        if not text.article.strip():
            record = empty_record(text.article, request, "The article is empty.")
        elif not CHINESE.search(text.article):
            record = empty_record(text.article, request, "The article has no Chinese in it.")
        else:
            record = Assembler(doc, text, request, self.models, self.engine).record()
        doc.user_data[KEY] = record

    def settings(self) -> dict[str, Any]:
        """See `ArticlePipe`."""
        return {"max_items": self.max_items, "models": [use.model_dump() for use in self.models], "engine": self.engine}

    def use_settings(self, settings: dict[str, Any]) -> None:
        """See `ArticlePipe`."""
        self.max_items = settings["max_items"]
        self.models = tuple(ModelUse(**use) for use in settings["models"])
        self.engine = settings["engine"]


@Language.factory("nlp_extract_record", default_config={"max_items": 10, "models": [], "engine": "default"})
def create_component(
    nlp: Language, name: str, max_items: int | None, models: list[dict[str, str]], engine: str
) -> RecordPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_record")`."""
    return RecordPipe(name, max_items=max_items, models=models, engine=engine)


def record_of(doc: Doc) -> KeyPointRecord | None:
    """The record of a doc, None before the record component has run (`doc._.record`)."""
    record: KeyPointRecord | None = doc.user_data.get(KEY)
    # Here rather than in the chain: a doc that came from another process has the article in its text layer.
    return record.beside(text_of(doc).article) if record is not None and record.article is None else record


def _encode(value: Any, chain: Any = None) -> Any:
    if isinstance(value, KeyPointRecord):
        return {"__nlp_extract_record__": value.model_dump(mode="json")}
    return value if chain is None else chain(value)


def _decode(value: Any, chain: Any = None) -> Any:
    if isinstance(value, dict) and "__nlp_extract_record__" in value:
        return KeyPointRecord.model_validate(value["__nlp_extract_record__"])
    return value if chain is None else chain(value)


srsly.msgpack_encoders.register("nlp_extract_record", func=_encode)
srsly.msgpack_decoders.register("nlp_extract_record", func=_decode)
if not Doc.has_extension("record"):
    Doc.set_extension("record", getter=record_of)
