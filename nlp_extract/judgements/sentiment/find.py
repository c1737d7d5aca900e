"""The article's sentiment: sentences first, then the document over them."""

from __future__ import annotations

from typing import Literal, cast

import numpy
from numpy.typing import NDArray

from nlp_extract.judgements.sentiment.features import NEGATIVE, POSITIVE, document_row, sentence_rows
from nlp_extract.layers import PolarStatement, SentimentLayer, TextLayer
from nlp_extract.linear import LinearModel

LABELS = ("negative", "neutral", "positive", "mixed")
POLARITIES = ("-1", "0", "1")
Label = Literal["positive", "negative", "neutral", "mixed"]


def find_sentiment(
    text: TextLayer, sentence_model: LinearModel, document_model: LinearModel, strength_model: LinearModel, sure: float
) -> SentimentLayer | None:
    """Judge an article; None when it has no sentence.

    Parameters
    ----------
    text : TextLayer
    sentence_model, document_model, strength_model : LinearModel
        Over `POLARITIES`, `LABELS` and the strengths 0 to 3.
    sure : float
        Probability from which a sentence is evidence.
    """
    if not text.sentences:
        return None
    polarity = sentence_model.predict_proba(sentence_rows(text))
    row = document_row(text, polarity)
    shares = document_model.predict_proba([row])[0]
    label = cast(Label, document_model.labels[int(shares.argmax())])
    by_label = dict(zip(document_model.labels, (float(share) for share in shares), strict=True))
    score = by_label["positive"] - by_label["negative"]
    strength = int(strength_model.labels[int(strength_model.scores([row])[0].argmax())])
    strength = min(strength, 1) if label == "neutral" else max(strength, 1)
    return SentimentLayer(label, round(score, 4), strength, _evidence(text, polarity, label, sure))


def _evidence(
    text: TextLayer, polarity: NDArray[numpy.float32], label: Label, sure: float
) -> tuple[PolarStatement, ...]:
    """The sentences that carry a label, surest first; of each polarity it needs at least the surest one."""
    found: list[PolarStatement] = []
    for column, sign, labels in ((POSITIVE, 1, ("positive", "mixed")), (NEGATIVE, -1, ("negative", "mixed"))):
        if label in labels:
            order = sorted(range(len(polarity)), key=lambda i: (-float(polarity[i, column]), i))
            for rank, index in enumerate(order):
                probability = float(polarity[index, column])
                if rank and probability < sure:
                    break
                sentence = text.sentences[index]
                found.append(
                    PolarStatement(sentence.start, sentence.end, cast(Literal[-1, 1], sign), round(probability, 4))
                )
    return tuple(sorted(found, key=lambda s: (-s.score, s.start, s.polarity)))
