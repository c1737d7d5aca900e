"""Which places of an article are worth listing, and what role they have: features of the decisions, and seats."""

from __future__ import annotations

from collections.abc import Sequence

from nlp_extract.layers import Span, TextLayer
from nlp_extract.linear import Features
from nlp_extract.mentions.names.gazetteer import Place
from nlp_extract.mentions.names.lexicon import pattern

_FINER = {"country": 0, "region": 1, "province": 1, "city": 2, "county": 3, "site": 4}
_MOST = 6  # mentions of one place that are looked at


def is_seat(text: TextLayer, mentions: Sequence[Span], ends: dict[int, int]) -> bool:
    """Whether the article says that something is based in a place.

    Parameters
    ----------
    mentions : sequence of Span
        Of the place.
    ends : dict of int to int
        End and start of every mention of a place, to find the start of a chain: 美国加州 before 桑尼维尔.
    """
    for m in mentions[:_MOST]:
        start = m.start
        while start in ends:
            start = ends[start]
        if pattern("seat_before").search(text.shadow, max(0, start - 12), start):
            return True
        if pattern("seat_after").match(text.shadow[m.end : m.end + 8]):
            return True
    return False


def features(text: TextLayer, groups: Sequence[tuple[tuple[Span, ...], Place]]) -> list[Features]:
    """One row a place.

    Parameters
    ----------
    text : TextLayer
    groups : sequence of (mentions, place)
        The places of the article, in order of first mention.
    """
    shadow = text.shadow
    lead_end = next((s.end for s in text.sentences if s.start >= text.title_end and s.end > s.start), len(shadow))
    levels = [place.level or "unknown" for _, place in groups]
    fineness = [_FINER.get(level, 2) for level in levels]
    most = max((len(mentions) for mentions, _ in groups), default=0)
    countries = len({place.country for _, place in groups if place.country})
    finest = max(fineness, default=0)
    finest_in: dict[str | None, int] = {}
    for (_, place), fine in zip(groups, fineness, strict=True):
        finest_in[place.country] = max(finest_in.get(place.country, 0), fine)
    in_title = sum(1 for mentions, _ in groups if mentions[0].start < text.title_end)
    parents = {name for _, place in groups if place.entry is not None for name in place.entry.parents}
    starts = {m.start for mentions, _ in groups for m in mentions}
    ends = {m.end for mentions, _ in groups for m in mentions}
    dateline = text.dateline.place if text.dateline is not None else None
    rows: list[Features] = []
    for index, (mentions, place) in enumerate(groups):
        level, fine = levels[index], fineness[index]
        domestic = "cn" if place.country == "CN" else "none" if place.country is None else "abroad"
        where = f"{level},{domestic}"
        kind = "country" if level == "country" else "place"
        titled = mentions[0].start < text.title_end
        lead = any(text.title_end <= m.start < lead_end for m in mentions)
        names = [
            "bias", f"level={level}", f"where={where}", f"order={min(index, 5)}", f"order={min(index, 3)},{where}",
            f"count={min(len(mentions), 4)}", f"count={min(len(mentions), 4)},{where}",
            f"most={len(mentions) == most}", f"places={min(len(groups), 8)}", f"places={min(len(groups), 4)},{where}",
            f"countries={min(countries, 4)},{where}", f"finest={finest - fine},{level}",
            f"finest_here={finest_in[place.country] - fine},{level}", f"title={titled}", f"title={titled},{where}",
            f"title_places={min(in_title, 3)},{where}", f"title_places={min(in_title, 3)},{titled}",
            f"lead={lead}", f"lead={lead},{where}", f"depth={min(10 * mentions[0].start // max(len(shadow), 1), 9)}",
            f"parent={place.name in parents},{where}", f"same={place.country == groups[0][1].country},{where}",
            f"first={levels[0]},{where}", f"has_title={text.title_end > 0},{where}",
        ]  # fmt: skip
        if dateline is not None and any(m.overlaps(dateline) for m in mentions):
            names += ["dateline", f"dateline,{len(mentions)}"]
        for m in mentions[:_MOST]:
            before, after = shadow[max(0, m.start - 6) : m.start], shadow[m.end : m.end + 6]
            names += [f"b{n}={before[-n:]}" for n in (1, 2, 3)] + [f"a{n}={after[:n]}" for n in (1, 2, 3)]
            names += [f"b={c}" for c in before] + [f"a={c}" for c in after]
            names += [f"around={before[-1:]},{after[:1]}", f"b1={before[-1:]},{level}", f"a1={after[:1]},{level}"]
            names.append(f"chain={m.start in ends},{m.end in starts}")
            names.append(f"listed={before[-1:] in '、和' and m.start - 1 in ends},{after[:1] == '、'},{kind}")
            sentence = text.sentence_at(m.start)
            if sentence is not None:
                clause = shadow[m.end : min(sentence.end, m.end + 24)]
                names += [f"c={clause[i : i + 2]}" for i in range(len(clause) - 1)]
        name = shadow[mentions[0].start : mentions[0].end]
        names += [f"end={name[-1:]}", f"end2={name[-2:]}", f"name={name}", f"length={min(len(name), 8)}"]
        if place.entry is not None:
            names.append(f"entry={place.name}")
        rows.append(dict.fromkeys(names, 1.0))
    return rows
