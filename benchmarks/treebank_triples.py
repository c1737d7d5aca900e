"""Subject, predicate, object in the trees of a treebank: what the chain's parser finds of them from raw text.

Run: python benchmarks/treebank_triples.py --shared ../shared --part test

A triple is a word with a subject (`nsubj`, its own or, in a coordination, its head's) or an object (`obj`), and the
heads of both, None for the one it lacks; `full` counts only those with both. Two triples match when the characters of
all three heads overlap. The treebank is Wikipedia, the trees of the test part are by hand.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from nlp_extract.layers import Span
from nlp_extract.pipeline import load
from nlp_extract.words.corpora import gsd

Triple = tuple[Span | None, Span, Span | None]
SUBJECTS = ("nsubj", "nsubj:pass", "csubj")
OBJECTS = ("obj", "iobj")


def triples(spans: Sequence[Span], heads: Sequence[int], relations: Sequence[str]) -> list[Triple]:
    """Triples of one tree; a root is its own head."""
    subject: dict[int, int] = {}
    object_: dict[int, int] = {}
    for n, (head, relation) in enumerate(zip(heads, relations, strict=True)):
        if relation in SUBJECTS:
            subject.setdefault(head, n)
        elif relation in OBJECTS:
            object_.setdefault(head, n)
    found: list[Triple] = []
    for n, (head, relation) in enumerate(zip(heads, relations, strict=True)):
        own = subject.get(n, subject.get(head) if relation == "conj" else None)
        if (n in subject or n in object_) and (own is not None or n in object_):
            acted = object_.get(n)
            found.append((None if own is None else spans[own], spans[n], None if acted is None else spans[acted]))
    return found


def hits(found: Sequence[Triple], gold: Sequence[Triple]) -> int:
    """Matches, each used once."""
    free = list(gold)
    for triple in found:
        match = next((g for g in free if all(map(_touches, triple, g))), None)
        if match is not None:
            free.remove(match)
    return len(gold) - len(free)


def _touches(a: Span | None, b: Span | None) -> bool:
    return a is b if a is None or b is None else a.overlaps(b)


def main() -> None:
    """Command line; prints JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--part", default="test")
    options = parser.parse_args()
    later = ("relations", "statements", "participants", "sentiment", "industries", "record")
    nlp = load(exclude=later)
    counts = {name: [0, 0, 0] for name in ("triples", "full")}
    for sentence in gsd(options.shared, options.part):
        text = "".join(sentence.words)
        spans, position = [], 0
        for word in sentence.words:
            spans.append(Span(position, position + len(word)))
            position += len(word)
        heads = [n if h == 0 else h - 1 for n, h in enumerate(sentence.heads)]
        gold = triples(spans, heads, sentence.relations)
        doc = nlp(text)
        own = [Span(t.idx, t.idx + len(t)) for t in doc]
        found = triples(own, [t.head.i for t in doc], [t.dep_ for t in doc])
        for name, row in counts.items():
            p, g = found, gold
            if name == "full":
                p, g = ([t for t in rows if t[0] is not None and t[2] is not None] for rows in (found, gold))
            for k, value in enumerate((hits(p, g), len(p), len(g))):
                row[k] += value
    result = {}
    for name, (hit, made, wanted) in counts.items():
        result[name] = {
            "f1": round(2 * hit / max(made + wanted, 1), 4),
            "precision": round(hit / max(made, 1), 4),
            "recall": round(hit / max(wanted, 1), 4),
            "gold": wanted,
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
