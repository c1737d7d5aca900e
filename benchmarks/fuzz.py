"""Bytes that become articles, JSON lines, model folders and label files: no crash, no hang, no wrong offset.

Run: `make fuzz`, or `python benchmarks/fuzz.py --seconds 600 [--only brat]`. Hypothesis breaks valid inputs and
makes what it finds small. A target may refuse its input with one of our own errors, and nothing else.
"""

from __future__ import annotations

import argparse
import importlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from nlp_extract.errors import DataError, ModelError  # noqa: E402
from nlp_extract.learning.formats.marks import from_labelled  # noqa: E402
from nlp_extract.learning.labelled import LabelledArticle  # noqa: E402
from nlp_extract.models import ModelFolder, default_root  # noqa: E402
from nlp_extract.pipeline import extract  # noqa: E402
from nlp_extract.running.files import read_many  # noqa: E402
from nlp_extract.running.many import Settings, extract_row  # noqa: E402
from tests.grounding import check  # noqa: E402
from tests.learning.test_formats import LABEL, TEXT, TITLE  # noqa: E402

TOKENS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", "\U0001f684".encode(), "\u2028".encode(), b"\r", b"\n", b"\t", b'"', b"\\ud800",
    b"[", b"]", b"{", b"}", b"null", b"-1", b"1e999", b"99999999999999999999", b"NaN", b'""', b"B-ORG",
    b"T1\tORG 0 2\t",
    "\uff08".encode(), "25\u65e5".encode(), "\u300a".encode(), b"[[[[[[[[[[", b"\xe2\x80\x8b",
]  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.sampled_from(TOKENS) | st.binary(max_size=6),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=5,
)
SECONDS_AN_INPUT = 60


def broken(data: bytes, edits: list[tuple[float, int, bytes, int]]) -> bytes:
    """The bytes with stretches taken out and others put in."""
    for place, length, token, times in edits:
        start = int(place * len(data))
        data = data[:start] + token * times + data[start + length :]
    return data


def text(data: bytes, folder: Path) -> None:
    for article in (data.decode("utf-8", "surrogateescape"), data.decode("utf-8", "replace"), data.decode("latin-1")):
        check(extract(article, published="2025-06-27"), article)


def json_lines(data: bytes, folder: Path) -> None:
    path = folder / "articles.jsonl"
    path.write_bytes(data)
    nlp = Settings().pipeline()
    for article in read_many(path):
        row = extract_row(nlp, article, None)
        assert (row.json is None) != (row.error is None)


def model_folder(data: bytes, folder: Path) -> None:
    name = MODEL.name
    for broken_file in ("meta.json", next(p.name for p in sorted(MODEL.iterdir()) if p.suffix == ".npz")):
        for path in MODEL.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / broken_file).write_bytes(data)
        try:
            ModelFolder.read(folder, name)
        except ModelError as error:
            if str(folder) not in str(error):
                raise AssertionError("the error does not name the folder") from error


def label_file(form: str) -> Callable[[bytes, Path], None]:
    module = importlib.import_module(f"nlp_extract.learning.formats.{form}")

    def run(data: bytes, folder: Path) -> None:
        if form == "brat":
            parts = data.split(b"\x1e")
            for path, part in zip(BRAT, parts, strict=False):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(part)
            place = folder
        else:
            place = folder / "labels"
            place.write_bytes(data)
        try:
            found = module.read(place)
        except DataError:
            return
        for annotated in found:
            annotated.check("fuzz")

    return run


def sample(form: str) -> bytes:
    """A valid label file; the files of brat, joined by a control character."""
    annotated = from_labelled(LabelledArticle(LABEL["id"], TITLE, TEXT, LABEL["published"], LABEL))
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "out"
        importlib.import_module(f"nlp_extract.learning.formats.{form}").write([annotated], target)
        if form != "brat":
            return target.read_bytes()
        BRAT[:] = sorted(p.relative_to(target) for p in target.rglob("*") if p.is_file())
        return b"\x1e".join((target / p).read_bytes() for p in BRAT)


BRAT: list[Path] = []
MODEL = default_root() / "opinions"
FORMS = ("labelled", "label_studio", "doccano", "brat", "conll")
ARTICLE = json.dumps({"id": 1, "title": TITLE, "text": TEXT * 2, "published": "2025-03-28"}, ensure_ascii=False)
TARGETS: dict[str, tuple[Callable[[bytes, Path], None], Callable[[], bytes]]] = {
    **{form: (label_file(form), lambda form=form: sample(form)) for form in FORMS},
    "model": (model_folder, lambda: (MODEL / "meta.json").read_bytes()),
    "jsonl": (json_lines, lambda: (ARTICLE + "\n").encode() * 2),
    "text": (text, lambda: f"{TITLE}\n{TEXT}".encode()),
}


def fuzz(name: str, seconds: float) -> int:
    """Run one target for a while; return how many inputs it was given."""
    target, valid = TARGETS[name]
    start, count = time.monotonic(), 0
    data = valid()
    while time.monotonic() - start < seconds:

        @seed(count)
        @settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(EDITS)
        def run(edits: list[tuple[float, int, bytes, int]]) -> None:
            nonlocal count
            count += 1
            signal.alarm(SECONDS_AN_INPUT)
            with tempfile.TemporaryDirectory() as folder:
                target(broken(data, edits), Path(folder))
            signal.alarm(0)

        run()
    return count


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="time in total")
    parser.add_argument("--only", choices=list(TARGETS))
    options = parser.parse_args()
    names = [options.only] if options.only else list(TARGETS)
    for name in names:
        print(f"{name:14} {fuzz(name, options.seconds / len(names)):7,} inputs", flush=True)


if __name__ == "__main__":
    main()
