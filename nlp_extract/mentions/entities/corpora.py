"""Sentences with marked names from the corpora of `../shared`, each with its convention, and plain text.

The corpora do not agree on what a name is, so each is a convention of its own and gets its own output of the network;
`news`, the labelled articles, is the one that runs.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlp_extract.layers import Label
from nlp_extract.learning.labelled import LabelledArticle, read_jsonl
from nlp_extract.text.normalise import shadow, storable
from nlp_extract.text.sentences import sentences

Name = tuple[int, int, Label]
CONVENTIONS = ("news", "msra", "pku", "cluener", "finance", "resume")
MSRA_DEV = 4000
_CLUENER: dict[str, Label] = {
    "name": "PER", "organization": "ORG", "company": "ORG", "government": "ORG", "address": "LOC", "scene": "LOC",
}  # fmt: skip
_RESUME: dict[str, Label] = {"NAME": "PER", "ORG": "ORG", "LOC": "LOC"}
_PKU: dict[str, Label] = {"nr": "PER", "nt": "ORG", "ns": "LOC"}
_FEWFC: dict[str, Label] = {
    "sub-org": "ORG",
    "obj-org": "ORG",
    "target-company": "ORG",
    "sub-per": "PER",
    "obj-per": "PER",
}


@dataclasses.dataclass(frozen=True)
class Marked:
    """A normalised sentence and the names in it, not overlapping, by convention."""

    text: str
    names: tuple[Name, ...]
    convention: str


def normal(text: str) -> str:
    """A text as the component reads it."""
    return shadow(storable(text))


def msra(root: Path) -> tuple[list[Marked], list[Marked]]:
    """The MSRA corpus: train and dev part, `MSRA_DEV` sentences drawn with seed 0."""
    rows = [
        Marked(normal(row["text"]), tuple((s, e, label) for s, e, label in row["entities"]), "msra")
        for row in read_jsonl(root / "corpora/msra_ner/train.jsonl.gz")
    ]
    held = set(random.Random(0).sample(range(len(rows)), MSRA_DEV))
    return [r for i, r in enumerate(rows) if i not in held], [r for i, r in enumerate(rows) if i in held]


def pku(root: Path) -> Iterator[Marked]:
    """People's Daily, January 1998: bracketed names, else words tagged nr (joined), ns and nt."""
    for row in read_jsonl(root / "corpora/pku199801/pku199801.jsonl.gz"):
        begins = [0]
        for token in row["tokens"]:
            begins.append(begins[-1] + len(token))
        names: list[Name] = []
        taken = [False] * len(row["tokens"])
        for first, last, tag in row["spans"]:
            if tag in _PKU and not any(taken[first:last]):
                names.append((begins[first], begins[last], _PKU[tag]))
            taken[first:last] = [True] * (last - first)
        i = 0
        while i < len(taken):
            tag = row["pos"][i]
            j = i + 1
            if tag in _PKU and not taken[i]:
                while tag == "nr" and j < len(taken) and row["pos"][j] == "nr" and not taken[j]:
                    j += 1
                names.append((begins[i], begins[j], _PKU[tag]))
            i = j
        yield Marked(normal("".join(row["tokens"])), tuple(sorted(names)), "pku")


def others(root: Path) -> Iterator[Marked]:
    """CLUENER, the CVs, and the two finance corpora, where only names with a role in a relation are marked."""
    for part in ("train.jsonl.gz", "dev.jsonl"):
        for row in read_jsonl(root / "corpora/cluener" / part):
            found = [(s, e, _CLUENER[kind]) for s, e, kind in row["entities"] if kind in _CLUENER]
            yield Marked(normal(row["text"]), _apart(found), "cluener")
    for part in ("train", "dev", "test"):
        for row in read_jsonl(root / f"corpora/resume_ner/{part}.jsonl.gz"):
            found = [(s, e, _RESUME[kind]) for s, e, kind in row["entities"] if kind in _RESUME and s is not None]
            yield Marked(normal(row["text"]), _apart(found), "resume")
    companies: dict[str, set[str]] = defaultdict(set)
    for part in ("train", "valid", "test"):
        for row in read_jsonl(root / f"corpora/finre/{part}.jsonl.gz"):
            companies[normal(row["text"])].update((normal(row["head"]), normal(row["tail"])))
    for text, surfaces in companies.items():
        yield Marked(text, occurrences(text, dict.fromkeys(surfaces, "ORG")), "finance")
    seen: set[str] = set()
    for row in read_jsonl(root / "corpora/fewfc/fewfc.jsonl.gz"):
        if row["content"] not in seen:
            seen.add(row["content"])
            found = [
                (*m["span"], _FEWFC[m["role"]]) for e in row["events"] for m in e["mentions"] if m["role"] in _FEWFC
            ]
            yield Marked(normal(row["content"]), _apart(found), "finance")


def news(articles: Iterable[LabelledArticle]) -> Iterator[Marked]:
    """Labelled articles, sentence by sentence; every occurrence of a labelled surface is a mention."""
    for article in articles:
        surfaces: dict[str, Label] = {}
        for surface, label in article.label["entities"]:
            if len(surface) > 1 and label in ("ORG", "PER", "LOC"):
                surfaces.setdefault(normal(surface), label)
        text = normal(article.article)
        for sentence in sentences(text):
            piece = text[sentence.start : sentence.end]
            yield Marked(piece, occurrences(piece, surfaces), "news")


def occurrences(text: str, surfaces: dict[str, Label]) -> tuple[Name, ...]:
    """All occurrences of surfaces in a text; of two that overlap the longer counts."""
    found: list[Name] = []
    for surface in sorted(surfaces, key=lambda s: (-len(s), s)):
        start = text.find(surface) if surface else -1
        while start >= 0:
            found.append((start, start + len(surface), surfaces[surface]))
            start = text.find(surface, start + 1)
    return _apart(found)


def _apart(names: Iterable[Name]) -> tuple[Name, ...]:
    kept: list[Name] = []
    for name in sorted(set(names), key=lambda n: (n[0] - n[1], n)):
        if all(name[1] <= other[0] or other[1] <= name[0] for other in kept):
            kept.append(name)
    return tuple(sorted(kept))


def plain_text(root: Path, left_out: set[str]) -> Iterator[str]:
    """Normalised sentences of news without labels; articles whose id is in `left_out` are skipped."""
    files = ("news/news.jsonl.gz", "news/xwlb_background.jsonl.gz", "fin_news_sentiment/test.jsonl.gz")
    for name in files:
        for row in read_jsonl(root / "corpora" / name):
            if row["id"] not in left_out:
                text = normal(f"{row.get('title') or ''}\n{row['text']}")
                yield from (text[s.start : s.end] for s in sentences(text))


def gazetteers(root: Path) -> dict[str, set[str]]:
    """Names by list, for the lexicon: which list a name is in is all that the network learns of it."""
    folder = root / "corpora/gazetteers"
    found: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "jio_world_location.txt").read_text("utf-8").splitlines():
        for field in line.split("\t"):
            found["world"].update(field.rstrip(":").split("/"))
    for name in ("cn_provinces", "cn_cities", "cn_areas"):
        for row in json.loads((folder / f"{name}.json").read_text("utf-8")):
            short = row["name"].rstrip("省市区县州盟旗")
            found["china"].update({row["name"], short if len(short) > 1 else row["name"]})
    for line in (folder / "THUOCL_diming.txt").read_text("utf-8-sig").splitlines():
        word, _, count = line.partition("\t")
        if count.strip().isdigit() and int(count) >= 20:
            found["places"].add(word.strip())
    for line in (folder / "THUOCL_lishimingren.txt").read_text("utf-8-sig").splitlines():
        found["people"].add(line.split("\t")[0].strip())
    for row in read_jsonl(folder / "chain_company.jsonl.gz"):
        found["companies"].update((row["name"], row["fullname"]))
    with gzip.open(folder / "company_short_28w.txt.gz", "rt", encoding="utf-8-sig") as lines:
        found["brands"].update(line.strip() for line in lines)
    return {key: {normal(n) for n in names if 2 <= len(n) <= 12} for key, names in found.items()}


def cut(rows: Iterable[Marked], longest: int) -> Iterator[Marked]:
    """Sentences as they are, long ones cut at a character outside any name."""
    for row in rows:
        begin = 0
        while len(row.text) - begin > longest:
            end = begin + longest
            end = min([s for s, e, _ in row.names if s < end < e and s > begin], default=end)
            yield _slice(row, begin, end)
            begin = end
        yield _slice(row, begin, len(row.text)) if begin else row


def _slice(row: Marked, begin: int, end: int) -> Marked:
    inside = tuple((s - begin, e - begin, label) for s, e, label in row.names if begin <= s and e <= end)
    return Marked(row.text[begin:end], inside, row.convention)


def swapped(rows: Iterable[Marked], seed: int) -> list[Marked]:
    """Sentences with half of their names replaced by others of the same type and script.

    What a sentence says of a name teaches more than the name; pools are the names of the rows themselves.
    """
    kept = list(rows)
    pools: dict[tuple[Label, bool], list[str]] = defaultdict(list)
    for row in kept:
        for start, end, label in row.names:
            name = row.text[start:end]
            pools[label, _foreign(name)].append(name)
    draw = random.Random(seed)
    made = []
    for row in kept:
        text, names, position = "", [], 0
        for start, end, label in row.names:
            text += row.text[position:start]
            name = row.text[start:end]
            if draw.random() < 0.5:
                name = draw.choice(pools[label, _foreign(name)])
            names.append((len(text), len(text) + len(name), label))
            text += name
            position = end
        made.append(Marked(text + row.text[position:], tuple(names), row.convention))
    return made


def _foreign(name: str) -> bool:
    """Whether a name is in Latin script, or long for its type: a transliteration, a full name."""
    return name[0].isascii() or "·" in name or len(name) > 4
