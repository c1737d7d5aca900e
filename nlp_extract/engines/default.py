"""The engine that comes with the package: jieba's words, our own models."""

from collections.abc import Mapping

from nlp_extract.engines import Replacement
from nlp_extract.errors import EngineError


def components(model: str | None) -> Mapping[str, Replacement | None]:
    """Nothing to replace."""
    if model is not None:
        raise EngineError("model= is for engines such as hanlp; own models of the default engine go to models=.")
    return {}
