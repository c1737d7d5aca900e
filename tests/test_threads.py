"""Matrix products of components run on one thread, and the caller's setting is there again afterwards."""

import threading
from collections.abc import Iterator

import pytest
import spacy
import threadpoolctl
from spacy.tokens import Doc

from nlp_extract.pipe import ArticlePipe
from nlp_extract.threads import one_thread


def threads() -> int:
    """Of numpy's BLAS; scipy, which other tests load, brings one of its own that the chain never calls."""
    libraries = [i for i in threadpoolctl.threadpool_info() if i["user_api"] == "blas" and "numpy" in i["filepath"]]
    return max((i["num_threads"] for i in libraries), default=0)


@pytest.fixture
def two() -> Iterator[None]:
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        if threads() != 2:
            pytest.skip("this numpy has no BLAS whose threads can be set")
        yield


class Counting(ArticlePipe):
    """Notes how many threads it was given, and fails on `坏`."""

    def annotate(self, doc: Doc) -> None:
        doc.user_data["threads"] = threads()
        if doc.text == "坏":
            raise ValueError(doc.text)


@pytest.mark.usefixtures("two")
def test_components_run_on_one_thread_and_leave_the_setting_as_it_was() -> None:
    nlp = spacy.blank("zh")
    pipe = Counting("counting")
    assert pipe(nlp.make_doc("好")).user_data["threads"] == 1
    assert threads() == 2
    with pytest.raises(ValueError, match="坏"):
        pipe(nlp.make_doc("坏"))
    assert threads() == 2
    stream = pipe.pipe([nlp.make_doc("好"), nlp.make_doc("好")])
    assert next(stream).user_data["threads"] == 1
    assert threads() == 2


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("first_out", ["first in", "last in"])
def test_several_threads_leave_the_setting_as_it_was(first_out: str) -> None:
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with one_thread():
            inside.set()
            leave.wait()

    thread = threading.Thread(target=other)
    with one_thread():
        thread.start()
        inside.wait()
        assert threads() == 1
        if first_out == "last in":
            leave.set()
            thread.join()
    leave.set()
    thread.join()
    assert threads() == 2
