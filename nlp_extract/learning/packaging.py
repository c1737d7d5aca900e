"""One wheel with this package and one's own models in it, for machines without a network."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from nlp_extract.errors import DataError
from nlp_extract.models import default_root, installed_models

PACKAGE = "nlp_extract"
DISTRIBUTION = "nlp-extract"
WHEEL = "Wheel-Version: 1.0\nGenerator: nlp-extract package\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
# Wheels are zip files, whose clock begins in 1980; a fixed time makes equal contents equal bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)


def build_wheel(models: Path, output: Path, *, label: str = "own") -> Path:
    """Write a wheel of the installed package whose models are the shipped ones with `models` in their place.

    Parameters
    ----------
    models : Path
        A folder of own models (`models/<component>/`), read and checked first.
    output : Path
        Folder for the wheel.
    label : str
        Local part of the version (PEP 440), e.g. `newsroom.2`: `0.1.0+newsroom.2`.

    Returns
    -------
    Path
        Of the wheel. `pip install` it as any other; `extract()` then uses the models in it.

    Raises
    ------
    DataError
        The label is no local version, or there is no model in the folder.
    ModelError
        A model is damaged.
    """
    if not re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*", label):
        raise DataError(f"{label!r} is no local version: expected lower-case letters and digits, e.g. newsroom.2.")
    own = {str(folder.meta["component"]): folder.files for folder in installed_models(models)}
    if not own:
        raise DataError(f"there are no models in {models}: expected folders such as {models / 'sentiment'}.")
    shipped = {str(folder.meta["component"]): folder.files for folder in installed_models(default_root())}
    found = importlib.metadata.distribution(DISTRIBUTION)
    version = f"{found.version.split('+')[0]}+{label}"
    info = f"{PACKAGE}-{version}.dist-info"
    metadata = re.sub(r"(?m)^Version: .*$", f"Version: {version}", found.read_text("METADATA") or "", count=1)
    files = dict(_code())
    for component, contents in sorted({**shipped, **own}.items()):
        files.update({f"{PACKAGE}/_models/{component}/{name}": data for name, data in sorted(contents.items())})
    files[f"{info}/METADATA"] = metadata.encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    files[f"{info}/entry_points.txt"] = (found.read_text("entry_points.txt") or "").encode()
    files[f"{info}/licenses/LICENSE"] = (found.read_text("licenses/LICENSE") or "").encode()
    rows = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{PACKAGE}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data)
    return path


def _code() -> Iterator[tuple[str, bytes]]:
    """The package's own files, without models and caches."""
    root = Path(__file__).parent.parent
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and parts[0] != "_models" and "__pycache__" not in parts:
            yield "/".join((PACKAGE, *parts)), path.read_bytes()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
