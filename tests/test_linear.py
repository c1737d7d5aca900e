"""Linear models: what adaptation keeps and what it learns."""

import numpy
import pytest

from nlp_extract.linear import LinearModel, fit_linear
from nlp_extract.models import ModelFolder

ROWS = [{f"word={w}": 1.0, "bias": 1.0} for w in "好坏高低" * 10]
TARGETS = numpy.array([1, 0, 1, 0] * 10)


def model(multilabel: bool) -> LinearModel:
    targets = numpy.stack([TARGETS, 1 - TARGETS], axis=1) if multilabel else TARGETS
    return fit_linear(ROWS, targets, ("no", "yes"), bits=10, c=10.0)


@pytest.mark.parametrize("multilabel", [False, True])
def test_adaptation_learns_the_new_and_keeps_the_old(multilabel: bool) -> None:
    base = model(multilabel)
    rows = [{"word=涨": 1.0, "bias": 1.0}, {"word=跌": 1.0, "bias": 1.0}] * 10
    answers = numpy.array([1, 0] * 10)
    targets = numpy.stack([1 - answers, answers], axis=1) if multilabel else answers
    adapted = fit_linear(rows, targets, ("no", "yes"), bits=10, c=10.0, base=base)
    new = adapted.predict_proba(rows[:2])[:, 1]
    assert new[0] > 0.7 > 0.3 > new[1]
    old = base.predict_proba(ROWS[:4]).argmax(axis=1)
    assert (adapted.predict_proba(ROWS[:4]).argmax(axis=1) == old).all()


def test_adaptation_takes_a_label_the_base_has_never_seen() -> None:
    adapted = fit_linear(
        [{"word=旱": 1.0}] * 20, numpy.array([2] * 20), ("no", "yes", "maybe"), bits=10, c=10.0, base=model(False)
    )
    assert adapted.predict_proba([{"word=旱": 1.0}]).argmax() == 2


def test_files_give_the_model_back() -> None:
    base = model(False)
    again = LinearModel.from_arrays(ModelFolder.build("x", base.to_files("w")).arrays("w.npz"))
    assert numpy.allclose(again.predict_proba(ROWS[:4]), base.predict_proba(ROWS[:4]), atol=1e-2)
    assert base.to_files("w") == model(False).to_files("w")
