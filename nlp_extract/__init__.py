"""A Chinese news article in, an analyst's twelve-section key-point record out, without a language model."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlp_extract.assembly.explain import explain
    from nlp_extract.pipeline import extract, load, make_doc
    from nlp_extract.record.model import KeyPointRecord
    from nlp_extract.running.many import extract_many

__version__ = "0.1.0"
__all__ = ["KeyPointRecord", "__version__", "explain", "extract", "extract_many", "load", "make_doc"]

_HOMES = {
    "KeyPointRecord": "nlp_extract.record.model",
    "explain": "nlp_extract.assembly.explain",
    "extract": "nlp_extract.pipeline",
    "extract_many": "nlp_extract.running.many",
    "load": "nlp_extract.pipeline",
    "make_doc": "nlp_extract.pipeline",
}


def __getattr__(name: str) -> Any:
    # spaCy takes half a second to import; nobody waits for it who only asks for the version.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
