"""The server's page: a form for an article, and the tools to review its record."""

from __future__ import annotations

import json

from nlp_extract.record import markdown as words
from nlp_extract.record.html import asset, chips, fill, live, tabs, tools
from nlp_extract.record.page.elements import make, markup

HINT = "粘贴文章，或把文件（.txt、.json）拖到这里"


def to_workbench(*, can_save: bool) -> str:
    """The server's page: a form for an article, its record as in `to_html`, and the tools to review it."""
    css = asset("record.css") + asset("page.css") + asset("review.css")
    choices = {
        "place": words.PLACE_ROLES,
        "participant": words.TYPES,
        "entity": {kind: name for kind, name in words.TYPES.items() if kind != "OTHER"},
        "modality": {**words.MODALITIES, "fact": "事实"},
        "policy": words.KINDS,
        "level": words.LEVELS,
        "sentiment": words.SENTIMENTS,
        "strength": dict(enumerate(words.STRENGTHS)),
    }
    buttons = [
        make("button", {"type": "button", "id": name, "class": "reviewing", "hidden": ""}, text)
        for name, text in (("undo", "撤销"), ("add", "添加"), ("save", "保存"))
        if name != "save" or can_save
    ]
    bar = make(
        "header",
        {"class": "bar"},
        make("a", {"class": "sr skip", "href": "#record"}, "跳到要点"),
        make("h1", {"class": "brand"}, "要点记录"),
        make("button", {"type": "button", "id": "new"}, "新文章"),
        make("button", {"type": "button", "id": "review", "aria-pressed": "false", "hidden": ""}, "审阅"),
        *buttons,
        make("span", {"id": "state", "role": "status"}),
        tools(),
        chips(),
    )
    form = make(
        "form",
        {"id": "input"},
        make("label", None, "标题", make("input", {"name": "title", "autocomplete": "off"})),
        make("label", None, "发布日期", make("input", {"name": "published", "type": "date"})),
        make(
            "label",
            None,
            "正文",
            make("textarea", {"name": "text", "required": "", "placeholder": HINT}),
        ),
        make(
            "div",
            None,
            make(
                "label",
                {"class": "file"},
                "打开文件",
                make("input", {"type": "file", "class": "sr", "accept": ".txt,.json,.md"}),
            ),
            make("button", {"type": "submit", "class": "main"}, "提取要点"),
        ),
    )
    page = make(
        "div",
        {"class": "nlp-extract page", "data-choices": json.dumps(choices, ensure_ascii=False)},
        bar,
        make("main", {"id": "write"}, form),
        make("div", {"id": "result", "hidden": ""}),
        tabs(),
        live(),
    )
    return fill("要点记录", markup(page), css, asset("page.js") + asset("review.js"), connect="'self'")
