"""HanLP's multi-task and single-task models as engine: `load(engine="hanlp", model=<folder or official name>)`.

Install PyTorch first and by hand, then `pip install 'nlp-extract[hanlp]'`. Nothing is ever downloaded: a model must
lie on disk, either as a folder of its own or unpacked under HANLP_HOME as HanLP's own downloader does it.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language

from nlp_extract.engines import Replacement
from nlp_extract.engines.analysis import Analysis, AnalysisPipe, EngineWordsPipe
from nlp_extract.errors import EngineError

# Which of a task's annotations to take, best first.
TASKS = {
    "tok": ("tok/fine", "tok"),
    "pos": ("pos/ctb", "pos/pku", "pos"),
    "ner": ("ner/msra", "ner/ontonotes", "ner/pku", "ner"),
    "dep": ("dep",),
    "srl": ("srl",),
}
BATCH = 32


def components(model: str | None) -> Mapping[str, Replacement | None]:
    """HanLP stands in for our entities, words and syntax."""
    if importlib.util.find_spec("hanlp") is None:
        raise EngineError("hanlp is not installed. Install PyTorch by hand, then: pip install 'nlp-extract[hanlp]'.")
    if importlib.util.find_spec("torch") is None:
        raise EngineError("hanlp needs PyTorch: install it by hand first, e.g. pip install torch==2.13.0.")
    if model is None:
        raise EngineError("engine='hanlp' needs model=<folder of a HanLP model, or its official name>.")
    folder = resolve(model)
    check(folder)
    return {
        "entities": ("nlp_extract_hanlp", {"model": str(folder)}),
        "words": ("nlp_extract_engine_words", {}),
        "syntax": None,
    }


def resolve(model: str | Path, home: str | None = None) -> Path:
    """The local folder of a model; never asks the network.

    Raises
    ------
    EngineError
        Names the folder of the model and that of its tokenizer, and where they come from.
    """
    path = Path(model)
    if path.is_dir():
        return path.resolve()
    import hanlp
    from hanlp.utils.io_util import hanlp_home, path_from_url

    url = str(hanlp.pretrained.ALL.get(str(model), model))
    if not url.startswith("http"):
        known = ", ".join(sorted(hanlp.pretrained.ALL)[:5])
        raise EngineError(f"HanLP model {str(model)!r} is neither a folder nor an official name (such as {known}).")
    base = home or hanlp_home()
    folder = Path(path_from_url(url.split("#")[0], base))
    folder = folder.with_suffix("") if folder.suffix == ".zip" else folder
    if not folder.is_dir():
        raise EngineError(
            f"HanLP model {str(model)!r} is not on disk, and nothing is downloaded. Two folders are needed: the model "
            f"at {folder} (unpack {url}), and the tokenizer of its encoder under {Path(base) / 'transformers'} "
            "(named in the model's config.json; https://file.hankcs.com/hanlp/transformers/)."
        )
    return folder


def check(folder: Path) -> None:
    """Make sure that the folder holds a model and that its encoder is on disk too.

    Raises
    ------
    EngineError
        As `resolve`; HanLP itself would ask the network for an encoder that is missing.
    """
    if not (folder / "config.json").is_file():
        raise EngineError(f"{folder} holds no HanLP model: config.json is missing.")
    encoder = _config(folder).get("encoder")
    name = encoder.get("transformer") if isinstance(encoder, dict) else _config(folder).get("transformer")
    if not isinstance(name, str) or (folder / "encoder").is_dir() or Path(name).is_dir():
        return
    from hanlp.layers.transformers.resource import tokenizer_mirrors
    from hanlp.utils.io_util import hanlp_home, path_from_url

    url = tokenizer_mirrors.get(name)
    place = Path(path_from_url(url, hanlp_home())).with_suffix("") if url else folder / "encoder"
    if url is None or not place.is_dir():
        raise EngineError(
            f"the encoder {name!r} of the HanLP model is not on disk, and nothing is downloaded. Two folders are "
            f"needed: the model at {folder}, which is there, and its encoder's tokenizer and configuration at {place} "
            f"({f'unpack {url}' if url else 'a copy of what the model was trained with'})."
        )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except ValueError as error:
        raise EngineError(f"{folder / 'config.json'} is not JSON ({error}).") from error
    if not isinstance(config, dict):
        raise EngineError(f"{folder / 'config.json'} holds no JSON object.")
    return config


class HanLPAnalyser:
    """A loaded HanLP model.

    Parameters
    ----------
    folder : path
        Of a multi-task model, or of a single-task recogniser that takes characters.
    """

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before transformers is imported
        os.environ.setdefault("HANLP_VERBOSE", "0")
        import hanlp

        config = _config(folder)
        self.multi_task = "encoder" in config or "tasks" in config or "MultiTask" in str(config.get("classpath"))
        options: dict[str, Any] = {}
        encoder = folder / "encoder"
        if self.multi_task and encoder.is_dir():
            # A model of one's own keeps the path its encoder had in training: point it to the copy beside it.
            from hanlp_common.configurable import Configurable

            options["encoder"] = Configurable.from_config({**config["encoder"], "transformer": str(encoder)})
        self.model = hanlp.load(str(folder), devices=-1, **options)

    def __call__(self, sentences: Sequence[str]) -> list[Analysis]:
        """See `Analyser`."""
        found: list[Analysis] = []
        for start in range(0, len(sentences), BATCH):
            batch = list(sentences[start : start + BATCH])
            if self.multi_task:
                document = self.model(batch)
                found += [
                    to_analysis(text, {key: rows[number] for key, rows in document.items()})
                    for number, text in enumerate(batch)
                ]
            else:
                # A single-task recogniser takes lists of characters; its spans count those.
                rows = self.model([list(text) for text in batch])
                found += [
                    to_analysis(text, {"tok": list(text), "ner": row}, characters=True)
                    for text, row in zip(batch, rows, strict=True)
                ]
        return found


def pick(document: Mapping[str, Any], task: str) -> Any:
    """A task's annotation from a HanLP document, by preference; None if it has none."""
    keys = [key for key in document if key == task or key.startswith(f"{task}/")]
    chosen = next((key for key in TASKS[task] if key in keys), keys[0] if keys else None)
    return None if chosen is None else document[chosen]


def align(text: str, words: Sequence[Any]) -> list[tuple[int, int]]:
    """Character offsets of HanLP's tokens: it drops white space, also inside a token.

    Raises
    ------
    EngineError
        The tokens are not those of the text.
    """
    found = []
    position = 0
    for word in (w[0] if isinstance(w, list | tuple) else w for w in words):
        start = None
        for character in word:
            if character.isspace():
                continue
            while position < len(text) and text[position].isspace():
                position += 1
            if position >= len(text) or text[position] != character:
                raise EngineError(f"HanLP's token {word!r} does not match the text at character {position}.")
            start = position if start is None else start
            position += 1
        found.append((position if start is None else start, position))
    return found


def to_analysis(text: str, document: Mapping[str, Any], *, characters: bool = False) -> Analysis:
    """Findings on characters from the HanLP document of one sentence (flat lists, token offsets)."""
    words = pick(document, "tok")
    if not words:
        return Analysis([])
    offsets = [(n, n + 1) for n in range(len(text))] if characters else align(text, words)

    def span(begin: int, end: int) -> tuple[int, int]:
        return offsets[begin][0], offsets[end - 1][1]

    keep = [n for n, (start, end) in enumerate(offsets) if start < end]
    index = {n: place for place, n in enumerate(keep)}
    heads: list[int] = []
    deps: list[str] = []
    tree = pick(document, "dep")
    if tree:
        for n in keep:
            head, relation = tree[n]
            heads.append(index.get(head - 1, index[n]) if head else index[n])
            deps.append(str(relation))
    tags = pick(document, "pos")
    return Analysis(
        tokens=[] if characters else [offsets[n] for n in keep],
        tags=[str(tags[n]) for n in keep] if tags else [],
        heads=heads,
        deps=deps,
        entities=[(*span(b, e), str(label)) for _, label, b, e in pick(document, "ner") or () if b < e],
        frames=[
            [(str(role), *span(b, e)) for _, role, b, e in frame if b < e] for frame in pick(document, "srl") or ()
        ],
    )


class HanLPPipe(AnalysisPipe):
    """The component `nlp_extract_hanlp`."""

    def analyser(self) -> HanLPAnalyser:
        """See `AnalysisPipe`."""
        if self.model is None:
            raise EngineError("the component nlp_extract_hanlp needs its setting model, a folder or official name.")
        folder = resolve(self.model)
        check(folder)
        return HanLPAnalyser(folder)


@Language.factory("nlp_extract_hanlp", default_config={"model": None})
def create_component(nlp: Language, name: str, model: str | None) -> HanLPPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_hanlp")`."""
    return HanLPPipe(name, model)


@Language.factory("nlp_extract_engine_words")
def create_words(nlp: Language, name: str) -> EngineWordsPipe:
    """Make the component for `nlp.add_pipe("nlp_extract_engine_words")`."""
    return EngineWordsPipe(name)
