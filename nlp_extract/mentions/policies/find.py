"""Policies in an article: candidates from title marks, lexicons and name endings, and a scored decision."""

from __future__ import annotations

import dataclasses
import functools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import ahocorasick
import rjieba

from nlp_extract.layers import EntityMention, PolicyMention, Span, TextLayer
from nlp_extract.linear import LinearModel
from nlp_extract.mentions.patterns import alternation, read_patterns

LONGEST = 120  # characters inside title marks
_REACH = 26  # characters before an ending that may belong to the name
_CJK_RUN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9“”‘’\"—－\-—·＋+、]")
# 日发表联合声明 is no name, 日内瓦公约 is one.
_NOT_NAME = re.compile(r"^(?:[的了与和及或、，在对将为被把就从向以等是其该各这那]|日(?:发|签|印发|宣布|公布|举行))")
_QUOTED = re.compile("“([^“”，。、；：！？《》\n ]{2,20})”")
_VERBS = ("issue", "sign", "lift", "under", "carry")
_CLAUSE_END = re.compile("[，。；：！？\n]")
_QUOTES = '“”‘’"「」『』'


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may name a policy. `bare_start`, `bare_end`: the name inside title and quotation marks."""

    start: int
    end: int
    bare_start: int
    bare_end: int
    head: str
    kind: str
    rule: str


@dataclasses.dataclass(frozen=True)
class Lexicons:
    """The data files of this folder, compiled."""

    names: Any
    heads: dict[str, tuple[str, str, str]]
    head_pattern: re.Pattern[str]
    before: dict[str, str]
    verb: re.Pattern[str]
    after: dict[str, str]
    numbers: tuple[tuple[str, re.Pattern[str]], ...]
    clause: re.Pattern[str]
    issued_before: re.Pattern[str]
    issued_by: re.Pattern[str]
    organ: re.Pattern[str]
    states: re.Pattern[str]
    short_form: re.Pattern[str]
    anaphor: re.Pattern[str]


def _rows(name: str) -> list[list[str]]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@functools.cache
def lexicons() -> Lexicons:
    """Read and compile the data files, once a process."""
    names = ahocorasick.Automaton()
    for name, kind in _rows("laws.tsv"):
        names.add_word(name, (len(name), name, kind, "law_name"))
        names.add_word("中华人民共和国" + name, (len(name) + 7, name, kind, "law_name"))
    for name, kind in _rows("names.tsv"):
        names.add_word(name, (len(name), name, kind, "known_name"))
    names.make_automaton()
    heads = {head: (kind, marked, unmarked) for head, kind, marked, unmarked in _rows("heads.tsv")}
    cues = _rows("cues.tsv")
    patterns = read_patterns(__package__)
    return Lexicons(
        names=names,
        heads=heads,
        head_pattern=re.compile(alternation(heads)),
        verb=re.compile(alternation(w for w, side, group in cues if side == "before" and group in _VERBS)),
        before={word: group for word, side, group in cues if side == "before"},
        after={word: group for word, side, group in cues if side == "after"},
        numbers=tuple((name, re.compile(pattern)) for name, pattern in patterns["numbers"].items()),
        clause=re.compile(patterns["clauses"]["clause"]),
        issued_before=re.compile(patterns["issued_before"]),
        issued_by=re.compile(patterns["issued_by"]),
        organ=re.compile(patterns["organ"]),
        states=re.compile(patterns["states"]),
        short_form=re.compile(patterns["short_form"]),
        anaphor=re.compile(patterns["anaphor"]),
    )


def title_marks(shadow: str) -> list[tuple[int, int]]:
    """Outermost pairs of 《》 within a paragraph, at most `LONGEST` inside; unclosed marks are none.

    In 《A《B》 the inner pair counts, in 《A《B》C》 the outer one.
    """
    pairs: list[tuple[int, int]] = []
    stack: list[int] = []
    for match in re.finditer(r"[《》\n]", shadow):
        mark = match.group()
        if mark == "《":
            stack.append(match.start())
        elif mark == "\n":
            stack.clear()
        elif stack:
            start = stack.pop()
            if match.start() - start - 1 <= LONGEST and match.start() - start > 1:
                while pairs and pairs[-1][0] > start:
                    pairs.pop()
                pairs.append((start, match.end()))
    return pairs


def ending(name: str) -> tuple[str, str, str]:
    """The longest known ending of a name with its kind and form; empty strings when it has none."""
    heads = lexicons().heads
    name = re.sub(r"[（(][^（()）]{0,30}[）)]$", "", name.strip()).rstrip(_QUOTES + " ")
    for length in range(min(len(name), 7), 0, -1):
        if name[-length:] in heads:
            return name[-length:], *heads[name[-length:]][:2]
    return "", "", ""


def candidates(text: TextLayer) -> list[Candidate]:
    """Everything that may name a policy, by position; candidates overlap."""
    shadow = text.shadow
    found: list[Candidate] = []
    marked = title_marks(shadow)
    covered = bytearray(len(shadow))
    for start, end in marked:
        covered[start:end] = b"\1" * (end - start)
        head, kind, _ = ending(shadow[start + 1 : end - 1])
        found.append(Candidate(start, end, start + 1, end - 1, head, kind or "other", "title_marks"))
    found += _known(shadow, covered)
    found += _by_ending(text, covered)
    found += _quoted(shadow, covered)
    best: dict[tuple[int, int], Candidate] = {}
    for candidate in found:
        best.setdefault((candidate.start, candidate.end), candidate)
    return sorted(best.values(), key=lambda c: (c.start, c.end))


def _quoted(shadow: str, covered: bytearray) -> list[Candidate]:
    """Names in quotation marks that end as no policy does: 推行“卖粮一卡通”."""
    found = []
    for match in _QUOTED.finditer(shadow):
        if not covered[match.start()]:
            head, kind, _ = ending(match.group(1))
            found.append(Candidate(*match.span(), *match.span(1), head, kind or "programme", "quoted"))
    return found


def _known(shadow: str, covered: bytearray) -> list[Candidate]:
    """Names of the lexicons, the longest at each place; marks and blanks within a name do not matter."""
    kept = [i for i, c in enumerate(shadow) if c not in _QUOTES and c != " "]
    plain = "".join([shadow[i] for i in kept])
    hits = [
        (last - length + 1, last + 1, name, kind, rule)
        for last, (length, name, kind, rule) in lexicons().names.iter(plain)
    ]
    hits.sort(key=lambda h: (h[0], -h[1]))
    found: list[Candidate] = []
    reached = 0
    for first, after, name, kind, rule in hits:
        if first < reached:
            continue
        start, end = kept[first], kept[after - 1] + 1
        if covered[start] or end - start > after - first + 4:
            continue
        if shadow[start - 1 : start] == "第" or _torn(shadow[max(0, start - 1) : end]):
            continue
        reached = after
        bare = (start, end)
        inside = shadow[start:end]
        if (
            start
            and shadow[start - 1] in '“‘"「'
            and ((end < len(shadow) and shadow[end] in '”’"」') or any(q in inside for q in '”’"」'))
        ):
            start -= 1
            if end < len(shadow) and shadow[end] in '”’"」':
                end += 1
            else:
                # “十五五”规划: the marks stand within the name.
                bare = (start, end)
        found.append(Candidate(start, end, *bare, ending(name)[0], kind, rule))
    return found


def _torn(name: str) -> bool:
    """Whether a name begins before a quotation that goes on behind it: 全国“六稳”工作 names no 国六."""
    return name[1:].count("“") > name.count("”")


def _by_ending(text: TextLayer, covered: bytearray) -> list[Candidate]:
    """Names that end as policies do: the words before the ending, back to a cue, a mark or the reach."""
    shadow = text.shadow
    data = lexicons()
    found: list[Candidate] = []
    for match in data.head_pattern.finditer(shadow):
        end = match.end()
        if covered[match.start()] or covered[end - 1]:
            continue
        for start in _starts(shadow, match.start(), data):
            if covered[start]:
                continue
            head = match.group()
            kind = data.heads[head][0]
            found.append(Candidate(start, end, start, end, head, kind, "ending"))
    return found


def _starts(shadow: str, head: int, data: Lexicons) -> list[int]:
    """Where a name that ends in a head at an offset may begin."""
    low = max(0, head - _REACH)
    begin = head
    quote = None
    while begin > low and _CJK_RUN.match(shadow[begin - 1]):
        character = shadow[begin - 1]
        if character in "”’":
            quote = character
        elif character in "“‘":
            if quote is None:
                break
            quote = None
        elif character == "、" and quote is None:
            break
        begin -= 1
    if quote is not None:
        begin = max(shadow.rfind("”", begin, head), shadow.rfind("’", begin, head)) + 1
    if begin >= head:
        return [head]
    words = rjieba.cut(shadow[begin:head], True)
    offset = begin
    starts: list[int] = []
    cut = begin
    inside = False
    positions = []
    for word in words:
        if word in ("“", "‘"):
            inside = True
        if not inside and word in data.before:
            cut = offset + len(word)
        if word in ("”", "’"):
            inside = False
        positions.append(offset)
        offset += len(word)
    starts.append(cut)
    if words and words[-1] == "的" and len(words) > 1:
        starts.append(_before_de(words, begin, data))
    positions = [p for p in positions if p > cut]
    if len(positions) >= 2:
        starts.append(positions[-2])
    return [s for s in starts if not _NOT_NAME.match(shadow[s])]


def _before_de(words: list[str], begin: int, data: Lexicons) -> int:
    """Where a name such as 打造人类卫生健康共同体的倡议 begins: at the cue before its 的."""
    start = offset = begin
    for word in words[:-1]:
        offset += len(word)
        if (
            word == "的"
            or data.before.get(word) in ("issue", "sign", "lift", "under")
            or data.before.get(word) == "stop"
        ):
            start = offset
    return start


def features(text: TextLayer, candidate: Candidate, counts: Counter[str]) -> dict[str, float]:
    """What the decision looks at: how the name ends, how it is marked, what stands beside it."""
    shadow = text.shadow
    data = lexicons()
    start, end = candidate.start, candidate.end
    name = shadow[candidate.bare_start : candidate.bare_end]
    head = candidate.head or name[-1:]
    found: dict[str, float] = {}

    def add(feature: str) -> None:
        found[feature] = 1.0

    rule = candidate.rule
    add(f"rule={rule}")
    add(f"rule={rule}|head={head}")
    add(f"head={head}")
    add(f"kind={candidate.kind}|{rule}")
    if candidate.head:
        strength = data.heads[candidate.head][2]
        add(f"strength={strength}|{rule}")
    else:
        strength = "none"
    if rule in ("known_name", "law_name"):
        add(f"known={name}")
    if rule == "title_marks":
        form = data.heads[candidate.head][1] if candidate.head else "none"
        add(f"form={form}")
        add(f"about={name.startswith('关于')}")
        for size in (1, 2, 3):
            add(f"mark_end{size}={name[-size:]}")
        for word in ("公司", "股", "案", "年度", "转让", "审议", "项目", "条例", "中国", "国家", "全国", "省", "市"):
            if word in name:
                add(f"mark_has={word}")
    length = len(name)
    add(f"length={min(length, 6) if length < 6 else 6 + min((length - 6) // 4, 6)}|{rule}")
    quoted = any(c in _QUOTES for c in shadow[start:end])
    add(f"quoted={quoted}|{rule}")
    around = (shadow[start - 1 : start] in _QUOTES) and start > 0
    add(f"in_quotes={around}")
    before = shadow[max(0, start - 12) : start].rstrip(_QUOTES + "《 ")
    group = next((data.before[before[-n:]] for n in (4, 3, 2, 1) if before[-n:] in data.before), "none")
    add(f"before={group}|{rule}")
    add(f"before={group}|head={head}")
    add(f"before={group}|strength={strength}|{rule}")
    add(f"before1={before[-1:]}|{rule}")
    add(f"before2={before[-2:]}")
    after = shadow[end : end + 12].lstrip(_QUOTES + "》 ")
    group = next((data.after[after[:n]] for n in (5, 4, 3, 2, 1) if after[:n] in data.after), "none")
    add(f"after={group}|{rule}")
    add(f"after={group}|strength={strength}|{rule}")
    add(f"after1={after[:1]}|{rule}")
    add(f"after2={after[:2]}")
    if rule == "ending":
        stem = shadow[start : end - len(candidate.head)]
        words = rjieba.cut(stem, True)
        if words:
            add(f"first={words[0]}")
            add(f"last={words[-1]}")
            add(f"last={words[-1]}|{head}")
        add(f"words={min(len(words), 6)}|{head}")
        add(f"words={min(len(words), 6)}|{strength}")
        add(f"digits={any(c.isdigit() for c in stem)}")
    add(f"headed={strength != 'none'}|{candidate.kind}|{rule}")
    for verb in data.verb.findall(_CLAUSE_END.split(shadow[max(0, start - 24) : start])[-1])[-1:]:
        add(f"verb={verb}|{rule}")
        add(f"verb={data.before[verb]}|{rule}")
        add(f"verb={data.before[verb]}|{strength}|{rule}")
    add(f"list={before[-1:] == '、' or after[:1] == '、'}|{rule}")
    add(f"after2={after[:2]}|{rule}")
    for at in range(len(name) - 1):
        add(f"pair={name[at : at + 2]}")
    add(f"latin={any(c.isascii() and c.isalnum() for c in name)}|{rule}")
    add(f"count={min(counts[name], 3)}|{rule}")
    add(f"title={start < text.title_end}")
    add(f"in_title={name in shadow[: text.title_end]}|{rule}")
    add(f"quarter={min(start * 4 // len(shadow), 3)}")
    add(f"size={len(shadow).bit_length()}|{rule}")
    return found


def decide(text: TextLayer, model: LinearModel, threshold: float = 0.5) -> list[Candidate]:
    """The candidates that are policies, free of overlaps, by position: title marks first, then the likelier."""
    rows = candidates(text)
    if not rows:
        return []
    counts = Counter(text.shadow[c.bare_start : c.bare_end] for c in rows)
    chances = model.predict_proba([features(text, c, counts) for c in rows])[:, 1]
    good = [(c, float(p)) for c, p in zip(rows, chances, strict=True) if p >= threshold]
    good.sort(key=lambda g: (g[0].rule != "title_marks", -round(g[1], 1), -(g[0].end - g[0].start), g[0].start))
    taken = bytearray(len(text.shadow))
    chosen = []
    for candidate, _ in good:
        if not any(taken[candidate.start : candidate.end]):
            taken[candidate.start : candidate.end] = b"\1" * (candidate.end - candidate.start)
            chosen.append(candidate)
    return sorted(chosen, key=lambda c: c.start)


def bare(name: str) -> str:
    """A name without marks, blanks and 中华人民共和国, by which two mentions are the same policy."""
    return re.sub(r"[\s《》〈〉“”‘’\"]|^中华人民共和国", "", name)


def find_policies(
    text: TextLayer, model: LinearModel, entities: Sequence[EntityMention] = (), threshold: float = 0.5
) -> tuple[PolicyMention, ...]:
    """Policies of an article, one item each, with everything said of them.

    Parameters
    ----------
    text : TextLayer
    model : LinearModel
        Of `models/policies`.
    entities : sequence of EntityMention
        Organisations that may be issuers; a pattern of organs' names serves where they are missing.
    threshold : float
        Least probability of a candidate.
    """
    groups = _groups(text, decide(text, model, threshold))
    numbers = _numbers(text.shadow)
    return _describe(text, groups, numbers, entities)


@dataclasses.dataclass
class _Policy:
    main: Candidate
    name: str
    kind: str
    mentions: list[Span]


def _groups(text: TextLayer, chosen: list[Candidate]) -> list[_Policy]:
    """Mentions of the same policy together: same name, a declared short form, or the bare ending of a full name."""
    shadow, data = text.shadow, lexicons()
    policies: list[_Policy] = []
    by_name: dict[str, _Policy] = {}
    by_head: dict[str, _Policy] = {}
    for c in chosen:
        name = bare(shadow[c.bare_start : c.bare_end])
        span = Span(c.start, c.end)
        known = by_name.get(name)
        if known is None and c.rule == "title_marks" and len(name) <= 8:
            known = by_head.get(name)
        if known is not None:
            known.mentions.append(span)
            continue
        policy = _Policy(c, shadow[c.bare_start : c.bare_end], c.kind, [span])
        policies.append(policy)
        by_name[name] = policy
        plain = re.sub(r"[（(][^（()）]{0,30}[）)]$", "", name)
        if len(plain) > 6 or (c.rule == "title_marks" and len(plain) > 4):
            for length in range(2, min(9, len(plain))):
                by_head[plain[-length:]] = policy
        declared = data.short_form.match(shadow, c.end, min(len(shadow), c.end + 60))
        if declared:
            by_name[bare(declared.group("short"))] = policy
    policies = _absorbed(policies)
    taken = _mask(shadow, (span for policy in policies for span in policy.mentions))
    for match in data.anaphor.finditer(shadow):
        owner = by_head.get(match.group("head"))
        if owner is None or match.start() < owner.main.end:
            continue
        if (
            match.start()
            and shadow[match.start() - 1] not in "，,。；;：:\n “”、"
            and match.group().startswith(match.group("head"))
        ):
            continue
        if not any(taken[match.start() : match.end()]):
            owner.mentions.append(Span(match.start(), match.end()))
    for policy in policies:
        policy.mentions.sort()
    return policies


def _absorbed(policies: list[_Policy]) -> list[_Policy]:
    """A name without title marks that begins or ends another's is a short form of it: 禁售令 of 对该企业的禁售令."""
    by_name = {bare(p.name): p for p in policies}
    longer: dict[str, _Policy] = {}
    for name, policy in by_name.items():
        for cut in range(1, len(name)):
            for part in (name[:cut], name[cut:]):
                if part in by_name and by_name[part].main.rule not in ("title_marks", "law_name"):
                    longer.setdefault(part, policy)
    # The shortest first: what it brings along goes on with the longer one.
    for name in sorted(longer, key=lambda name: (len(name), name)):
        longer[name].mentions.extend(by_name[name].mentions)
    return [p for p in policies if bare(p.name) not in longer]


def _mask(shadow: str, spans: Iterable[Span]) -> bytearray:
    """1 for every character of a span."""
    taken = bytearray(len(shadow) + 1)
    for span in spans:
        taken[span.start : span.end] = b"\1" * (span.end - span.start)
    return taken


def _numbers(shadow: str) -> list[tuple[Span, str]]:
    found: list[tuple[Span, str]] = []
    taken = bytearray(len(shadow) + 1)
    for rule, pattern in lexicons().numbers:
        for match in pattern.finditer(shadow):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append((Span(start, end), rule))
    return sorted(found)


def _describe(
    text: TextLayer, policies: list[_Policy], numbers: list[tuple[Span, str]], entities: Sequence[EntityMention]
) -> tuple[PolicyMention, ...]:
    shadow = text.shadow
    by_place = sorted(((m, p) for p in policies for m in p.mentions), key=lambda r: r[0])
    number_of: dict[int, Span] = {}
    used: set[Span] = set()
    for span, _ in numbers:
        owner = _number_owner(text, span, by_place)
        if owner is not None:
            used.add(span)
            number_of.setdefault(id(owner), span)
    clauses = _clauses(text, by_place)
    organisations = [e for e in entities if e.label == "ORG"]
    found = []
    for policy in policies:
        main = policy.main
        found.append(
            PolicyMention(
                main.start,
                main.end,
                policy.name,
                policy.kind,
                main.rule,
                issuer=_issuer(text, policy, organisations),
                number=number_of.get(id(policy)),
                clauses=tuple(clauses.get(id(policy), ())),
                statement=_statement(text, policy),
                mentions=tuple(policy.mentions),
                short_forms=_short_forms(shadow, policy),
            )
        )
    taken = _mask(shadow, (Span(f.start, f.end) for f in found))
    for span, rule in numbers:
        if (
            span not in used
            and rule in ("number_bracket", "number_bracket_tight", "number_standard")
            and not any(taken[span.start : span.end])
        ):
            kind = "standard" if rule == "number_standard" else "notice"
            found.append(
                PolicyMention(
                    span.start, span.end, shadow[span.start : span.end], kind, rule, number=span, mentions=(span,)
                )
            )
    return tuple(sorted(found, key=lambda f: (f.start, f.end)))


def _short_forms(shadow: str, policy: _Policy) -> tuple[Span, ...]:
    """The first mention of each other name that a policy bears in title marks, 《条例》."""
    forms: dict[str, Span] = {}
    for mention in policy.mentions:
        if shadow[mention.start] == "《":
            forms.setdefault(bare(shadow[mention.start : mention.end]), mention)
    forms.pop(bare(policy.name), None)
    return tuple(forms.values())


def _number_owner(text: TextLayer, number: Span, by_place: list[tuple[Span, _Policy]]) -> _Policy | None:
    """The policy that a document number belongs to: the one it stands in brackets behind, or the next in its clause."""
    shadow = text.shadow
    at = bisect_left(by_place, number.start, key=_begin) - 1
    if at >= 0 and by_place[at][0].end <= number.start:
        between = shadow[by_place[at][0].end : number.start]
        if len(between) <= 4 and not re.search(r"[。；;\n]", between):
            return by_place[at][1]
    at = bisect_left(by_place, number.end, key=_begin)
    if at < len(by_place):
        between = shadow[number.end : by_place[at][0].start]
        if len(between) <= 6 and not re.search(r"[。；;\n]", between):
            return by_place[at][1]
    return None


def _begin(row: tuple[Span, _Policy]) -> int:
    return row[0].start


def _start(mention: EntityMention) -> int:
    return mention.start


def _clauses(text: TextLayer, by_place: list[tuple[Span, _Policy]]) -> dict[int, list[Span]]:
    """Clauses by policy: those after a mention, before the next one, in the same sentence."""
    shadow = text.shadow
    found: dict[int, list[Span]] = {}
    last: _Policy | None = None
    seen: set[tuple[int, str]] = set()
    position = 0
    for match in lexicons().clause.finditer(shadow):
        while position < len(by_place) and by_place[position][0].end <= match.start():
            last = by_place[position][1]
            position += 1
        if last is None or ("条" not in match.group() and by_place[position - 1][0].end + 3 < match.start()):
            continue
        mention = by_place[position - 1][0]
        here, there = text.sentence_at(match.start()), text.sentence_at(mention.start)
        if here is None or there is None or here.index - there.index > 1:
            continue
        if position and mention.start <= match.start() < mention.end:
            continue
        key = (id(last), match.group())
        if key not in seen:
            seen.add(key)
            found.setdefault(id(last), []).append(Span(*match.span()))
    return found


def _issuer(text: TextLayer, policy: _Policy, organisations: list[EntityMention]) -> Span | None:
    """Who issued a policy: 由…印发 behind the name, or an organ before 印发, 发布, ... and the name."""
    shadow, data = text.shadow, lexicons()
    for mention in policy.mentions[:3]:
        sentence = text.sentence_at(mention.start)
        if sentence is None:
            continue
        low = max(sentence.start, mention.start - 80)
        for match in data.issued_by.finditer(shadow, low, min(sentence.end, mention.end + 60)):
            return Span(*match.span("issuer"))
        nearby = organisations[
            bisect_left(organisations, low, key=_start) : bisect_left(organisations, mention.start, key=_start)
        ]
        left = [o for o in nearby if o.end <= mention.start]
        for o in reversed(left):
            if mention.start - o.end <= 1 or data.issued_before.match(shadow[o.end : mention.start]):
                return Span(o.start, o.end)
        if not left:
            for match in reversed(list(data.organ.finditer(shadow, low, mention.start))):
                if mention.start - match.end() <= 1 or data.issued_before.match(shadow[match.end() : mention.start]):
                    return Span(*match.span())
    return None


def _statement(text: TextLayer, policy: _Policy) -> Span | None:
    """The first stretch that says what the policy requires: what follows a stating verb behind a mention."""
    shadow, data = text.shadow, lexicons()
    for mention in policy.mentions:
        sentence = text.sentence_at(mention.start)
        if sentence is None:
            continue
        match = data.states.match(shadow, mention.end, sentence.end)
        if match is None:
            continue
        start, end = match.end(), sentence.end
        while start < end and shadow[start] in "，,：:了 、“":
            start += 1
        while end > start and shadow[end - 1] in "。；;！!？? \n”":
            end -= 1
        if end - start >= 4:
            return Span(start, end)
    return None
