"""Pictures as inline SVG: the times on a line, who does what to whom, the sentiment's score."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Sequence
from xml.etree.ElementTree import Element

from nlp_extract.record import model as m
from nlp_extract.record.markdown import MODALITIES
from nlp_extract.record.page.elements import Child, make

WIDTH = 390
MOST = 20  # rows of a picture: the first of the ranked list
TICKS = (
    (-36525, "百年前"), (-3652, "十年前"), (-365, "一年前"), (-30, "一月前"),
    (30, "一月后"), (365, "一年后"), (3652, "十年后"), (36525, "百年后"),
)  # fmt: skip
Scale = Callable[[float], float]


def timeline(times: Sequence[tuple[str, m.Time]], reference: str | None) -> Element | None:
    """The times that have values, one a row, in order; None when there are fewer than two.

    Days near the reference date get more room than far ones (logarithm of the distance).
    """
    rows = []
    for item, time in times[:MOST]:
        start, end = _day(time.value_start), _day(time.value_end)
        first = start if start is not None else end
        if first is not None:
            rows.append((first, end if end is not None else first, item, time))
    if len(rows) < 2:
        return None
    rows.sort(key=lambda r: (r[0], r[1], int(r[2])))
    middle = _day(reference) or max(r[1] for r in rows)
    left, right, top, step = 134.0, WIDTH - 10.0, 30.0, 22.0
    x = _scale(min(middle, *(r[0] for r in rows)), max(middle, *(r[1] for r in rows)), middle, left, right)
    bottom = top + step * len(rows)
    children: list[Child] = [make("title", None, "时间轴")]
    taken: list[float] = []
    for days, tick in ((0, "发布" if reference else "最近"), *sorted(TICKS, key=lambda t: (abs(t[0]), t[0]))):
        at = x(middle + days)
        if left <= at <= right and all(abs(at - other) > 44 for other in taken):
            taken.append(at)
            kind = "axis now" if days == 0 else "axis"
            children.append(_line(at, top - 10, at, bottom, kind))
            anchor = "start" if at - left < 20 else "end" if right - at < 20 else "middle"
            children.append(_text(at, top - 15, tick, "tick", anchor))
    for number, (start, end, item, time) in enumerate(rows):
        y = top + step * number + step / 2
        shape = _bar(x(start), x(end), y)
        open_side = None
        if time.value_end is None:
            open_side = _line(x(end), y, right, y, "open")
        elif time.value_start is None:
            open_side = _line(left, y, x(start), y, "open")
        name = make("title", None, f"{time.text}：{time.value_start or '…'} 至 {time.value_end or '…'}")
        label = _text(left - 12, y + 4.5, _cut(time.text, 9), "label", "end")
        row = _line(left, y, right, y, "row")
        children.append(make("g", {"class": "s1 at", "data-lights": item}, name, row, open_side, shape, label))
    return _picture(bottom + 6, f"时间轴：{len(rows)} 个时间，从 {_iso(rows[0][0])} 起", children)


def graph(actions: Sequence[tuple[str, m.Action]]) -> Element | None:
    """Actors on the left, actions in the middle, what they act on at the right; None without an actor."""
    rows = [
        (item, a, a.subject_name or (a.subject.text if a.subject else ""), a.object.text if a.object else "")
        for item, a in actions[:MOST]
    ]
    rows = [row for row in rows if row[2]]
    if not rows:
        return None
    actors = list(dict.fromkeys(row[2] for row in rows))
    rows.sort(key=lambda row: actors.index(row[2]))  # stable: an actor's actions stay in their order
    step, top = 42.0, 2.0
    height = top + step * len(rows) + 6
    ys = {item: top + step * (i + 0.5) for i, (item, *_) in enumerate(rows)}
    sources = _means((name, ys[item]) for item, _, name, _ in rows)
    targets = _spread(_means((name, ys[item]) for item, _, _, name in rows if name), step * 0.7, top + step / 2)
    height = max(height, max(targets.values(), default=0.0) + step / 2)
    edges: list[Child] = []
    nodes: list[Child] = []
    for item, action, actor, target in rows:
        y = ys[item]
        kind = f"edge {action.modality}"
        parts: list[Child] = [
            make("title", None, f"{actor} → {action.predicate.text} → {target or '—'}"),
            _curve(124, sources[actor], 159, y, kind),
            _curve(231, y, 266, targets[target], kind) if target else None,
            _box(159, y, 72, action.predicate.text, f"s6 {action.modality}", 5),
            _text(195, y + 23.5, MODALITIES[action.modality], "tick", "middle")
            if MODALITIES[action.modality]
            else None,
        ]
        edges.append(make("g", {"class": "at", "data-lights": item}, *parts))
    nodes += [_box(2, y, 122, name, "s4", 8) for name, y in sources.items()]
    nodes += [_box(266, y, 122, name, "s5", 8) for name, y in targets.items()]
    return _picture(
        height, f"关系图：{len(actors)} 个主体、{len(rows)} 个行为、{len(targets)} 个客体", [*edges, *nodes]
    )


def gauge(score: float) -> Element:
    """A score from -1 to 1 on a line."""
    at = 60 + 54 * max(-1.0, min(1.0, score))
    return make(
        "svg",
        {"class": "gauge", "viewBox": "0 0 120 16", "role": "img", "aria-label": f"得分 {score:+.2f}"},
        make("title", None, f"得分 {score:+.2f}"),
        _line(6, 8, 114, 8, "row"),
        _line(60, 3, 60, 13, "axis"),
        make("circle", {"cx": _f(at), "cy": "8", "r": "5", "class": "plus" if score > 0 else "minus"}),
    )


def _picture(height: float, label: str, children: Sequence[Child]) -> Element:
    size = {"viewBox": f"0 0 {WIDTH} {_f(height)}", "role": "img", "aria-label": label}
    return make("svg", {"class": "picture", **size}, *children)


def _day(iso: str | None) -> int | None:
    try:
        return datetime.date.fromisoformat((iso or "")[:10]).toordinal()
    except ValueError:
        return None


def _iso(day: int) -> str:
    return datetime.date.fromordinal(day).isoformat()


def _scale(low: float, high: float, middle: float, left: float, right: float) -> Scale:
    """Days to pixels, by the logarithm of the distance from the middle in months."""

    def bent(day: float) -> float:
        return math.copysign(math.log1p(abs(day - middle) / 15), day - middle)

    first, last = bent(low), bent(high)
    width = max(last - first, 1e-9)
    return lambda day: left + (bent(day) - first) / width * (right - left)


def _means(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Mean height of each name, in order of first appearance."""
    found: dict[str, list[float]] = {}
    for name, y in pairs:
        found.setdefault(name, []).append(y)
    return {name: sum(ys) / len(ys) for name, ys in found.items()}


def _spread(heights: dict[str, float], gap: float, top: float) -> dict[str, float]:
    """The heights moved down where they would touch."""
    placed: dict[str, float] = {}
    last = top - gap
    for name, y in sorted(heights.items(), key=lambda row: row[1]):
        last = placed[name] = max(y, last + gap)
    return placed


def _f(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _cut(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Element:
    return make("line", {"x1": _f(x1), "y1": _f(y1), "x2": _f(x2), "y2": _f(y2), "class": kind})


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> Element:
    return make("text", {"x": _f(x), "y": _f(y), "class": kind, "text-anchor": anchor}, text)


def _bar(x1: float, x2: float, y: float) -> Element:
    """A range, or a dot where it is too short to see."""
    if x2 - x1 < 8:
        return make("circle", {"cx": _f((x1 + x2) / 2), "cy": _f(y), "r": "5"})
    return make("rect", {"x": _f(x1), "y": _f(y - 4), "width": _f(x2 - x1), "height": "8", "rx": "4"})


def _curve(x1: float, y1: float, x2: float, y2: float, kind: str) -> Element:
    bend = (x2 - x1) / 2
    path = f"M{_f(x1)} {_f(y1)}C{_f(x1 + bend)} {_f(y1)} {_f(x2 - bend)} {_f(y2)} {_f(x2)} {_f(y2)}"
    return make("path", {"d": path, "class": kind})


def _box(x: float, y: float, width: float, text: str, kind: str, length: int) -> Element:
    box = {"x": _f(x), "y": _f(y - 12), "width": _f(width), "height": "24", "rx": "5"}
    label = _text(x + width / 2, y + 4.5, _cut(text, length), "label", "middle")
    return make("g", {"class": f"box {kind}"}, make("title", None, text), make("rect", box), label)
