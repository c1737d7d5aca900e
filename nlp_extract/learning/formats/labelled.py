"""Our own form: labelled articles as JSON lines with their texts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from nlp_extract.errors import DataError
from nlp_extract.learning.formats.marks import Annotated, from_labelled, reading, to_labelled
from nlp_extract.learning.labelled import read_labelled
from nlp_extract.learning.validation import problems


def write(articles: Iterable[Annotated], path: Path) -> None:
    """Write labelled articles."""
    with path.open("w", encoding="utf-8") as file:
        for annotated in articles:
            file.write(json.dumps(to_labelled(annotated).label, ensure_ascii=False) + "\n")


@reading
def read(path: Path, articles: Path | None = None) -> list[Annotated]:
    """Read labelled articles; DataError at the first that is not valid."""
    found = []
    for labelled in read_labelled(path, articles):
        wrong = next(iter(problems(labelled)), None)
        if wrong is not None:
            raise DataError(f"{path}: {labelled.id}: {wrong[0]}: {wrong[1]}; see nlp-extract validate.")
        found.append(from_labelled(labelled))
    return found
