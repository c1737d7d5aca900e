"""Hashed crosses of integer attributes: the columns of a linear model, for many rows at once, in numpy.

A template names the attributes that are crossed: `"side rank clauses"`. Attributes are arrays with one integer a row
(small numbers, or hashes of strings); every template gives every row one column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.hashing import PRIME, SHIFT, code

# Named attributes: integers or truth values, one a row.
Attributes = Mapping[str, NDArray[Any]]


class Crosses:
    """Templates over named attributes, and how many bits their columns have."""

    def __init__(self, templates: Iterable[str], bits: int) -> None:
        # The longest first: one more attribute is mixed into ever fewer rows of the table.
        parts = sorted({tuple(template.split()) for template in templates}, key=lambda names: (-len(names), names))
        self.names = sorted({name for names in parts for name in names})
        self.bits = bits
        self._down = numpy.uint64(64 - bits)
        seeds = [code(" ".join(names)) for names in parts]
        self._seeds = numpy.array(seeds, dtype=numpy.uint64)[:, None] * PRIME
        slots = ([names[n] for names in parts if len(names) > n] for n in range(len(parts[0])))
        self._slots = [numpy.array([self.names.index(name) for name in slot]) for slot in slots]

    def columns(self, attributes: Attributes) -> NDArray[numpy.int64]:
        """The columns of every row, shape (templates, n), for attributes of shape (n,)."""
        values = numpy.stack([attributes[name] for name in self.names]).astype(numpy.uint64)
        mixed = numpy.repeat(self._seeds, values.shape[1], axis=1)
        for slot in self._slots:
            part = mixed[: len(slot)]
            part ^= values[slot]
            part *= PRIME
            part ^= part >> SHIFT
        mixed *= PRIME
        return (mixed >> self._down).astype(numpy.int64)
