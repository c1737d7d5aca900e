"""The clause that says what happens at a time."""

from __future__ import annotations

import bisect
import re

from nlp_extract.layers import Sentence, Span

# A clause of times and these words alone says nothing yet: the next one does.
_EMPTY = re.compile(
    r"[ 　“”（）()【】]|截至|截止到?|自从?|从|到|在|于|直到|据悉|据了解|起|开始|以来|期间|当|早在|就在|随着|来自|的"
)
_LEAST, _MOST = 4, 4
# So much of a clause is looked at on either side of the time.
_REACH = 40


def statement(shadow: str, sentence: Sentence | None, start: int, end: int) -> Span | None:
    """The clause that holds a time, and the clauses after it until something is said; None between sentences."""
    if sentence is None:
        return None
    first = bisect.bisect_right(sentence.clauses, start, key=lambda clause: clause.end)
    if first == len(sentence.clauses):
        return Span(sentence.start, sentence.end)
    said = ""
    stop = end
    for clause in sentence.clauses[first : first + _MOST]:
        stop = max(stop, clause.end)
        begin = max(end, clause.start)
        said += shadow[max(clause.start, start - _REACH) : start] + shadow[begin : min(clause.end, begin + _REACH)]
        if len(_EMPTY.sub("", said)) >= _LEAST:
            break
    return Span(min(sentence.clauses[first].start, start), stop)
