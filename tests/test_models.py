"""Model folders: missing, damaged, foreign, of another format, and never half loaded."""

import json
import shutil
from pathlib import Path

import numpy
import pytest

import nlp_extract
from nlp_extract.errors import ModelError
from nlp_extract.models import ModelFolder, default_root, installed_models, npz


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    arrays = npz({"a": numpy.arange(3), "b": numpy.zeros((2, 2))})
    ModelFolder.build("sentiment", {"weights.npz": arrays, "README.md": b"# card\n"}).write(tmp_path / "sentiment")
    return tmp_path / "sentiment"


def test_round_trip(folder: Path) -> None:
    model = ModelFolder.read(folder, "sentiment")
    assert model.arrays("weights.npz")["a"].tolist() == [0, 1, 2]


def test_equal_arrays_give_equal_bytes() -> None:
    assert npz({"b": numpy.ones(3), "a": numpy.zeros(2)}) == npz({"a": numpy.zeros(2), "b": numpy.ones(3)})


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"NX101.*nowhere.*nlp-extract train"):
        ModelFolder.read(tmp_path / "nowhere", "sentiment")


def test_damaged(folder: Path) -> None:
    (folder / "weights.npz").write_bytes(b"PK broken")
    with pytest.raises(ModelError, match=r"NX102.*weights\.npz"):
        ModelFolder.read(folder, "sentiment")


def test_missing_file(folder: Path) -> None:
    (folder / "weights.npz").unlink()
    with pytest.raises(ModelError, match=r"NX102.*missing"):
        ModelFolder.read(folder, "sentiment")


@pytest.mark.parametrize("meta", ["", "[]", "{}", '{"component": "sentiment", "format": 1, "files": []}'])
def test_meta_that_cannot_be_read(folder: Path, meta: str) -> None:
    (folder / "meta.json").write_text(meta)
    with pytest.raises(ModelError, match="NX102"):
        ModelFolder.read(folder, "sentiment")


def test_foreign(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"NX103.*sentiment.*industries"):
        ModelFolder.read(folder, "industries")


def test_newer_format(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "format": 99}))
    with pytest.raises(ModelError, match=r"NX104.*99"):
        ModelFolder.read(folder, "sentiment")


def test_a_file_name_cannot_leave_the_folder(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "files": {"../secret": "0"}}))
    with pytest.raises(ModelError, match="leaves the folder"):
        ModelFolder.read(folder, "sentiment")


def test_a_pickle_in_an_array_file_is_refused(tmp_path: Path) -> None:
    numpy.savez(tmp_path / "bad.npz", a=numpy.array([print], dtype=object))
    model = ModelFolder.build("sentiment", {"bad.npz": (tmp_path / "bad.npz").read_bytes()})
    with pytest.raises(ValueError, match="allow_pickle"):
        model.arrays("bad.npz")


def test_shipped_models_are_whole_small_and_have_cards() -> None:
    models = installed_models(default_root())
    assert models
    assert sum(m.size for m in models) < 60_000_000
    for model in models:
        assert b"#" in model_card(model)


def model_card(model: ModelFolder) -> bytes:
    return (default_root() / model.meta["component"] / "README.md").read_bytes()


def test_own_models_win_and_a_damaged_one_is_not_half_loaded(tmp_path: Path) -> None:
    shutil.copytree(default_root() / "sentiment", tmp_path / "sentiment")
    assert nlp_extract.load(models=tmp_path).pipe_names
    victim = next(p for p in (tmp_path / "sentiment").iterdir() if p.suffix == ".npz")
    victim.write_bytes(victim.read_bytes()[:-1])
    with pytest.raises(ModelError, match="NX102"):
        nlp_extract.load(models=tmp_path)
