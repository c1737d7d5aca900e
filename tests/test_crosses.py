"""Crosses of attributes: columns that depend on the values crossed, and on nothing else."""

from __future__ import annotations

import numpy
import pytest

from nlp_extract.crosses import Crosses
from nlp_extract.linear import fit_linear

ATTRIBUTES = {
    "side": numpy.array([0, 0, 1, 1, 0]),
    "word": numpy.array([2**32 - 1, 7, 7, 2**32 - 1, 7]),
    "flag": numpy.array([True, False, True, False, False]),
}


def test_rows_share_a_column_exactly_when_they_share_the_values() -> None:
    crosses = Crosses(["side word", "word", "flag"], bits=20)
    columns = crosses.columns(ATTRIBUTES)
    assert columns.shape == (3, 5)
    assert columns.min() >= 0
    assert columns.max() < 2**20
    assert len(numpy.unique(columns)) == 4 + 2 + 2
    assert (columns[:, 1] == columns[:, 4]).all()


def test_a_row_is_the_same_alone_and_whatever_the_order_of_templates() -> None:
    both = Crosses(["side word", "flag"], bits=18).columns(ATTRIBUTES)
    turned = Crosses(["flag", "side word"], bits=18).columns({k: v[2:3] for k, v in ATTRIBUTES.items()})
    assert sorted(both[:, 2].tolist()) == sorted(turned[:, 0].tolist())


def test_an_attribute_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError, match="flag"):
        Crosses(["side flag"], bits=18).columns({"side": ATTRIBUTES["side"]})


def test_a_linear_model_learns_what_only_the_cross_tells() -> None:
    generator = numpy.random.default_rng(0)
    values = {name: generator.integers(0, 2, 400) for name in ("a", "b")}
    columns = Crosses(["a", "b", "a b"], bits=12).columns(values)
    targets = (values["a"] ^ values["b"])[:, None]
    model = fit_linear(columns.T, targets, ["either"], bits=12, c=10.0)
    assert ((model.proba_at(columns) > 0.5) == targets).all()
