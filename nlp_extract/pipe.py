"""Base of the package's spaCy components: settings and models that go to disk and bytes without pickle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import srsly
from spacy.tokens import Doc

from nlp_extract.models import ModelFolder
from nlp_extract.threads import one_thread


class ArticlePipe:
    """A component that adds a layer to the doc.

    Subclasses override `annotate` (or `replace`, to return another doc), and, when they carry a model, set
    `component` to its name and build what they need from the folder in `use_model`.
    """

    component: str | None = None

    def __init__(self, name: str, model: ModelFolder | None = None) -> None:
        self.name = name
        self.folder = model
        if model is not None:
            self.use_model(model)

    def annotate(self, doc: Doc) -> None:
        """Add the component's layer to the doc."""
        raise NotImplementedError

    def replace(self, doc: Doc) -> Doc:
        """Return the annotated doc; only a component that re-cuts words returns another one."""
        self.annotate(doc)
        return doc

    def use_model(self, folder: ModelFolder) -> None:
        """Build the run-time objects from a model folder."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one doc."""
        with one_thread():
            return self.replace(doc)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64, error_handler: Any = None) -> Iterator[Doc]:
        """Annotate a stream of docs, in order; a failing doc goes to the error handler alone."""
        handler: Callable[..., None] = error_handler or self.get_error_handler()
        for doc in stream:
            try:
                done = self(doc)
            except Exception as error:
                handler(self.name, self, [doc], error)
                continue
            yield done

    def get_error_handler(self) -> Callable[..., None]:
        """The handler set by `nlp.set_error_handler`, or one that raises."""
        return getattr(self, "error_handler", _raise)

    def set_error_handler(self, error_handler: Callable[..., None]) -> None:
        """Set what happens with a doc that fails."""
        self.error_handler = error_handler

    def settings(self) -> dict[str, Any]:
        """What the component needs besides its model; JSON values."""
        return {}

    def use_settings(self, settings: dict[str, Any]) -> None:
        """Take back what `settings` gave."""

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Serialise settings and model."""
        files = self.folder.files if self.folder is not None else {}
        data: bytes = srsly.msgpack_dumps({"settings": self.settings(), "files": files})
        return data

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> ArticlePipe:
        """Restore what `to_bytes` gave."""
        state = srsly.msgpack_loads(data)
        self.use_settings(state["settings"])
        if state["files"] and self.component:
            self.folder = ModelFolder.from_files(state["files"], self.component)
            self.use_model(self.folder)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write settings and model to a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        srsly.write_json(folder / "settings.json", self.settings())
        if self.folder is not None:
            self.folder.write(folder / "model")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> ArticlePipe:
        """Read what `to_disk` wrote."""
        folder = Path(path)
        self.use_settings(srsly.read_json(folder / "settings.json"))
        if (folder / "model").is_dir() and self.component:
            self.folder = ModelFolder.read(folder / "model", self.component)
            self.use_model(self.folder)
        return self


def _raise(name: str, pipe: Any, docs: list[Doc], error: Exception) -> None:
    raise error
