"""The article's industries: a word model and the terms propose divisions, a second model decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nlp_extract.judgements.industries.features import division_rows, word_row
from nlp_extract.judgements.industries.lexicon import Hit, divisions, find_terms
from nlp_extract.judgements.words import sentence_words
from nlp_extract.layers import IndustryItem, Span, TextLayer
from nlp_extract.linear import LinearModel, bucket

MOST = 3  # Industries an article.
_EVIDENCE = 5  # Spans an industry.


def rank_divisions(
    text: TextLayer, words: LinearModel, decision: LinearModel
) -> tuple[list[tuple[str, float]], list[Hit]]:
    """Divisions with their probabilities, best first, and the terms found."""
    hits = find_terms(text.shadow)
    scores = words.scores([word_row(text, hits)])[0]
    rows = division_rows(text, hits, dict(zip(words.labels, (float(s) for s in scores), strict=True)))
    if not rows:
        return [], hits
    shares = decision.predict_proba(list(rows.values()))[:, 1]
    ranked = sorted(zip(rows, (float(s) for s in shares), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return ranked, hits


def choose(ranked: Sequence[tuple[str, float]], thresholds: Sequence[float]) -> list[tuple[str, float]]:
    """The divisions to keep: the best ones, each as long as it reaches the threshold of its rank."""
    kept: list[tuple[str, float]] = []
    for pair, threshold in zip(ranked, thresholds, strict=False):
        if pair[1] < threshold:
            break
        kept.append(pair)
    return kept


def find_industries(
    text: TextLayer, words: LinearModel, decision: LinearModel, thresholds: Sequence[float]
) -> tuple[IndustryItem, ...]:
    """The article's industries, most relevant first.

    Parameters
    ----------
    text : TextLayer
    words : LinearModel
        Divisions over the words of the article.
    decision : LinearModel
        Whether a proposed division is one, over features that mean the same for all divisions.
    thresholds : sequence of float
        Least probability of the first, second and third industry.
    """
    if not text.sentences:
        return ()
    ranked, hits = rank_divisions(text, words, decision)
    found = []
    for code, probability in choose(ranked, thresholds):
        evidence = _terms(text, hits, code) or _words(text, words, code)
        if not evidence:
            continue
        division = divisions()[code]
        found.append(IndustryItem(code, division.name, division.section, round(probability, 4), evidence))
    return tuple(found)


def _terms(text: TextLayer, hits: Sequence[Hit], code: str) -> tuple[Span, ...]:
    """The division's terms, the frequent ones first, each where it stands first."""
    first: dict[str, Span] = {}
    counts: Counter[str] = Counter()
    for hit in hits:
        if hit.code == code:
            term = text.shadow[hit.start : hit.end]
            counts[term] += 1
            first.setdefault(term, Span(hit.start, hit.end))
    order = sorted(first, key=lambda term: (-counts[term], first[term]))
    return tuple(first[term] for term in order[:_EVIDENCE])


def _words(text: TextLayer, model: LinearModel, code: str) -> tuple[Span, ...]:
    """Where the division has no term in the text: the words that speak for it most."""
    if code not in model.labels:
        return ()
    column = model.labels.index(code)
    known = {word for sentence in sentence_words(text) for word in sentence if len(word) > 1}
    weights = {word: float(model.weights[bucket("D:" + word, model.bits), column]) for word in known}
    order = sorted((w for w in known if weights[w] > 0), key=lambda w: (-weights[w], w))
    starts = [(text.shadow.find(word), word) for word in order[:_EVIDENCE]]
    return tuple(Span(start, start + len(word)) for start, word in starts if start >= 0)
