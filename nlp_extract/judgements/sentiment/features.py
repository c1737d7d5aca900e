"""What the sentence model and the document model look at."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

from nlp_extract.judgements.sentiment.cues import cue_features
from nlp_extract.judgements.words import sentence_words
from nlp_extract.layers import TextLayer

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2  # Columns of the sentence model.
_LENGTH = 5.0  # Of a sentence's vector of words.
_AROUND = 2.0  # Of the vectors of the title and of the neighbours.


def sentence_rows(text: TextLayer) -> list[dict[str, float]]:
    """One row of features a sentence: its words and word pairs, the title, the neighbours, its place."""
    words = sentence_words(text)
    titled = bool(text.title_end)
    title = _unit("t:", words[0], _AROUND) if words else {}
    around = [_unit("n:", sentence, _AROUND) for sentence in words]
    rows = []
    for index, here in enumerate(words):
        row = dict.fromkeys(("w:" + word for word in here), 1.0)
        row.update(dict.fromkeys((f"b:{a}_{b}" for a, b in itertools.pairwise(here)), 0.7))
        scale = _LENGTH / (math.sqrt(sum(value * value for value in row.values())) or 1.0)
        row = {feature: value * scale for feature, value in row.items()}
        row.update(title)
        for neighbour in around[max(index - 1, 0) : index] + around[index + 1 : index + 2]:
            for feature, value in neighbour.items():
                row[feature] = row.get(feature, 0.0) + value
        row[f"place={'title' if titled and not index else min(index, 4)}"] = 1.0
        row.update(cue_features(text.shadow, text.sentences[index]))
        row[f"length={min(len(here) // 6, 6)}"] = 1.0
        if index == len(words) - 1:
            row["last"] = 1.0
        rows.append(row)
    return rows


def document_row(text: TextLayer, polarity: NDArray[numpy.float32]) -> dict[str, float]:
    """The document's features: words of title and body, and what the sentence model says of its sentences.

    Parameters
    ----------
    text : TextLayer
    polarity : ndarray, shape (sentences, 3)
        Probabilities of the sentence model.
    """
    words = sentence_words(text)
    row = _unit("T:", words[0] if words else (), 1.5)
    row.update(_unit("D:", [word for sentence in words for word in sentence], 3.0))
    if len(polarity):
        positive, negative = polarity[:, POSITIVE], polarity[:, NEGATIVE]
        half = len(positive) // 2
        parts = {
            "first": (positive[:1], negative[:1]),
            "lead": (positive[:3], negative[:3]),
            "all": (positive, negative),
        }
        parts["end"] = (positive[half:], negative[half:])
        for name, (plus, minus) in parts.items():
            row[f"{name}+"], row[f"{name}-"] = float(plus.mean()) * 2, float(minus.mean()) * 2
            row[f"{name}="] = float((plus - minus).mean()) * 2
        row["most+"], row["most-"] = float(positive.max()) * 2, float(negative.max()) * 2
        row["both"] = float(min(positive.max(), negative.max())) * 2
        row["both_mean"] = float(min(positive.mean(), negative.mean())) * 4
        likeliest = polarity.argmax(axis=1)
        for name, column in (("+", POSITIVE), ("-", NEGATIVE)):
            count = int((likeliest == column).sum())
            row[f"share{name}"] = 2 * count / len(polarity)
            row[f"count{name}"] = math.log1p(count)
            row[f"any{name}"] = float(count > 0)
        row["both_count"] = min(row["count+"], row["count-"])
    row["sentences"] = math.log1p(len(words)) / 2
    return row


def _unit(prefix: str, words: Sequence[str], length: float) -> dict[str, float]:
    """Words with their damped counts, as a vector of the given length."""
    counts = {prefix + word: 1.0 + math.log(count) for word, count in Counter(words).items()}
    scale = length / (math.sqrt(sum(value * value for value in counts.values())) or 1.0)
    return {feature: value * scale for feature, value in counts.items()}
