"""What the models of industries look at."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from nlp_extract.judgements.industries.lexicon import Hit
from nlp_extract.judgements.words import sentence_words
from nlp_extract.layers import TextLayer

_LEAD = 3  # Sentences.


def word_row(text: TextLayer, hits: Sequence[Hit]) -> dict[str, float]:
    """Words of title, lead and body and the divisions their terms point to; each group a vector of its own length."""
    words = sentence_words(text)
    row: dict[str, float] = {}
    lead = [word for sentence in words[:_LEAD] for word in sentence]
    body = [word for sentence in words for word in sentence]
    for prefix, group, length in (("T:", words[0] if words else (), 1.0), ("L:", lead, 1.0), ("D:", body, 2.0)):
        row.update(_unit({prefix + word: 1.0 + math.log(n) for word, n in Counter(group).items()}, length))
    codes = Counter(f"{'k' if hit.company else 'x'}:{hit.code}" for hit in hits)
    row.update(_unit({code: 1.0 + math.log(n) for code, n in codes.items()}, 1.5))
    return row


def division_rows(text: TextLayer, hits: Sequence[Hit], scores: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """For every division that a term or the word model points to, features that mean the same for all divisions.

    Parameters
    ----------
    text : TextLayer
    hits : sequence of Hit
    scores : mapping of code to float
        Decision values of the word model; a division it has never seen is missing.
    """
    first = text.sentences[0].end if text.sentences else 0
    lead = text.sentences[min(_LEAD, len(text.sentences)) - 1].end if text.sentences else 0
    terms: dict[str, Counter[str]] = defaultdict(Counter)
    titles: Counter[str] = Counter()
    leads: Counter[str] = Counter()
    companies: Counter[str] = Counter()
    for hit in hits:
        terms[hit.code][text.shadow[hit.start : hit.end]] += 1
        companies[hit.code] += hit.company
        titles[hit.code] += hit.end <= first
        leads[hit.code] += hit.end <= lead
    total = max(len(hits), 1)
    counts = {code: sum(found.values()) for code, found in terms.items()}
    by_count = {code: rank for rank, code in enumerate(sorted(counts, key=lambda c: (-counts[c], c)))}
    by_score = {code: rank for rank, code in enumerate(sorted(scores, key=lambda c: (-scores[c], c)))}
    rows: dict[str, dict[str, float]] = {}
    for code in sorted({*terms, *(c for c, rank in by_score.items() if rank < 12)}):
        score = scores.get(code)
        count = counts.get(code, 0)
        row = {
            "score": 0.0 if score is None else max(score, -6.0) / 2,
            "unseen": float(score is None),
            "count": math.log1p(count),
            "distinct": math.log1p(len(terms[code]) if code in terms else 0),
            "share": 2 * count / total,
            "title": math.log1p(titles[code]),
            "lead": math.log1p(leads[code]),
            "none": float(count == 0),
            "company": math.log1p(companies[code]),
            f"code={code}": 0.5,
        }
        row[f"by_count={min(by_count.get(code, 9), 5)}"] = 1.0
        row[f"by_score={min(by_score.get(code, 9), 5)}"] = 1.0
        rows[code] = row
    return rows


def _unit(counts: dict[str, float], length: float) -> dict[str, float]:
    scale = length / (math.sqrt(sum(value * value for value in counts.values())) or 1.0)
    return {feature: value * scale for feature, value in counts.items()}
