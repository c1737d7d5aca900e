"""Organisations, people and places: what the component finds, own names, bylines, hostile input."""

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
from spacy.language import Language

from nlp_extract import layers
from nlp_extract.errors import DataError, ExtractError
from nlp_extract.layers import EntityMention
from nlp_extract.mentions.entities.corpora import Marked, cut, occurrences, swapped
from nlp_extract.mentions.entities.lexicon import lint, read_lexicon
from nlp_extract.mentions.entities.tags import TAGS, decode, encode, names
from nlp_extract.mentions.entities.training import train
from nlp_extract.pipeline import TOKENIZER

ARTICLE = (
    "新华社杭州6月25日电（记者陈立、周敏）浙江省发展和改革委员会主任王建国25日在杭州表示，"
    "吉利汽车集团将与德国博世公司在宁波合作建厂。吉利汽车集团董事长李书福出席了签约仪式。"
)


def pipeline(**settings: Any) -> Language:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_entities", config=settings)
    return nlp


@pytest.fixture(scope="module")
def plain() -> Language:
    return pipeline()


def mentions(nlp: Language, text: str) -> list[EntityMention]:
    return list(layers.items(nlp(text), "entities"))


def surfaces(nlp: Language, text: str) -> set[tuple[str, str]]:
    return {(text[m.start : m.end], m.label) for m in mentions(nlp, text)}


def test_finds_names_with_their_types(plain: Language) -> None:
    found = surfaces(plain, ARTICLE)
    assert {("王建国", "PER"), ("李书福", "PER"), ("宁波", "LOC"), ("杭州", "LOC"), ("吉利汽车集团", "ORG")} <= found


def test_mentions_are_apart_in_order_and_scored(plain: Language) -> None:
    found = mentions(plain, ARTICLE)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(m.start < m.end and 0 < m.score <= 1 for m in found)


def test_reporters_are_bylines_and_actors_are_not(plain: Language) -> None:
    by = {ARTICLE[m.start : m.end]: m.byline for m in mentions(plain, ARTICLE) if m.label == "PER"}
    assert by["陈立"]
    assert by["周敏"]
    assert not by["王建国"]
    assert not by["李书福"]


def test_traditional_and_full_width_text_keeps_its_offsets(plain: Language) -> None:
    text = "中國外交部長王毅２５日在北京會見德國總理。"
    assert ("王毅", "PER") in surfaces(plain, text)
    assert ("北京", "LOC") in surfaces(plain, text)


def test_own_names_win_over_the_model(tmp_path: Path) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("# own names\n\n王建国25日\tORG\n建厂\tORG\n", "utf-8")
    nlp = pipeline(lexicon=str(names))
    found = mentions(nlp, ARTICLE)
    own = {ARTICLE[m.start : m.end] for m in found if m.source == "lexicon"}
    assert own == {"王建国25日", "建厂"}
    assert ("王建国", "PER") not in {(ARTICLE[m.start : m.end], m.label) for m in found}


def test_own_name_in_latin_letters_matches_whole_words(tmp_path: Path) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("AI\tORG\n", "utf-8")
    nlp = pipeline(lexicon=str(names))
    text = "AI公司发布OpenAI的产品MAIN。"
    assert [m.start for m in mentions(nlp, text) if m.source == "lexicon"] == [0]


def test_own_names_travel_with_the_pipeline(tmp_path: Path) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("建厂\tORG\n", "utf-8")
    other = pipeline().from_bytes(pipeline(lexicon=str(names)).to_bytes())
    assert ("建厂", "ORG") in surfaces(other, ARTICLE)


@pytest.mark.parametrize("line", ["小鹏", "小鹏\tCAR", "\tORG", "小鹏\tORG\t1"])
def test_bad_line_of_a_lexicon_is_named(tmp_path: Path, line: str) -> None:
    names = tmp_path / "names.tsv"
    names.write_text(f"岚图\tORG\n{line}\n", "utf-8")
    with pytest.raises(DataError, match=r"names\.tsv:2: expected name<TAB>type"):
        read_lexicon(names)


def test_linter_reports_conflicts_duplicates_and_single_characters(tmp_path: Path) -> None:
    names = tmp_path / "names.tsv"
    names.write_text("岚图\tORG\n小鹏\tORG\n岚图\tPER\n小鹏\tORG\n沪\tLOC\n", "utf-8")
    assert [(p.line, p.text.split()[0]) for p in lint(names)] == [(3, "conflicts"), (4, "duplicate"), (5, "one")]
    assert read_lexicon(names)["岚图"] == "PER"


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\ud800王毅\udfff", "\x00\x01北京\x02", "王" * 100_000, "王毅在北京" * 20_000, "🙂" * 50, "a" * 3000],
    ids=["empty", "blank", "surrogates", "controls", "one character", "no sentence end", "emoji", "latin"],
)
def test_any_text_is_read(plain: Language, text: str) -> None:
    plain.max_length = 100_001
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert all(0 <= m.start < m.end <= len(text) for m in mentions(plain, text))


def test_a_sentence_over_the_limit_keeps_its_names(plain: Language) -> None:
    text = "今年以来各地各部门认真落实有关工作要求，" * 40 + "外交部长王毅在北京会见客人。"
    assert {("王毅", "PER"), ("北京", "LOC")} <= surfaces(plain, text)


def test_same_names_on_every_call(plain: Language) -> None:
    assert mentions(plain, ARTICLE) == mentions(plain, ARTICLE) == mentions(pipeline(), ARTICLE)


def test_marks_of_names_come_back_from_decoding() -> None:
    gold = [(0, 3, "PER"), (3, 4, "LOC"), (6, 8, "ORG")]
    scores = numpy.eye(len(TAGS), dtype=numpy.float32)[encode(9, gold)]
    assert names(decode(scores)) == gold


def test_decoding_gives_a_well_formed_sequence_when_the_best_marks_are_not() -> None:
    marks = [TAGS.index("B-PER"), TAGS.index("I-ORG"), TAGS.index("E-PER"), TAGS.index("O")]
    scores = numpy.eye(len(TAGS), dtype=numpy.float32)[marks]
    assert names(decode(scores)) == [(0, 3, "PER")]


def test_longer_of_two_labelled_surfaces_counts() -> None:
    text = "北京大学在北京，北京大学的校园很大"
    assert occurrences(text, {"北京": "LOC", "北京大学": "ORG"}) == ((0, 4, "ORG"), (5, 7, "LOC"), (8, 12, "ORG"))


def test_long_sentences_are_cut_outside_names() -> None:
    row = Marked("一二三四五北京七八九", ((5, 7, "LOC"),), "news")
    parts = list(cut([row], 6))
    assert [p.text for p in parts] == ["一二三四五", "北京七八九"]
    assert parts[1].names == ((0, 2, "LOC"),)


def test_swapped_names_stay_where_they_are_marked() -> None:
    rows = [
        Marked("王建国在宁波说", ((0, 3, "PER"), (4, 6, "LOC")), "news"),
        Marked("周敏到绍兴", ((0, 2, "PER"), (3, 5, "LOC")), "news"),
    ]
    made = [swapped(rows, seed) for seed in range(8)]
    assert {row.text[s:e] for part in made for row in part for s, e, _ in row.names} == {
        "王建国",
        "周敏",
        "宁波",
        "绍兴",
    }
    assert any(part[0].text != rows[0].text for part in made)


def test_training_without_torch_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ExtractError, match="pip install torch"):
        train([])
