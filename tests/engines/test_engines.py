"""Foreign engines: mapping of what they find, without torch; names that are not on disk; one protocol."""

import importlib.util
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from typer.testing import CliRunner

import nlp_extract
from nlp_extract import layers
from nlp_extract.cli.app import app
from nlp_extract.engines import engine
from nlp_extract.engines.analysis import MAX_SENTENCE, Analysis, AnalysisPipe, EngineWordsPipe, label_map, pieces
from nlp_extract.engines.hanlp import align, pick, to_analysis
from nlp_extract.errors import EngineError
from nlp_extract.layers import Span
from nlp_extract.pipeline import TOKENIZER
from nlp_extract.running.frames import ExtractFrame
from nlp_extract.running.many import Settings
from nlp_extract.text.component import analyse_text

TEXT = "李明 昨日访问北京大学。"
DOCUMENT: dict[str, Any] = {
    "tok/fine": ["李明", "昨日", "访问", "北京", "大学", "。"],
    "pos/ctb": ["NR", "NT", "VV", "NR", "NN", "PU"],
    "ner/pku": [("李明", "nr", 0, 1)],
    "ner/msra": [("李明", "PERSON", 0, 1), ("北京大学", "ORGANIZATION", 3, 5), ("昨日", "DATE", 1, 2)],
    "srl": [[("李明", "ARG0", 0, 1), ("访问", "PRED", 2, 3), ("北京大学", "ARG1", 3, 5)]],
    "dep": [(3, "nsubj"), (3, "tmod"), (0, "root"), (5, "nn"), (3, "dobj"), (3, "punct")],
}


def test_a_hanlp_document_becomes_an_analysis() -> None:
    found = to_analysis(TEXT, DOCUMENT)
    assert [TEXT[b:e] for b, e in found.tokens] == DOCUMENT["tok/fine"]
    assert [(TEXT[b:e], label) for b, e, label in found.entities] == [
        ("李明", "PERSON"),
        ("北京大学", "ORGANIZATION"),
        ("昨日", "DATE"),
    ]
    assert found.heads == [2, 2, 2, 4, 2, 2]
    assert [(role, TEXT[b:e]) for role, b, e in found.frames[0]] == [
        ("ARG0", "李明"),
        ("PRED", "访问"),
        ("ARG1", "北京大学"),
    ]


def test_white_space_inside_a_token_keeps_its_offsets() -> None:
    assert align("王明 昨日", ["王", "明昨", "日"]) == [(0, 1), (1, 4), (4, 5)]
    with pytest.raises(EngineError, match="天"):
        align("王明", ["天"])


def test_annotations_are_picked_by_preference() -> None:
    assert pick(DOCUMENT, "ner") == DOCUMENT["ner/msra"]
    assert pick({"ner/other": [1]}, "ner") == [1]
    assert pick({}, "srl") is None


def test_single_task_recognisers_count_characters() -> None:
    found = to_analysis("李明来", {"tok": list("李明来"), "ner": [("李明", "NR", 0, 2)]}, characters=True)
    assert found.entities == [(0, 2, "NR")]
    assert found.tokens == []


class FixedPipe(AnalysisPipe):
    """Gives the hand-made document for every sentence."""

    def analyser(self) -> Any:
        return lambda sentences: [to_analysis(s, DOCUMENT) if s == TEXT else Analysis([]) for s in sentences]


def test_findings_reach_the_doc_and_the_layers() -> None:
    nlp = spacy.blank("zh", config=TOKENIZER)
    doc = nlp(f"标题\n{TEXT}")
    FixedPipe("fixed", None)(doc)
    doc = EngineWordsPipe("words")(doc)
    assert doc.text == f"标题\n{TEXT}"
    visit = next(t for t in doc if t.text == "访问")
    assert visit.dep_ == "ROOT"
    assert visit.pos_ == "VERB"
    assert {(t.text, t.dep_) for t in doc if t.head == visit and t != visit} == {
        ("李明", "nsubj"),
        ("昨日", "nmod:tmod"),
        ("大学", "obj"),
        ("。", "punct"),
    }
    assert [(doc.text[m.start : m.end], m.label, m.source) for m in layers.items(doc, "entities")] == [
        ("李明", "PER", "engine"),
        ("北京大学", "ORG", "engine"),
    ]
    (frame,) = layers.items(doc, "frames")
    assert [role for role, _ in frame.arguments] == ["ARG0", "ARG1"]
    assert Doc(nlp.vocab).from_bytes(doc.to_bytes())._.nlp_extract_frames == (frame,)


@given(st.text(alphabet="中国，。；\n a", max_size=900))
def test_pieces_cover_every_sentence_and_are_short(text: str) -> None:
    layer = analyse_text(text)
    found = pieces(layer)
    assert all(0 < s.end - s.start <= MAX_SENTENCE for s in found)
    covered = {n for s in found for n in range(s.start, s.end)}
    assert covered == {n for s in layer.sentences for n in range(s.start, s.end)}


def test_label_map_is_sorted_and_without_conflicts() -> None:
    assert label_map("entity")["NT"] == "ORG"
    assert label_map("tag")["VV"] == "VERB"
    assert label_map("dep")["dobj"] == "obj"


def test_unknown_engine_names_those_known() -> None:
    with pytest.raises(EngineError, match=r"ltp.*default, hanlp, spacy"):
        nlp_extract.load(engine="ltp")


def test_default_engine_takes_no_model() -> None:
    with pytest.raises(EngineError, match="models="):
        nlp_extract.load(model="somewhere")


def test_spacy_model_that_is_not_installed() -> None:
    with pytest.raises(EngineError, match="nothing is downloaded"):
        nlp_extract.load(engine="spacy", model="zh_core_web_none")


def test_hanlp_that_is_not_installed_says_how() -> None:
    if importlib.util.find_spec("hanlp") is not None:
        pytest.skip("hanlp is installed here; tests/engines/test_hanlp.py covers it")
    with pytest.raises(EngineError, match="PyTorch"):
        engine("hanlp").components("anything")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A spaCy pipeline that knows one place."""
    nlp = spacy.blank("zh")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "GPE", "pattern": [{"ORTH": "上"}, {"ORTH": "海"}]}])
    nlp.to_disk(tmp_path / "small")
    return tmp_path / "small"


def test_a_spacy_pipeline_as_engine(small: Path) -> None:
    nlp = nlp_extract.load(engine="spacy", model=small)
    record = nlp("会议在上海举行。")._.record
    assert record.provenance.engine == "spacy"
    assert [(e.text, e.type) for e in record.entities] == [("上海", "LOC")]
    assert Span(3, 5) in {Span(p.start, p.end) for p in record.entities[0].mentions}


@pytest.mark.parametrize("processes", [1, 2])
def test_many_articles_by_another_engine(small: Path, processes: int) -> None:
    texts = ["会议在上海举行。", "展览在北京举行。", ""]
    nlp = nlp_extract.load(engine="spacy", model=small)
    found = list(nlp_extract.extract_many(texts, engine="spacy", model=small, processes=processes, batch_size=1))
    assert [f.record for f in found] == [nlp_extract.extract(text, nlp=nlp) for text in texts]


def test_the_command_line_and_data_frames_take_an_engine(small: Path, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed (extra spark)")
    text = "会议在上海举行。"
    expected = nlp_extract.extract(text, nlp=nlp_extract.load(engine="spacy", model=small)).model_dump(mode="json")
    (tmp_path / "one.txt").write_text(text, "utf-8")
    options = ["--format", "json", "--engine", "spacy", "--model", str(small)]
    done = CliRunner().invoke(app, ["extract", str(tmp_path / "one.txt"), *options])
    assert json.loads(done.stdout) == expected
    extractor = ExtractFrame(settings=Settings.of(engine="spacy", model=small))
    extractor = pickle.loads(pickle.dumps(extractor))  # as Spark and Ray send it
    assert extractor(pandas.DataFrame({"text": [text]})).record[0] == expected


def test_an_engine_that_fails_in_a_worker_says_why() -> None:
    with pytest.raises(EngineError, match="nothing is downloaded"):
        list(nlp_extract.extract_many(["好。"], engine="spacy", model="zh_core_web_none", processes=2))
