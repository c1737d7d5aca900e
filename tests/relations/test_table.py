"""Words of an article as columns: trees across mentions, bounds, and words that are cut once."""

from __future__ import annotations

import numpy
import spacy
from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import EntityMention
from nlp_extract.models import load_model
from nlp_extract.relations.clusters import Clusters
from nlp_extract.relations.table import CHILDREN, Table, before, following, previous
from nlp_extract.relations.words import words_of
from nlp_extract.text.component import text_of

WORDS = ["东岭", "集团", "访问", "北京", "，", "签署", "协议", "。"]
HEADS = [1, 2, 2, 2, 2, 2, 5, 2]
RELATIONS = ["compound", "nsubj", "ROOT", "obj", "punct", "conj", "obj", "punct"]


def parsed() -> Doc:
    doc = Doc(spacy.blank("zh").vocab, WORDS, spaces=[False] * 8, heads=HEADS, deps=RELATIONS, pos=["X"] * 8)
    layers.put(doc, "entities", (EntityMention(0, 4, "ORG", 1.0), EntityMention(6, 8, "LOC", 1.0)))
    return doc


def table(doc: Doc) -> Table:
    return Table(doc, words_of(doc, text_of(doc)), Clusters(load_model("clusters")))


def test_a_mention_of_several_tokens_hangs_where_its_head_hangs() -> None:
    found = table(parsed())
    assert [word.text for word in found.words] == ["东岭集团", *WORDS[2:]]
    assert found.head.tolist() == [1, 1, 1, 1, 1, 4, 1]
    assert found.depth.tolist() == [1, 0, 1, 1, 1, 2, 1]
    bits = {name: found.children >> n & 1 for n, name in enumerate(CHILDREN)}
    assert [bits["nsubj"][1], bits["obj"][1], bits["obj"][4], bits["nsubj"][4]] == [1, 1, 1, 0]
    assert [found.words[row].text for row in found.candidates] == ["访问", "签署"]


def test_clauses_have_bounds() -> None:
    found = table(parsed())
    assert found.first.tolist() == [0, 0, 0, 0, 4, 4, 4]
    assert found.last.tolist() == [3, 3, 3, 3, 6, 6, 6]
    assert (found.low == 0).all()
    assert (found.high == 6).all()


def test_without_a_tree_every_word_is_its_own_head() -> None:
    doc = Doc(spacy.blank("zh").vocab, WORDS, spaces=[False] * 8)
    found = table(doc)
    assert (found.head == numpy.arange(len(found.words))).all()
    assert not found.pos.any()


def test_words_are_cut_once_for_the_components_that_follow_each_other() -> None:
    doc = parsed()
    assert words_of(doc, text_of(doc)) is words_of(doc, text_of(doc))
    layers.put(doc, "entities", ())
    assert words_of(doc, text_of(doc))[0].words[0].text == "东岭"


def test_neighbours_of_flags() -> None:
    flags = numpy.array([False, True, False, True, False])
    assert before(flags).tolist() == [0, 0, 1, 1, 2, 2]
    assert previous(flags).tolist() == [-1, 1, 1, 3, 3]
    assert following(flags).tolist() == [1, 1, 3, 3, 5, 5]
