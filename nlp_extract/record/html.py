"""The record as a page: self-contained, the article on one side, the twelve sections on the other."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import string
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element

from nlp_extract.record.markdown import EMPTY, SENTIMENTS
from nlp_extract.record.page.article import ENTITIES, paragraphs
from nlp_extract.record.page.elements import Child, make, markup, shown
from nlp_extract.record.page.sections import Section, Sections

if TYPE_CHECKING:
    from nlp_extract.record.model import KeyPointRecord

SHORT = ("时间", "地点", "行业", "主体", "客体", "行为", "反应", "政策", "情感", "范围", "影响", "细节")


class Entry(NamedTuple):
    """A line of the index: an article's title, its page and record, or why it has none."""

    title: str
    page: str | None
    record: KeyPointRecord | None
    error: str | None = None


@functools.cache
def asset(name: str) -> str:
    """A file of `nlp_extract/record/page/`."""
    return (resources.files("nlp_extract.record") / "page" / name).read_text("utf-8")


def policy(css: str, js: str, connect: str) -> str:
    """A Content-Security-Policy that lets this style and this script run, and nothing else load or run.

    `connect` says with whom the script may speak.
    """

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {digest(css)}; script-src {digest(js)}; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'"
    )


def fill(title: str, body: str, css: str, js: str, *, connect: str = "'none'") -> str:
    """The page template with everything in it."""
    from nlp_extract import __version__

    return string.Template(asset("page.html")).substitute(
        policy=policy(css, js, connect),
        version=__version__,
        title=html.escape(shown(title)),
        css=css,
        js=js,
        body=body,
    )


def to_html(record: KeyPointRecord, article: str, *, home: str | None = None) -> str:
    """Return the page of a record.

    Parameters
    ----------
    record : KeyPointRecord
    article : str
        The article that the record's offsets count in: `title + "\\n" + text`, or `text` without a title.
    home : str, optional
        Address of an index page to link back to.

    Raises
    ------
    ValueError
        The record is of another article.
    """
    css = asset("record.css") + asset("page.css")
    body = markup(_bar(record, home)) + panes(record, article) + markup(tabs(), live())
    page = f'<div class="nlp-extract page">{body}</div>'
    return fill(record.title or "要点记录", page, css, asset("page.js"))


def to_index(entries: Sequence[Entry]) -> str:
    """The index of many pages, with search over titles, actors, objects, places and industries."""
    css = asset("record.css") + asset("page.css")
    rows = []
    for entry in entries:
        notes = [entry.record.published or ""] if entry.record else [f"出错：{entry.error}"]
        words = ""
        if entry.record:
            found = entry.record
            notes += [p.name for p in found.subjects[:3]] + [i.name for i in found.industries[:1]]
            notes += [SENTIMENTS[found.sentiment.label]] if found.sentiment else []
            participants = [p.name for p in (*found.subjects, *found.objects)]
            words = " ".join([*participants, *(p.name for p in found.places), *(i.name for i in found.industries)])
        title = make("a", {"href": entry.page}, entry.title) if entry.page else make("b", None, entry.title)
        note = make("div", {"class": "note"}, " · ".join(n for n in notes if n))
        rows.append(make("li", {"data-words": words or None}, title, note))
    find = make("input", {"type": "search", "id": "find", "placeholder": "搜索", "aria-label": "搜索文章"})
    body = make(
        "main",
        {"class": "index", "tabindex": "0"},
        make("h1", None, "要点记录目录"),
        make("p", {"class": "needs-js", "hidden": ""}, find, " "),
        make("p", {"class": "found", "id": "live", "role": "status"}, f"{len(rows)} 篇"),
        make("ol", None, *rows),
    )
    page = make("div", {"class": "nlp-extract page"}, body)
    return fill("要点记录目录", markup(page), css, asset("index.js"))


def compact(record: KeyPointRecord, article: str) -> str:
    """The same without script, bar and ids, to stand in a notebook beside others."""
    check(record, article)
    sections = Sections(record, links=False)
    style = make("style")
    style.text = asset("record.css")  # the serialiser leaves style as it is
    box = make(
        "div",
        {"class": "nlp-extract compact", "lang": "zh-CN"},
        *(make("p", {"class": "wide"}, warning) for warning in record.warnings),
        make("div", {"class": "article"}, *paragraphs(article, sections.marks, _title(record), links=False)),
        make("div", {"class": "record"}, *(_section(s, open_=s.size > 0) for s in sections.found[:-1])),
    )
    return markup(style, box)


def panes(record: KeyPointRecord, article: str) -> str:
    """The article and the sections, as the page and the server show them; ValueError for another article."""
    check(record, article)
    sections = Sections(record, links=True)
    title = _title(record)
    lines = list(paragraphs(article, sections.marks, title, links=True))
    headings = sum(line.tag == "h2" for line in lines)
    text = make(
        "section",
        {"class": "pane article", "aria-label": "文章", "tabindex": "0", "id": "article"},
        *lines[:headings],
        make("p", {"class": "meta"}, f"发布日期 {record.published}") if record.published else None,
        *lines[headings:],
    )
    points = make(
        "section",
        {"class": "pane record", "aria-label": "要点", "tabindex": "0", "id": "record"},
        *(make("p", {"class": "warning"}, warning) for warning in record.warnings),
        *(_section(section, open_=section.number != ENTITIES) for section in sections.found),
        make("p", {"class": "about"}, _about(record)),
    )
    return markup(make("main", {"class": "panes"}, text, points))


def check(record: KeyPointRecord, article: str) -> None:
    """ValueError unless every span of the record stands in the article as it says."""
    for span in _spans(record.model_dump()):
        start, end = span["start"], span["end"]
        if not 0 <= start < end <= len(article) or article[start:end] != span["text"]:
            raise ValueError(
                f"the record is of another article: it has {span['text']!r} at {start}..{end}, "
                f"the article has {article[start:end]!r} there. Give title + '\\n' + text, as extracted."
            )


def _spans(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "start" in value and "text" in value:
            yield value
        for inner in value.values():
            yield from _spans(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _spans(inner)


def _title(record: KeyPointRecord) -> int:
    return len(record.title) if record.title else 0


def _section(section: Section, *, open_: bool) -> Element:
    attributes = {"class": f"section s{section.number}", "data-section": str(section.number)}
    heading = make(
        "h2",
        None,
        make("span", {"class": "number-of"}, str(section.number)) if section.number != ENTITIES else None,
        section.heading,
        make("span", {"class": "size"}, f"{section.size} 条" if section.size else "无"),
    )
    body: list[Child] = list(section.body) or [make("p", {"class": "empty"}, EMPTY)]
    return make(
        "details",
        {**attributes, "open": "" if open_ else None},
        make("summary", None, heading),
        make("div", {"class": "body"}, *body),
    )


def _bar(record: KeyPointRecord, home: str | None) -> Element:
    brand: Child = make("a", {"href": home}, "要点记录目录") if home else "要点记录"
    return make(
        "header",
        {"class": "bar"},
        make("a", {"class": "sr skip", "href": "#record"}, "跳到要点"),
        make("h1", {"class": "brand"}, brand),
        tools(),
        chips(),
    )


def tools() -> Element:
    """Search, folding and theme."""
    return make(
        "div",
        {"class": "tools needs-js", "hidden": ""},
        make("input", {"type": "search", "id": "find", "placeholder": "筛选要点", "aria-label": "筛选要点"}),
        make("button", {"type": "button", "id": "fold"}, "折叠"),
        make("button", {"type": "button", "id": "theme", "title": "主题"}, "◐ 自动"),
    )


def chips() -> Element:
    """One button a section, to show only those that are pressed."""
    buttons = [
        make(
            "button",
            {"type": "button", "class": f"chip s{number}", "data-section": str(number), "aria-pressed": "false"},
            make("span", {"class": "number-of"}, str(number)),
            name,
        )
        for number, name in enumerate(SHORT, 1)
    ]
    return make(
        "div", {"class": "chips needs-js", "hidden": "", "role": "group", "aria-label": "只看这些部分"}, *buttons
    )


def tabs() -> Element:
    """Article or sections, on a phone."""
    buttons = [
        make("button", {"type": "button", "data-show": show, "aria-pressed": "false"}, name)
        for show, name in (("article", "文章"), ("record", "要点"))
    ]
    return make("nav", {"class": "tabs needs-js", "hidden": "", "aria-label": "文章或要点"}, *buttons)


def live() -> Element:
    """Where screen readers hear what happened."""
    return make("div", {"id": "live", "class": "sr", "role": "status"})


def _about(record: KeyPointRecord) -> str:
    made = record.provenance
    models = "，".join(f"{use.component} {use.version}（{use.sha256[:8]}）" for use in made.models)
    text = f"{made.package} {made.version}，引擎 {made.engine}"
    if made.reference_date:
        text += f"，参照日期 {made.reference_date}（{made.reference_source}）"
    return f"{text}。" + (f"模型：{models}。" if models else "")
