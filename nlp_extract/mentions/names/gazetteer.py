"""Places of the world and of China: canonical name, level, ISO country; ambiguous ones settled by the article."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable

from nlp_extract.mentions.names.lexicon import longest_suffix, rows, words

_RANK = {"country": 4, "province": 3, "city": 2, "region": 1, "site": 1, "county": 0}
# 美方, 日企: said of a country by its one-character name.
_DEMONYMS = "方企"


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A place of the gazetteer; `parents` from the widest down; China's own have no country among them."""

    name: str
    level: str
    country: str | None
    parents: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """What a name stands for; `entry` where the gazetteer has it."""

    name: str
    level: str | None
    country: str | None
    entry: Entry | None = None


class Gazetteer:
    """Names of places and what they may stand for."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[Entry, ...]] = {}
        forms: dict[str, list[Entry]] = {}
        for file in ("world.tsv", "china.tsv"):
            for name, level, country, parents, aliases in rows(file):
                entry = Entry(name, level, country or None, tuple(parents.split(">")) if parents else ())
                forms.setdefault(name, []).append(entry)
                if aliases:
                    for alias in aliases.split("/"):
                        forms.setdefault(alias, []).append(entry)
        self._forms = {form: tuple(entries) for form, entries in forms.items()}
        self._levels = {row[0]: row[1] for row in rows("endings.tsv")}

    def candidates(self, surface: str) -> tuple[Entry, ...]:
        """Everything a name may stand for, in the order of the files."""
        found = self._forms.get(surface, ())
        if not found and len(surface) == 2 and surface[1] in _DEMONYMS:
            found = tuple(e for e in self._forms.get(surface[0], ()) if e.level == "country")
        return found

    def split(self, surface: str) -> tuple[list[tuple[Entry, ...]], str]:
        """A chain of places, longest name first: 四川宜宾市筠连县 gives three, and what is left over at its end."""
        parts: list[tuple[Entry, ...]] = []
        start = 0
        while start < len(surface):
            for end in range(min(len(surface), start + 12), start + 1, -1):
                found = self._forms.get(surface[start:end])
                if found is not None:
                    parts.append(found)
                    start = end
                    break
            else:
                break
        return parts, surface[start:]

    def level_of(self, surface: str) -> str | None:
        """The level that a name's ending gives."""
        ending = longest_suffix(surface, self._levels, 5)
        return self._levels[ending] if ending and len(ending) < len(surface) else None

    def resolve(self, surfaces: Iterable[str]) -> dict[str, Place]:
        """What the places of one article stand for, each settled with the help of the others.

        Parameters
        ----------
        surfaces : iterable of str
            Names as written, without white space.

        Returns
        -------
        dict of str to Place
            In the order given.
        """
        names = list(dict.fromkeys(surfaces))
        found: dict[str, Place | None] = {}
        known: set[str] = set()
        chains = {name: self.split(name) for name in names}
        for name in names:
            candidates = self.candidates(name)
            if candidates:
                settled = _dominant(candidates) if name not in words("unsettled.tsv") else None
                # A name that is also a district's waits for the context.
                if settled is not None and not (len(candidates) > 1 and settled.level in ("city", "region", "site")):
                    found[name] = _place(settled)
                    known.update((settled.name, *settled.parents))
            else:
                for part in chains[name][0]:
                    settled = _dominant(part)
                    if settled is not None:
                        known.update((settled.name, *settled.parents))
        for name in names:
            if name not in found:
                found[name] = self._settle(name, known, chains[name])
        countries = {p.country for p in found.values() if p is not None and p.country}
        evident = next(iter(countries)) if len(countries) == 1 else None
        return {name: found[name] or Place(name, self.level_of(name), evident) for name in names}

    def _settle(self, name: str, known: set[str], chain: tuple[list[tuple[Entry, ...]], str]) -> Place | None:
        candidates = self.candidates(name)
        if candidates:
            top = _dominant(candidates) if name not in words("unsettled.tsv") else None
            # 太湖 is the lake, unless the article names the city of 太湖县.
            best = top if top is not None and _RANK[top.level] > 1 else _by_context(candidates, known, top is not None)
            best = best or top
            if best is not None:
                return _place(best)
            countries = {e.country for e in candidates}
            levels = {e.level for e in candidates}
            country = next(iter(countries)) if len(countries) == 1 else None
            level = next(iter(levels)) if len(levels) == 1 else "county" if "county" in levels else None
            return Place(name, level, country)
        parts, rest = chain
        entry: Entry | None = None
        for index, part in enumerate(parts):
            inside = [e for e in part if entry is None or _inside(e, entry)]
            if entry is None and index + 1 < len(parts):
                # 吉林长春: the 吉林 that holds a 长春.
                inside = [e for e in inside if any(_inside(next_, e) for next_ in parts[index + 1])] or inside
            if not inside:
                return Place(name, self.level_of(name) or "site", entry.country if entry is not None else None)
            entry = _dominant(inside) or _by_context(inside, known) or inside[0]
        if entry is None:
            return None
        if not rest:
            return _place(entry)
        if entry.country != "CN" and len(entry.name) < 3 and entry.level != "country":
            # 贝拉 is no part of 贝拉德罗.
            return None
        return Place(name, self.level_of(name) or ("region" if entry.level == "region" else "site"), entry.country)


def _inside(entry: Entry, outer: Entry) -> bool:
    """Whether a place lies in another, or may, as far as the tables know: 威斯康星州, 基诺沙."""
    if outer.name in entry.parents:
        return True
    return (
        entry.country == outer.country
        and entry.country is not None
        and _RANK[entry.level] < _RANK[outer.level]
        and set(entry.parents) <= set(outer.parents)
    )


def _place(entry: Entry) -> Place:
    return Place(entry.name, entry.level, entry.country, entry)


def _dominant(candidates: Iterable[Entry]) -> Entry | None:
    """The only candidate of the highest level."""
    rows = sorted(candidates, key=lambda e: -_RANK[e.level])
    if not rows or (len(rows) > 1 and _RANK[rows[0].level] == _RANK[rows[1].level]):
        return None
    return rows[0]


def _by_context(candidates: Iterable[Entry], known: set[str], strict: bool = False) -> Entry | None:
    """The only candidate with the nearest parent among the known places; countries by their own mention.

    `strict`: its direct parent must be known.
    """
    scored = []
    for e in candidates:
        score = sum(3 if i == len(e.parents) - 1 else 1 for i, p in enumerate(e.parents) if p in known)
        scored.append((score + (3 if e.level == "country" and e.name in known else 0), e))
    scored.sort(key=lambda row: -row[0])
    if not scored or scored[0][0] < (3 if strict else 1) or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][1]


@functools.cache
def gazetteer() -> Gazetteer:
    """The packaged gazetteer, read once."""
    return Gazetteer()
