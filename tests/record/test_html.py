"""The page of a record: what is in it, where it leads, and that nothing of the article runs."""

import base64
import hashlib
import pickle
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nlp_extract
from nlp_extract.record import model as m
from nlp_extract.record.markdown import HEADINGS
from tests.record import handmade

TAGS = {
    "html", "head", "meta", "title", "style", "body", "script", "div", "header", "main", "nav", "section", "details",
    "summary", "h1", "h2", "h3", "p", "ul", "li", "a", "b", "q", "span", "button", "input", "table", "thead", "tbody",
    "tr", "th", "td", "svg", "g", "line", "rect", "circle", "path", "text",
}  # fmt: skip
ATTACKS = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>", "javascript:alert(1)", "</title>", "</style>", "<!--", "]]>", "&lt;b&gt;", "&#60;",
    "$body", "${x}", "\u2028", "\x00", "\ud800", "\r\n", "\r", "\x1b[0m", "\u202e", "\ufffe",
)  # fmt: skip


class Page(HTMLParser):
    """Elements, texts and what runs, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.inside = {"script": "", "style": ""}
        self.article = ""
        self.other: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)
        self.started = dict(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inside:
            self.inside[self.open[-1]] += data
        elif "title" not in self.open and re.fullmatch(r"p\d+", self.last_id()):
            self.article += data

    def last_id(self) -> str:
        for _, attributes in reversed(self.elements):
            if "id" in attributes or attributes.get("class") == "meta":
                return attributes.get("id") or ""
        return ""

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def check(page: str) -> Page:
    """Only our elements, one script and one style, both ours, and nothing that loads or runs beside them."""
    seen = Page(page)
    assert seen.open == []
    assert {tag for tag, _ in seen.elements} <= TAGS
    assert seen.other == ["DOCTYPE html"]
    assert len(seen.named("script")) == len(seen.named("style")) == 1
    policy = next(a["content"] for a in seen.named("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(seen.inside[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    for _, attributes in seen.elements:
        assert not any(name.startswith("on") or name in ("src", "style", "srcset", "action") for name in attributes)
        assert re.fullmatch(r"#\w+", attributes.get("href") or "#x")
    return seen


def test_the_page_has_article_sections_and_links_that_lead_somewhere() -> None:
    record = handmade.record()
    seen = check(record.to_html())
    ids = {attributes["id"] for _, attributes in seen.elements if "id" in attributes}
    links = [a["href"] for a in seen.named("a") if a.get("class") == "go"]
    assert len(links) > 40
    assert {link[1:] for link in links if link} <= ids
    assert len(ids) == sum("id" in attributes for _, attributes in seen.elements)
    assert [a["data-section"] for a in seen.named("details")] == [str(n) for n in range(1, 14)]
    assert all(heading in record.to_html() for heading in HEADINGS)
    assert f"<title>{record.title}</title>" in record.to_html()


def test_the_page_is_self_contained() -> None:
    assert "http" not in re.sub(r'http-equiv="Content|http://www\.w3\.org', "", handmade.record().to_html())


def test_every_span_of_an_item_is_marked_with_the_item() -> None:
    record = handmade.record()
    page = record.to_html()
    item = re.search(r'<li [^>]*data-item="(\d+)" data-path="policies\.0"', page)
    assert item is not None
    segments = re.findall(r'id="p(\d+)" data-items="([\d ]+)"', page)
    places = [int(start) for start, items in segments if item[1] in items.split()]
    policy = record.policies[0]
    assert policy.start in places
    assert policy.statement is not None
    assert policy.statement.start in places
    assert all(policy.start <= p < policy.end or policy.statement.start <= p < policy.statement.end for p in places)


def test_changes_carry_their_sign() -> None:
    page = handmade.record().to_html()
    assert "▲ +7.9%" in page
    assert "▼ −8.2%" in page
    assert page.count("同比") >= 2


def test_times_and_actions_are_drawn() -> None:
    page = handmade.record().to_html()
    assert 'aria-label="时间轴：5 个时间，从 2025-01-01 起"' in page
    assert 'aria-label="关系图：3 个主体、4 个行为、4 个客体"' in page


def test_an_empty_record_has_a_page() -> None:
    record = nlp_extract.extract("")
    seen = check(record.to_html())
    assert len(seen.named("details")) == 13
    assert seen.named("svg") == []


def test_the_notebook_form_has_no_script_no_ids_and_the_same_items() -> None:
    record = handmade.record()
    form = record._repr_html_()
    assert form is not None
    assert "<script" not in form
    assert " id=" not in form
    page = record.to_html()
    in_sections = page[: page.index('data-section="13"')]
    assert form.count('class="item ') == in_sections.count('class="item ') == 40


def test_a_record_that_was_read_back_wants_its_article() -> None:
    record = handmade.record()
    again = m.KeyPointRecord.model_validate_json(record.model_dump_json())
    assert again == record
    assert hash(again) == hash(record)
    assert again.article is None
    assert again._repr_html_() is None
    with pytest.raises(ValueError, match="read back has no article"):
        again.to_html()
    assert again.to_html(record.article) == record.to_html()
    with pytest.raises(ValueError, match="another article"):
        again.to_html("别的文章")


def test_the_article_travels_with_the_record() -> None:
    text = "工业和信息化部6月25日在北京发布通知。"
    record = nlp_extract.extract(text, title="通知")
    assert record.article == f"通知\n{text}"
    assert pickle.loads(pickle.dumps(record)).to_html() == record.to_html()
    nlp = nlp_extract.load()
    doc = nlp_extract.make_doc(nlp, text, title="通知")
    travelled = type(doc)(nlp.vocab).from_bytes(nlp(doc).to_bytes())
    assert travelled._.record.to_html() == record.to_html()


@st.composite
def records(draw: st.DrawFn) -> m.KeyPointRecord:
    """Any article with spans anywhere in it, in every kind of item."""
    pieces = st.one_of(st.sampled_from(ATTACKS), st.text(max_size=8), st.sampled_from(("中国，", "2025年\n", "。")))
    title = draw(st.one_of(st.none(), st.lists(pieces, min_size=1, max_size=3).map("".join)))
    text = "".join(draw(st.lists(pieces, min_size=1, max_size=8))) + "完"
    article = f"{title}\n{text}" if title else text

    def span() -> m.TextSpan:
        start = draw(st.integers(0, len(article) - 1))
        end = draw(st.integers(start + 1, len(article)))
        return m.TextSpan(text=article[start:end], start=start, end=end)

    def spot() -> dict[str, Any]:
        return span().model_dump()

    name = draw(pieces)
    # Lone surrogates do not get into a field: pydantic refuses them in spans of a record as in JSON.
    return m.KeyPointRecord.model_construct(
        title=title or None,
        published=None,
        times=(
            m.Time.model_construct(
                **spot(), value_start=name, value_end="2025-01-01", grain="day", kind="point", statement=span()
            ),
        ),
        places=(m.Place.model_construct(**spot(), name=name, role="scene", country=name, mentions=(span(),)),),
        industries=(m.Industry.model_construct(code=name, name=name, section="C", score=0.5, evidence=(span(),)),),
        subjects=(
            m.Participant.model_construct(
                **spot(), name=name, type="ORG", mentions=(span(),), affiliation=span(), title=span(), salience=0.0
            ),
        ),
        objects=(),
        actions=(
            m.Action.model_construct(
                **spot(), subject=span(), predicate=span(), object=span(), subject_name=name, modality="plan", time=None
            ),
        ),
        reactions=(m.Statement.model_construct(**spot(), holder=span(), polarity=None),),
        policies=(
            m.Policy.model_construct(
                **spot(), name=name, kind="law", issuer=span(), number=span(), clauses=(span(),), statement=span()
            ),
        ),
        sentiment=m.Sentiment.model_construct(
            label="mixed",
            score=0.0,
            strength=1,
            evidence=(m.Statement.model_construct(**spot(), holder=None, polarity=-1),),
        ),
        scopes=(m.Scope.model_construct(**spot(), level="company"),),
        outlook=m.Outlook.model_construct(positive=(), negative=()),
        details=m.Details.model_construct(
            figures=(
                m.Figure.model_construct(
                    **spot(),
                    metric=span(),
                    number=1.0,
                    unit=name,
                    approximate=True,
                    lower=None,
                    upper=None,
                    change=m.Change.model_construct(**spot(), basis="other", ratio=None),
                    period=span(),
                    subject=None,
                ),
            ),
            opinions=(
                m.Opinion.model_construct(
                    **spot(),
                    speaker=span(),
                    speaker_name=name,
                    affiliation=span(),
                    title=None,
                    verb=None,
                    content=span(),
                    direct=True,
                ),
            ),
            measures=(),
            challenges=(),
        ),
        entities=(),
        warnings=(name,),
        provenance=m.Provenance(version="0", engine="default"),
        _article=article,
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records())
def test_nothing_of_any_article_runs_and_all_of_it_shows(record: m.KeyPointRecord) -> None:
    article = record.article
    assert article is not None
    page = record.to_html()
    page.encode("utf-8")
    seen = check(page)
    # Lines of white space only are not shown; no other character is lost, and none is added.
    shown = [line for line in article.replace("\r\n", " \n").replace("\r", "\n").split("\n") if line.strip()]
    kept = "".join(shown)
    assert len(seen.article) == len(kept)
    assert all(a == b or b == "\ufffd" for a, b in zip(kept, seen.article, strict=True))
    form = record._repr_html_()
    assert form is not None
    assert "<script" not in form
    assert not re.search(r"<[^>]* on\w+=", form)
