"""Cues of gain and harm in a clause, with what turns them around and whom they concern."""

from __future__ import annotations

import functools
import math
from collections import Counter, defaultdict
from importlib.resources import files
from typing import Any

import ahocorasick

from nlp_extract.layers import Sentence

_REACH = 6  # Characters before a cue in which a negation or a turning verb counts.


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
    harm that is fought is gain.
    """
    counts: Counter[str] = Counter()
    who: set[str] = set()
    contrast = False
    for clause in sentence.clauses:
        turned = negated = stressed = -_REACH - 1
        for last, (length, groups) in _automaton().iter_long(shadow, clause.start, clause.end):
            start, end = last - length + 1, last + 1
            who.update(group for group in groups if group in ("china", "foreign"))
            contrast = contrast or "but" in groups
            for group in groups:
                if group in ("good", "bad"):
                    counts[group] += 1
                    counts[f"{group}|not"] += start - negated <= _REACH
                    counts[f"{group}|turn"] += start - turned <= _REACH
                    counts[f"{group}|strong"] += start - stressed <= _REACH
                    counts[f"{group}|but"] += contrast
            turned = end if "turn" in groups else turned
            negated = end if "not" in groups else negated
            stressed = end if "degree" in groups else stressed
    side = "+".join(sorted(who)) or "nobody"
    found = {f"cue:{name}": math.log1p(count) for name, count in counts.items() if count}
    found.update({f"cue:{name}|{side}": math.log1p(counts[name]) for name in ("good", "bad") if counts[name]})
    found[f"side={side}"] = 0.5
    return found
