"""Rule files in YAML."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import yaml

# Ten times as fast as PyYAML's own parser; its wheels have it, a build from source may not.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def read_patterns(package: str) -> dict[str, Any]:
    """`data/patterns.yaml` of a package, read once a process."""
    data: dict[str, Any] = yaml.load((files(package) / "data" / "patterns.yaml").read_text("utf-8"), Loader=_LOADER)
    return data


def alternation(words: Iterable[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w))) + ")"
