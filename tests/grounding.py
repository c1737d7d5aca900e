"""Walk through a record and check that every item stands where it says."""

from collections.abc import Iterator
from typing import Any


def spans(value: Any, path: str = "record") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dict with text, start and end in a dumped record."""
    if isinstance(value, dict):
        if {"text", "start", "end"} <= value.keys():
            yield path, value
        for key, inner in value.items():
            yield from spans(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from spans(inner, f"{path}[{number}]")


def check(record: Any, article: str) -> int:
    """Assert grounding of every span; return their number."""
    count = 0
    for path, span in spans(record.model_dump()):
        start, end = span["start"], span["end"]
        assert 0 <= start < end <= len(article), f"{path}: {start}..{end} outside of {len(article)}"
        assert article[start:end] == span["text"], f"{path}: {article[start:end]!r} != {span['text']!r}"
        count += 1
    return count
