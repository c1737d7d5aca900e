"""Model folders: `meta.json` with hashes, a card, and weights as npz, JSON or msgpack; never a pickle."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

from nlp_extract.errors import ModelError, message

FORMAT = 1
_REPAIR = "Reinstall the package, or make it again: nlp-extract train {component} --output <folder>."


def default_root() -> Path:
    """The folder of the shipped models: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parent
    inside = package / "_models"
    return inside if inside.is_dir() else package.parent / "models"


@dataclasses.dataclass(frozen=True)
class ModelFolder:
    """The files of one component's model, read whole and checked against their hashes.

    Attributes
    ----------
    meta : dict
        `component`, `format`, `version`, `files` (name -> sha256) and whatever the component keeps there.
    files : dict of str to bytes
        Every file, `meta.json` included.
    """

    meta: dict[str, Any]
    files: dict[str, bytes]

    @classmethod
    def read(cls, path: str | Path, component: str) -> ModelFolder:
        """Read and check a folder.

        Raises
        ------
        ModelError
            NX101 missing, NX102 damaged, NX103 for another component, NX104 of another format.
        """
        folder = Path(path)
        if not (folder / "meta.json").is_file():
            repair = _REPAIR.format(component=component)
            raise ModelError(message("NX101", path=folder, component=component, repair=repair))
        files = {"meta.json": (folder / "meta.json").read_bytes()}
        for name in _meta(files, component, folder).get("files", {}):
            if "/" in name or "\\" in name or name.startswith("."):
                raise _damaged(folder, component, f"file name {name!r} leaves the folder")
            if not (folder / name).is_file():
                raise _damaged(folder, component, f"file {name} is missing")
            files[name] = (folder / name).read_bytes()
        return cls.from_files(files, component, folder)

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], component: str, path: object = "<bytes>") -> ModelFolder:
        """Check files that are already in memory; errors as `read`."""
        meta = _meta(files, component, path)
        for name, digest in sorted(meta["files"].items()):
            if name not in files:
                raise _damaged(path, component, f"file {name} is missing")
            if hashlib.sha256(files[name]).hexdigest() != digest:
                raise _damaged(path, component, f"sha256 of {name} is not the one in meta.json")
        return cls(meta=meta, files=dict(files))

    @classmethod
    def build(cls, component: str, files: Mapping[str, bytes], meta: Mapping[str, Any] | None = None) -> ModelFolder:
        """Make a folder in memory from weights and card, hashes computed."""
        digests = {
            name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items()) if name != "README.md"
        }
        full = {"component": component, "format": FORMAT, **(meta or {}), "files": digests}
        blob = (json.dumps(full, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        return cls(meta=full, files={"meta.json": blob, **files})

    def described(self, card: str, **meta: Any) -> ModelFolder:
        """The same weights with a card and more in `meta.json`, such as scores."""
        files = {name: data for name, data in self.files.items() if name not in ("meta.json", "README.md")}
        kept = {key: value for key, value in self.meta.items() if key not in ("component", "format", "files")}
        return self.build(self.meta["component"], {**files, "README.md": card.encode()}, {**kept, **meta})

    def write(self, path: str | Path) -> None:
        """Write every file into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)

    @property
    def digest(self) -> str:
        """One hash for the whole model: the sha256 of its `meta.json`."""
        return hashlib.sha256(self.files["meta.json"]).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(data) for data in self.files.values())

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays of an npz file."""
        with numpy.load(io.BytesIO(self.files[name]), allow_pickle=False) as data:
            return {key: data[key] for key in data.files}

    def json(self, name: str) -> Any:
        """The value of a JSON file."""
        return json.loads(self.files[name])


def npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as the bytes of a compressed npz file; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    numpy.savez_compressed(buffer, **{key: arrays[key] for key in sorted(arrays)})  # type: ignore[arg-type]
    return buffer.getvalue()


def installed_models(root: Path) -> list[ModelFolder]:
    """Every model in a folder of models, read and checked, by name of component."""
    return [ModelFolder.read(path.parent, path.parent.name) for path in sorted(root.glob("*/meta.json"))]


@functools.cache
def _shipped(root: Path, component: str) -> ModelFolder:
    return ModelFolder.read(root / component, component)


def load_model(component: str, root: str | Path | None = None) -> ModelFolder:
    """The model of a component: from `root/component` when that exists, else the shipped one."""
    if root is not None and (Path(root) / component).exists():
        return ModelFolder.read(Path(root) / component, component)
    return _shipped(default_root(), component)


def _meta(files: Mapping[str, bytes], component: str, path: object) -> dict[str, Any]:
    try:
        meta = json.loads(files["meta.json"])
        found, form, names = meta["component"], meta["format"], meta["files"]
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path, component, f"meta.json cannot be read ({type(error).__name__}: {error})") from error
    repair = _REPAIR.format(component=component)
    if not isinstance(names, dict):
        raise _damaged(path, component, "meta.json has no table of files")
    if found != component:
        raise ModelError(message("NX103", path=path, found=found, expected=component, repair=repair))
    if form != FORMAT:
        raise ModelError(message("NX104", path=path, found=form, expected=FORMAT, repair=repair))
    return dict(meta)


def _damaged(path: object, component: str, problem: str) -> ModelError:
    repair = _REPAIR.format(component=component)
    return ModelError(message("NX102", path=path, problem=problem, repair=repair))
