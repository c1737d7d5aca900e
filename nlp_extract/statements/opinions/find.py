"""Opinions: candidates from verbs of saying and from running speech, a trained decision, and their speakers."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

import numpy

from nlp_extract.layers import Entity, EntityMention, OpinionMention, Sentence, Span, TextLayer
from nlp_extract.linear import Features, LinearModel

_OPEN = '，,：:“"「『‘ 　'
_CLOSE = '。！？!?；;”’」』" \n…'
_MAX_VERBS = 6
_MAX_CONTENT = 400
# 名称, 简称 and the like are no saying; 小说, 据说 neither.
_NO_VERB_BEFORE = {"称": "名简职对俗号爱昵并统人堪通全又", "说": "小学听传据来假邪游", "指": "手食戒拇股期"}
_NO_VERB_AFTER = {"称": "号呼职为得霸谓心重", "说": "明法服不谎教辞到理唱客", "指": "数导标责挥示定引针南纹出控"}
_FILLER = re.compile(
    r"(?:[（(][^（）()]{0,30}[）)]|(?:就此|对此|为此|因此|同时|此外|随后|目前|当天|当日|当晚|今天|昨天|昨日|今日|日前|近日|此前|早前|最近|"
    r"\d{1,2}[日号]|\d{1,2}月\d{1,2}[日号]|上午|下午|晚间?|凌晨|周[一二三四五六日]|公开|正式|明确|再次|多次|曾|还|也|均|都|则|又|并|一致|"
    r"进一步|强烈|普遍|特别|着重|反复|积极|高度|坚决|继续|接着|最后|首先|最新|在[^，。]{1,20}[上中时后里前内]|在[\u4e00-\u9fff]{2,6}|[对向]记者|"
    r"[对向就与同][^，。]{1,20}|接受[^，。]{0,20}采访时|发表[^，。]{0,8}[说称]?|告诉|一边[^，。]+)，?)+$"
)
_NOT_IN_NAME = '，,。：:；;！？!?“”"「」『』\n 　（）()、'
_CHUNK_STOP = re.compile(r"[，,。：:；;！？!?“”\"「」『』\n（）()]")


@functools.cache
def _rows(name: str) -> tuple[tuple[str, ...], ...]:
    lines = (files("nlp_extract.statements.opinions") / "data" / name).read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines[1:])


@functools.cache
def verb_kinds() -> dict[str, str]:
    """Verbs of saying and their kinds (`data/verbs.tsv`)."""
    return {row[0]: row[1] for row in _rows("verbs.tsv")}


@functools.cache
def _verb_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(verb_kinds(), key=lambda v: (-len(v), v))))


@functools.cache
def _noun_pattern() -> re.Pattern[str]:
    words = sorted((row[0] for row in _rows("speakers.tsv")), key=lambda v: (-len(v), v))
    return re.compile("|".join(words))


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch that may be somebody's view: `form` is verb, colon, after (“…”，他说) or whole (speech runs on)."""

    form: str
    content: Span
    verb: Span | None
    region: Span
    order: int
    count: int


def _trim(shadow: str, start: int, end: int) -> Span | None:
    while start < end and shadow[start] in _OPEN:
        start += 1
    while end > start and shadow[end - 1] in _CLOSE:
        end -= 1
    return Span(start, end) if end - start >= 2 else None


def candidates(shadow: str, sentence: Sentence) -> list[Candidate]:
    """Return the candidates of a sentence, the whole of it first."""
    start, end = sentence.start, min(sentence.end, sentence.start + _MAX_CONTENT)
    matches = []
    for match in _verb_pattern().finditer(shadow, start, end):
        verb = match.group()
        before, after = shadow[match.start() - 1 : match.start()], shadow[match.end() : match.end() + 1]
        if (before and before in _NO_VERB_BEFORE.get(verb, "")) or (after and after in _NO_VERB_AFTER.get(verb, "")):
            continue
        matches.append(match.span())
        if len(matches) == _MAX_VERBS:
            break
    found: list[Candidate] = []
    whole = _trim(shadow, start, end)
    if whole is not None:
        found.append(Candidate("whole", whole, None, Span(start, start), 0, len(matches)))
    colon = shadow.find("：", start, min(end, start + 40))
    if colon < 0:
        colon = shadow.find(":", start, min(end, start + 40))
    if colon > start and not any(m[0] < colon for m in matches) and not shadow[colon - 1].isdigit():
        content = _trim(shadow, colon + 1, end)
        if content is not None:
            found.append(Candidate("colon", content, None, Span(start, colon), 0, len(matches)))
    for order, (verb_start, verb_end) in enumerate(matches):
        content = _trim(shadow, verb_end, end)
        if content is not None and content.end - content.start >= 3:
            form = Candidate("verb", content, Span(verb_start, verb_end), Span(start, verb_start), order, len(matches))
            found.append(form)
        else:
            clause = max(shadow.rfind(mark, start, verb_start) for mark in '”，,"」')
            content = _trim(shadow, start, clause + 1) if clause > start else None
            if content is not None:
                content = _trim(shadow, content.start, content.end - (shadow[content.end - 1] in "，,"))
            if content is not None:
                region = Span(clause + 1, verb_start)
                found.append(Candidate("after", content, Span(verb_start, verb_end), region, order, len(matches)))
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What the sentences before decided: how far back speech ran, and how the last one was given."""

    run: int = 0
    form: str = "none"
    since: int = 9


@dataclasses.dataclass(slots=True)
class Article:
    """What the features of an article's candidates share."""

    text: TextLayer
    entities: tuple[EntityMention, ...]
    inside: list[bool]
    opened: list[bool]
    paragraph: list[bool]
    by_sentence: list[list[EntityMention]]

    @classmethod
    def of(cls, text: TextLayer, entities: Iterable[EntityMention]) -> Article:
        """Look once at quotation marks, paragraphs and entities."""
        shadow, rows = text.shadow, text.sentences
        depth, inside, opened = 0, [], []
        last = 0
        for row in rows:
            if "\n" in shadow[last : row.start]:
                depth = 0
            last = row.end
            inside.append(depth > 0)
            piece = shadow[row.start : row.end]
            depth = max(0, depth + piece.count("“") + piece.count("「") - piece.count("”") - piece.count("」"))
            opened.append(depth > 0)
        paragraph = [True] + ["\n" in shadow[a.end : b.start] for a, b in pairwise(rows)]
        kept = sorted(entities, key=lambda m: (m.start, m.end))
        by_sentence: list[list[EntityMention]] = [[] for _ in rows]
        for mention in kept:
            sentence = text.sentence_at(mention.start)
            if sentence is not None:
                by_sentence[sentence.index].append(mention)
        return cls(text, tuple(kept), inside, opened, paragraph[: len(rows)], by_sentence)


def _bucket(value: int) -> str:
    return str(next((n for n, edge in enumerate((1, 2, 4, 8, 15, 25, 40, 60, 100)) if value <= edge), 9))


def static_features(article: Article, sentence: Sentence, candidate: Candidate) -> dict[str, float]:
    """Features of a candidate that do not depend on earlier decisions."""
    shadow, index = article.text.shadow, sentence.index
    form, content = candidate.form, candidate.content
    row: dict[str, float] = {f"f:{form}": 1.0}

    def add(name: str) -> None:
        row[f"{form}|{name}"] = 1.0

    add("in" if article.inside[index] else "out")
    add("open" if article.opened[index] else "shut")
    add("title" if index == 0 and article.text.title_end else "first" if index <= 1 else "later")
    add("len" + _bucket(content.end - content.start))
    add(f"n{min(candidate.count, 3)}")
    quotes = shadow[sentence.start : sentence.start + 1]
    if quotes in '“"「':
        add("startquote")
    if "记者" in shadow[sentence.start : sentence.start + 20]:
        add("reporter")
    words = shadow[content.start : content.end]
    if any(map(str.isdigit, words)):
        add("digit")
    if candidate.verb is not None:
        verb = shadow[candidate.verb.start : candidate.verb.end]
        kind = verb_kinds()[verb]
        after = shadow[candidate.verb.end : candidate.verb.end + 2]
        before = shadow[max(sentence.start, candidate.verb.start - 2) : candidate.verb.start]
        row[f"v:{verb}"] = 1.0
        row[f"k:{kind}"] = 1.0
        row[f"va:{verb}{after[:1]}"] = 1.0
        row[f"ka:{kind}{after[:1]}"] = 1.0
        row[f"a:{after[:1]}"] = row[f"a:{after}"] = 1.0
        row[f"b:{before[-1:]}"] = row[f"b:{before}"] = 1.0
        row[f"vb:{before[-1:]}{verb}"] = 1.0
        row[f"o:{candidate.order}"] = 1.0
        row[f"reg{_bucket(candidate.region.end - candidate.region.start)}"] = 1.0
        if any(m.label in ("PER", "ORG") and m.end == candidate.verb.start for m in article.by_sentence[index]):
            add("name")
        near = [m for m in article.by_sentence[index] if m.end <= candidate.verb.start]
        for label in sorted({m.label for m in near}):
            add("has" + label)
        clause = max(shadow.rfind(mark, sentence.start, candidate.verb.start) for mark in "，,：:；”\n")
        head = shadow[max(clause + 1, sentence.start) : candidate.verb.start]
        add("clause" + _bucket(len(head)))
        nouns = list(_noun_pattern().finditer(head))
        if nouns:
            noun = nouns[-1]
            row[f"noun:{noun.group()}"] = 1.0
            add("hasnoun" + _bucket(len(head) - noun.end()))
        row.update(dict.fromkeys(["h:" + head[i : i + 2] for i in range(len(head) - 1)], 0.5))
    elif form == "colon":
        head = shadow[candidate.region.start : candidate.region.end]
        row[f"ce:{head[-2:]}"] = 1.0
        row[f"cl{_bucket(len(head))}"] = 1.0
        add("q" + shadow[candidate.region.end + 1 : candidate.region.end + 2])
        if any(m.end == candidate.region.end for m in article.by_sentence[index]):
            add("name")
    row[f"{form}|s:{words[:1]}"] = row[f"{form}|s:{words[:2]}"] = row[f"s:{words[:3]}"] = 1.0
    weight = 2.0 / max(len(words), 16) ** 0.5
    side = "w:" if form == "whole" else "x:"
    for size in (1, 2, 3):
        row.update(dict.fromkeys([side + words[i : i + size] for i in range(len(words) - size + 1)], weight))
    return row


class Context(NamedTuple):
    """A candidate among what the sentences before decided: few values, each met again and again."""

    form: str
    verbs: int
    near: str
    quoted: str
    before: str
    run: int
    since: int

    @classmethod
    def of(cls, article: Article, sentence: Sentence, candidate: Candidate, state: State) -> Context:
        """Where a candidate stands."""
        near = "para" if article.paragraph[sentence.index] else "same"
        quoted = "in" if article.inside[sentence.index] else "out"
        verbs, run, since = min(candidate.count, 2), min(state.run, 4), min(state.since, 5)
        return cls(candidate.form, verbs, near, quoted, state.form, run, since)

    def features(self) -> dict[str, float]:
        """Features of what the sentences before decided."""
        form, verbs, near, quoted, before, run, since = self
        return {
            f"{form}|prev:{before}": 1.0,
            f"{form}|prev:{before}{near}{quoted}": 1.0,
            f"{form}|run{run}{near}": 1.0,
            f"{form}|since{since}": 1.0,
            f"{form}|n{verbs}prev:{before}{quoted}": 1.0,
        }


@functools.lru_cache(maxsize=4096)
def _context_score(context: Context, model: LinearModel) -> numpy.float32:
    score: numpy.float32 = model.scores([context.features()])[0, 0]
    return score


def advance(state: State, form: str | None) -> State:
    """The state after a sentence whose opinion had a form, or that had none."""
    if form is None:
        return State(0, "none", state.since + 1)
    return State(state.run + 1, form, 0)


def decide(
    article: Article, choices: Sequence[Sequence[Candidate]], model: LinearModel, threshold: float
) -> list[tuple[Candidate, float] | None]:
    """Choose left to right at most one candidate a sentence."""
    flat = [(article.text.sentences[n], c) for n, row in enumerate(choices) for c in row]
    values = model.scores([static_features(article, s, c) for s, c in flat])[:, 0] if flat else numpy.zeros(0)
    chosen: list[tuple[Candidate, float] | None] = []
    state, position = State(), 0
    for number, row in enumerate(choices):
        best: tuple[Candidate, float] | None = None
        if row:
            contexts = [Context.of(article, article.text.sentences[number], c, state) for c in row]
            extra = numpy.array([_context_score(context, model) for context in contexts])
            total = values[position : position + len(row)] + extra - model.intercept[0]
            position += len(row)
            top = int(numpy.argmax(total))
            score = 1.0 / (1.0 + float(numpy.exp(-float(total[top]))))
            if score >= threshold:
                best = (row[top], score)
        chosen.append(best)
        state = advance(state, best[0].form if best else None)
    return chosen


# Speakers


def speaker_candidates(article: Article, candidate: Candidate, sentence: Sentence) -> list[tuple[Span, str]]:
    """Return spans before the verb that may name the speaker, with their kind; by position."""
    shadow, region = article.text.shadow, candidate.region
    found: dict[Span, str] = {}
    for mention in article.by_sentence[sentence.index]:
        if mention.end <= region.end and mention.start >= region.start:
            found[Span(mention.start, mention.end)] = mention.label
    for match in _noun_pattern().finditer(shadow, region.start, region.end):
        span = Span(*match.span())
        if not any(f.contains(span) for f in found):
            found[_widen(shadow, span, region.start)] = "NOUN"
    for match in re.finditer(r"《[^《》\n]{2,40}》", shadow[region.start : region.end]):
        found[Span(region.start + match.start(), region.start + match.end())] = "TITLE"
    stop = len(shadow[region.start : region.end])
    filler = _FILLER.search(shadow[max(region.start, region.end - 60) : region.end])
    if filler is not None:
        stop -= len(filler.group())
    head = shadow[region.start : region.start + stop]
    cuts = [m.end() for m in _CHUNK_STOP.finditer(head)]
    begin = cuts[-1] if cuts else 0
    if 2 <= stop - begin <= 16:
        found.setdefault(Span(region.start + begin, region.start + stop), "CHUNK")
    return sorted(found.items(), key=lambda item: (item[0].start, item[0].end))


def _widen(shadow: str, span: Span, start: int) -> Span:
    """A head noun with the words that qualify it: 中国驻英国大使馆官员."""
    begin = span.start
    while begin > start and span.start - begin < 10:
        character = shadow[begin - 1]
        if (
            character in _NOT_IN_NAME
            or character in "在对向据就与和并但则也还时日号称说了是及而，"
            or character.isdigit()
        ):
            break
        begin -= 1
    return Span(begin, span.end)


def speaker_features(
    article: Article, candidate: Candidate, sentence: Sentence, span: Span, kind: str, rank: int, count: int
) -> Features:
    """Features of a speaker candidate."""
    shadow, region = article.text.shadow, candidate.region
    gap = shadow[span.end : region.end]
    verb = shadow[candidate.verb.start : candidate.verb.end] if candidate.verb else ":"
    row: dict[str, float] = {
        f"k:{kind}": 1.0,
        f"gap{_bucket(len(gap))}": 1.0,
        f"k:{kind}gap{_bucket(len(gap))}": 1.0,
        f"r{min(rank, 3)}": 1.0,
        f"l{min(count - 1 - rank, 3)}": 1.0,
        f"k:{kind}l{min(count - 1 - rank, 3)}": 1.0,
        f"commas{min(gap.count('，') + gap.count(','), 3)}": 1.0,
        f"k:{kind}commas{min(gap.count('，') + gap.count(','), 3)}": 1.0,
        f"bf:{shadow[span.start - 1 : span.start] if span.start > sentence.start else '^'}": 1.0,
        f"af:{gap[:1]}": 1.0,
        f"af2:{gap[:2]}": 1.0,
        f"end:{shadow[span.end - 2 : span.end]}": 1.0,
        f"k:{kind}first{span.start == sentence.start}": 1.0,
        f"len{_bucket(span.end - span.start)}": 1.0,
        f"k:{kind}form:{candidate.form}": 1.0,
        f"verb:{verb}": 1.0,
    }
    filler = _FILLER.fullmatch(gap) if gap else None
    row["plain" if not gap else "filler" if filler else "other"] = 1.0
    row[f"k:{kind}" + ("plain" if not gap else "filler" if filler else "other")] = 1.0
    for gram in [gap[i : i + 2] for i in range(min(len(gap) - 1, 30))]:
        row[f"g:{gram}"] = 0.5
    return row


def speaker_of(
    article: Article, candidate: Candidate, sentence: Sentence, model: LinearModel, threshold: float
) -> tuple[Span, str] | None:
    """Return the best speaker candidate and its kind, None when none is likely."""
    options = speaker_candidates(article, candidate, sentence)
    if not options:
        return None
    rows = [
        speaker_features(article, candidate, sentence, span, kind, n, len(options))
        for n, (span, kind) in enumerate(options)
    ]
    values = model.predict_proba(rows)[:, 0]
    top = int(numpy.argmax(values))
    return options[top] if values[top] >= threshold else None


_PRONOUNS = frozenset(
    [
        "他",
        "她",
        "他们",
        "她们",
        "我",
        "我们",
        "其",
        "该负责人",
        "该人士",
        "该官员",
        "该发言人",
        "该专家",
        "上述人士",
        "上述负责人",
    ]
)


def find_opinions(
    text: TextLayer,
    entities: Sequence[EntityMention],
    names: Sequence[Entity],
    decision: LinearModel,
    speaker: LinearModel,
    thresholds: dict[str, float],
) -> tuple[OpinionMention, ...]:
    """Return the opinions of an article, by position.

    A sentence that runs on in somebody's speech, or that says 他说, gets the speaker before it.
    """
    article = Article.of(text, entities)
    shadow = text.shadow
    chosen = decide(article, [candidates(shadow, s) for s in text.sentences], decision, thresholds["opinion"])
    owner = {(m.start, m.end): e for e in names for m in e.mentions}
    found: list[OpinionMention] = []
    last: OpinionMention | None = None
    last_person: Entity | None = None
    for sentence, choice in zip(text.sentences, chosen, strict=True):
        if choice is not None:
            candidate = choice[0]
            said = speaker_of(article, candidate, sentence, speaker, thresholds["speaker"])
            span = said[0] if said else None
            entity = owner.get((span.start, span.end)) if span else None
            name = entity.name if entity else shadow[span.start : span.end] if span else None
            affiliation = entity.affiliation if entity else None
            title = entity.title if entity else None
            if name in _PRONOUNS or (span is None and last is not None):
                if name in _PRONOUNS and last_person is not None and (last is None or last.speaker_name is None):
                    name, affiliation, title = last_person.name, last_person.affiliation, last_person.title
                elif last is not None:
                    span = span or last.speaker
                    name, affiliation, title = last.speaker_name, last.affiliation, last.title
                elif name in _PRONOUNS:
                    name = None
            direct = candidate.content.start > 0 and (
                shadow[candidate.content.start - 1] in '“「"' or article.inside[sentence.index]
            )
            last = OpinionMention(
                sentence.start, sentence.end, span, name, candidate.verb, candidate.content, direct, affiliation, title
            )
            found.append(last)
        elif article.paragraph[sentence.index] and last is not None and last.end < sentence.start - 200:
            last = None
        for mention in article.by_sentence[sentence.index]:
            if mention.label == "PER" and (mention.start, mention.end) in owner:
                last_person = owner[(mention.start, mention.end)]
    return tuple(found)
