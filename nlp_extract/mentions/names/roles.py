"""Which places of an article are worth listing, and what happens there: features of a place for a trained decision."""

from __future__ import annotations

from collections.abc import Sequence

from nlp_extract.layers import Span, TextLayer
from nlp_extract.linear import Features
from nlp_extract.mentions.names.gazetteer import Place

LABELS = ("none", "scene", "involved", "seat")
_FINER = {"country": 0, "region": 1, "province": 1, "city": 2, "county": 3, "site": 4}


def features(
    text: TextLayer, groups: Sequence[tuple[tuple[Span, ...], Place]], titled: Sequence[str] = ()
) -> list[Features]:
    """One row a place.

    Parameters
    ----------
    text : TextLayer
    groups : sequence of (mentions, place)
        The places of the article, in order of first mention.
    """
    shadow = text.shadow
    first_end = next((s.end for s in text.sentences if s.start >= text.title_end and s.end > s.start), len(shadow))
    counts = [len(mentions) for mentions, _ in groups]
    countries = {p.country for _, p in groups if p.country}
    finest = max((_FINER.get(p.level or "", 2) for _, p in groups), default=0)
    finest_by_country: dict[str | None, int] = {}
    for _, p in groups:
        finest_by_country[p.country] = max(finest_by_country.get(p.country, 0), _FINER.get(p.level or "", 2))
    dateline = text.dateline.place if text.dateline is not None else None
    rows: list[Features] = []
    for index, (mentions, place) in enumerate(groups):
        row: dict[str, float] = {"bias": 1.0}
        level = place.level or "unknown"
        domestic = "cn" if place.country == "CN" else "none" if place.country is None else "abroad"
        where = f"{level},{domestic}"
        names = [
            f"level={level}", f"where={where}", f"order={min(index, 5)}", f"order={min(index, 3)},{where}",
            f"count={min(counts[index], 4)}", f"count={min(counts[index], 4)},{where}",
            f"most={counts[index] == max(counts)}", f"places={min(len(groups), 8)}",
            f"places={min(len(groups), 4)},{where}",
            f"countries={min(len(countries), 4)},{where}",
            f"finest={finest - _FINER.get(level, 2)},{level}",
            f"finest_here={finest_by_country[place.country] - _FINER.get(level, 2)},{level}",
            f"title={mentions[0].start < text.title_end}", f"title={mentions[0].start < text.title_end},{where}",
            f"title_places={min(sum(1 for m, _ in groups if m[0].start < text.title_end), 3)},{where}",
        ]  # fmt: skip
        lead = any(text.title_end <= m.start < first_end for m in mentions)
        names += [
            f"lead={lead}",
            f"lead={lead},{where}",
            f"depth={min(10 * mentions[0].start // max(len(shadow), 1), 9)}",
        ]
        if dateline is not None and any(m.overlaps(dateline) for m in mentions):
            names += ["dateline", f"dateline,{len(mentions)}"]
        for m in mentions[:6]:
            before, after = shadow[max(0, m.start - 6) : m.start], shadow[m.end : m.end + 6]
            for n in (1, 2, 3):
                if len(before) >= n:
                    names.append(f"b{n}={before[-n:]}")
                if len(after) >= n:
                    names.append(f"a{n}={after[:n]}")
            names += [f"b={c}" for c in set(before)] + [f"a={c}" for c in set(after)]
            names.append(f"around={before[-1:]},{after[:1]}")
            names.append(f"b1={before[-1:]},{level}")
            names.append(f"a1={after[:1]},{level}")
            sentence = text.sentence_at(m.start)
            if sentence is not None:
                clause = shadow[m.end : min(sentence.end, m.end + 24)]
                names += [f"c={clause[i : i + 2]}" for i in range(0, len(clause) - 1)]
        name = shadow[mentions[0].start : mentions[0].end]
        names += [f"end={name[-1:]}", f"end2={name[-2:]}", f"name={name}", f"length={min(len(name), 8)}"]
        if place.entry is not None:
            names.append(f"entry={place.name}")
        for feature in names:
            row[feature] = 1.0
        rows.append(row)
    return rows
