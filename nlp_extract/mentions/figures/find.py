"""Figures of an article: quantities worth a table, with metric, change, period and subject."""

from __future__ import annotations

import dataclasses
import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

import rjieba

from nlp_extract.layers import Change, EntityMention, FigureMention, Sentence, Span, TextLayer, TimeMention
from nlp_extract.linear import LinearModel
from nlp_extract.mentions.figures.changes import change_before, doublings, ratio
from nlp_extract.mentions.figures.metrics import (
    Candidate,
    Place,
    Token,
    candidates,
    place,
    rank_features,
    tokens_of,
    worth_features,
)
from nlp_extract.mentions.figures.scan import Quantity, guarded, lexicons, scan


class Spanned(Protocol):
    """Anything with a start."""

    @property
    def start(self) -> int:
        """First character."""


T = TypeVar("T", bound=Spanned)
_ATTACHES = re.compile(r"(?:左右|以上|以下|人民币|多)?[，,、（(： ]{0,2}(?:其中|而且|并|且)?")
_LIST = re.compile(r"[、,，/ ]{0,2}(?:和|及|与|以及|或|至|到)?(?:约|近|超)?")
_TABLE_SIGNS = re.compile(r"[0-9一二两三四五六七八九十百千万亿几半]")


@dataclasses.dataclass
class Item:
    """A quantity on its way to a figure."""

    place: Place
    sentence: Sentence
    options: list[Candidate]
    attached: bool  # it is the rate of the quantity before it
    listed: bool  # it continues a list (3%、2%) with the quantity before it
    rates: list[Change] = dataclasses.field(default_factory=list)


def prepare(text: TextLayer, times: Sequence[TimeMention] = ()) -> Iterator[list[Item]]:
    """The quantities of every sentence that has any, with tokens, changes and candidate metrics."""
    shadow = text.shadow
    if not _TABLE_SIGNS.search(shadow):
        return
    mask = guarded(shadow, [(t.start, t.end) for t in times if t.kind != "duration"])
    ends = _word_ends(shadow)
    quantities = scan(shadow, ends, mask)
    position = 0
    for sentence in text.sentences:
        while position < len(quantities) and quantities[position].start < sentence.start:
            position += 1
        first = position
        while position < len(quantities) and quantities[position].end <= sentence.end:
            position += 1
        mine = quantities[first:position]
        if mine:
            yield _items(shadow, sentence, mine, tokens_of(shadow, sentence.start, sentence.end, mine, mask))


def _word_ends(shadow: str) -> bytearray:
    ends = bytearray(len(shadow) + 2)
    for offset in itertools.accumulate(map(len, rjieba.cut(shadow, True))):
        ends[offset] = 1
    return ends


def _items(shadow: str, sentence: Sentence, mine: list[Quantity], tokens: list[Token]) -> list[Item]:
    items: list[Item] = []
    for number, q in enumerate(mine):
        last = items[-1] if items else None
        change = change_before(shadow, sentence.start, q, mine[max(0, number - 3) : number])
        listed = False
        if last is not None:
            gap = shadow[last.place.quantity.end : q.start]
            listed = len(gap) <= 5 and bool(_LIST.fullmatch(gap)) and change is None
            if listed and last.place.change is not None and not last.attached:
                sign = -1 if (last.place.change.ratio or 0) < 0 else 1
                change = Change(last.place.change.start, q.end, last.place.change.basis, ratio(q, sign))
        spot = place(tokens, q, change)
        attached = False
        if change is not None and last is not None and not listed:
            owner = next((i for i in reversed(items) if not i.attached), None)
            begin = last.rates[-1].end if last.rates else last.place.quantity.end
            if owner is not None and last.attached:
                begin = last.place.quantity.end
            between = shadow[begin : change.start] if change.start >= begin else "-"
            if len(between) <= 8 and _ATTACHES.fullmatch(between) and owner is not None:
                attached = owner.place.change is None or last.attached
                if attached:
                    owner.rates.append(change)
        low = spot.low
        if listed and last is not None:
            low = min(low, last.place.low)
        options = candidates(tokens, low, spot.at)
        if low != spot.low:
            spot = dataclasses.replace(spot, low=low)
        items.append(Item(spot, sentence, options, attached, listed))
    for doubled in doublings(shadow, sentence.start, sentence.end):
        before = bisect_right(items, doubled.start, key=_item_end) - 1
        if before >= 0 and _ATTACHES.fullmatch(shadow[items[before].place.quantity.end : doubled.start]):
            items[before].rates.append(doubled)
    return items


def _item_end(item: Item) -> int:
    return item.place.quantity.end


def _start(span: Spanned) -> int:
    return span.start


def _within(spans: Sequence[T], start: int, end: int) -> Sequence[T]:
    """Those of sorted spans that begin in a stretch."""
    return spans[bisect_left(spans, start, key=_start) : bisect_left(spans, end, key=_start)]


def find_figures(
    text: TextLayer,
    worth: LinearModel,
    rank: LinearModel,
    threshold: float,
    times: Sequence[TimeMention] = (),
    entities: Sequence[EntityMention] = (),
) -> tuple[FigureMention, ...]:
    """The figures of an article, by position.

    Parameters
    ----------
    text : TextLayer
    worth, rank : LinearModel
        Of `models/figures`: whether a quantity is worth a table, and which phrase is its metric.
    threshold : float
        Least probability of the former.
    times, entities : sequences
        Layers that give periods and subjects; may be empty.
    """
    shadow = text.shadow
    rows = [item for items in prepare(text, times) for item in items]
    if not rows:
        return ()
    counts: dict[int, int] = {}
    for item in rows:
        counts[item.sentence.index] = counts.get(item.sentence.index, 0) + 1
    chances = worth.predict_proba(
        [worth_features(i.place, shadow, text.title_end, counts[i.sentence.index], i.attached) for i in rows]
    )[:, 1]
    kept = [item for item, chance in zip(rows, chances, strict=True) if chance >= threshold]
    metrics = choose_metrics(kept, rank, shadow)
    figures = []
    for item, metric in zip(kept, metrics, strict=True):
        figures.append(_figure(text, item, metric, times, entities))
    return tuple(figures)


def choose_metrics(kept: list[Item], rank: LinearModel, shadow: str) -> list[Span | None]:
    """The metric of each item: the best candidate, shared or dealt out along a list."""
    features = [rank_features(i.place, c, i.options) for i in kept for c in i.options]
    scores = rank.scores(features)[:, 1]
    position = 0
    chosen: list[Span | None] = []
    for number, item in enumerate(kept):
        best: Candidate | None = None
        if item.options:
            mine = scores[position : position + len(item.options)]
            best = item.options[int(mine.argmax())]
            position += len(item.options)
        metric = None if best is None else Span(best.start, best.end)
        last = kept[number - 1] if number else None
        if item.listed and last is not None and last.sentence is item.sentence and metric is not None:
            shared = chosen[-1]
            if (
                shared is not None
                and shared.end <= last.place.quantity.start
                and best is not None
                and (best.side == "before")
            ):
                metric = shared
        chosen.append(metric)
    return _dealt(kept, chosen, shadow)


def _dealt(kept: list[Item], chosen: list[Span | None], shadow: str) -> list[Span | None]:
    """原煤、原油产量分别增长3%、2%: each value its own part of the enumeration."""
    start = 0
    while start < len(kept):
        end = start + 1
        while end < len(kept) and kept[end].listed and kept[end].sentence is kept[start].sentence:
            end += 1
        if end - start > 1:
            first = kept[start].place
            parts = _enumeration(first.tokens, first.low, end - start, shadow)
            if parts is not None:
                chosen[start:end] = parts
        start = end
    return chosen


def _enumeration(tokens: list[Token], low: int, count: int, shadow: str) -> list[Span | None] | None:
    """The `count` members of an enumeration before 分别, which must end near token `low`."""
    at = next((i for i in range(min(low + 3, len(tokens)) - 1, max(low - 8, -1), -1) if "分别" in tokens[i].word), None)
    if at is None:
        return None
    parts: list[Span] = []
    end = at
    i = at - 1
    while i >= 0 and tokens[at].start - tokens[i].start < 80:
        token = tokens[i]
        if token.kind in ("P", "Q", "T") or token.kind == "C":
            if end > i + 1:
                parts.append(Span(tokens[i + 1].start, tokens[end - 1].end))
            end = i
            if token.kind != "C":
                break
        i -= 1
    else:
        if end > i + 1:
            parts.append(Span(tokens[i + 1].start, tokens[end - 1].end))
    parts.reverse()
    return list(parts) if len(parts) == count else None


def _figure(
    text: TextLayer, item: Item, metric: Span | None, times: Sequence[TimeMention], entities: Sequence[EntityMention]
) -> FigureMention:
    q = item.place.quantity
    change = item.rates[0] if item.rates else item.place.change
    number, lower, upper, approximate = _bounds(text.shadow, item)
    return FigureMention(
        q.start,
        q.end,
        number,
        q.unit,
        approximate,
        q.rule,
        lower,
        upper,
        metric,
        change,
        _period(item, times),
        _subject(item, metric, entities),
    )


def _bounds(shadow: str, item: Item) -> tuple[float | None, float | None, float | None, bool]:
    """Number, bounds and mark of vagueness, from the words beside the quantity too (近, 超, 以上)."""
    q, data = item.place.quantity, lexicons()
    lower, upper, about = q.number.lower, q.number.upper, q.number.approximate
    value = q.number.value
    before = (shadow[max(0, q.start - n) : q.start].strip() for n in (4, 3, 2, 1))
    after = (shadow[q.end : q.end + n] for n in (2, 1))
    words = (
        next((data.before[w] for w in before if w in data.before), ""),
        next((data.after[w] for w in after if w in data.after), ""),
    )
    for word in words:
        if word == "about":
            about = True
        elif word == "lower" and lower is None:
            lower, about = value, True
        elif word == "upper" and upper is None:
            upper, about = value, True
    return value, lower, upper, about


def _period(item: Item, times: Sequence[TimeMention]) -> Span | None:
    """The time a figure holds for: the last before it in its sentence, else the first behind it in its clause."""
    q = item.place.quantity
    limit = q.start if item.place.change is None else min(q.start, item.place.change.start)
    for t in reversed(_within(times, item.sentence.start, limit)):
        if t.end <= limit and t.kind != "duration":
            return Span(t.start, t.end)
    number = bisect_right(item.sentence.clauses, q.start, key=_start) - 1
    clause = item.sentence.clauses[number] if number >= 0 else item.sentence
    for t in _within(times, q.end, clause.end):
        if t.end <= clause.end and t.kind != "duration":
            return Span(t.start, t.end)
    return None


def _subject(item: Item, metric: Span | None, entities: Sequence[EntityMention]) -> Span | None:
    """Whose figure it is: the last organisation or place before the metric in the sentence, or in the metric itself."""
    start, end = item.sentence.start, (metric.end if metric is not None else item.place.quantity.start)
    end = max(end, start)
    place: Span | None = None
    for e in reversed(_within(entities, start, end)):
        if e.end <= end and not e.byline:
            if e.label == "ORG":
                return Span(e.start, e.end)
            if e.label == "LOC" and place is None:
                place = Span(e.start, e.end)
    return place
