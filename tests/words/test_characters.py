"""An article's characters are read once, by the model that each component was trained on."""

from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy

import nlp_extract
from nlp_extract.characters import LONGEST, Characters, cut
from nlp_extract.errors import ModelError
from nlp_extract.models import ModelFolder, load_model, npz
from nlp_extract.pipeline import TOKENIZER
from nlp_extract.text.component import analyse_text

TEXT = "海宁市商务局6月25日发布《外贸稳增长办法》。陆明说，企业要抓住机遇。"


@pytest.fixture(scope="module")
def characters() -> Characters:
    read = load_model("characters")
    return Characters(read.arrays("encoder.npz"), read.arrays("reader.npz"))


def own_entities() -> ModelFolder:
    """A model of entities that brings its own encoder, with other numbers than the shipped one."""
    arrays = load_model("characters").arrays("encoder.npz")
    other = {**arrays, "layer0": (arrays["layer0"] * numpy.float16(0.5))}
    files = {"encoder.npz": npz(other), "heads.npz": load_model("entities").files["heads.npz"]}
    return ModelFolder.build("entities", files, {"version": "1"})


def test_an_article_is_read_once_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    read = Characters._read
    monkeypatch.setattr(Characters, "_read", lambda self, *given: (calls.append(self), read(self, *given))[1])
    nlp = nlp_extract.load()
    doc = nlp(TEXT)
    assert len(calls) == 1
    assert calls[0]._kept is None
    assert not any(isinstance(value, numpy.ndarray) for value in doc.user_data.values())


def test_own_entities_leave_words_and_trees_as_they_are(tmp_path: Path) -> None:
    own_entities().write(tmp_path / "entities")
    parts = ["words", "syntax"]
    docs = []
    for models in (None, str(tmp_path)):
        nlp = spacy.blank("zh", config=TOKENIZER)
        nlp.add_pipe("nlp_extract_entities", config={"models": models})
        for part in parts:
            nlp.add_pipe(f"nlp_extract_{part}", config={"models": models})
        doc = nlp.make_doc(TEXT)
        entities, words, syntax = (pipe for _, pipe in nlp.pipeline)
        assert (entities.recogniser.characters is syntax.characters) == (models is None)  # type: ignore[attr-defined]
        docs.append(syntax(words(doc)))
    own, shipped = ([(t.text, t.tag_, t.dep_, t.head.i) for t in doc] for doc in docs)
    assert own == shipped


@pytest.mark.parametrize("component", ["entities", "words", "syntax"])
def test_a_model_trained_on_other_characters_is_an_error(component: str, tmp_path: Path) -> None:
    folder = load_model(component)
    files = {name: data for name, data in folder.files.items() if name != "meta.json"}
    reads = dict.fromkeys(folder.meta["reads"], "0" * 64)
    ModelFolder.build(component, files, {"version": "1", "reads": reads}).write(tmp_path / component)
    with pytest.raises(ModelError, match=rf"NX105.*{component}"):
        spacy.blank("zh", config=TOKENIZER).add_pipe(f"nlp_extract_{component}", config={"models": str(tmp_path)})


def test_a_piece_has_the_same_vectors_alone_and_in_an_article(characters: Characters) -> None:
    text = analyse_text(TEXT)
    found = characters.article(text)
    assert [TEXT[part.start : part.end] for part in found.parts] == TEXT.replace("。", "。\n").split("\n")[:-1]
    for part in found.parts:
        names, words = characters([text.shadow[part.start : part.end]])[0]
        numpy.testing.assert_allclose(found.names[part.start : part.end], names, atol=1e-4)
        numpy.testing.assert_allclose(found.words[part.start : part.end], words, atol=1e-4)


def test_long_pieces_are_cut_at_clauses() -> None:
    clause = "企业发展" * 20 + "，"
    parts = cut(clause * 20)
    assert "".join(parts) == clause * 20
    assert all(len(part) <= LONGEST and part.endswith("，") for part in parts)
    assert [len(part) for part in cut("发" * (LONGEST + 1))] == [LONGEST, 1]
