"""Files of many articles: JSON lines plain, `.gz` or `.zst`, and Parquet; writing that can be resumed."""

from __future__ import annotations

import contextlib
import gzip
import importlib
import io
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from nlp_extract.errors import DataError
from nlp_extract.running.articles import Article, from_lines, from_object

LINES = (".jsonl", ".ndjson")


def form_of(path: str | Path) -> str | None:
    """`lines`, `parquet`, or None for a file of one article."""
    name = str(path).lower()
    if name.endswith(".parquet"):
        return "parquet"
    return "lines" if name.removesuffix(".gz").removesuffix(".zst").endswith(LINES) else None


def _extra(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DataError(
            f"{module} is not installed: pip install 'nlp-extract[files]' reads and writes this form."
        ) from error


def open_bytes(path: Path, mode: str) -> IO[bytes]:
    """Open a file for reading (`rb`) or writing (`wb`), compressed by its suffix."""
    name = path.name.lower()
    if name.endswith(".gz"):
        # mtime 0: the same records give the same bytes.
        return gzip.GzipFile(path, mode, mtime=0)  # type: ignore[return-value]
    if name.endswith(".zst"):
        return _open_zst(path, mode)
    return path.open(mode)


def _open_zst(path: Path, mode: str) -> IO[bytes]:
    zstandard = _extra("zstandard")
    if mode == "rb":
        reader = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
        return io.BufferedReader(reader)
    writer: IO[bytes] = zstandard.ZstdCompressor().stream_writer(path.open("wb"), closefd=True)
    return writer


def count(path: Path) -> int | None:
    """Number of articles in a file, where it can be told without parsing; for the time left."""
    if form_of(path) == "parquet":
        return int(_extra("pyarrow.parquet").ParquetFile(path).metadata.num_rows)
    if form_of(path) is None:
        return 1
    with open_bytes(path, "rb") as file:
        return sum(1 for line in file if line.strip())


def read_many(path: Path) -> Iterator[Article]:
    """The articles of a file of many."""
    if form_of(path) == "parquet":
        number = 0
        for batch in _extra("pyarrow.parquet").ParquetFile(path).iter_batches(batch_size=256):
            for row in batch.to_pylist():
                number += 1
                yield from_object(row, where=f"{path}:{number}")
        return
    with io.TextIOWrapper(open_bytes(path, "rb"), encoding="utf-8-sig", errors="replace") as lines:
        yield from from_lines(lines, where=str(path))


def finished_lines(path: Path) -> Iterator[bytes]:
    """The whole lines of an output that a kill may have cut short."""
    with contextlib.suppress(EOFError, zlib.error, gzip.BadGzipFile), open_bytes(path, "rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


class LineWriter:
    """Writes one JSON line an article, and the errors once more into a side file.

    The output is written as `part-NAME` and moved to its place at the end; a run that was killed leaves the
    part, which `resume` carries on from: as many articles as it has whole lines are done.

    Attributes
    ----------
    done, failed : int
        Lines written, and those of them with an error; the resumed part included.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self.path = path
        self.part = path.with_name(f"part-{path.name}")
        self.side = path.with_name(f"{path.name}.errors.jsonl")
        self.done = 0
        self.failed = 0
        old = path.with_name(f"old-{self.part.name}")
        if resume and self.part.exists() and not old.exists():
            os.replace(self.part, old)
        self._file = open_bytes(self.part, "wb")
        self._errors = self.side.open("wb")
        if resume and old.exists():
            for line in finished_lines(old):
                self._put(line, b'"error":' in line and "error" in json.loads(line))
            self.flush()
        old.unlink(missing_ok=True)

    def write(self, name: str | None, record: str | None, error: str | None) -> None:
        """Write one article's line: its record, or its error."""
        head = "" if name is None else f'"id":{json.dumps(name, ensure_ascii=False)},'
        body = f'"error":{json.dumps(error, ensure_ascii=False)}}}' if record is None else record[1:]
        self._put(f"{{{head}{body}\n".encode("utf-8", "replace"), record is None)

    def _put(self, line: bytes, failed: bool) -> None:
        self._file.write(line)
        self.done += 1
        if failed:
            self.failed += 1
            row = {"line": self.done, **json.loads(line)}
            self._errors.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def flush(self) -> None:
        """Hand what is written to the system, so that a kill loses none of it."""
        self._file.flush()
        self._errors.flush()

    def finish(self) -> None:
        """Move the output to its place, the errors beside it."""
        self.abandon()
        os.replace(self.part, self.path)
        if not self.failed:
            self.side.unlink()

    def abandon(self) -> None:
        """Close the part as it is, for a later run to resume."""
        self._file.close()
        self._errors.close()
