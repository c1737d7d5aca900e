"""Words are cut at mentions and lose nothing; trees are trees on any text."""

from pathlib import Path

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import EntityMention, FigureMention, PolicyMention, Span, TimeMention
from nlp_extract.pipeline import TOKENIZER
from nlp_extract.words.component import mention_borders

TEXT = "海宁市商务局6月25日发布《外贸稳增长办法》，\n  预计全年出口将增长 8%。陆明说：“企业要抓住机遇。”"


def pipeline(segmenter: str = "ud") -> Language:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_words", config={"segmenter": segmenter})
    nlp.add_pipe("nlp_extract_syntax")
    return nlp


@pytest.fixture(scope="module")
def syntax() -> Language:
    return pipeline()


def check(doc: Doc, text: str) -> None:
    assert doc.text == text
    for token in doc:
        head, steps = token, 0
        while head.head.i != head.i:
            head, steps = head.head, steps + 1
            assert steps <= len(doc)
        assert token.dep_


@pytest.mark.parametrize("segmenter", ["ud", "pku", "msr", "jieba"])
def test_every_mention_begins_and_ends_with_a_word(segmenter: str) -> None:
    nlp = pipeline(segmenter)
    doc = nlp.make_doc(TEXT)
    # Borders that no segmenter would choose.
    layers.put(doc, "entities", (EntityMention(1, 4, "ORG", 1.0),))
    layers.put(doc, "times", (TimeMention(7, 9, None, None, "day", "point", "test"),))
    layers.put(doc, "policies", (PolicyMention(14, 18, "x", "x", "test", mentions=(Span(15, 17),)),))
    layers.put(doc, "figures", (FigureMention(35, 36, 8.0, "%", False, "test"),))
    done = nlp(doc)
    check(done, TEXT)
    edges = {token.idx for token in done} | {token.idx + len(token) for token in done}
    borders = set(mention_borders(done))
    assert borders == {1, 4, 7, 9, 14, 18, 15, 17, 35, 36}
    assert borders <= edges


def test_segmenters_differ_and_unknown_one_is_named() -> None:
    cuts = {name: tuple(t.text for t in pipeline(name)(TEXT)) for name in ("ud", "jieba")}
    assert cuts["ud"] != cuts["jieba"]
    with pytest.raises(ValueError, match="thulac"):
        spacy.blank("zh").add_pipe("nlp_extract_words", config={"segmenter": "thulac"})


def test_a_plain_sentence_gets_its_tree(syntax: Language) -> None:
    doc = syntax("双方签署合作协议。")
    verb = next(token for token in doc if token.text == "签署")
    assert verb.dep_ == "ROOT"
    assert verb.pos_ == "VERB"
    children = {child.dep_: child for child in verb.children}
    assert children["obj"].text == "协议"
    assert "nsubj" in children
    assert [sentence.text for sentence in doc.sents] == ["双方签署合作协议。"]


def test_white_space_is_a_token_that_heads_nothing(syntax: Language) -> None:
    doc = syntax(TEXT)
    white = [token for token in doc if token.is_space]
    assert white
    assert {token.pos_ for token in white} == {"SPACE"}
    assert all(child.is_space for token in white for child in token.children)


def test_syntax_alone_reads_characters() -> None:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_syntax")
    check(nlp(TEXT), TEXT)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("中国发布，。；\n 的0%《》“”")), max_size=80
    )
)
def test_any_text(syntax: Language, text: str) -> None:
    check(syntax(text), text)


def test_a_sentence_without_end(syntax: Language) -> None:
    text = "企业发展" * 3000
    check(syntax(text), text)


def test_choice_of_segmenter_goes_to_disk(tmp_path: Path) -> None:
    nlp = pipeline("jieba")
    nlp.to_disk(tmp_path)
    assert [t.text for t in spacy.load(tmp_path)(TEXT)] == [t.text for t in nlp(TEXT)]
    other = spacy.blank("zh", config=TOKENIZER)
    other.add_pipe("nlp_extract_words", config={"segmenter": "jieba"})
    other.add_pipe("nlp_extract_syntax")
    other.from_bytes(nlp.to_bytes())
    assert [t.dep_ for t in other(TEXT)] == [t.dep_ for t in nlp(TEXT)]
