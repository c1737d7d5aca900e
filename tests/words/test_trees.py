"""Trees are trees, and the best ones."""

import itertools

import numpy
from hypothesis import given
from hypothesis import strategies as st

from nlp_extract.words.trees import best_tree


def is_tree(heads: list[int]) -> bool:
    if heads[1:].count(0) != 1:
        return False
    for word in range(1, len(heads)):
        steps = 0
        while word:
            word, steps = heads[word], steps + 1
            if steps > len(heads):
                return False
    return True


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_any_scores_give_a_tree_with_one_root(size: int, seed: int) -> None:
    scores = numpy.random.default_rng(seed).normal(size=(size + 1, size + 1)).astype(numpy.float32)
    numpy.fill_diagonal(scores, -1e9)
    assert is_tree(best_tree(scores))


@given(st.integers(0, 2**32 - 1))
def test_no_tree_scores_higher(seed: int) -> None:
    size = 3
    scores = numpy.random.default_rng(seed).normal(size=(size + 1, size + 1))
    numpy.fill_diagonal(scores, -1e9)
    trees = (h for rest in itertools.product(range(size + 1), repeat=size) if is_tree(h := [0, *rest]))
    best = max(sum(scores[d, h[d]] for d in range(1, size + 1)) for h in trees)
    found = best_tree(scores)
    assert numpy.isclose(sum(scores[d, found[d]] for d in range(1, size + 1)), best)
