"""Label Studio's JSON: tasks with annotations (or predictions, for annotators to correct).

Shapes: labelstud.io, "Label Studio JSON format of annotated tasks". Browsers count UTF-16 units, so that is what is
written; on reading, each task is taken as whichever count fits the texts that its regions quote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nlp_extract.errors import DataError
from nlp_extract.learning.formats.marks import CHOICES, LABELS, LINKS, Annotated, Link, Mark, reading, split_article


def utf16_offsets(text: str) -> list[int]:
    """Offset in UTF-16 units of every code point of a text, and of its end; length `len(text) + 1`."""
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if ord(character) > 0xFFFF else 1))
    return offsets


def write(articles: Iterable[Annotated], path: Path, *, predictions: bool = False) -> None:
    """Write tasks; as predictions, annotators start from them."""
    tasks = [task(annotated, predictions=predictions) for annotated in articles]
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", "utf-8")


def task(annotated: Annotated, *, predictions: bool = False) -> dict[str, Any]:
    """One article as a task."""
    article = annotated.article
    units = utf16_offsets(article)
    result: list[dict[str, Any]] = []
    for mark in annotated.marks:
        place = {"start": units[mark.start], "end": units[mark.end]}
        common = {"id": f"m{mark.number}", "to_name": "text"}
        text = article[mark.start : mark.end]
        value = {**place, "text": text, "labels": [mark.label]}
        result.append({**common, "from_name": "label", "type": "labels", "value": value})
        if mark.note:
            note = {**place, "text": [mark.note]}
            result.append({**common, "from_name": "note", "type": "textarea", "value": note})
    for link in annotated.links:
        ends = {"from_id": f"m{link.source}", "to_id": f"m{link.target}", "direction": "right"}
        result.append({"type": "relation", **ends, "labels": [link.label]})
    for name, values in annotated.choices.items():
        value = {"choices": list(values)}
        result.append({"id": f"c-{name}", "from_name": name, "to_name": "text", "type": "choices", "value": value})
    data = {"text": article, "id": annotated.id, "title": annotated.title, "published": annotated.published}
    if predictions:
        return {"data": data, "predictions": [{"model_version": "nlp_extract", "result": result}]}
    return {"data": data, "annotations": [{"was_cancelled": False, "result": result}]}


@reading
def read(path: Path) -> list[Annotated]:
    """Articles of an export; cancelled annotations are skipped, and tasks that have no other."""
    try:
        tasks = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: not JSON ({error})") from error
    if not isinstance(tasks, list):
        raise DataError(
            f"{path}: expected a JSON array of tasks, got {type(tasks).__name__}; export as JSON, not JSON-MIN."
        )
    found = []
    for number, row in enumerate(tasks):
        kept = [a for a in row.get("annotations") or row.get("completions") or () if not a.get("was_cancelled")]
        if kept:
            # The ground truth where somebody marked one, else what was said last.
            chosen = next((a for a in kept if a.get("ground_truth")), kept[-1])
            where = f"{path}: task {row.get('id', number)}"
            found.append(_annotated(row.get("data") or {}, chosen.get("result") or [], where, number))
    return found


def _annotated(data: dict[str, Any], result: Sequence[dict[str, Any]], where: str, number: int) -> Annotated:
    article = data.get("text")
    if not isinstance(article, str):
        raise DataError(f"{where}: data.text is missing; expected the article's text.")
    title = data.get("title") or None
    regions = [row for row in result if row.get("type") in ("labels", "hypertextlabels")]
    count = _counter(article, regions, where)
    numbers: dict[str, int] = {}
    marks: list[Mark] = []
    notes = {
        row["id"]: str(row["value"]["text"][0])
        for row in result
        if row.get("type") == "textarea" and row["value"].get("text")
    }
    for row in regions:
        value = row["value"]
        for label in value.get("labels") or value.get("hypertextlabels") or ():
            given = row["id"][1:] if row["id"][:1] == "m" and row["id"][1:].isdigit() else None
            mark = int(given) if given and int(given) not in numbers.values() else 1_000_000 + len(marks)
            numbers.setdefault(row["id"], mark)
            marks.append(Mark(mark, count[value["start"]], count[value["end"]], label, notes.get(row["id"], "")))
    links = [
        Link(numbers[row["from_id"]], numbers[row["to_id"]], label)
        for row in result
        if row.get("type") == "relation" and row["from_id"] in numbers and row["to_id"] in numbers
        for label in row.get("labels") or ()
    ]
    choices = {row["from_name"]: tuple(row["value"]["choices"]) for row in result if row.get("type") == "choices"}
    name = str(data.get("id") or f"task-{number}")
    text = split_article(article, title)
    return Annotated(name, title, text, data.get("published"), tuple(marks), tuple(links), choices).check(where)


def _counter(article: str, regions: Sequence[dict[str, Any]], where: str) -> dict[int, int]:
    """Offsets as given -> code points, by the count that fits what the regions quote."""
    plain = {n: n for n in range(len(article) + 1)}
    units = {unit: n for n, unit in enumerate(utf16_offsets(article))}
    if units == plain:
        return plain

    def fits(count: dict[int, int], value: dict[str, Any]) -> bool:
        start, end = count.get(value["start"]), count.get(value["end"])
        return start is not None and end is not None and article[start:end] == value.get("text", article[start:end])

    for count in (units, plain):
        if all(fits(count, row["value"]) for row in regions):
            return count
    bad = next(row["value"] for row in regions if not fits(units, row["value"]))
    place = f"{bad['start']}..{bad['end']}"
    raise DataError(f"{where}: region {place} does not hold {bad.get('text')!r}, in UTF-16 units or code points.")


def config() -> str:
    """The labelling interface to paste into Label Studio's settings."""
    lines = ["<View>", '  <Text name="text" value="$text"/>', '  <Labels name="label" toName="text">']
    lines += [f'    <Label value="{label}"/>' for label in LABELS]
    lines += ["  </Labels>", '  <TextArea name="note" toName="text" perRegion="true"/>', "  <Relations>"]
    lines += [f'    <Relation value="{link}"/>' for link in LINKS]
    lines += ["  </Relations>"]
    lines += [f'  <Choices name="{name}" toName="text" choice="multiple"/>' for name in CHOICES]
    return "\n".join([*lines, "</View>"]) + "\n"
