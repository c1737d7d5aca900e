"""Cross-validation inside a training: what models say of articles they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Model = TypeVar("Model")
Result = TypeVar("Result")
FOLDS = 5


def folds(count: int, shift: int = 0) -> list[int]:
    """The fold of each of `count` items, spread so that neighbours differ; another `shift`, another draw."""
    return [(n * 7 + shift + n // FOLDS) % min(FOLDS, count) for n in range(count)]


def held_out(
    items: Sequence[Item], fit: Callable[[list[Item]], Model], apply: Callable[[Item, Model], Result], shift: int = 0
) -> list[Result]:
    """`apply(item, model)` for every item, the model fitted on the other folds; a single item is fitted on itself."""
    if len(items) < 2:
        return [apply(item, fit(list(items))) for item in items]
    numbers = folds(len(items), shift)
    models = {fold: fit([i for i, f in zip(items, numbers, strict=True) if f != fold]) for fold in sorted(set(numbers))}
    return [apply(item, models[fold]) for item, fold in zip(items, numbers, strict=True)]
