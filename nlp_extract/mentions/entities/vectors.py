"""First vectors of characters, bigrams and lexicon n-grams: what stands beside them in plain text.

Counts of a unit with the characters and bigrams right before and after it, as positive pointwise mutual information,
reduced by a truncated SVD. Nothing of the text is kept but numbers.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.encoder import Vocabulary, codes_of, ngram_hash, pack

LONGEST = 8
BITS = 18
CONTEXT_BITS = 14
WORDS = 120_000
NOISY = ("brands", "places")


def build_vocabulary(texts: Sequence[str], lists: Iterable[Iterable[str]]) -> Vocabulary:
    """Characters seen three times, frequent words of the segmenter, and listed names."""
    import rjieba

    chars = Counter[str]()
    words = Counter[str]()
    for text in texts:
        chars.update(text)
        words.update(w for w in rjieba.cut(text) if 1 < len(w) <= LONGEST)
    common = [w for w, n in words.most_common(WORDS) if n >= 4 and not w.isascii()]
    listed = sorted({name for names in lists for name in names if 1 < len(name) <= LONGEST})
    hashes = {_hash(word) for word in [*common, *listed]}
    kept = sorted(ord(c) for c, n in chars.items() if n >= 3)
    return Vocabulary(
        numpy.array(kept, dtype=numpy.uint64), BITS, numpy.array(sorted(hashes) or [0], dtype=numpy.uint32), LONGEST
    )


def listed(texts: Iterable[str], lists: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Names of gazetteers; of the long, noisy lists only names that stand twice in the texts."""
    import ahocorasick

    automaton: Any = ahocorasick.Automaton()
    for names in lists.values():
        for name in names:
            automaton.add_word(name, name)
    automaton.make_automaton()
    seen = Counter[str]()
    for text in texts:
        seen.update(name for _, name in automaton.iter(text))
    return [sorted(n for n in names if key not in NOISY or seen[n] > 1) for key, names in sorted(lists.items())]


def _hash(word: str) -> int:
    return int(list(ngram_hash(codes_of(word), len(word)))[-1][0])


def first_vectors(texts: Sequence[str], vocabulary: Vocabulary, size: int, seed: int = 0) -> list[NDArray[Any]]:
    """Tables for characters, bigrams and n-grams, each of shape (rows, size) and standard deviation 0.1."""
    from scipy.sparse import csr_matrix

    sizes = [len(vocabulary.chars) + 1, 1 << vocabulary.bits, len(vocabulary.ngrams)]
    first = numpy.cumsum([0, *sizes])
    columns = 4 << CONTEXT_BITS
    total: Any = csr_matrix((int(first[-1]), columns), dtype=numpy.float32)
    for begin in range(0, len(texts), 20_000):
        units, contexts = _pairs(texts[begin : begin + 20_000], vocabulary, first)
        ones = numpy.ones(len(units), dtype=numpy.float32)
        total = total + csr_matrix((ones, (units, contexts)), shape=total.shape)
    return _reduce(total, first, size, seed)


def _pairs(texts: Sequence[str], vocabulary: Vocabulary, first: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows and columns of the co-occurrences in some texts."""
    codes, _ = pack(texts)
    features = vocabulary.features(codes)
    count = len(codes)
    bucket = (1 << CONTEXT_BITS) - 1
    single = (codes * numpy.uint64(0x9E3779B97F4A7C15) >> numpy.uint64(40)).astype(numpy.int64) & bucket
    # Context of a unit at [i, j): characters at i - 1 and j, bigrams that end before i and begin at j.
    ends, begins = features.bigrams[0] & bucket, features.bigrams[1] & bucket
    rows: list[NDArray[Any]] = []
    cols: list[NDArray[Any]] = []

    def add(unit: NDArray[Any], i: NDArray[Any], j: NDArray[Any]) -> None:
        for kind, (values, at) in enumerate(((single, i - 1), (single, j), (ends, i - 1), (begins, j))):
            rows.append(unit)
            cols.append(values[at] + (kind << CONTEXT_BITS))

    at = numpy.flatnonzero(features.mask)
    add(first[0] + features.chars[at], at, at + 1)
    pairs = numpy.flatnonzero(features.mask[1:] & features.mask[:-1])
    add(first[1] + features.bigrams[1][pairs], pairs, pairs + 2)
    starts, lengths, found = _ngrams(codes, vocabulary)
    starts, lengths, found = starts[(ok := starts + lengths < count)], lengths[ok], found[ok]
    add(first[2] + found, starts, starts + lengths)
    return numpy.concatenate(rows), numpy.concatenate(cols)


def _ngrams(codes: NDArray[Any], vocabulary: Vocabulary) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    starts, lengths, found = [], [], []
    whole = codes > 0
    filled = whole
    for n, values in enumerate(ngram_hash(codes, vocabulary.longest), 2):
        whole = whole[: len(values)] & filled[n - 1 :]
        at = numpy.flatnonzero(whole)
        rows = numpy.minimum(numpy.searchsorted(vocabulary.ngrams, values[at]), len(vocabulary.ngrams) - 1)
        hit = vocabulary.ngrams[rows] == values[at]
        starts.append(at[hit])
        lengths.append(numpy.full(int(hit.sum()), n))
        found.append(rows[hit])
    return numpy.concatenate(starts), numpy.concatenate(lengths), numpy.concatenate(found)


def _reduce(counts: Any, first: NDArray[Any], size: int, seed: int) -> list[NDArray[Any]]:
    """Positive PMI with a smoothed context distribution, and its truncated SVD by subspace iteration."""
    by_row = numpy.asarray(counts.sum(axis=1)).ravel()
    by_column = numpy.asarray(counts.sum(axis=0)).ravel() ** 0.75
    by_column /= max(by_column.sum(), 1.0)
    lengths = numpy.diff(counts.indptr)
    expected = numpy.repeat(numpy.maximum(by_row, 1.0), lengths) * by_column[counts.indices]
    counts.data = numpy.maximum(numpy.log(counts.data / numpy.maximum(expected, 1e-12)), 0).astype(numpy.float32)
    # A frequent unit has many contexts; the square root keeps rare ones from being noise of equal weight.
    counts.eliminate_zeros()
    basis = numpy.random.default_rng(seed).standard_normal((counts.shape[1], size + 8)).astype(numpy.float32)
    transposed = counts.T.tocsr()
    for _ in range(3):
        basis, _ = numpy.linalg.qr(transposed @ (counts @ basis))
    projected = counts @ basis
    _, values, right = numpy.linalg.svd(projected.T @ projected)
    vectors = (projected @ right.T[:, :size]) / numpy.maximum(values[:size] ** 0.25, 1e-6)
    tables = []
    for begin, end in itertools.pairwise(first.tolist()):
        part = vectors[begin:end]
        spread = part[numpy.abs(part).sum(axis=1) > 0].std(axis=0) if len(part) else numpy.ones(size)
        part = numpy.clip(part / numpy.maximum(spread, 1e-6), -4, 4) * 0.1
        tables.append(part.astype(numpy.float32))
    return tables
