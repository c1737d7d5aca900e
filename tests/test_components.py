"""Every link of the chain as a spaCy component: found by name, usable alone, serialisable."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

import nlp_extract
from nlp_extract import layers
from nlp_extract.pipeline import PIPELINE, TOKENIZER

TEXT = "商务部新闻发言人陆明25日在北京表示，汽车出口额达120亿美元，同比增长8%，双方将签署《合作协议》。"
PUBLIC = ["KeyPointRecord", "__version__", "extract", "load", "make_doc"]


def test_public_names_stay() -> None:
    assert set(PUBLIC) <= set(nlp_extract.__all__)
    for name in nlp_extract.__all__:
        assert getattr(nlp_extract, name) is not None


@pytest.mark.parametrize("component", PIPELINE)
def test_component_works_alone_and_comes_back_from_disk_and_bytes(component: str, tmp_path: Path) -> None:
    name = f"nlp_extract_{component}"
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe(name)
    doc = nlp(TEXT)
    assert doc.text == TEXT
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)(TEXT)
    assert [(t.text, t.tag_, t.dep_, t.head.i) for t in again] == [(t.text, t.tag_, t.dep_, t.head.i) for t in doc]
    assert {name: layers.get(again, name) for name in layers.LAYERS} == {n: layers.get(doc, n) for n in layers.LAYERS}
    other = spacy.blank("zh", config=TOKENIZER)
    other.add_pipe(name)
    other.from_bytes(nlp.to_bytes())
    assert {name: layers.get(other(TEXT), name) for name in layers.LAYERS} == {
        n: layers.get(doc, n) for n in layers.LAYERS
    }


def test_pipeline_comes_back_from_disk(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(TEXT)._.record == nlp(TEXT)._.record


def test_doc_travels_as_bytes(nlp: Language) -> None:
    doc = nlp(TEXT)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.record == doc._.record
    assert {name: layers.get(again, name) for name in layers.LAYERS} == {n: layers.get(doc, n) for n in layers.LAYERS}


def test_words_are_cut_at_every_mention(nlp: Language) -> None:
    doc = nlp(TEXT)
    edges = {t.idx for t in doc} | {t.idx + len(t) for t in doc}
    mentions = [*layers.items(doc, "entities"), *layers.items(doc, "times")]
    assert mentions
    assert all(m.start in edges and m.end in edges for m in mentions)


def test_pipe_keeps_order_and_context(nlp: Language) -> None:
    rows = [(TEXT, 1), ("会议昨天结束。", 2), ("", 3)]
    assert [context for _, context in nlp.pipe(rows, as_tuples=True)] == [1, 2, 3]


def test_unknown_component_is_named() -> None:
    with pytest.raises(ValueError, match="sintax"):
        nlp_extract.load(exclude=["sintax"])
