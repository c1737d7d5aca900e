"""Places of the world and of China: canonical name, level, ISO country; ambiguous ones settled by the article."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable

from nlp_extract.mentions.names.lexicon import longest_suffix, rows

_RANK = {"country": 4, "province": 3, "city": 2, "region": 1, "site": 1, "county": 0}
# 美方, 日企: said of a country by its one-character name.
_DEMONYMS = "方企"
# Names whose best-known bearer is a district, although a city has them too.
_UNSETTLED = frozenset({"朝阳"})


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A place of the gazetteer; `parents` from the widest down, its country last of all left out for China's own."""

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
                settled = _dominant(candidates) if name not in _UNSETTLED else None
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
            best = _by_context(candidates, known)
            top = _dominant(candidates) if name not in _UNSETTLED else None
            if top is not None and (best is None or top.name in best.parents or _RANK[top.level] > 2):
                best = top
            if best is not None:
                return _place(best)
            countries = {e.country for e in candidates}
            levels = {e.level for e in candidates}
            country = next(iter(countries)) if len(countries) == 1 else None
            level = next(iter(levels)) if len(levels) == 1 else "county" if "county" in levels else None
            return Place(name, level, country)
        parts, rest = chain
        if not parts:
            return None
        above: set[str] = set(known)
        entry: Entry | None = None
        for part in parts:
            inside = [e for e in part if entry is None or entry.name in e.parents]
            if entry is not None and not inside:
                # 京津, 中美: two side by side are no chain.
                return Place(name, self.level_of(name), entry.country if len(parts) == 1 else None)
            entry = _by_context(inside, above) or _dominant(inside) or inside[0]
            above |= {entry.name, *entry.parents}
        if entry is None:
            return None
        if not rest:
            return _place(entry)
        return Place(name, self.level_of(name) or "site", entry.country)


def _place(entry: Entry) -> Place:
    return Place(entry.name, entry.level, entry.country, entry)


def _dominant(candidates: Iterable[Entry]) -> Entry | None:
    """The only candidate of the highest level."""
    rows = sorted(candidates, key=lambda e: -_RANK[e.level])
    if not rows or (len(rows) > 1 and _RANK[rows[0].level] == _RANK[rows[1].level]):
        return None
    return rows[0]


def _by_context(candidates: Iterable[Entry], known: set[str]) -> Entry | None:
    """The only candidate with the nearest parent among the known places; countries by their own mention."""
    scored = []
    for e in candidates:
        score = sum(3 if i == len(e.parents) - 1 else 1 for i, p in enumerate(e.parents) if p in known)
        scored.append((score + (3 if e.level == "country" and e.name in known else 0), e))
    scored.sort(key=lambda row: -row[0])
    if not scored or scored[0][0] == 0 or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][1]


@functools.cache
def gazetteer() -> Gazetteer:
    """The packaged gazetteer, read once."""
    return Gazetteer()
