"""Cues of gain and harm in a clause, with what turns them around and whom they concern."""

from __future__ import annotations

import functools
import math
from collections import Counter, defaultdict
from importlib.resources import files
from typing import Any

import ahocorasick

from nlp_extract.layers import Sentence, Span

_REACH = 6  # Characters before a cue in which a negation or a turning verb counts.
_AHEAD = 8  # Characters after a change in which the measure that changes is looked for.
# What a change of a measure means: more of a `gain` is good, more of a `cost` is bad.
_CHANGES = {("up", "gain"): "good", ("down", "gain"): "bad", ("up", "cost"): "bad", ("down", "cost"): "good"}
_OPPOSITE = {"good": "bad", "bad": "good"}


@functools.cache
def _automaton() -> Any:
    text = (files(__package__) / "data" / "cues.tsv").read_text("utf-8")
    groups: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if not line.startswith("#"):
            cue, group = line.split("\t")
            groups[cue].append(group)
    automaton = ahocorasick.Automaton()
    for cue, names in groups.items():
        automaton.add_word(cue, (len(cue), tuple(names)))
    automaton.make_automaton()
    return automaton


def cue_features(shadow: str, sentence: Sentence) -> dict[str, float]:
    """How much gain and harm a sentence states, for whom, and how much of it behind a contrast.

    A cue is turned around by a negation or a turning verb close before it in its clause: gain that fails is harm, and
    harm that is fought is gain. A change is good or bad by the measure that it is a change of, which may stand in a
    clause before.
    """
    counts: Counter[str] = Counter()
    who: list[str] = []
    contrast = False
    measure = ""
    for clause in sentence.clauses:
        turned = negated = stressed = -_REACH - 1
        found = _cues(shadow, clause)
        here = ""
        for place, (start, end, groups) in enumerate(found):
            signs = [group for group in groups if group in _OPPOSITE]
            for group in groups:
                if group in ("china", "foreign", "toward"):
                    who.append(group)
                elif group in ("gain", "cost"):
                    here = group
                elif group in ("up", "down"):
                    about = here or _ahead(found[place + 1 :], end) or measure
                    counts[f"{group}|{about}"] += 1
                    signs += [_CHANGES[group, about]] if about else []
            contrast = contrast or "but" in groups
            for sign in signs:
                counts[sign] += 1
                fails, fought = start - negated <= _REACH, start - turned <= _REACH
                counts[f"{sign}|not"] += fails
                counts[f"{sign}|turn"] += fought
                counts[f"{sign}|strong"] += start - stressed <= _REACH
                counts[f"{sign}|but"] += contrast
                counts[f"all {_OPPOSITE[sign] if fails != (fought and sign == 'bad') else sign}"] += 1
            turned = end if "turn" in groups else turned
            negated = end if "not" in groups else negated
            stressed = end if "degree" in groups else stressed
        measure = here or measure
    side = "+".join(sorted(set(who))) or "nobody"
    features = {f"cue:{name}": math.log1p(count) for name, count in counts.items() if count}
    features.update({f"cue:{name}|{side}": math.log1p(counts[name]) for name in ("good", "bad") if counts[name]})
    features["cue:net"] = (counts["all good"] - counts["all bad"]) / (1.0 + counts["all good"] + counts["all bad"])
    features[f"side={side}"] = 0.5
    if who:
        features[f"side first={who[0]}"] = 0.5
    return features


def _cues(shadow: str, clause: Span) -> list[tuple[int, int, tuple[str, ...]]]:
    """Start, end and groups of the cues of a clause, the longest at each place."""
    hits = _automaton().iter_long(shadow, clause.start, clause.end)
    return [(last - length + 1, last + 1, groups) for last, (length, groups) in hits]


def _ahead(found: list[tuple[int, int, tuple[str, ...]]], end: int) -> str:
    """The kind of the next measure, close behind a change (`降低成本`)."""
    for start, _, groups in found:
        if start - end > _AHEAD:
            break
        for group in groups:
            if group in ("gain", "cost"):
                return group
    return ""
