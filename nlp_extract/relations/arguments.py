"""Which phrases may be the subject or object of a predicate, and what the choice looks at."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nlp_extract.layers import Span
from nlp_extract.relations.predicates import Context, SentenceView
from nlp_extract.relations.words import Word

Features = dict[str, float]
_BEFORE, _AFTER, _LEFT_OBJECTS = 7, 4, 3
_JOINS = frozenset(["、", "和", "与", "及", "以及", "暨", "或", "·", "-", "“", "”", "《", "》", "%", "."])


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the sentence, by its first and last word; `kind`: run, joined, after, clause, none."""

    first: int
    last: int
    kind: str

    def span(self, words: Sequence[Word]) -> Span:
        """Its characters."""
        return Span(words[self.first].start, words[self.last].end)


NONE = Phrase(-1, -1, "none")


def first_like(words: Sequence[Word], phrase: Phrase) -> Phrase:
    """The first phrase of the sentence with the same words: labels place a phrase where it is first written."""
    length = phrase.last - phrase.first + 1
    wanted = [w.text for w in words[phrase.first : phrase.last + 1]]
    for n in range(phrase.first):
        if words[n].text == wanted[0] and [w.text for w in words[n : n + length]] == wanted:
            return Phrase(n, n + length - 1, phrase.kind)
    return phrase


def runs(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Longest runs of nominal words; quotation marks and 、和 between two of them belong to the run."""
    found: list[tuple[int, int]] = []
    n = 0
    while n < len(words):
        if not words[n].nominal:
            n += 1
            continue
        last = n
        at = n + 1
        while at < len(words):
            if words[at].nominal:
                last = at
            elif words[at].text not in _JOINS or at - last > 2:
                break
            at += 1
        first = n
        while last > first and words[last].tag in ("a", "z") and not words[last].group:
            # An adjective at the end is said of the noun, not part of it.
            last -= 1
        while last + 1 < len(words) and words[last + 1].text in "”》" and _opens(words, first, last):
            last += 1
        if first and words[first - 1].text in "“《" and any(w.text in "”》" for w in words[first : last + 2]):
            first -= 1
        found.append((first, last))
        n = max(last, n) + 1
    return found


def _opens(words: Sequence[Word], first: int, last: int) -> bool:
    low = max(first - 1, 0)
    return any(w.text in "“《" for w in words[low : last + 1])


class Phrases:
    """The phrases of a sentence: its runs of nominal words, and runs joined by 的."""

    def __init__(self, view: SentenceView) -> None:
        words = view.words
        self.words = words
        self.runs = runs(words)
        self.joined: list[int] = []
        for number, (first, _) in enumerate(self.runs):
            start = first
            if number:
                before = self.runs[number - 1]
                if first - before[1] == 2 and words[first - 1].group == "de":
                    start = self.joined[number - 1]
            self.joined.append(start)


def subject_phrases(phrases: Phrases, view: SentenceView, index: int) -> list[Phrase]:
    """Phrases before the predicate, the nearest first, one after it, and none."""
    found: list[Phrase] = [NONE]
    before = [n for n, (first, _) in enumerate(phrases.runs) if first < index]
    keep = before[-_BEFORE:]
    if before and before[0] not in keep:
        keep = before[:1] + keep
    for n in reversed(keep):
        first, last = phrases.runs[n]
        # A run of nominal words may hold the predicate itself, which jieba took for a noun.
        last = min(last, index - 1)
        found.append(Phrase(first, last, "run"))
        if phrases.joined[n] != first:
            found.append(Phrase(phrases.joined[n], last, "joined"))
    clause = view.words[index].clause
    for first, last in phrases.runs:
        if last > index:
            first = max(first, index + 1)
            if view.words[first].clause == clause:
                found.append(Phrase(first, last, "after"))
            break
    return found


def object_phrases(phrases: Phrases, view: SentenceView, index: int) -> list[Phrase]:
    """Phrases after the predicate in its clause, those just before it, and none."""
    words = view.words
    clause = words[index].clause
    end = view.last[clause]
    while end > index and not (words[end].text[-1].isalnum() or words[end].text[-1] in "”》）)%"):
        end -= 1
    begin = index + 1
    while begin <= end and (words[begin].group == "aspect" or words[begin].text in "得地"):
        begin += 1
    found: list[Phrase] = [NONE]
    seen = {(-1, -1)}

    def add(first: int, last: int, kind: str) -> None:
        if first <= last and (first, last) not in seen:
            seen.add((first, last))
            found.append(Phrase(first, last, kind))

    after = [n for n, (_, last) in enumerate(phrases.runs) if last > index and words[last].clause == clause]
    for n in after[:_AFTER]:
        first, last = phrases.runs[n]
        first, last = max(first, begin), min(last, end)
        add(first, last, "run")
        if index < phrases.joined[n] < first:
            add(phrases.joined[n], last, "joined")
        add(begin, last, "whole")
    if len(after) > _AFTER:
        first, last = phrases.runs[after[-1]]
        first = max(first, begin)
        add(first, min(last, end), "run")
        add(begin, min(last, end), "whole")
    elif begin <= end:
        add(begin, end, "clause")
    left = [n for n, (first, _) in enumerate(phrases.runs) if first < index]
    for n in reversed(left[-_LEFT_OBJECTS:]):
        first, last = phrases.runs[n]
        add(first, min(last, index - 1), "left")
    if left and left[0] not in left[-_LEFT_OBJECTS:]:
        first, last = phrases.runs[left[0]]
        add(first, min(last, index - 1), "left")
    return found


def _bucket(value: int) -> int:
    return value if value < 4 else 4 if value < 6 else 6 if value < 10 else 10 if value < 20 else 20


def _label(word: Word) -> str:
    return word.tag if word.tag.isupper() else word.text


class Arguments:
    """The features of a predicate's phrases; what all of them share is counted once."""

    def __init__(self, context: Context, view: SentenceView, phrases: Phrases, index: int) -> None:
        self.context, self.view, self.index, self.phrases = context, view, index, phrases
        words = view.words
        self.word = words[index]
        self.w = self.word.text
        self.classes = self.word.classes
        first = view.first[self.word.clause]
        self.clause_first = first
        marks = [w.group for w in words[first:index] if w.group in ("passive", "disposal", "causative", "with", "for")]
        self.marks = ",".join(dict.fromkeys(marks[-2:]))
        after = words[index + 1] if index + 1 < len(words) else None
        same = after is not None and after.clause == self.word.clause
        self.next = after.tag if same and after is not None else "$"
        self.next_text = _label(after) if same and after is not None else "$"
        self.has_left = any(w.nominal for w in words[first:index])
        self.tree = bool(self.word.pos)

    def features(self, phrase: Phrase, role: str, rank: int) -> Features:
        """Features of one phrase for one role; `rank` counts the phrases of its kind nearer to the predicate."""
        w, marks = self.w, self.marks
        if phrase is NONE:
            p = f"{role}:none"
            none = [
                p,
                f"{p}|{w}",
                f"{p}|{self.next}",
                f"{p}|{self.next_text}",
                f"{p}|{marks}",
                f"{p}|{self.has_left}",
                f"{p}|c{min(self.word.clause, 3)}|{self.has_left}",
                f"{p}|t{self.word.tag}|{self.next}",
                f"{p}|s{min(self.view.number, 2)}",
                f"{p}|v{min(self.view.verbs_before[self.index], 3)}",
                f"{p}|len{len(w)}",
                f"{p}|q{min(self.word.quoted, 1)}",
                f"{p}|S0{_label(self.view.words[0])}",
                f"{p}|k{self.classes[1]}",
                f"{p}|k{self.classes[1]}|{self.next}",
                f"{p}|kc{self.classes[2]}",
            ]
            if self.tree:
                kids = set(self.view.row.children[self.index].split(";"))
                for name in ("nsubj", "nsubj:pass", "obj", "ccomp", "xcomp"):
                    none.append(f"{p}|{name}{name in kids}")
                none.append(f"{p}|D{self.word.dep}")
            return dict.fromkeys(none, 1.0)
        words, view, index = self.view.words, self.view, self.index
        first, last = phrase.first, phrase.last
        head = words[last]
        if not head.nominal:
            head = next((words[n] for n in range(last, first - 1, -1) if words[n].nominal), head)
        left = last < index
        side = f"{role}:L" if left else f"{role}:R"
        gap = (last + 1, index) if left else (index + 1, first)
        before = words[first - 1] if first else None
        after = words[last + 1] if last + 1 < len(words) else None
        bl = _label(before) if before else "^"
        al = _label(after) if after else "$"
        clauses = min(abs(head.clause - self.word.clause), 3)
        if left:
            between = view.verbs_before[index] - view.verbs_before[last + 1] if last + 1 < len(words) else 0
        else:
            between = view.verbs_before[first] - view.verbs_before[index] - view.verbal[index]
        distance = gap[1] - gap[0]
        key = f"{side}{phrase.kind}"
        # Function words by their group, others by the first letter of their tag.
        path = " ".join(words[n].group or words[n].tag[0] for n in range(*gap)) if distance <= 4 else "long"
        preposition = ""
        for n in range(first - 1, max(first - 5, -1), -1):
            if words[n].clause != head.clause:
                break
            if words[n].group in ("passive", "disposal", "with", "causative", "place", "for"):
                preposition = words[n].text
                break
            if words[n].verbal:
                break
        start = first == view.first[head.clause]
        said, near = _label(head), min(rank, 6)
        label = head.tag if head.tag.isupper() else head.group or head.tag[0]
        found = [
            key,
            f"{key}|rank{near}",
            f"{side}|c{clauses}|rank{near}",
            f"{side}|c{clauses}|v{min(between, 3)}",
            f"{key}|d{_bucket(distance)}",
            f"{side}|c{clauses}",
            f"{side}|v{min(between, 4)}|{start}",
            f"{side}|path{path}",
            f"{key}|path{path}|{label}",
            f"{side}|b{bl}",
            f"{side}|a{al}",
            f"{side}|bt{before.tag if before else '^'}|{after.tag if after else '$'}",
            f"{side}|bg{before.group if before else '^'}|ag{after.group if after else '$'}",
            f"{side}|start{start}|sent{first == 0}",
            f"{side}|start{start}|c{clauses}|ci{min(head.clause, 2)}",
            f"{side}|p{preposition}",
            f"{side}|p{preposition}|{marks}",
            f"{side}|p{preposition}|{w}",
            f"{side}|m{marks}",
            f"{side}|m{marks}|{label}",
            f"{side}|h{said}",
            f"{side}|hc{head.text[-1]}",
            f"{side}|l{label}",
            f"{side}|l{label}|{w}",
            f"{side}|h{said}|{w}",
            f"{side}|hc{head.text[-1]}|{w}",
            f"{side}|w{w}",
            f"{side}|w{w}|{label}|r{min(rank, 2)}",
            f"{key}|len{_bucket(last - first + 1)}",
            f"{key}|ch{_bucket((words[last].end - words[first].start) // 2)}",
            f"{side}|f{_label(words[first])}",
            f"{side}|ft{words[first].tag}",
            f"{side}|q{min(head.quoted, 1)}{min(self.word.quoted, 1)}",
            f"{side}|n{min(self.context.counts[head.text], 4)}",
            f"{side}|title{head.text in self.context.title}",
            f"{side}|next{self.next}|{path}",
            f"{side}|hk{head.classes[0]}",
            f"{side}|hb{head.classes[1]}",
            f"{side}|hk{head.classes[0]}|wb{self.classes[1]}",
            f"{side}|hb{head.classes[1]}|{w}",
            f"{side}|wb{self.classes[1]}|{label}",
            f"{side}|wb{self.classes[1]}|{path}",
        ]
        if phrase.kind in ("whole", "clause"):
            inner = {words[n].group or words[n].tag[0] for n in range(first, last + 1)}
            found += [f"{key}|de{'de' in inner}|v{'v' in inner}", f"{key}|in{'after' in inner}|{'place' in inner}"]
            found.append(f"{key}|end{last == view.last[head.clause]}|{after.tag[0] if after else '$'}")
        if self.tree:
            self._tree(found, phrase, head, side)
        return dict.fromkeys(found, 1.0)

    def _tree(self, found: list[str], phrase: Phrase, head: Word, side: str) -> None:
        """How the phrase's head hangs on the predicate in the tree."""
        words, index = self.view.words, self.index
        at = next((n for n in range(phrase.last, phrase.first - 1, -1) if words[n] is head), phrase.last)
        # The head of the whole phrase: climb while inside.
        steps = 0
        while phrase.first <= words[at].head <= phrase.last and words[at].head != at and steps < 10:
            at = words[at].head
            steps += 1
        dep = words[at].dep
        up = words[at].head
        if up == index:
            relation = f"child:{dep}"
        elif words[index].head == at:
            relation = f"parent:{words[index].dep}"
        elif up != -1 and words[index].head == up and up not in (at, index):
            relation = f"sibling:{dep}:{words[index].dep}"
        elif up != -1 and words[up].head == index:
            relation = f"grandchild:{dep}:{words[up].dep}"
        elif words[index].head != -1 and words[words[index].head].head == up:
            relation = f"uncle:{dep}:{words[index].dep}"
        else:
            relation = f"far:{dep}"
        found += [f"{side}|T{relation}", f"{side}|T{relation}|{phrase.kind}", f"{side}|T{relation}|{self.marks}"]
        found.append(f"{side}|Tin{phrase.first <= words[index].head <= phrase.last}|{words[index].dep}")
