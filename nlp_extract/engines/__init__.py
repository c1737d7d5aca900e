"""Where words, tags, entities and trees come from: our own models, HanLP, spaCy's.

An engine is one file here and one entry point in the group `nlp_extract_engines`; it says which components of the
chain it stands in for. What comes after them is the same whatever the engine.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from typing import Any, Protocol, cast

from nlp_extract.errors import EngineError

GROUP = "nlp_extract_engines"
Replacement = tuple[str, Mapping[str, Any]]


class Engine(Protocol):
    """What `load(engine=…)` needs of an engine: a module or object with one function."""

    def components(self, model: str | None) -> Mapping[str, Replacement | None]:
        """Component of the chain -> spaCy factory and settings that stand in for it, None to leave it out.

        Raises `EngineError` when the engine or its model is not there; never asks the network.
        """


def engine(name: str) -> Engine:
    """The engine of a name.

    Raises
    ------
    EngineError
        No engine has that name; names those that are known.
    """
    known = {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}
    if name not in known:
        raise EngineError(f"no engine {name!r}; known: {', '.join(sorted(known))}.")
    return cast(Engine, known[name].load())
