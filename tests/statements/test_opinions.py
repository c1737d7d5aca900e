"""Opinions of our own sentences: speaker, content, speech that runs on."""

import pytest
from spacy.language import Language

from nlp_extract import layers
from nlp_extract.layers import OpinionMention
from nlp_extract.pipeline import load, make_doc


@pytest.fixture(scope="module")
def chain() -> Language:
    return load(
        exclude=["words", "syntax", "relations", "statements", "participants", "sentiment", "industries", "record"]
    )


def opinions(chain: Language, text: str) -> tuple[OpinionMention, ...]:
    found: tuple[OpinionMention, ...] = layers.items(chain(make_doc(chain, text)), "opinions")
    return found


def test_speaker_and_content(chain: Language) -> None:
    text = "江州大学教授王海涛认为，这项政策将推动海上风电产业快速发展。"
    (found,) = opinions(chain, text)
    assert found.speaker is not None
    assert "王海涛" in text[found.speaker.start : found.speaker.end]
    assert text[found.content.start : found.content.end] == "这项政策将推动海上风电产业快速发展"


def test_a_pronoun_is_the_speaker_before(chain: Language) -> None:
    text = "江州大学教授王海涛认为，这项政策将推动产业发展。他说，企业还需要更多时间。"
    found = opinions(chain, text)
    assert len(found) == 2
    assert found[1].speaker_name == found[0].speaker_name


def test_no_verb_of_saying_no_opinion(chain: Language) -> None:
    assert not opinions(chain, "25日，江州港新建的三座码头正式投入使用。")
