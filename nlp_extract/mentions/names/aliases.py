"""Which names of an article are one: a scored decision on pairs of names of the same label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nlp_extract.layers import EntityMention, TextLayer
from nlp_extract.linear import Features, LinearModel
from nlp_extract.mentions.names.gazetteer import Place, gazetteer
from nlp_extract.mentions.names.lexicon import organisations, words

_OPEN = "（("
_SHORT_FORM = re.compile(
    r"(?:以?下[简统]?称|简称|下称|又称|也称|即|英文|原名|原称|股票简称|证券简称)[为是:：]?[“\"‘「《]?$"
)
_LATIN = re.compile(r"^[A-Za-z][A-Za-z .&'\-]*$")
_DOTS = re.compile(r"[·•・．.\-—－‧∙ ]")
# Names compared with one name; enough for any article, and keeps long texts linear.
MOST = 60


class Forms:
    """The unique names of an article under one label, longest first, and where they stand."""

    def __init__(self, text: TextLayer, mentions: Sequence[EntityMention], places: Mapping[str, Place]) -> None:
        self.text = text
        self.places = places
        self.spots: dict[str, list[tuple[int, int]]] = {}
        for m in mentions:
            self.spots.setdefault(bare(text.shadow[m.start : m.end]), []).append((m.start, m.end))
        self.names = sorted(self.spots, key=lambda n: (-len(n), self.spots[n][0], n))
        self.plain = {name: expanded(name) for name in self.names}


def bare(surface: str) -> str:
    """A name without white space and title marks, as the score compares it."""
    return "".join(surface.split()).strip('《》〈〉“”"')


def expanded(name: str) -> str:
    """A name with a leading one-character country written out: 美商务部, 美国商务部."""
    if len(name) > 2 and name[1] not in "国方":
        found = [e for e in gazetteer().candidates(name[0]) if e.level == "country"]
        if len(found) == 1 and not gazetteer().candidates(name[:2]):
            return found[0].name + name[1:]
    return name


def subsequence(short: str, long: str) -> bool:
    """Whether the characters of one name occur in another in order."""
    rest = iter(long)
    return all(c in rest for c in short)


def introduced(text: TextLayer, forms: Forms, a: str, b: str) -> str | None:
    """How the article gives `b` as another name of `a`: `explicit`, `bracket`, or None."""
    ends = forms.spots[a]
    for start, end in forms.spots[b][:3]:
        for _, a_end in ends[:8]:
            if not 0 <= start - a_end <= 24:
                continue
            between = text.shadow[a_end:start]
            if between[:1] in _OPEN and between[:1] and "）" not in between and ")" not in between:
                if _SHORT_FORM.search(between):
                    return "explicit"
                if (
                    len(between.strip('“"‘「 ')) == 1
                    and text.shadow[end : end + 2].strip('”"’」 ')[:1] in "）),，、;；"
                ):
                    return "bracket"
    return None


def features(forms: Forms, label: str, a: str, b: str) -> Features:
    """Features of a pair, `a` the longer name."""
    row: dict[str, float] = {}
    text = forms.text
    long, short = forms.plain[a], forms.plain[b]
    how = introduced(text, forms, a, b) or introduced(text, forms, b, a)
    shape = _shape(long, short)
    names = [f"shape={shape}", f"how={how}", f"how={how},{shape}", f"length={min(len(b), 6)},{shape}"]
    names.append(f"lengths={min(len(a), 8)},{min(len(b), 5)}")
    if label == "ORG":
        known = organisations()
        one, two = known.get(a), known.get(b)
        if one is not None and two is not None:
            names.append("known=" + ("same" if one == two else "other"))
        elif one is not None or two is not None:
            names.append(f"known=half,{shape}")
        names += _rests(long, short, shape)
        names.append(f"ends={short[-1]}")
        names.append(f"same_end={long[-1] == short[-1]},{shape}")
        names.append(f"same_start={long[0] == short[0]},{shape}")
        if _LATIN.match(b) and not _LATIN.match(a):
            names.append(f"latin,{how}")
    elif label == "LOC":
        one_place, two_place = forms.places[a], forms.places[b]
        if one_place.entry is not None and two_place.entry is not None:
            names.append(f"entry={one_place.entry == two_place.entry},{shape}")
            if one_place.entry == two_place.entry:
                names.append(f"entry=same,{one_place.level},{len(b) == 1}")
        else:
            names.append(f"entry=half,{shape},{one_place.level == two_place.level}")
            names += _rests(long, short, shape)
            if shape == "suffix":
                head = long[: -len(short)]
                names.append(f"chain={head in forms.spots or bool(gazetteer().candidates(head))}")
    else:
        bits = [p for p in _DOTS.split(a) if p]
        names.append(f"parts={min(len(bits), 3)},{shape}")
        if len(bits) > 1:
            names.append(
                f"part={'last' if b == bits[-1] else 'first' if b == bits[0] else 'other' if b in bits else 'no'}"
            )
        names.append(f"undotted={_DOTS.sub('', a) == _DOTS.sub('', b)}")
        chinese = a[:1] in words("surnames.tsv") or a[:2] in words("surnames.tsv")
        names.append(f"chinese={chinese},{shape},{len(a)},{len(b)}")
        if len(b) >= 2 and b[0] in "小老阿" and b[1] in a:
            names.append("nickname")
        if b[:1] == a[:1]:
            names.append(f"surname={b[1:]}")
        names.append(f"latin={bool(_LATIN.match(a))},{bool(_LATIN.match(b))},{how}")
    first_a, first_b = forms.spots[a][0][0], forms.spots[b][0][0]
    names.append(f"order={first_a <= first_b},{shape}")
    names.append(f"count={min(len(forms.spots[b]), 3)}")
    rivals = sum(1 for n in forms.names[:MOST] if n not in (a, b) and len(n) > len(b) and b in n)
    names.append(f"rivals={min(rivals, 3)},{shape}")
    for name in names:
        row[f"{label}|{name}"] = 1.0
    return row


def _shape(long: str, short: str) -> str:
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


def _rests(long: str, short: str, shape: str) -> list[str]:
    """Features of what the longer name has more."""
    if shape not in ("prefix", "suffix", "inside"):
        return []
    start = long.index(short) if shape != "suffix" else len(long) - len(short)
    head, tail = long[:start], long[start + len(short) :]
    names = []
    if head:
        parts, rest = gazetteer().split(head)
        kind = "place" if parts and not rest else "tail" if head in words("tails.tsv") else "other"
        names += [f"head={kind}", f"head={kind},{bool(tail)}", f"head={kind},{short[-1]}"]
    if tail:
        left = tail
        while left:
            found = next((left[:n] for n in range(min(8, len(left)), 0, -1) if left[:n] in words("tails.tsv")), "")
            if not found:
                break
            left = left[len(found) :]
        kind = "tails" if not left else "other"
        names += [f"tail={kind}", f"tail={kind},{bool(head)}", f"tail={tail[-4:]}", f"tail_end={tail[-1]}"]
    return names


def pairs(forms: Forms, label: str) -> list[tuple[str, str]]:
    """Pairs worth a decision: longer name first, names that share something."""
    found = []
    known = organisations()
    by_entry = {n: (forms.places[n].entry if label == "LOC" else known.get(n)) for n in forms.names}
    for j, b in enumerate(forms.names):
        taken = 0
        for a in forms.names[:j]:
            share = bool(set(forms.plain[a]) & set(forms.plain[b]))
            same = by_entry[a] is not None and by_entry[a] == by_entry[b]
            if share or same or _near(forms, a, b):
                found.append((a, b))
                taken += 1
                if taken >= MOST:
                    break
    return found


def _near(forms: Forms, a: str, b: str) -> bool:
    """Whether one of the two follows the other within a bracket's reach."""
    return any(
        0 <= s2 - e1 <= 24 or 0 <= s1 - e2 <= 24
        for s1, e1 in forms.spots[a][:8]
        for s2, e2 in forms.spots[b][:3]
    )  # fmt: skip


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
