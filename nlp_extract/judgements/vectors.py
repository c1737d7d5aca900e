"""Word vectors for training: what the words of few labelled articles say is spread to words beside them in meaning.

A linear model over a sum of word vectors is a linear model over words, so the vectors are folded into the weights and
are not needed when the model is applied.

Run: python -m nlp_extract.judgements.vectors --shared ../shared --output models/vectors
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.judgements.words import sentence_words
from nlp_extract.learning.labelled import read_jsonl, read_split
from nlp_extract.linear import bucket
from nlp_extract.models import ModelFolder, load_model, npz
from nlp_extract.text.component import analyse_text

_WINDOW = 5  # Words to either side.
_STEP = 0.1  # How far few own articles may move a trained model, against training from nothing.

CARD = """# vectors: word vectors for training the judgements

Singular vectors of positive pointwise mutual information within {window} words (Levy, Goldberg and Dagan 2015), in
steps of 8 bits. Needed in training only: the linear models trained with them carry what they learnt.

- Data: {texts} unlabelled news articles (`news.jsonl.gz` without the part `dev` of `data/split.tsv`, and
  `xwlb_background.jsonl.gz`), {sentences} sentences. The texts are the publishers' copyright; the model holds
  {words} single words and their vectors of {size} numbers, no text.
- Command: `python -m nlp_extract.judgements.vectors --shared ../shared --output models/vectors`
- Made: 2026-11-24, seed {seed}. Licence of the weights: Apache-2.0.
"""


@dataclasses.dataclass(frozen=True)
class WordVectors:
    """Vectors of unit length.

    Attributes
    ----------
    words : tuple of str, length n
    matrix : ndarray, shape (n, size)
    """

    words: tuple[str, ...]
    matrix: NDArray[numpy.float32]

    @classmethod
    def learn(
        cls, sentences: Iterable[Sequence[str]], *, size: int = 64, most: int = 30_000, least: int = 5, seed: int = 0
    ) -> WordVectors:
        """Singular vectors of positive pointwise mutual information (Levy, Goldberg and Dagan 2015).

        Parameters
        ----------
        sentences : iterable of sequences of words
        size : int
            Dimensions.
        most, least : int
            Number of words kept, and how often a word must occur.
        """
        from scipy.sparse import coo_matrix, csr_matrix
        from sklearn.utils.extmath import randomized_svd

        texts = list(sentences)
        counts = Counter(word for text in texts for word in text)
        frequent = (word for word, count in counts.items() if count >= least)
        words = sorted(frequent, key=lambda word: (-counts[word], word))[:most]
        index = {word: i for i, word in enumerate(words)}
        gap = [-1] * _WINDOW
        stream = numpy.array(
            [i for text in texts for i in [*(index.get(w, -1) for w in text), *gap]], dtype=numpy.int32
        )
        shape = (len(words), len(words))
        pairs = csr_matrix(shape, dtype=numpy.float32)
        for distance in range(1, _WINDOW + 1):
            left, right = stream[:-distance], stream[distance:]
            both = (left >= 0) & (right >= 0)
            weight = numpy.full(int(both.sum()), 1.0 / distance, dtype=numpy.float32)
            pairs = pairs + coo_matrix((weight, (left[both], right[both])), shape=shape).tocsr()
        table = (pairs + pairs.T).tocoo()
        total = numpy.bincount(table.row, weights=table.data, minlength=len(words))
        # Contexts to the power 0.75, so that rare ones do not dominate.
        damped = total**0.75
        damped *= total.sum() / damped.sum()
        information = numpy.log(table.data * total.sum() / (total[table.row] * damped[table.col]))
        kept = information > 0
        positive = csr_matrix((information[kept], (table.row[kept], table.col[kept])), shape=shape)
        left, strength, _ = randomized_svd(positive, size, n_iter=2, random_state=seed)
        matrix = left * numpy.sqrt(strength)
        matrix /= numpy.linalg.norm(matrix, axis=1, keepdims=True) + 1e-9
        return cls(tuple(words), matrix.astype(numpy.float32))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Words and their vectors in steps of 1/127 of the largest value."""
        scale = float(numpy.abs(self.matrix).max()) / 127
        steps = numpy.round(self.matrix / scale).astype(numpy.int8)
        return {"words": numpy.array(self.words), "steps": steps, "scale": numpy.array(scale)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> WordVectors:
        """From the arrays of `to_arrays`."""
        matrix = arrays["steps"].astype(numpy.float32) * numpy.float32(arrays["scale"])
        return cls(tuple(str(word) for word in arrays["words"]), matrix)

    def table(self, scales: Mapping[str, float], bits: int, rarity: float = 0.0) -> NDArray[numpy.float32]:
        """The vectors at the columns of features (`nlp_extract.linear.fit_linear`).

        Parameters
        ----------
        scales : mapping of str to float
            Prefix of the features whose words have vectors -> weight of the vectors.
        bits : int
            Of the columns.
        rarity : float
            How much more the vectors of rare words count: the words stand in the order of their frequency, and this is
            the power of the logarithm of that rank (from 0 to 1) by which a vector is scaled.

        Returns
        -------
        ndarray, shape (2 ** bits, size * number of scales)
        """
        parts = [self._by_column(prefix, bits, rarity) * scale for prefix, scale in scales.items()]
        return numpy.concatenate(parts, axis=1)

    def _by_column(self, prefix: str, bits: int, rarity: float) -> NDArray[numpy.float32]:
        ranks = numpy.log(2.0 + numpy.arange(len(self.words))) / numpy.log(2.0 + len(self.words))
        found = numpy.zeros((1 << bits, self.matrix.shape[1]), dtype=numpy.float32)
        columns = [bucket(prefix + word, bits) for word in self.words]
        numpy.add.at(found, columns, self.matrix * (ranks**rarity).astype(numpy.float32)[:, None])
        return found


def step(c: float, base: object) -> float:
    """The `c` of `fit_linear`: that of training from nothing, or so small that a base is only adapted."""
    return c if base is None else c * _STEP


def load_vectors(models: str | Path | None = None) -> WordVectors:
    """The shipped vectors, or those in a folder of own models."""
    return WordVectors.from_arrays(load_model("vectors", models).arrays("vectors.npz"))


def _articles(shared: Path, split: Path) -> Iterator[str]:
    """Texts of all unlabelled news and of the labelled train part."""
    held = {key for key, part in read_split(split).items() if part == "dev"}
    for name in ("news.jsonl.gz", "xwlb_background.jsonl.gz"):
        for row in read_jsonl(shared / "corpora" / "news" / name):
            if row["id"] not in held:
                yield f"{row['title']}\n{row['text']}" if row.get("title") else row["text"]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--split", type=Path, default=Path("data/split.tsv"))
    parser.add_argument("--output", type=Path, default=Path("models/vectors"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    texts = [sentence_words(analyse_text(article)) for article in _articles(options.shared, options.split)]
    vectors = WordVectors.learn((words for text in texts for words in text), seed=options.seed)
    card = CARD.format(
        window=_WINDOW, texts=len(texts), sentences=sum(map(len, texts)), words=len(vectors.words),
        size=vectors.matrix.shape[1], seed=options.seed,
    )  # fmt: skip
    files = {"vectors.npz": npz(vectors.to_arrays()), "README.md": card.encode()}
    ModelFolder.build("vectors", files, {"version": "1"}).write(options.output)


if __name__ == "__main__":
    main()
