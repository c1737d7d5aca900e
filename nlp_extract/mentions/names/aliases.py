"""Which names of an article are one: a scored decision on pairs of names of the same label."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from nlp_extract.layers import EntityMention, TextLayer
from nlp_extract.linear import Features, LinearModel
from nlp_extract.mentions.names.gazetteer import Place, gazetteer
from nlp_extract.mentions.names.lexicon import longest_prefix, organisations, pattern, words

_LATIN = re.compile(r"[A-Za-z][A-Za-z .&'\-]*")
_DOTS = re.compile(r"[·•・．.\-—－‧∙ ]")
_QUOTED = re.compile(r"[“”\"‘’「」『』]")
_CLOSED = re.compile(r"[（(\[][^（()）\[\]]*[）)\]]")
_REACH = 24  # characters between two names that may be introduced as one
# Names compared with one name: enough for any article, and it keeps long texts linear.
_MOST = 30
_SHAPES = ("equal", "prefix", "suffix", "inside", "letters_first", "letters", "overlap", "none")


class Forms:
    """The unique names of an article under one label, longest first, and where they stand."""

    def __init__(self, text: TextLayer, mentions: Sequence[EntityMention], places: Mapping[str, Place]) -> None:
        self.places = places
        self.spots: dict[str, list[tuple[int, int]]] = {}
        placed = []
        for m in mentions:
            name = bare(text.shadow[m.start : m.end])
            self.spots.setdefault(name, []).append((m.start, m.end))
            placed.append((m.start, m.end, name))
        self.names = sorted(self.spots, key=lambda n: (-len(n), self.spots[n][0], n))
        self.rank = {name: index for index, name in enumerate(self.names)}
        self.introduced: dict[tuple[str, str], str] = {}
        placed.sort()
        for (_, end, first), (start, stop, second) in itertools.pairwise(placed):
            if 0 < start - end <= _REACH and first != second:
                how = _introduction(text.shadow[end:start], text.shadow[stop : stop + 2])
                if how is not None:
                    pair = (first, second) if self.rank[first] < self.rank[second] else (second, first)
                    self.introduced.setdefault(pair, how)


def bare(surface: str) -> str:
    """A name without white space and title marks, as the score compares it."""
    return "".join(surface.split()).strip('《》〈〉“”"')


def _introduction(between: str, after: str) -> str | None:
    """How a name is given as another form of the one before it: `explicit`, `bracket`, `quoted`, or None."""
    if between[0] in "（([" and not _CLOSED.match(between):
        if pattern("short_form").search(between):
            return "explicit"
        if not pattern("ticker").sub("", _QUOTED.sub("", between[1:])).strip():
            return "bracket" if after[:1] in '”"’」）),，、;；[' else None
    return "quoted" if between in ("“", "——“", "——") and after[:1] in "”，（。" else None


def subsequence(short: str, long: str) -> bool:
    """Whether the characters of one name occur in another in order."""
    rest = iter(long)
    return all(c in rest for c in short)


def shape_of(long: str, short: str) -> str:
    """How the shorter of two names lies in the longer."""
    if long == short:
        return "equal"
    if long.startswith(short):
        return "prefix"
    if long.endswith(short):
        return "suffix"
    if short in long:
        return "inside"
    if subsequence(short, long):
        return "letters_first" if long[0] == short[0] else "letters"
    return "overlap" if len(set(long) & set(short)) >= 2 else "none"


def expanded(short: str, long: str) -> str:
    """The shorter name with a one-character country written out as in the longer: 美商务部 beside 美国商务部."""
    for country in gazetteer().candidates(short[0]):
        if country.level == "country" and long.startswith(country.name) and len(short) > 2:
            return country.name + short[1:]
    return short


def core(name: str) -> str:
    """What a company's full name has between its place and its tails: 小鹏 of 广东小鹏汽车科技集团有限公司."""
    if not name.endswith("有限公司"):
        return ""
    _, rest = gazetteer().split(name)
    for length in range(2, min(len(rest), 6)):
        if without_tails(rest[length:]) == "":
            return rest[:length]
    return ""


def without_tails(text: str) -> str:
    """What is left of a text when words that names lose in shortening are taken from its start."""
    while text:
        found = longest_prefix(text, words("tails.tsv"))
        if not found:
            break
        text = text[len(found) :]
    return text


def features(forms: Forms, label: str, a: str, b: str) -> Features:
    """Features of a pair, `a` the longer name."""
    long, short = a, b
    names = []
    if label == "ORG":
        long, short = a.removeprefix("*ST").removeprefix("ST"), b.removeprefix("*ST").removeprefix("ST")
        written = expanded(short, long)
        if written != short and _SHAPES.index(shape_of(long, written)) <= _SHAPES.index(shape_of(long, short)):
            short = written
            names.append("expanded")
    shape = shape_of(long, short)
    how = forms.introduced.get((a, b), "no")
    same = shape == "equal"
    names += [f"shape={shape}", f"how={how},{shape}", f"length={min(len(b), 6)},{shape}"]
    if label == "ORG":
        one, two = organisations().get(a), organisations().get(b)
        same = same or (one is not None and one == two)
        if one is not None and two is not None:
            names.append("known=" + ("same" if one == two else "other"))
        elif one is not None or two is not None:
            names.append(f"known=half,{shape}")
        names += _rests(long, short, shape)
        names += [f"ends={short[-1:]}", f"same_end={long[-1:] == short[-1:]},{shape}"]
        if shape == "letters_first":
            names.append(f"inserted={_inserted(long, short)}")
        names.append(f"same_start={long[:1] == short[:1]},{shape}")
    elif label == "LOC":
        one_place, two_place = forms.places[a], forms.places[b]
        if one_place.entry is not None and two_place.entry is not None:
            equal = one_place.entry == two_place.entry
            same = same or equal
            names += [f"entry={equal},{shape}", f"entry={equal},{one_place.level},{len(b) == 1}"]
        else:
            names.append(f"entry=half,{shape},{one_place.level == two_place.level}")
            names += _rests(long, short, shape)
            if shape == "suffix":
                head = long[: -len(short)]
                names.append(f"chain={head in forms.spots or bool(gazetteer().candidates(head))}")
    else:
        parts = [p for p in _DOTS.split(a) if p]
        names.append(f"parts={min(len(parts), 3)},{shape}")
        if len(parts) > 1:
            part = "last" if b == parts[-1] else "first" if b == parts[0] else "other" if b in parts else "no"
            names.append(f"part={part}")
        undotted = _DOTS.sub("", a) == _DOTS.sub("", b)
        same = same or undotted
        chinese = bool(longest_prefix(a, words("surnames.tsv"), 2)) and len(a) <= 4
        names.append(f"chinese={chinese},{shape},{min(len(a), 5)},{min(len(b), 4)}")
        if len(b) == 2 and b[0] in "小老阿" and a[0] not in "小老阿":
            names.append(f"nickname={a[:1] == b[1]},{b[1] in a},{chinese}")
        if b[:1] == a[:1] and len(b) > 1:
            names.append(f"surname={b[1:]},{chinese}")
            names.append(f"polite={b[1:] in words('titles.tsv')},{chinese}")
        names.append(f"latin={bool(_LATIN.fullmatch(a))},{bool(_LATIN.fullmatch(b))},{how}")
    first_a, first_b = forms.spots[a][0][0], forms.spots[b][0][0]
    names.append(f"order={first_a <= first_b},{shape}")
    names.append(f"count={min(len(forms.spots[b]), 3)}")
    row = dict.fromkeys([f"{label}|{name}" for name in names], 1.0)
    row[f"same={same}"] = 1.0
    row[f"how={how}"] = 1.0
    return row


def _inserted(long: str, short: str) -> str:
    """What kind of text a name has more in its middle: 联合 in 杭州联合银行 beside 杭州银行."""
    for k in range(2, len(short) - 1):
        if long.startswith(short[:k]) and long.endswith(short[k:]):
            middle = long[k : len(long) - len(short) + k]
            if not without_tails(middle):
                return "tails"
            parts, rest = gazetteer().split(middle)
            return "place" if parts and not rest else "word" if len(middle) > 1 else "letter"
    return "no"


def _rests(long: str, short: str, shape: str) -> list[str]:
    """Features of what the longer name has more."""
    if shape not in ("prefix", "suffix", "inside"):
        return []
    names = []
    start = long.index(short) if shape != "suffix" else len(long) - len(short)
    head, tail = long[:start], long[start + len(short) :]
    if head:
        parts, rest = gazetteer().split(head)
        kind = "place" if parts and not rest else "tail" if head in words("tails.tsv") else "other"
        names += [f"head={kind}", f"head={kind},{bool(tail)}", f"head={kind},{short[-1]}"]
        names.append(f"head={kind},{longest_prefix(short, words('tails.tsv'), 6) == short},{bool(tail)}")
    if tail:
        left = without_tails(tail)
        parts, rest = gazetteer().split(tail) if left else ([], tail)
        kind = "tails" if not left else "place" if parts else "other"
        names += [f"tail={kind}", f"tail={kind},{bool(head)}", f"tail={tail[-4:]}", f"tail_end={tail[-1]}"]
        names.append(f"tail={kind},{len(short)},{tail.endswith('公司')}")
    return names


def pairs(forms: Forms, label: str) -> list[tuple[str, str]]:
    """Pairs worth a decision, the longer name first: the shorter's first or last character is in the longer.

    Also those that are introduced as one or that the tables know to be one.
    """
    known = organisations()
    holding: dict[str, list[str]] = {}
    meaning: dict[object, list[str]] = {}
    found = dict.fromkeys(forms.introduced)
    for b in forms.names:
        entry = forms.places[b].entry if label == "LOC" else known.get(b) if label == "ORG" else None
        rivals = [*holding.get(b[0], ())[-_MOST:], *holding.get(b[-1], ())[-_MOST:]]
        if entry is not None:
            rivals += meaning.setdefault(entry, [])[-_MOST:]
            meaning[entry].append(b)
        found.update(dict.fromkeys((a, b) for a in rivals))
        for c in set(b):
            holding.setdefault(c, []).append(b)
    return sorted(found, key=lambda pair: (forms.rank[pair[1]], forms.rank[pair[0]]))


def link(forms: Forms, label: str, model: LinearModel, threshold: float) -> list[list[str]]:
    """Groups of names, each longest first: a name joins the name it is likeliest another form of."""
    candidates = pairs(forms, label)
    head = {name: name for name in forms.names}
    if candidates:
        scores = model.predict_proba([features(forms, label, a, b) for a, b in candidates])[:, 0]
        best: dict[str, tuple[float, str]] = {}
        for (a, b), score in zip(candidates, scores.tolist(), strict=True):
            if score >= threshold and (b not in best or score > best[b][0]):
                best[b] = (score, a)
        # Longer names come first, so that the antecedent's own head is known.
        for name in forms.names:
            if name in best:
                head[name] = head[best[name][1]]
    groups: dict[str, list[str]] = {}
    for name in forms.names:
        groups.setdefault(head[name], []).append(name)
    return list(groups.values())
