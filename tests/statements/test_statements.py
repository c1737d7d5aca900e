"""What the component `nlp_extract_statements` finds in our own sentences."""

import json
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from nlp_extract import layers
from nlp_extract.hashing import code
from nlp_extract.layers import RoleStatement
from nlp_extract.learning.labelled import LabelledArticle
from nlp_extract.models import default_root, load_model
from nlp_extract.pipeline import TOKENIZER, load, make_doc
from nlp_extract.statements.features import Cut, grams
from nlp_extract.statements.find import LONG, ROLES
from nlp_extract.statements.training import train_on
from nlp_extract.statements.upstream import upstream_of
from nlp_extract.statements.vectors import learn_vectors

ARTICLE = """新华社江州6月25日电 江州市25日公布海上风电发展规划。
受此消息影响，风电板块午后大幅上涨，海风股份涨停，多只风电概念股涨幅超过7%。
市发展改革委要求，各县区要建立项目清单，组织专班，加强要素保障。
一是简化审批程序；
二是设立专项基金，对符合条件的企业给予补贴。
预计到2027年，全市风电装机容量有望达到500万千瓦，将带动相关产业快速发展。
不过，核心零部件依赖进口，专业人才短缺，企业普遍面临资金压力。
如果原材料价格继续上涨，企业利润可能进一步受到冲击，部分项目存在延期风险。
"""


@pytest.fixture(scope="module")
def chain() -> Language:
    return load(exclude=["words", "syntax", "relations", "participants", "sentiment", "industries", "record"])


def statements(chain: Language, text: str, title: str | None = None) -> tuple[RoleStatement, ...]:
    doc = chain(make_doc(chain, text, title=title, published="2025-06-25"))
    found: tuple[RoleStatement, ...] = layers.items(doc, "statements")
    return found


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("reaction", "涨停"),
        ("measure", "设立专项基金"),
        ("measure", "建立项目清单"),
        ("challenge", "人才短缺"),
        ("outlook_positive", "有望达到500万千瓦"),
        ("outlook_negative", "延期风险"),
    ],
)
def test_roles(chain: Language, role: str, words: str) -> None:
    found = [ARTICLE[s.start : s.end] for s in statements(chain, ARTICLE) if s.role == role]
    assert any(words in text for text in found), found


def test_a_meeting_has_no_challenge(chain: Language) -> None:
    text = "外交部长25日在北京会见来访的江州友好代表团。双方就共同关心的问题交换了意见。"
    assert not [s for s in statements(chain, text) if s.role in ("challenge", "outlook_negative")]


def test_a_long_sentence_gives_its_clauses(chain: Language) -> None:
    text = (
        "江州港务集团成立于1985年，总部设在江州市海湾区，下辖十二家子公司和三个专业码头，"
        "受国际航运市场低迷和运力短缺影响，企业目前面临严重的资金困难，难以按期完成扩建工程。"
    )
    found = [s for s in statements(chain, text) if s.role == "challenge"]
    assert len(text) > LONG
    assert len(found) == 1
    assert "资金困难" in text[found[0].start : found[0].end]
    assert found[0].start > 0


def test_the_holder_is_named_in_the_statement(chain: Language) -> None:
    text = "消息公布后，海风股份股价大涨8%，成交额创历史新高。"
    found = [s for s in statements(chain, text) if s.role == "reaction"]
    assert found
    for s in found:
        assert s.holder is None or (s.start <= s.holder.start < s.holder.end <= s.end)


def test_items_carry_their_sentence(chain: Language) -> None:
    doc = chain(make_doc(chain, ARTICLE))
    rows = layers.get(doc, "text").sentences
    for s in layers.items(doc, "statements"):
        assert rows[s.sentence].start <= s.start < s.end <= rows[s.sentence].end
        assert s.role in ROLES
        assert 0 <= s.score <= 1


def test_alone() -> None:
    import spacy

    nlp = spacy.blank("zh")
    nlp.add_pipe("nlp_extract_statements")
    doc = nlp("企业目前面临严重的资金困难，难以按期完成扩建工程。")
    assert [s.role for s in doc._.nlp_extract_statements] == ["challenge"]


PIECES = st.one_of(st.sampled_from("将增长困难，。；：“”\n0%\ud800\x00市场"), st.characters())


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=PIECES, max_size=300))
def test_any_text(alone: Language, text: str) -> None:
    for s in layers.items(alone(text), "statements"):
        assert 0 <= s.start < s.end <= len(text)


@pytest.fixture(scope="module")
def alone() -> Language:
    import spacy

    # spaCy's own tokenizer refuses lone surrogates.
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("nlp_extract_statements")
    return nlp


def test_long_text(alone: Language) -> None:
    assert layers.items(alone("企业面临资金困难，" * 11_000), "statements") is not None


def labelled(count: int) -> list[LabelledArticle]:
    lines = [line for line in ARTICLE.splitlines() if line]
    roles = {"1": ["reaction"], "2": ["measure"], "5": ["outlook_positive"], "6": ["challenge"]}
    label: dict[str, Any] = {"roles": roles}
    return [LabelledArticle(str(n), None, "\n".join(lines), "2025-06-25", label) for n in range(count)]


@pytest.mark.parametrize("based", [True, False])
def test_training_on_few_articles(alone: Language, based: bool) -> None:
    articles = labelled(2)
    upstream = [upstream_of(alone.make_doc(a.article)) for a in articles]
    base = load_model("statements") if based else None
    folder = train_on(articles, upstream, base, 0, None)
    again = train_on(articles, upstream, base, 0, None)
    assert folder.files == again.files
    assert set(json.loads(folder.files["settings.json"])) == set(ROLES)


def test_vectors_of_words_in_like_contexts_are_close() -> None:
    texts = [[a, b, c] for a in ("企业", "公司") for b in ("面临", "遇到") for c in ("困难", "挑战", "压力")] * 5
    texts += [[a, b, c] for a in ("天气", "气温") for b in ("回升", "下降") for c in ("明显", "缓慢")] * 5
    vectors = learn_vectors(texts)
    hashes = numpy.array([code(word) for word in ("企业", "公司", "天气", "没有这个词")], dtype=numpy.uint32)
    firm, company, weather, unknown, nothing = vectors.means(
        hashes, numpy.array([0, 1, 2, 3, 4]), numpy.array([1, 2, 3, 4, 4])
    )
    assert firm @ company > firm @ weather
    assert not unknown.any()
    assert not nothing.any()


def test_grams_count_once_and_stay_in_their_stretch() -> None:
    def columns(*texts: str) -> list[set[int]]:
        found, lengths = grams(Cut.of(texts))
        return [set(part) for part in numpy.split(found, numpy.cumsum(lengths)[:-1])]

    twice, once, empty = columns("涨涨涨", "企业", "")
    # 涨, 涨涨, 涨涨涨, its words and their pairs.
    assert 4 <= len(twice) <= 6
    assert not empty
    assert columns("企业")[0] == once
    assert columns("增长3.5%") == columns("增长4%")


def test_shipped_model_is_small() -> None:
    assert load_model("statements").size < 7_000_000
    assert (default_root() / "statements" / "README.md").is_file()
