"""The article with its marks: flat segments, a tint for the innermost mention, lines for what spans it."""

from __future__ import annotations

import bisect
import collections
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from nlp_extract.record.markdown import HEADINGS
from nlp_extract.record.page.elements import make, shown

# Beside the twelve sections stand all entities: they are found by pointing, but not drawn.
ENTITIES = 13


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the article that an item rests on; `tint` for mentions, else it is underlined."""

    start: int
    end: int
    section: int
    item: int
    tint: bool


def paragraphs(article: str, marks: Iterable[Mark], title_end: int, *, links: bool) -> Iterator[Element]:
    """The article's lines as elements, cut into segments that share their marks.

    Parameters
    ----------
    article : str
    marks : iterable of Mark
    title_end : int
        Length of the title; 0 for none.
    links : bool
        Whether segments get ids (`p` and their start) to be linked to.
    """
    found = list(dict.fromkeys(marks))
    cuts = sorted({0, len(article), *(m.start for m in found), *(m.end for m in found)})
    covering = _covering(cuts, found)
    lanes: dict[int, int] = {}
    start = 0
    article = shown(article)  # whole, as it looks at neighbours
    for line in article.split("\n"):
        end = start + len(line)
        if line.strip():
            first, last = bisect.bisect_right(cuts, start) - 1, bisect.bisect_left(cuts, end)
            lanes.clear()
            segments = [
                _segment(article, max(start, cuts[i]), min(end, cuts[i + 1]), covering[i], lanes, links=links)
                for i in range(first, last)
            ]
            titled = start < title_end
            yield make("h2" if titled and links else "p", {"class": "title" if titled else None}, *segments)
        start = end + 1


def _covering(cuts: Sequence[int], marks: Sequence[Mark]) -> list[list[Mark]]:
    """The marks over each stretch between two cuts."""
    opening: dict[int, list[Mark]] = collections.defaultdict(list)
    closing: dict[int, list[Mark]] = collections.defaultdict(list)
    for mark in marks:
        opening[mark.start].append(mark)
        closing[mark.end].append(mark)
    active: dict[Mark, None] = {}
    found = []
    for cut in cuts[:-1]:
        for mark in closing[cut]:
            active.pop(mark, None)
        active.update(dict.fromkeys(opening[cut]))
        found.append(list(active))
    return found


def _segment(
    article: str, start: int, end: int, marks: Sequence[Mark], lanes: dict[int, int], *, links: bool
) -> Element:
    """One segment: a line for every section over it, each in its lane, the innermost mention's tint within."""
    mentions = [m for m in marks if m.tint]
    inner = min(mentions, key=lambda m: (m.end - m.start, m.section, m.item), default=None)
    lined = {m.section for m in marks if not m.tint} | {m.section for m in mentions} - {inner.section if inner else 0}
    lined.discard(ENTITIES)
    for section in [s for s in lanes if s not in lined]:
        del lanes[section]
    for section in sorted(lined - lanes.keys()):
        lanes[section] = next(lane for lane in range(len(HEADINGS)) if lane not in lanes.values())
    content: Element | str = article[start:end]
    if inner:
        content = make("span", {"class": f"tint s{inner.section}"}, content)
    for section, lane in sorted(lanes.items(), key=lambda row: row[1]):
        content = make("span", {"class": f"line l{lane} s{section}"}, content)
    sections = sorted({m.section for m in marks} - {ENTITIES})
    attributes: dict[str, str | None] = {"class": "seg" if marks else None, "id": f"p{start}" if links else None}
    if marks:
        attributes["data-items"] = " ".join(map(str, sorted({m.item for m in marks})))
        attributes["title"] = " · ".join(f"{s} {HEADINGS[s - 1]}" for s in sections) or "实体"
    return make("span", attributes, content)
