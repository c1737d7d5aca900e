"""The record as Markdown, under the twelve numbered Chinese headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nlp_extract.record.model import (
        Action,
        Figure,
        KeyPointRecord,
        Opinion,
        Participant,
        Policy,
        Statement,
        Time,
    )

EMPTY = "（文中未提及）"
HEADINGS = (
    "时间", "地点", "行业", "事件主体", "事件客体", "主体行为", "客体反应/市场情况", "涉及政策法案条款",
    "事件情感倾向（中国视角）", "事件影响范围", "未来可能影响", "其他关键细节",
)  # fmt: skip
PLACE_ROLES = {"scene": "论坛举办地/事发地", "involved": "涉及区域", "seat": "公司所在地"}
TYPES = {"ORG": "机构", "PER": "人物", "LOC": "地点", "OTHER": "其他"}
MODALITIES = {"fact": "", "plan": "计划", "possible": "可能", "negated": "否定"}
KINDS = {
    "law": "法律", "regulation": "法规", "plan": "规划", "opinion": "意见", "notice": "通知", "standard": "标准",
    "treaty": "条约", "bill": "法案", "programme": "倡议/工程", "other": "其他",
}  # fmt: skip
LEVELS = {"national": "国家/社会", "industry": "行业", "company": "企业/机构", "regional": "地区"}
SENTIMENTS = {"positive": "正面", "negative": "负面", "neutral": "中性", "mixed": "正负兼有"}
STRENGTHS = ("弱", "较弱", "中等", "强")
BASES = {"year_on_year": "同比", "period_on_period": "环比", "other": ""}

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def escape(text: str) -> str:
    """Text of the article, on one line, that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def to_markdown(record: KeyPointRecord) -> str:
    """Return the record as Markdown, ended by a line feed."""
    title = escape(record.title) if record.title else "要点记录"
    lines = [f"# {title}", ""]
    if record.published:
        lines += [f"发布日期：{record.published}", ""]
    bodies = (
        _items(_time(t) for t in record.times),
        _places(record),
        _items(
            f"{i.name}（{i.code}，{i.score:.2f}）" + _evidence([e.text for e in i.evidence]) for i in record.industries
        ),
        _items(_participant(p) for p in record.subjects),
        _items(_participant(p) for p in record.objects),
        _items(_action(a) for a in record.actions),
        _items(_statement(s) for s in record.reactions),
        _items(_policy(p) for p in record.policies),
        _sentiment(record),
        _items(f"{LEVELS[s.level]}：{escape(s.text)}" for s in record.scopes),
        _groups(
            ("正面影响", [_statement(s) for s in record.outlook.positive]),
            ("负面影响", [_statement(s) for s in record.outlook.negative]),
        ),
        _groups(
            ("关键数据", [_figure(f) for f in record.details.figures]),
            ("专家观点", [_opinion(o) for o in record.details.opinions]),
            ("具体做法", [_statement(s) for s in record.details.measures]),
            ("挑战", [_statement(s) for s in record.details.challenges]),
        ),
    )
    for number, (heading, body) in enumerate(zip(HEADINGS, bodies, strict=True), 1):
        lines += [f"## {number}. {heading}", "", *body, ""]
    if record.warnings:
        lines += ["> " + escape(w) for w in record.warnings] + [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _items(items: Iterable[str]) -> list[str]:
    return [f"- {item}" for item in items] or [EMPTY]


def _groups(*groups: tuple[str, list[str]]) -> list[str]:
    lines: list[str] = []
    for heading, items in groups:
        lines += [f"### {heading}", "", *_items(items), ""]
    return lines[:-1]


def _evidence(texts: Sequence[str]) -> str:
    seen = list(dict.fromkeys(escape(t) for t in texts))[:5]
    return f"：{'、'.join(seen)}" if seen else ""


def _places(record: KeyPointRecord) -> list[str]:
    groups = []
    for role, heading in PLACE_ROLES.items():
        items = [
            escape(p.text) + (f"（{escape(p.name)}）" if p.name != p.text else "")
            for p in record.places
            if p.role == role
        ]
        groups.append((heading, items))
    return _groups(*groups) if record.places else [EMPTY]


def _time(time: Time) -> str:
    value = ""
    if time.value_start or time.value_end:
        value = time.value_start or "…"
        if time.value_end != time.value_start:
            value += f" 至 {time.value_end or '…'}"
        value = f"（{value}）"
    return escape(time.text) + value + (f"：{escape(time.statement.text)}" if time.statement else "")


def _participant(participant: Participant) -> str:
    notes = [TYPES[participant.type]]
    if participant.affiliation or participant.title:
        notes.append("".join(escape(s.text) for s in (participant.affiliation, participant.title) if s))
    others = [t for t in dict.fromkeys(escape(m.text) for m in participant.mentions) if t != escape(participant.name)]
    if others:
        notes.append("又作" + "、".join(others))
    return f"{escape(participant.name)}（{'；'.join(notes)}）"


def _action(action: Action) -> str:
    subject = escape(action.subject.text) if action.subject else ""
    if action.subject_name and action.subject_name != subject:
        subject = f"{subject}（{escape(action.subject_name)}）" if subject else f"（{escape(action.subject_name)}）"
    parts = [subject or "—", escape(action.predicate.text), escape(action.object.text) if action.object else "—"]
    modality = MODALITIES[action.modality]
    return " → ".join(parts) + (f"（{modality}）" if modality else "") + f"：{escape(action.text)}"


def _statement(statement: Statement) -> str:
    return (f"{escape(statement.holder.text)}：" if statement.holder else "") + escape(statement.text)


def _policy(policy: Policy) -> str:
    notes = [KINDS[policy.kind]]
    if policy.issuer:
        notes.append(f"发布方 {escape(policy.issuer.text)}")
    if policy.number:
        notes.append(escape(policy.number.text))
    notes += [escape(c.text) for c in policy.clauses]
    return f"{escape(policy.text)}（{'；'.join(notes)}）" + (
        f"：{escape(policy.statement.text)}" if policy.statement else ""
    )


def _sentiment(record: KeyPointRecord) -> list[str]:
    sentiment = record.sentiment
    if sentiment is None:
        return [EMPTY]
    lines = [f"{SENTIMENTS[sentiment.label]}（强度：{STRENGTHS[sentiment.strength]}，得分 {sentiment.score:+.2f}）"]
    if sentiment.evidence:
        signs = {1: "＋", -1: "－", None: ""}
        lines += ["", *(f"- {signs[e.polarity]} {escape(e.text)}" for e in sentiment.evidence)]
    return lines


def _figure(figure: Figure) -> str:
    metric = f"{escape(figure.metric.text)}：" if figure.metric else ""
    about = "约" if figure.approximate else ""
    notes = []
    if figure.change:
        notes.append(escape(figure.change.text))
    if figure.period:
        notes.append(escape(figure.period.text))
    return f"{metric}{about}{escape(figure.text)}" + (f"（{'；'.join(notes)}）" if notes else "")


def _opinion(opinion: Opinion) -> str:
    who = escape(opinion.speaker_name or (opinion.speaker.text if opinion.speaker else ""))
    role = "".join(escape(s.text) for s in (opinion.affiliation, opinion.title) if s)
    speaker = f"{who}（{role}）" if role and who else who or role or "（未署名）"
    return f"{speaker}：{escape(opinion.content.text)}"
