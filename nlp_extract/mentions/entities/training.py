"""Train the network of `nlp_extract_entities`; needs PyTorch, which nothing needs at run time.

Run: python -m nlp_extract.mentions.entities.training --shared ../shared --models models

The shipped model's encoder goes to `models/characters`; words and syntax, which read it too, are then trained again
(`python -m nlp_extract.words.training`). A run that was interrupted is taken up again by the same command: `--work`
keeps the last checkpoint.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from nlp_extract.errors import ExtractError
from nlp_extract.learning.labelled import LabelledArticle, read_split, shared_articles
from nlp_extract.learning.scoring import Tally, score_article
from nlp_extract.mentions.entities import corpora, vectors
from nlp_extract.mentions.entities.component import find_entities
from nlp_extract.mentions.entities.corpora import CONVENTIONS, Marked
from nlp_extract.mentions.entities.recognise import Recogniser
from nlp_extract.models import ModelFolder, npz
from nlp_extract.text.component import analyse_text

if TYPE_CHECKING:
    from nlp_extract.mentions.entities.network import Network

# Passes over each convention in one epoch. The labelled articles are few, and learnt by heart when seen too often: one
# pass as they are, one with names swapped, and plain news with the names that the first network finds.
PASSES = {"news": 1.0, "msra": 1.5, "pku": 0.5, "cluener": 0.3, "finance": 0.2, "resume": 0.2}
SELF_LABELLED = 30_000
LONGEST = 400
# Characters of a batch.
BATCH = 6000
# Outputs that are kept for running; the others only teach the encoder.
STYLES = ("news", "msra")
HIDDEN_STEPS, MARKED_STEPS, SELF_STEPS = 1000, 4400, 1600
RATE, SELF_RATE = 1.5e-3, 1e-3
# Training on own articles: a small rate, few passes, so that little is forgotten.
OWN_RATE, OWN_PASSES, OWN_BATCH = 2e-4, 6, 1500
TYPES = ("ORG", "PER", "LOC")

CARD = """# entities: organisations, people and places

One output a convention over the encoder of `models/characters`, a gated convolutional network over characters, hashed
bigrams and a hashed lexicon (`nlp_extract/encoder.py`), first taught to guess hidden characters of plain news, then
names by the conventions of six corpora together. The output of the labelled articles runs; that of MSRA is kept for
comparison.

- Sentences with names (characters): {characters}. Plain text: {plain:,} characters.
- Sources: MSRA NER (SIGHAN 2006), People's Daily January 1998 (PKU), CLUENER 2020, ResumeNER: research use; FinRE: MIT;
  FewFC: CC BY-SA 4.0; gazetteers: modood (WTFPL), JioNLP (Apache-2.0), THUOCL (MIT), Company-Names-Corpus (Apache-2.0),
  ChainKnowledgeGraph (unstated). Texts are the publishers' copyright; none is in the model, whose vocabulary is single
  characters and hash values.
- Provenance of the labels of the articles: each was read and labelled once by a large language model following the
  guidelines of the labelled set. Articles of part `dev` of `data/split.tsv` are in no part of the training.
- Command: `python -m nlp_extract.mentions.entities.training --shared ../shared --models models`
  (PyTorch 2.13.0, seed 0). Made: 2026-11-24. {size:.1f} MB. Licence of the weights: Apache-2.0.

| measure | score |
| --- | --- |
{scores}

`entities`: distinct mentions of the labelled articles of part `dev`, matched as `score.py` does. `msra`: exact spans of
{held} sentences of MSRA's training set, drawn by seed 0.
"""


def train(
    articles: Sequence[LabelledArticle], *, base: ModelFolder | None = None, models: str | None = None, seed: int = 0
) -> ModelFolder:
    """Train on labelled articles, on top of `base` if given; minutes for 50 articles.

    What `base` finds in the same sentences by MSRA's convention is trained along, so that the encoder keeps what it
    knows of names that the articles do not have. No other model is read.
    """
    need_torch()
    from nlp_extract.mentions.entities.network import network_of

    rows = [row for row in corpora.cut(corpora.news(articles), LONGEST) if row.text]
    if base is None:
        network, passes, rate = new_network([row.text for row in rows], [], seed), 4 * OWN_PASSES, RATE
    else:
        network, passes, rate = network_of(base), OWN_PASSES, OWN_RATE
        found = Recogniser(base)([row.text for row in rows], "msra")
        known = [
            Marked(row.text, tuple(name[:3] for name in names), "msra") for row, names in zip(rows, found, strict=True)
        ]
        rows = [*rows, *rows, *known]
    steps = max(passes * sum(len(row.text) for row in rows) // OWN_BATCH, 1)
    learn(network, rows, steps=steps, rate=rate, seed=seed, batch=OWN_BATCH)
    return folder_of(network)


def train_shipped(shared: Path, work: Path, *, split: str | Path = "data/split.tsv", seed: int = 0) -> ModelFolder:
    """Train the shipped model on the corpora: vectors, hidden characters, then all conventions together."""
    need_torch()
    from nlp_extract.mentions.entities.network import optimise

    held_out = {name for name, part in read_split(split).items() if part == "dev"}
    marked, held = corpora.msra(shared)
    marked += [*corpora.pku(shared), *corpora.others(shared), *corpora.news(shared_articles("train", shared, split))]
    texts = [*corpora.plain_text(shared, held_out), *(row.text for row in marked)]
    network = new_network(texts, vectors.listed(texts, corpora.gazetteers(shared)), seed)
    pieces = [text[i : i + LONGEST] for text in texts if len(text) > 3 for i in range(0, len(text), LONGEST)]
    optimise(
        network,
        lambda n, indices, draw: n.hidden_loss([pieces[i] for i in indices], draw),
        [len(piece) for piece in pieces],
        steps=HIDDEN_STEPS,
        rate=RATE,
        seed=seed,
        log=log,
        checkpoint=work / "hidden.pt",
    )
    for steps, rate, name in ((MARKED_STEPS, RATE, "marked.pt"), (SELF_STEPS, SELF_RATE, "self.pt")):
        rows = epoch(marked, seed)
        if name == "self.pt":
            rows += self_labelled(texts, {row.text for row in marked}, Recogniser(folder_of(network)), seed)
        learn(network, rows, steps=steps, rate=rate, seed=seed, checkpoint=work / name)
    folder = folder_of(network)
    recogniser = Recogniser(folder)
    tallies = {**entity_scores(shared_articles("dev", shared, split), recogniser), "msra": span_score(held, recogniser)}
    scores = {name: round(tally.f1, 4) for name, tally in tallies.items()}
    characters: Counter[str] = Counter()
    for row in marked:
        characters[row.convention] += len(row.text)
    card = CARD.format(
        characters=", ".join(f"{name} {characters[name]:,}" for name in CONVENTIONS),
        plain=sum(map(len, texts)),
        held=len(held),
        scores="\n".join(f"| `{name}` | {value:.3f} |" for name, value in scores.items()),
        size=folder.size / 1e6,
    )
    return folder.described(card, scores=scores)


def epoch(marked: Iterable[Marked], seed: int) -> list[Marked]:
    """Sentences of one epoch, each convention as often as `PASSES` says, and swapped ones."""
    by_convention: dict[str, list[Marked]] = {name: [] for name in CONVENTIONS}
    for row in corpora.cut(marked, LONGEST):
        if row.text:
            by_convention[row.convention].append(row)
    draw = random.Random(seed)
    rows: list[Marked] = []
    for name, found in by_convention.items():
        draw.shuffle(found)
        whole = int(PASSES[name])
        rows += found * whole + found[: int((PASSES[name] - whole) * len(found))]
    return rows + corpora.swapped(by_convention["news"], seed)


def self_labelled(texts: Iterable[str], known: set[str], recogniser: Recogniser, seed: int) -> list[Marked]:
    """Sentences of plain news, as the recogniser marks them."""
    found = sorted({text for text in texts if 10 <= len(text) <= 300} - known)
    random.Random(seed).shuffle(found)
    chosen = found[:SELF_LABELLED]
    marks = recogniser(chosen)
    return [Marked(text, tuple(n[:3] for n in names), "news") for text, names in zip(chosen, marks, strict=True)]


def learn(
    network: Network, rows: Sequence[Marked], *, steps: int, rate: float, seed: int, batch: int = BATCH,
    checkpoint: Path | None = None,
) -> None:  # fmt: skip
    """Train a network on marked sentences."""
    from nlp_extract.mentions.entities.network import optimise

    optimise(
        network,
        lambda n, indices, draw: n.marked_loss([rows[i] for i in indices], draw),
        [len(row.text) for row in rows],
        steps=steps,
        rate=rate,
        seed=seed,
        log=log,
        batch=batch,
        checkpoint=checkpoint,
    )


def new_network(texts: Sequence[str], lists: Iterable[Iterable[str]], seed: int) -> Network:
    """A network with vocabulary and first vectors from plain text."""
    import torch

    from nlp_extract.learning.torch_encoder import Shape, TorchEncoder
    from nlp_extract.mentions.entities.network import Network

    torch.manual_seed(seed)
    vocabulary = vectors.build_vocabulary(texts, lists)
    shape = Shape()
    network = Network(TorchEncoder(vocabulary, shape))
    tables = vectors.first_vectors(texts, vocabulary, max(shape.chars, shape.bigrams, shape.ngrams), seed)
    with torch.no_grad():
        for table, values in zip(network.encoder.tables(), tables, strict=True):
            table[: len(values)] = torch.from_numpy(values[:, : table.shape[1]])
    return network


def folder_of(network: Network) -> ModelFolder:
    """The model folder of a network, with an encoder of its own and a card still to be written."""
    heads: dict[str, Any] = {}
    for name, head in zip(CONVENTIONS, network.heads, strict=True):
        if name in STYLES:
            heads[name] = head.weight.detach().numpy().T.astype(numpy.float16)
            heads[f"{name}_bias"] = head.bias.detach().numpy().astype(numpy.float16)
    files = {"encoder.npz": npz(network.encoder.arrays()), "heads.npz": npz(heads), "README.md": b""}
    return ModelFolder.build("entities", files, {"version": "1"})


def shared_encoder(folder: ModelFolder) -> tuple[ModelFolder, ModelFolder]:
    """A model folder in two: the characters, still without the reader of words, and the entities that read them."""
    files = dict(folder.files)
    characters = ModelFolder.build("characters", {"encoder.npz": files.pop("encoder.npz")}, {"version": "1"})
    kept = {key: folder.meta[key] for key in ("version", "scores")} | {"reads": characters.meta["files"]}
    del files["meta.json"]
    return characters, ModelFolder.build("entities", files, kept)


def entity_scores(articles: Iterable[LabelledArticle], recogniser: Recogniser) -> dict[str, Tally]:
    """The measures `entities` of labelled articles, from mentions that are not grouped."""
    totals: dict[str, Tally] = {}
    for article in articles:
        text = analyse_text(article.article, title_end=len(article.title or ""))
        surfaces = sorted({(article.article[m.start : m.end], m.label) for m in find_entities(text, recogniser)})
        record = {"entities": [{"text": surface, "type": label} for surface, label in surfaces]}
        tallies = score_article(article, record).tallies
        for name in ("entities", *(f"entities.{label}" for label in TYPES)):
            totals[name] = totals.get(name, Tally()) + tallies.get(name, Tally())
    return totals


def span_score(rows: Sequence[Marked], recogniser: Recogniser) -> Tally:
    """Exact spans of sentences of MSRA."""
    total = Tally()
    for row, found in zip(rows, recogniser([row.text for row in rows], "msra"), strict=True):
        spans = {name[:3] for name in found}
        total += Tally(len(spans & set(row.names)), len(spans), len(row.names))
    return total


def need_torch() -> None:
    """Raise an error that says what to install when PyTorch is not there."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise ExtractError("Training this component needs PyTorch: pip install torch==2.13.0") from error


def log(line: str) -> None:
    """Progress on standard error."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--work", type=Path, default=Path("build/entities"), help="checkpoints")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    characters, entities = shared_encoder(train_shipped(options.shared, options.work))
    characters.write(options.models / "characters")
    entities.write(options.models / "entities")


if __name__ == "__main__":
    main()
