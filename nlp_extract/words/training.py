"""Train the reader of characters with the segmenter (`models/words`), and the parser (`models/syntax`); torch only.

Run: python -m nlp_extract.words.training --component words --shared ../shared --models models
     python -m nlp_extract.words.training --component syntax --shared ../shared --models models

A run that was interrupted is taken up again by the same command: `--work` keeps what each stage has made.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.characters import PAIR_BITS, Characters
from nlp_extract.encoder import Encoder, blocks, pack
from nlp_extract.learning.treebank import Treebank
from nlp_extract.models import ModelFolder, npz
from nlp_extract.text.normalise import shadow, storable
from nlp_extract.text.sentences import sentences
from nlp_extract.words.corpora import LONGEST, Segmented, background, gsd, msr, news, pku, sighan
from nlp_extract.words.parser import Parser, Tree
from nlp_extract.words.plain import plain
from nlp_extract.words.segment import Segmenter, jieba_borders

STANDARDS = ("ud", "pku", "msr")
# Width of the reader.
READER = 128
# Epochs of the reader, how often the treebank comes in one, which share of the two large corpora.
READER_EPOCHS, COPIES, SHARE = 3, 2, 0.5
# Epochs of the first parser on the treebank; then by round: on the treebank and plain sentences as the last parser
# parsed them, and on the treebank again.
TEACHER_EPOCHS, ROUNDS = 20, ((4, 5), (3, 5), (2, 4), (2, 4))
RATE, GOLD_RATE = 2e-3, 7e-4
# Plain sentences that are parsed: of People's Daily and of news, none of them labelled.
SILVER = (8_000, 14_000)
# Characters of news that word vectors are learnt from.
NEWS = 3_200_000


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


def score_segmenter(heads: dict[str, NDArray[Any]], characters: Characters, shared: Path) -> dict[str, float]:
    """F1 of the segmenter and of jieba on the test sets, characters a second."""
    tests = {
        "ud_dev": as_segmented(gsd(shared, "dev")),
        "ud_test": as_segmented(gsd(shared, "test")),
        "pku_test": sighan(shared, "pku"),
        "msr_test": sighan(shared, "msr"),
    }
    scores = {}
    for name, rows in tests.items():
        segmenter = Segmenter(heads, name.split("_")[0])
        texts = ["".join(row.words) for row in rows]
        gold = [row.words for row in rows]
        begin = time.process_time()
        borders = [segmenter(words) if len(words) > 1 else [] for _, words in characters(texts)]
        scores[f"{name}.chars_per_second"] = round(sum(map(len, texts)) / (time.process_time() - begin), -3)
        for kind, found in (("", borders), (".jieba", [jieba_borders(text) for text in texts])):
            made = [cut(t, b) for t, b in zip(texts, found, strict=True)]
            scores[f"{name}{kind}"] = round(f1(gold, made), 4)
    return scores


WORDS_CARD = """# words: where words begin

One output layer a standard over the vectors of characters (`models/characters`, second stage): `ud` (UD Chinese GSD,
the default, what the parser reads), `pku` (People's Daily), `msr` (MSRA).

- Data: UD Chinese GSD train, 3,992 sentences (CC BY-SA 4.0); PKU segmentation and tags of People's Daily, January
  1998 (research licence); MSRA's segmentation (research licence); half of each of the two.
- F1 of words by place, beside plain jieba on the same text (rjieba, its dictionary and hidden Markov model):

| test set | this model | jieba | characters/s, one core, encoder included |
| --- | --- | --- | --- |
{table}

- Five lines of SIGHAN's PKU test set are in the PKU training text, none of MSR's.
- Command: `python -m nlp_extract.words.training --component words --shared ../shared --models models`
- Made: 2026-11-28, seed 0. Licence of the weights: CC BY-SA 4.0, as that of UD Chinese GSD.
"""


CHARACTERS_CARD = """# characters: vectors of characters

What entities, words and syntax read (`nlp_extract/characters.py`); they name these files by their SHA-256.

- `encoder.npz`: the encoder of the shipped entity model; its data, licences and command are in the card of `entities`.
- `reader.npz`: 128 wide, two gated convolutions over both ends of the encoder and hashed bigrams, trained with the
  encoder standing still: data, licence and command are in the card of `words`.
- A model of entities that was trained on own articles brings an encoder of its own; words and syntax keep this one.
"""


def train_words(shared: Path, models: Path, work: Path, *, seed: int = 0) -> None:
    """Train the reader and the segmenter over the encoder in `models/characters`, which stands still.

    Writes `models/characters` (the reader added) and `models/words`.

    Parameters
    ----------
    shared : Path
        The folder with `corpora/`.
    models : Path
        The folder of models.
    work : Path
        The trained network goes to `reader.pt`; when it is there, it is not trained again.
    """
    import torch

    from nlp_extract.words.learning import fit_reader, index, marks
    from nlp_extract.words.network import ReaderNetwork

    torch.manual_seed(seed)
    characters = ModelFolder.read(models / "characters", "characters")
    encoder = Encoder(characters.arrays("encoder.npz"))
    treebank = as_segmented(gsd(shared, "train"))
    large = [*pku(shared), *msr(shared)]
    tags = {
        standard: index(tag for row in (*treebank, *large) if row.standard == standard for tag in row.tags)
        for standard in ("pku", "ud")
    }
    network = ReaderNetwork(2 * encoder.size, READER, STANDARDS, {name: len(found) for name, found in tags.items()})
    done = work / "reader.pt"
    if not done.exists():
        draw = random.Random(seed)
        rows = [row for row in (*treebank, *(r for r in large if draw.random() < SHARE)) if "".join(row.words)]
        read = ends(encoder, ["".join(row.words) for row in rows])
        found = [marks(row, *vectors, tags) for row, vectors in zip(rows, read, strict=True)]
        found = [row for row in found for _ in range(COPIES if row.standard == "ud" else 1)]
        for trained in fit_reader(network, found, READER_EPOCHS, seed):
            torch.save(trained.state_dict(), done.with_suffix(".partial"))
        done.with_suffix(".partial").replace(done)
    network.load_state_dict(torch.load(done))
    finish_words(network.arrays(), network.heads(), characters, shared, models)


def ends(encoder: Encoder, texts: Sequence[str]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """What the reader reads of each text: both ends of the encoder (n, 2 d), as float16, and rows of bigrams (n, 2)."""
    found: list[Any] = [None] * len(texts)
    for block in blocks([len(text) for text in texts]):
        codes, starts = pack([texts[i] for i in block])
        features = encoder.vocabulary.features(codes)
        rows = numpy.concatenate(encoder.rows(features), axis=1).astype(numpy.float16)
        pairs = features.bigrams.T >> (encoder.vocabulary.bits - PAIR_BITS)
        for i, start in zip(block, starts, strict=True):
            found[i] = rows[start : start + len(texts[i])], pairs[start : start + len(texts[i])]
    return found


def finish_words(
    reader: dict[str, NDArray[Any]], heads: dict[str, NDArray[Any]], base: ModelFolder, shared: Path, models: Path
) -> None:
    """Score a segmenter and write its model folder with the card, and the reader into that of the characters."""
    characters = Characters(base.arrays("encoder.npz"), reader)
    scores = score_segmenter(heads, characters, shared)
    table = "\n".join(
        f"| {label} | {scores[key]:.4f} | {scores[f'{key}.jieba']:.4f} | {scores[f'{key}.chars_per_second']:,.0f} |"
        for label, key in (
            ("UD GSD dev", "ud_dev"), ("UD GSD test", "ud_test"), ("SIGHAN 2005 PKU test", "pku_test"),
            ("SIGHAN 2005 MSR test", "msr_test"),
        )
    )  # fmt: skip
    kept = {name: value for name, value in scores.items() if "chars" not in name}
    files = {"encoder.npz": base.files["encoder.npz"], "reader.npz": npz(reader), "README.md": CHARACTERS_CARD.encode()}
    read = ModelFolder.build("characters", files, {"version": "1"})
    read.write(models / "characters")
    ModelFolder.build(
        "words",
        {"segmenter.npz": npz(heads), "README.md": WORDS_CARD.format(table=table).encode()},
        {"version": "1", "scores": kept, "reads": read.meta["files"]},
    ).write(models / "words")


def score_parser(
    parser: Parser, names: dict[str, list[str]], gold: Sequence[Treebank], vectors: NDArray[Any],
    words: Sequence[Sequence[str]] | None = None,
) -> dict[str, float]:  # fmt: skip
    """UAS, LAS, accuracy of tags: of the gold words, or by place as F1 of given words (CoNLL 2018).

    `uas` and `las` count punctuation and full relations; `las.plain` leaves punctuation out.
    """
    given = [row.words for row in gold] if words is None else words
    trees = parse(parser, given, vectors)
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


def parse(parser: Parser, sentences: Sequence[Sequence[str]], vectors: NDArray[Any]) -> list[Tree]:
    """Trees of sentences of words, from the vectors of all their characters."""
    spans, position = [], 0
    for words in sentences:
        spans.append([(position + a, position + b) for a, b in _places(words)])
        position += sum(map(len, words))
    return parser("".join(word for words in sentences for word in words), vectors, spans)


def _places(words: Sequence[str]) -> list[tuple[int, int]]:
    ends = numpy.cumsum([len(w) for w in words]).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


SYNTAX_CARD = """# syntax: tags and dependency trees

A biaffine graph parser over the vectors of characters (`models/characters`, second stage), word vectors, a gated
convolution and three layers of gated recurrence (`nlp_extract/words/parser.py`), Universal Dependencies, Chinese GSD.

- Data: UD Chinese GSD train, 3,992 sentences (CC BY-SA 4.0; trees of v1.3 rewritten to v2 by rules, 4 to 5 % label
  noise), and 22,000 sentences of People's Daily and broadcast news, in four rounds: as the parser before parsed them,
  with GSD; then GSD alone. Word vectors: PPMI and SVD over 3.2 million characters of news, cut by the segmenter; words
  are kept as CRC-32.
- Scores, all words and full relations (`nsubj:pass` is not `nsubj`); `plain`: without punctuation; `raw`: from text cut
  by `models/words`, as F1:

{table}

- Speed: {speed:,.0f} characters a second on one core, the vectors of characters given.
- Command: `python -m nlp_extract.words.training --component syntax --shared ../shared --models models`
- Made: 2026-11-28, seed 0. Licence of the weights: CC BY-SA 4.0, as that of UD Chinese GSD.
"""


def train_syntax(shared: Path, models: Path, work: Path, *, seed: int = 0) -> None:
    """Train the parser over `models/characters`, score it, write `models/syntax`.

    Parameters
    ----------
    shared : Path
        The folder with `corpora/`.
    models : Path
        The folder of models.
    work : Path
        Word vectors go to `vectors.npz`, the networks to `teacher.pt` and, by round, to `silver1.pt` and `parser1.pt`;
        what is there is not made again.
    """
    import torch

    from nlp_extract.words.learning import Example, Reader, fit_parser, index
    from nlp_extract.words.network import ParserNetwork, ParserShape
    from nlp_extract.words.vectors import word_vectors

    words = ModelFolder.read(models / "words", "words")
    read = ModelFolder.read(models / "characters", "characters")
    characters = Characters(read.arrays("encoder.npz"), read.arrays("reader.npz"))
    segmenter = Segmenter(words.arrays("segmenter.npz"))
    kept = work / "vectors.npz"
    if not kept.exists():
        keys, table, scale = word_vectors(list(_news_words(shared, characters, segmenter)))
        kept.write_bytes(npz({"keys": keys, "table": table, "scale": numpy.array(scale)}))
    vectors = numpy.load(kept, allow_pickle=False)
    keys, table, scale = vectors["keys"], vectors["table"], float(vectors["scale"])
    train = gsd(shared, "train")
    names = {
        "relations": index(r for row in train for r in row.relations),
        "tags": index(t for row in train for t in row.tags),
        "parts": index(p for row in train for p in row.parts),
    }
    reader = Reader({int(key): i for i, key in enumerate(keys)}, names, len(keys))

    def new() -> ParserNetwork:
        torch.manual_seed(seed)
        counts = (len(names[kind]) for kind in ("relations", "tags", "parts"))
        return ParserNetwork(READER, table * numpy.float32(scale), ParserShape(), *counts)

    def trained(network: ParserNetwork, stage: str, rows: Callable[[], Any], epochs: int, rate: float) -> ParserNetwork:
        done = work / f"{stage}.pt"
        if not done.exists():
            for average in fit_parser(network, rows(), reader, epochs, seed, rate):
                torch.save(average.state_dict(), done.with_suffix(".partial"))
            done.with_suffix(".partial").replace(done)
        network.load_state_dict(torch.load(done))
        return network

    def applied(network: ParserNetwork) -> dict[str, NDArray[Any]]:
        arrays = network.arrays()
        arrays["word_in"] = (arrays["word_in"].astype(numpy.float32) * scale).astype(numpy.float32)
        return arrays | {"word_keys": keys, "word_table": table}

    @functools.cache
    def sentences_read() -> tuple[list[list[str]], list[NDArray[Any]]]:
        texts = plain_sentences(shared, seed)
        vectors = [rows for _, rows in characters(texts)]
        return [cut(text, segmenter(rows)) for text, rows in zip(texts, vectors, strict=True)], vectors

    def both(teacher: Parser) -> list[Example]:
        words, vectors = sentences_read()
        trees = self_parsed(teacher, listed, words, numpy.concatenate(vectors))
        return [*gold, *gold, *zip(trees, vectors, strict=True)]

    listed = {kind: list(known) for kind, known in names.items()}
    read_by = characters(["".join(row.words) for row in train])
    gold: list[Example] = [(row, vectors) for row, (_, vectors) in zip(train, read_by, strict=True)]
    network = trained(new(), "teacher", lambda: gold, TEACHER_EPOCHS, RATE)
    for number, (silver_epochs, gold_epochs) in enumerate(ROUNDS, 1):
        teacher = Parser(applied(network))
        network = network if number > 1 else new()
        rows = functools.partial(both, teacher)
        network = trained(network, f"silver{number}", rows, silver_epochs, RATE / number)
        network = trained(network, f"parser{number}", lambda: gold, gold_epochs, GOLD_RATE)
    finish_syntax(applied(network), listed, characters, words, shared).write(models / "syntax")


def plain_sentences(shared: Path, seed: int) -> list[str]:
    """Sentences for a parser to parse, `SILVER` of them."""
    daily = {"".join(row.words) for row in pku(shared)}
    news_of = {
        text[s.start : s.end] for text in map(shadow, map(storable, background(shared))) for s in sentences(text)
    }
    draw = random.Random(seed)
    texts: list[str] = []
    for found, count in zip((daily, news_of), SILVER, strict=True):
        chosen = sorted(text for text in found if 12 <= len(text) <= 120 and not any(c.isspace() for c in text))
        draw.shuffle(chosen)
        texts += chosen[:count]
    return texts


def self_parsed(
    parser: Parser, names: dict[str, list[str]], rows: Sequence[Sequence[str]], vectors: NDArray[Any]
) -> Iterator[Treebank]:
    """Sentences of words as a parser parses them, from the vectors of all their characters."""
    for row, tree in zip(rows, parse(parser, rows, vectors), strict=True):
        parts, tags, relations = (
            tuple(names[kind][i] for i in getattr(tree, kind)) for kind in ("parts", "tags", "relations")
        )
        yield Treebank(tuple(row), parts, tags, tuple(head + 1 for head in tree.heads), relations)


def finish_syntax(
    arrays: dict[str, NDArray[Any]],
    names: dict[str, list[str]],
    characters: Characters,
    words: ModelFolder,
    shared: Path,
) -> ModelFolder:
    """Score a parser on dev and test, from gold words and from raw text; its model folder with the card."""
    parser, segmenter = Parser(arrays), Segmenter(words.arrays("segmenter.npz"))
    lines = ["| part | measure | value |", "| --- | --- | --- |"]
    kept: dict[str, float] = {}
    for part in ("dev", "test"):
        gold = gsd(shared, part)
        texts = ["".join(row.words) for row in gold]
        read = [rows for _, rows in characters(texts)]
        vectors = numpy.concatenate(read)
        raw = [cut(text, segmenter(rows)) for text, rows in zip(texts, read, strict=True)]
        for kind, given in (("gold words", None), ("raw", raw)):
            scores = score_parser(parser, names, gold, vectors, given)
            kept |= {f"{part}.{kind.split()[0]}.{name}": value for name, value in scores.items()}
            lines += [f"| {part}, {kind} | {name} | {value:.4f} |" for name, value in scores.items()]
    begin = time.process_time()
    parse(parser, [row.words for row in gold], vectors)
    speed = len(vectors) / (time.process_time() - begin)
    card = SYNTAX_CARD.format(table="\n".join(lines), speed=round(speed, -3))
    files = {
        "parser.npz": npz(arrays),
        "names.json": (json.dumps(names) + "\n").encode(),
        "README.md": card.encode(),
    }
    return ModelFolder.build("syntax", files, {"version": "1", "scores": kept, "reads": words.meta["reads"]})


def _news_words(shared: Path, characters: Characters, segmenter: Segmenter) -> Iterator[list[str]]:
    """Sentences of the news items, cut into words."""
    texts = [shadow(storable(text)) for text in news(shared)]
    random.Random(0).shuffle(texts)
    total = 0
    for text in texts:
        total += len(text)
        if total > NEWS:
            return
        pieces = [text[s.start : s.end][:LONGEST] for s in sentences(text)]
        for piece, (_, rows) in zip(pieces, characters(pieces), strict=True):
            yield cut(plain(piece), segmenter(rows))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--component", choices=("words", "syntax"), required=True)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--work", type=Path, default=Path("build/words"), help="what a broken run goes on from")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    train = train_words if options.component == "words" else train_syntax
    train(options.shared, options.models, options.work)


if __name__ == "__main__":
    main()
