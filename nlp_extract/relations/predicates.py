"""Which words may be the predicate of an action, and what the decision looks at."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files

from nlp_extract.layers import OpinionMention, TextLayer
from nlp_extract.relations.clusters import UNKNOWN
from nlp_extract.relations.words import SentenceWords, Word

_NEVER = frozenset(["place", "de", "aspect", "and", "disposal", "pronoun", "adverbial", "perfect", "progress", "party"])
_WINDOW = 2
_CORE = ("nsubj", "nsubj:pass", "obj", "ccomp", "xcomp", "obl", "aux:pass", "conj", "mark", "cop")


@functools.cache
def verbs() -> frozenset[str]:
    """Verbs that jieba tags otherwise, from `data/verbs.tsv`."""
    return frozenset((files(__package__) / "data" / "verbs.tsv").read_text("utf-8").splitlines()[1:])


@dataclasses.dataclass(slots=True)
class Candidate:
    """A word that may be a predicate: the sentence's number and its index there."""

    sentence: int
    index: int


@dataclasses.dataclass
class Context:
    """What is known of the article as a whole.

    Attributes
    ----------
    counts : Counter
        How often a word of two or more characters occurs.
    title : set of str
        The words of the title.
    content : list of (start, end, direct)
        What opinions say.
    """

    text: TextLayer
    rows: list[SentenceWords]
    counts: Counter[str]
    title: frozenset[str]
    opinions: dict[int, list[OpinionMention]]
    said: frozenset[int]
    paragraphs: list[int]

    @classmethod
    def of(cls, text: TextLayer, rows: list[SentenceWords], opinions: Sequence[OpinionMention]) -> Context:
        """Count the words, place the opinions."""
        counts = Counter(w.text for row in rows for w in row.words if len(w.text) > 1)
        head = rows[0].words if rows else []
        title = frozenset(w.text for w in head if len(w.text) > 1)
        by_sentence: dict[int, list[OpinionMention]] = {}
        for opinion in opinions:
            sentence = text.sentence_at(opinion.start)
            if sentence is not None:
                by_sentence.setdefault(sentence.index, []).append(opinion)
        said = frozenset(o.verb.start for o in opinions if o.verb is not None)
        paragraphs, paragraph = [], 0
        for n, row in enumerate(rows):
            if n and "\n" in text.shadow[rows[n - 1].sentence.end : row.sentence.start]:
                paragraph += 1
            paragraphs.append(paragraph)
        return cls(text, rows, counts, title, by_sentence, said, paragraphs)


def candidates(rows: Sequence[SentenceWords]) -> Iterator[Candidate]:
    """Verbal words outside mentions, by position."""
    lexicon = verbs()
    for number, row in enumerate(rows):
        for index, word in enumerate(row.words):
            if word.tag.isupper() or word.group in _NEVER:
                continue
            if word.tag[0] == "v" or word.pos == "VERB" or word.text in lexicon:
                yield Candidate(number, index)


def _bucket(value: int) -> int:
    return value if value < 4 else 4 if value < 7 else 7 if value < 12 else 12 if value < 25 else 25


class SentenceView:
    """Counts of a sentence that all its candidates share."""

    def __init__(self, context: Context, number: int) -> None:
        row = context.rows[number]
        words = row.words
        self.words = words
        self.row = row
        self.clauses = row.sentence.clauses
        self.verbal = [w.tag[0] == "v" and not w.tag.isupper() and w.group not in _NEVER for w in words]
        total = 0
        self.verbs_before = []
        for flag in self.verbal:
            self.verbs_before.append(total)
            total += flag
        self.verb_count = total
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for n, word in enumerate(words):
            first.setdefault(word.clause, n)
            last[word.clause] = n
        self.first, self.last = first, last
        opinions = context.opinions.get(number, [])
        self.contents = [(o.content.start, o.content.end, o.direct) for o in opinions]
        self.shared = _sentence_features(context, number, bool(opinions))
        n_rows = len(context.rows)
        self.tenth = min(10 * number // max(n_rows, 1), 9)
        # 2-characters words shared with the title, in each clause.
        self.in_title = Counter(w.clause for w in words if w.text in context.title) if number else Counter()
        self.number = number


def _sentence_features(context: Context, number: int, opinion: bool) -> list[str]:
    row = context.rows[number]
    count = len(context.rows)
    words = row.words
    title = context.text.title_end > 0
    mentions = sum(w.tag in ("ORG", "PER", "LOC") for w in words)
    share = sum(w.text in context.title for w in words if len(w.text) > 1) if number else 0
    length = _bucket(len(words) // 4)
    clauses = _bucket(len(row.sentence.clauses))
    end = words[-1].text if words else ""
    place = "title" if number == 0 and title else f"{min(number, 6)}"
    dense = count if count < 6 else count // 3 + 10
    return [
        f"S#{place}",
        f"S#{place}|{title}",
        f"Sn{dense}",
        f"Sn{dense}#{min(number, 4)}",
        f"Stenth{min(10 * number // max(count, 1), 9)}|{min(dense, 15)}",
        f"Slen{length}",
        f"Scl{clauses}",
        f"Smen{min(mentions, 4)}",
        f"Sshare{min(share, 4)}",
        f"Send{end}",
        f"Sop{opinion}",
        f"Sfirst{words[0].text if words else ''}",
        f"Sfirsttag{words[0].tag if words else ''}",
        f"Spar{number == 0 or context.paragraphs[number] != context.paragraphs[number - 1]}",
        f"Slast{number == count - 1}",
    ]


def features(context: Context, view: SentenceView, index: int) -> dict[str, float]:
    """Features of a candidate: the word, what stands around it, its clause, sentence and article."""
    words = view.words
    word = words[index]
    w, tag = word.text, word.tag
    found = list(view.shared)
    add = found.append
    group = word.group
    add(f"w={w}")
    add(f"t={tag}")
    add(f"g={group}")
    add(f"c0={w[0]}")
    add(f"c-1={w[-1]}")
    add(f"len{min(len(w), 4)}")
    n = len(words)
    clause = word.clause
    first, last = view.first[clause], view.last[clause]
    for offset in range(-_WINDOW, _WINDOW + 1):
        if offset:
            at = index + offset
            if 0 <= at < n:
                other = words[at]
                add(f"{offset}w={other.text if not other.tag.isupper() else other.tag}")
                add(f"{offset}t={other.tag}")
                if other.group:
                    add(f"{offset}g={other.group}")
                    if offset in (-1, 1):
                        add(f"{offset}g={other.group}|{w}")
            else:
                add(f"{offset}=#")
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < n else None
    bt = before.tag if before and before.clause == clause else "^"
    at_ = after.tag if after and after.clause == clause else "$"
    add(f"tt={bt}|{tag}|{at_}")
    add(f"w|{w}|{at_[0]}")
    add(f"b|{bt}|{w}")
    add(f"first{index == first}")
    add(f"from{_bucket(index - first)}")
    add(f"to{_bucket(last - index)}")
    verbs_in = view.verbs_before[last] + view.verbal[last] - view.verbs_before[first]
    nth = view.verbs_before[index] - view.verbs_before[first]
    add(f"vnth{min(nth, 4)}/{min(verbs_in, 5)}")
    add(f"vnth{min(nth, 4)}|{at_[0]}")
    add(f"vleft{min(verbs_in - nth - view.verbal[index], 4)}")
    add(f"clause{min(clause, 5)}/{min(len(view.clauses), 6)}")
    add(f"vs{_bucket(view.verbs_before[index])}")
    # Left context in the clause: nearest noun, markers, conditions.
    groups = set()
    left_noun = right_noun = None
    verbs_between = 0
    for n_left in range(index - 1, first - 1, -1):
        other = words[n_left]
        if other.group:
            groups.add(other.group)
            if other.group in ("for", "place", "disposal", "passive", "with", "causative"):
                add(f"L={other.text}")
        if other.nominal and left_noun is None:
            left_noun = other
            add(f"Ld{_bucket(index - n_left)}")
        if other.verbal and left_noun is None:
            verbs_between += 1
    de = None
    tail = ""
    verb_after = None
    for n_right in range(index + 1, last + 1):
        other = words[n_right]
        if other.group == "de":
            de = n_right if de is None else de
        elif other.group == "after":
            tail = other.text
        if other.nominal and right_noun is None:
            right_noun = other
            add(f"Rd{_bucket(n_right - index)}")
        if view.verbal[n_right] and verb_after is None:
            verb_after = n_right
    for name in sorted(groups):
        add(f"Lg={name}")
    if left_noun is not None:
        add(f"Ln={left_noun.text if not left_noun.tag.isupper() else ''}")
        add(f"Lnt={left_noun.tag}")
        add(f"Lnt={left_noun.tag}|{tag}|{at_[0]}")
    else:
        add("Ln#")
    if right_noun is not None:
        add(f"Rn={right_noun.text if not right_noun.tag.isupper() else ''}")
        add(f"Rnt={right_noun.tag}")
        add(f"wRnt={w}|{right_noun.tag}")
        if right_noun.text in context.title and view.number:
            add("Rn-title")
        add(f"Rn#{min(context.counts[right_noun.text], 4)}")
    else:
        add("Rn#")
    if de is not None:
        add(f"de{_bucket(de - index)}")
        add(f"de-v{verb_after is not None and verb_after < de}")
        add(f"de|{w}")
        head = words[de + 1] if de + 1 < n else None
        add(f"de-n{head.tag if head else '$'}")
    if tail:
        add(f"tail={tail}")
        add(f"tail={words[last].group == 'after'}")
    if verb_after is not None:
        add(f"Rv={words[verb_after].text}")
        add(f"Rvd{_bucket(verb_after - index)}|{group}")
    if index > first and nth:
        previous = next(i for i in range(index - 1, -1, -1) if view.verbal[i])
        add(f"Pv={words[previous].text}")
        add(f"Pvg={words[previous].group}|{_bucket(index - previous)}")
        add(f"Pvw={words[previous].text}|{w}")
    # The clause's beginning says what it is for: 为了…, 随着…, 据….
    head_word = words[first]
    add(f"C0={head_word.text if not head_word.tag.isupper() else head_word.tag}")
    add(f"C0g={head_word.group}")
    if clause:
        p = words[view.first.get(clause - 1, first)]
        add(f"Cp0={p.group}{p.tag}")
    add(f"quoted{min(word.quoted, 2)}")
    add(f"title-share{min(view.in_title[clause], 3)}")
    if view.number and w in context.title:
        add("in-title")
        add(f"in-title|{tag}")
    count = context.counts[w]
    add(f"count{min(count, 5)}")
    inside = ""
    for start, end, direct in view.contents:
        if start <= word.start < end:
            inside = "direct" if direct else "said"
    add(f"content={inside}")
    add(f"content={inside}|{nth}")
    if word.start in context.said:
        add("says")
    _classes(view, index, left_noun, right_noun, verb_after, add)
    if word.pos:
        _tree(view, index, add)
    return dict.fromkeys(found, 1.0)


def _classes(
    view: SentenceView,
    index: int,
    left: Word | None,
    right: Word | None,
    verb_after: int | None,
    add: Callable[[str], None],
) -> None:
    """Features of word classes: the candidate's and its neighbours'."""
    words = view.words
    word = words[index]
    own = word.classes
    if own is not UNKNOWN:
        add(f"ka{own[0]}")
        add(f"kb{own[1]}")
        add(f"kc{own[2]}")
        add(f"kb{own[1]}|{words[index + 1].tag[0] if index + 1 < len(words) else '$'}")
    for name, noun in (("L", left), ("R", right)):
        if noun is not None and noun.classes is not UNKNOWN:
            coarse, middle, _ = noun.classes
            add(f"{name}ka{coarse}")
            add(f"{name}kb{middle}")
            add(f"{name}kk{coarse}|{own[1]}")
            add(f"{name}kw{middle}|{word.text}")
    before = next((n for n in range(index - 1, -1, -1) if view.verbal[n]), None)
    for name, at in (("-1", index - 1), ("1", index + 1), ("P", before), ("N", verb_after)):
        if at is not None and 0 <= at < len(words) and words[at].classes is not UNKNOWN:
            add(f"{name}ka{words[at].classes[0]}")
            add(f"{name}kb{words[at].classes[1]}")


def _tree(view: SentenceView, index: int, put: Callable[[str], None]) -> None:
    """Features of the tree: relation, head, depth, what the word governs."""
    words, row = view.words, view.row
    word: Word = words[index]
    head = words[word.head] if word.head not in (-1, index) else None
    put(f"D={word.dep}")
    put(f"D={word.dep}|{word.pos}")
    put(f"Dw={word.dep}|{word.text}")
    put(f"Ddepth{min(row.depth[index], 5)}")
    if head is not None:
        put(f"Dh={head.text if not head.tag.isupper() else head.tag}")
        put(f"Dhp={head.pos}|{word.dep}|{head.dep}")
    kids = row.children[index]
    names = set(kids.split(";"))
    present = [n for n in _CORE if n in names]
    for name in present:
        put(f"Dc={name}")
    put("Dcs=" + ",".join(present))
    put(f"Dcs={','.join(present)}|{word.dep}")
