"""Train the segmenter (`models/words`) and the parser (`models/syntax`); torch only.

Run: python -m nlp_extract.words.training --component words --shared ../shared --output models/words
     python -m nlp_extract.words.training --shared ../shared --output models/syntax --words models/words
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.encoder import Vocabulary, codes_of, ngram_hash
from nlp_extract.models import ModelFolder, npz
from nlp_extract.text.normalise import shadow, storable
from nlp_extract.text.sentences import sentences
from nlp_extract.words.corpora import LONGEST, Segmented, Treebank, gsd, msr, news, pku, sighan
from nlp_extract.words.parser import Parser
from nlp_extract.words.plain import plain
from nlp_extract.words.segment import Segmenter, jieba_borders

STANDARDS = ("ud", "pku", "msr")
BITS = 15
NGRAM = 5
# Stages of the segmenter: epochs, how often the treebank comes in one, which share of the two large corpora.
STAGES = ((3, 2, 0.2),)
PARSER_EPOCHS = 10
# Characters of news that word vectors are learnt from.
NEWS = 3_200_000


def build_vocabulary(sentences_of_words: Sequence[Segmented], texts: Sequence[str]) -> Vocabulary:
    """Characters seen three times, words of jieba and of the corpora seen eight times.

    Rarer words of the treebank stay out: every word would be known in training, and unknown ones come as a surprise.
    """
    import rjieba

    chars: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for text in texts:
        chars.update(text)
        words.update(w for w in rjieba.cut(text) if 1 < len(w) <= NGRAM)
    for sentence in sentences_of_words:
        chars.update("".join(sentence.words))
        words.update(w for w in sentence.words if 1 < len(w) <= NGRAM)
    hashes = {
        int(list(ngram_hash(codes_of(word), len(word)))[-1][0])
        for word, count in words.items()
        if count >= 8 and all("\u4e00" <= c <= "\u9fff" for c in word)
    }
    kept = sorted(ord(c) for c, count in chars.items() if count >= 3)
    return Vocabulary(
        numpy.array(kept, dtype=numpy.uint64), BITS, numpy.array(sorted(hashes), dtype=numpy.uint32), NGRAM
    )


def as_segmented(rows: Sequence[Treebank]) -> list[Segmented]:
    """Words and tags of a treebank."""
    return [Segmented(row.words, "ud", row.tags) for row in rows]


def cut(text: str, borders: Sequence[int]) -> list[str]:
    """A text cut at borders inside it."""
    return [text[a:b] for a, b in zip([0, *borders], [*borders, len(text)], strict=True)]


def f1(gold: Sequence[Sequence[str]], made: Sequence[Sequence[str]]) -> float:
    """F1 of words by their place."""

    def places(words: Sequence[str]) -> set[tuple[int, int]]:
        ends = numpy.cumsum([len(w) for w in words]).tolist()
        return set(zip([0, *ends[:-1]], ends, strict=True))

    pairs = [(places(g), places(m)) for g, m in zip(gold, made, strict=True)]
    hits = sum(len(g & m) for g, m in pairs)
    return 2 * hits / max(sum(len(g) + len(m) for g, m in pairs), 1)


def score_segmenter(arrays: dict[str, NDArray[Any]], shared: Path) -> dict[str, float]:
    """F1 of the segmenter and of jieba on the test sets, characters a second."""
    tests = {
        "ud_dev": as_segmented(gsd(shared, "dev")),
        "ud_test": as_segmented(gsd(shared, "test")),
        "pku_test": sighan(shared, "pku"),
        "msr_test": sighan(shared, "msr"),
    }
    scores = {}
    for name, rows in tests.items():
        segmenter = Segmenter(arrays, name.split("_")[0])
        texts = ["".join(row.words) for row in rows]
        gold = [row.words for row in rows]
        begin = time.process_time()
        borders = segmenter(texts)
        scores[f"{name}.chars_per_second"] = round(sum(map(len, texts)) / (time.process_time() - begin), -3)
        for kind, found in (("", borders), (".jieba", jieba_borders(texts))):
            made = [cut(t, b) for t, b in zip(texts, found, strict=True)]
            scores[f"{name}{kind}"] = round(f1(gold, made), 4)
    return scores


WORDS_CARD = """# words: where words begin

A character encoder (`nlp_extract/encoder.py`, {size} wide, dilations {dilations}) and one output layer a standard:
`ud` (UD Chinese GSD, the default, what the parser reads), `pku` (People's Daily), `msr` (MSRA).

- Data: UD Chinese GSD train, 3,992 sentences (CC BY-SA 4.0); PKU segmentation and tags of People's Daily, January
  1998 (research licence); MSRA's segmentation (research licence); a fifth of each of the two. The model holds
  hashes of frequent words and single characters, no text.
- F1 of words by place, beside plain jieba on the same text (rjieba, its dictionary and hidden Markov model):

| test set | this model | jieba | characters/s, one core |
| --- | --- | --- | --- |
{table}

- Five lines of SIGHAN's PKU test set are in the PKU training text, none of MSR's.
- Command: `python -m nlp_extract.words.training --component words --shared ../shared --output models/words`
- Made: 2026-11-24, seed 0. Licence of the weights: CC BY-SA 4.0, as that of UD Chinese GSD.
"""


def train_words(shared: Path, output: Path, *, seed: int = 0) -> ModelFolder:
    """Train the segmenter, score it, write the model folder.

    The network goes to `{output}.pt`, where the parser's encoder starts; a finished stage to `{output}.stage{i}.pt`,
    from which a broken run goes on.

    Parameters
    ----------
    shared : Path
        The folder with `corpora/`.
    output : Path
        The model folder to write.
    """
    import torch

    from nlp_extract.learning.torch_encoder import Shape
    from nlp_extract.words.learning import fit_segmenter, index
    from nlp_extract.words.network import SegmenterNetwork

    torch.manual_seed(seed)
    treebank = as_segmented(gsd(shared, "train"))
    large = [*pku(shared), *msr(shared)]
    texts = [plain(shadow(storable(text))) for text in news(shared)]
    vocabulary = build_vocabulary([*treebank, *large], texts)
    tags = {
        standard: index(tag for row in (*treebank, *large) if row.standard == standard for tag in row.tags)
        for standard in ("pku", "ud")
    }
    shape = Shape(size=160, dilations=(1, 2, 1, 2))
    network = SegmenterNetwork(vocabulary, shape, STANDARDS, {name: len(found) for name, found in tags.items()})
    for number, (epochs, copies, share) in enumerate(STAGES, 1):
        done = output.with_suffix(f".stage{number}.pt")
        if done.exists():
            network.load_state_dict(torch.load(done))
            continue
        draw = random.Random(seed)
        rows = [*treebank * copies, *(row for row in large if draw.random() < share)]
        for trained in fit_segmenter(network, rows, tags, epochs, seed):
            torch.save(trained.state_dict(), done.with_suffix(".partial"))
        done.with_suffix(".partial").replace(done)
        network.load_state_dict(torch.load(done))
    torch.save(network.encoder.state_dict(), output.with_suffix(".pt"))
    return finish_words(network.arrays(), shared, output)


def finish_words(arrays: dict[str, NDArray[Any]], shared: Path, output: Path) -> ModelFolder:
    """Score a segmenter and write its model folder with the card."""
    scores = score_segmenter(arrays, shared)
    table = "\n".join(
        f"| {label} | {scores[key]:.4f} | {scores[f'{key}.jieba']:.4f} | {scores[f'{key}.chars_per_second']:,.0f} |"
        for label, key in (
            ("UD GSD dev", "ud_dev"), ("UD GSD test", "ud_test"), ("SIGHAN 2005 PKU test", "pku_test"),
            ("SIGHAN 2005 MSR test", "msr_test"),
        )
    )  # fmt: skip
    size, dilations = arrays["input"].shape[1], ", ".join(map(str, arrays["dilations"]))
    card = WORDS_CARD.format(table=table, size=size, dilations=dilations)
    kept = {name: value for name, value in scores.items() if "chars" not in name}
    folder = ModelFolder.build(
        "words", {"segmenter.npz": npz(arrays), "README.md": card.encode()}, {"version": "1", "scores": kept}
    )
    folder.write(output)
    return folder


def score_parser(
    parser: Parser, names: dict[str, list[str]], gold: Sequence[Treebank], words: Sequence[Sequence[str]] | None = None
) -> dict[str, float]:
    """UAS, LAS, accuracy of tags: of the gold words, or by place as F1 of given words (CoNLL 2018).

    `uas` and `las` count punctuation and full relations; `las.plain` leaves punctuation out.
    """
    given = [row.words for row in gold] if words is None else words
    trees = parser(given)
    hits: Counter[str] = Counter()
    total = made = 0
    for row, cut_words, tree in zip(gold, given, trees, strict=True):
        places = _places(row.words)
        cut_places = _places(cut_words)
        mine = {place: i for i, place in enumerate(cut_places)}
        total += len(row.words)
        made += len(cut_words)
        for i, place in enumerate(places):
            k = mine.get(place)
            plain_word = row.relations[i] != "punct"
            hits["gold.plain"] += plain_word
            if k is None:
                continue
            head = None if tree.heads[k] < 0 else cut_places[tree.heads[k]]
            wanted = None if row.heads[i] == 0 else places[row.heads[i] - 1]
            right = head == wanted
            both = right and names["relations"][tree.relations[k]] == row.relations[i]
            hits["upos"] += names["parts"][tree.parts[k]] == row.parts[i]
            hits["uas"] += right
            hits["las"] += both
            hits["las.plain"] += both and plain_word
            hits["uas.plain"] += right and plain_word
    scores = {name: 2 * hits[name] / (total + made) for name in ("upos", "uas", "las")}
    if words is None:
        scores |= {name: hits[name] / hits["gold.plain"] for name in ("uas.plain", "las.plain")}
    return {name: round(value, 4) for name, value in scores.items()}


def _places(words: Sequence[str]) -> list[tuple[int, int]]:
    ends = numpy.cumsum([len(w) for w in words]).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


SYNTAX_CARD = """# syntax: tags and dependency trees

A biaffine graph parser over a character encoder, word vectors, a gated convolution and three layers of gated
recurrence (`nlp_extract/words/parser.py`), Universal Dependencies, Chinese GSD.

- Data: UD Chinese GSD train, 3,992 sentences (CC BY-SA 4.0; trees of v1.3 rewritten to v2 by rules, 4 to 5 % label
  noise). The encoder starts from the segmenter's (PKU, MSRA, GSD). Word vectors: PPMI and SVD over 3.2 million
  characters of news, cut by `models/words`; words are kept as CRC-32.
- Scores, all words and full relations (`nsubj:pass` is not `nsubj`); `plain`: without punctuation; `raw`: from text cut
  by `models/words`, as F1:

{table}

- Speed: {speed:,.0f} characters a second on one core.
- Command: `python -m nlp_extract.words.training --shared ../shared --output models/syntax --words models/words`
- Made: 2026-11-24, seed 0. Licence of the weights: CC BY-SA 4.0, as that of UD Chinese GSD.
"""


def train_syntax(shared: Path, output: Path, words: Path, *, epochs: int = PARSER_EPOCHS, seed: int = 0) -> ModelFolder:
    """Train the parser, score it, write the model folder.

    Parameters
    ----------
    shared : Path
        The folder with `corpora/`.
    output : Path
        The model folder to write.
    words : Path
        The segmenter's model folder; `{words}.pt` beside it, its network, is where the encoder starts.
    """
    import torch

    from nlp_extract.learning.torch_encoder import TorchEncoder
    from nlp_extract.words.learning import Reader, fit_parser, index
    from nlp_extract.words.network import ParserNetwork, ParserShape
    from nlp_extract.words.vectors import word_vectors

    torch.manual_seed(seed)
    segmenter_arrays = ModelFolder.read(words, "words").arrays("segmenter.npz")
    segmenter = Segmenter(segmenter_arrays)
    keys, table, scale = word_vectors(list(_news_words(shared, segmenter)))
    train, dev = gsd(shared, "train"), gsd(shared, "dev")
    names = {
        "relations": index(r for row in train for r in row.relations),
        "tags": index(t for row in train for t in row.tags),
        "parts": index(p for row in train for p in row.parts),
    }
    listed = {kind: list(known) for kind, known in names.items()}
    encoder = TorchEncoder.from_arrays(segmenter_arrays, dropout=0.15)
    start = words.with_suffix(".pt")
    if start.exists():
        encoder.load_state_dict(torch.load(start))
    shape = ParserShape()
    network = ParserNetwork(
        encoder, table * numpy.float32(scale), shape, len(names["relations"]), len(names["tags"]), len(names["parts"])
    )
    rows = {int(key): i for i, key in enumerate(keys)}
    reader = Reader(encoder.vocabulary, rows, names, len(keys))
    arrays: dict[str, NDArray[Any]] = {}
    for epoch, average in enumerate(fit_parser(network, train, reader, epochs, seed), 1):
        if epoch % 4 and epoch != epochs:
            continue
        arrays = average.arrays()
        arrays["word_in"] = (arrays["word_in"].astype(numpy.float32) * scale).astype(numpy.float32)
        arrays |= {"word_keys": keys, "word_table": table}
        sys.stderr.write(f"{epoch} {score_parser(Parser(arrays), listed, dev)}\n")
        _write(output, arrays, listed, "")
    return finish_syntax(arrays, listed, segmenter, shared, output)


def finish_syntax(
    arrays: dict[str, NDArray[Any]], listed: dict[str, list[str]], segmenter: Segmenter, shared: Path, output: Path
) -> ModelFolder:
    """Score a parser on dev and test, from gold words and from raw text, and write its model folder with the card."""
    parser = Parser(arrays)
    dev, test = gsd(shared, "dev"), gsd(shared, "test")
    lines = ["| part | measure | value |", "| --- | --- | --- |"]
    kept: dict[str, float] = {}
    for part, gold in (("dev", dev), ("test", test)):
        texts = ["".join(row.words) for row in gold]
        raw = [cut(t, b) for t, b in zip(texts, segmenter(texts), strict=True)]
        for kind, scores in (
            ("gold words", score_parser(parser, listed, gold)),
            ("raw", score_parser(parser, listed, gold, raw)),
        ):
            kept |= {f"{part}.{kind.split()[0]}.{name}": value for name, value in scores.items()}
            lines += [f"| {part}, {kind} | {name} | {value:.4f} |" for name, value in scores.items()]
    begin = time.process_time()
    parser([row.words for row in test])
    speed = sum(len(w) for row in test for w in row.words) / (time.process_time() - begin)
    card = SYNTAX_CARD.format(table="\n".join(lines), speed=round(speed, -3))
    return _write(output, arrays, listed, card, kept)


def _write(
    output: Path, arrays: dict[str, NDArray[Any]], names: dict[str, list[str]], card: str, scores: Any = None
) -> ModelFolder:
    files = {
        "parser.npz": npz(arrays),
        "names.json": (json.dumps(names) + "\n").encode(),
        "README.md": card.encode(),
    }
    folder = ModelFolder.build("syntax", files, {"version": "1", "scores": scores or {}})
    folder.write(output)
    return folder


def _news_words(shared: Path, segmenter: Segmenter) -> Any:
    """Sentences of the news items, cut into words."""
    texts = [plain(shadow(storable(text))) for text in news(shared)]
    random.Random(0).shuffle(texts)
    total = 0
    for text in texts:
        total += len(text)
        if total > NEWS:
            return
        pieces = [text[s.start : s.end][:LONGEST] for s in sentences(text)]
        for piece, borders in zip(pieces, segmenter(pieces), strict=True):
            yield cut(piece, borders)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--component", choices=("words", "syntax"), default="syntax")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("models/syntax"))
    parser.add_argument("--words", type=Path, default=Path("models/words"))
    options = parser.parse_args()
    if options.component == "words":
        train_words(options.shared, options.output)
    else:
        train_syntax(options.shared, options.output, options.words)


if __name__ == "__main__":
    main()
