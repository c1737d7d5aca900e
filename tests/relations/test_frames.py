"""Relations from an engine's semantic roles."""

from __future__ import annotations

from spacy.tokens import Doc

from nlp_extract import layers
from nlp_extract.layers import Frame, Span
from nlp_extract.pipeline import load, make_doc

TEXT = "工业和信息化部发布新能源汽车标准。远山集团访问东岭集团。"


def found(frames: tuple[Frame, ...]) -> dict[str, tuple[str | None, str | None]]:
    """Subject and object by predicate."""
    nlp = load(exclude=["statements", "participants", "sentiment", "industries", "record"])
    doc: Doc = make_doc(nlp, TEXT)
    for _, pipe in nlp.pipeline:
        layers.put(doc, "frames", frames)
        doc = pipe(doc)

    def text(span: Span | None) -> str | None:
        return None if span is None else TEXT[span.start : span.end]

    return {
        TEXT[r.predicate.start : r.predicate.end]: (text(r.subject), text(r.object))
        for r in doc._.nlp_extract_relations
    }


def span(surface: str) -> Span:
    start = TEXT.index(surface)
    return Span(start, start + len(surface))


def test_roles_decide_subject_and_object() -> None:
    # The other way round than any model would choose.
    frame = Frame(span("发布"), (("ARG1", span("工业和信息化部")), ("ARG0", span("新能源汽车标准"))))
    assert found((frame,))["发布"] == ("新能源汽车标准", "工业和信息化部")


def test_what_a_frame_does_not_say_is_chosen_as_without() -> None:
    without = found(())
    assert without["发布"][0] == "工业和信息化部"
    assert found((Frame(span("访问"), ()),)) == without
