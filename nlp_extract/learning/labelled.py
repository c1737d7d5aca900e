"""Labelled articles (form: GUIDELINES.md of the labelled set), read and placed on characters."""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, cast

from nlp_extract.errors import DataError
from nlp_extract.text.sentences import sentences

Part = Literal["train", "dev"]


@dataclasses.dataclass(frozen=True)
class LabelledArticle:
    """An article and its labels.

    Attributes
    ----------
    id, title, text, published : the article; `published` an ISO date or None
    label : dict
        The labels as in the file, field by field (GUIDELINES.md).
    """

    id: str
    title: str | None
    text: str
    published: str | None
    label: dict[str, Any]
    source: str = ""

    @property
    def article(self) -> str:
        """`title + "\\n" + text`, the string that offsets refer to."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    def rows(self) -> list[tuple[int, int]]:
        """Start and end of every sentence, by number."""
        return [(s.start, s.end) for s in sentences(self.article)]

    def place(self, index: int, surface: str | None) -> tuple[int, int] | None:
        """Offsets of a surface's first occurrence in a sentence; None when it is not there."""
        rows = self.rows()
        if surface is None or index >= len(rows):
            return None
        start = self.article.find(surface, *rows[index])
        return (start, start + len(surface)) if start >= 0 else None


def read_jsonl(path: str | Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file, `.gz` or plain.

    Raises
    ------
    DataError
        A line that is no JSON object; names file and line.
    """
    opener: Any = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    value = json.loads(line.decode("utf-8"))
                except (ValueError, RecursionError) as error:
                    raise DataError(f"{path}:{number}: not JSON in UTF-8 ({error})") from error
                if not isinstance(value, dict):
                    raise DataError(f"{path}:{number}: expected a JSON object, got {type(value).__name__}")
                yield value


def read_labelled(labels: str | Path, articles: str | Path | None = None) -> list[LabelledArticle]:
    """Labelled articles in the order of the label file; texts from `articles` by id where the labels carry none."""
    rows = list(read_jsonl(labels))
    if any(not isinstance(row.get("id"), str) for row in rows):
        raise DataError(f"{labels}: an article has no id; expected a string.")
    wanted = {row["id"] for row in rows}
    texts = {a["id"]: a for a in read_jsonl(articles) if a.get("id") in wanted} if articles is not None else {}
    found = []
    for row in rows:
        article = texts.get(row["id"], row)
        if not isinstance(article.get("text"), str):
            raise DataError(f"{labels}: article {row['id']} has no text; give the file that holds the articles.")
        published = article.get("published") or article.get("date") or None
        found.append(
            LabelledArticle(
                row["id"], article.get("title") or None, article["text"], published, row, article.get("source", "")
            )
        )
    return found


def read_split(path: str | Path) -> dict[str, Part]:
    """The committed split: article id -> part."""
    lines = Path(path).read_text("utf-8").splitlines()
    return {row[0]: cast(Part, row[1]) for row in (line.split("\t") for line in lines[1:])}


def select(articles: Iterable[LabelledArticle], split: dict[str, Part], part: Part) -> list[LabelledArticle]:
    """The articles of one part; those the split does not know are train."""
    return [a for a in articles if split.get(a.id, "train") == part]


def shared_articles(
    part: Part, root: str | Path = "../shared", split: str | Path = "data/split.tsv"
) -> list[LabelledArticle]:
    """The labelled articles of `../shared`, one part of the committed split."""
    base = Path(root)
    labelled = read_labelled(base / "labelled" / "labels.jsonl", base / "corpora" / "news" / "news.jsonl.gz")
    return select(labelled, read_split(split), part)


def read_marks(labels: str | Path, articles: str | Path) -> list[LabelledArticle]:
    """Articles with labels that hold no text: policies are offsets, everything else is as in `read_labelled`.

    Parameters
    ----------
    labels : path
        JSON lines with `id`, `policies` (start, end, kind), and the labels that are numbers or names of classes.
    articles : path
        The texts, by id.
    """
    found = []
    for article in read_labelled(labels, articles):
        policies = [[article.article[start:end], kind] for start, end, kind in article.label["policies"]]
        found.append(dataclasses.replace(article, label={**article.label, "policies": policies}))
    return found


def more_articles(
    root: str | Path = "../shared", labels: str | Path = "data/labelled/news.jsonl"
) -> list[LabelledArticle]:
    """News of `../shared` whose labels are in this repository (`data/labelled/README.md`).

    They have `industries`, `policies`, `polarity`, `roles` and `sentiment`; no other fields.
    """
    return read_marks(labels, Path(root) / "corpora" / "news" / "news.jsonl.gz")


def training_articles(root: str | Path = "../shared") -> list[LabelledArticle]:
    """Part `train` of the labelled articles, then `more_articles`."""
    return [*shared_articles("train", root), *more_articles(root)]
