"""Retraining on one's own articles, as an analyst does it: from labels to a wheel for a machine without a network."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin
from typer.testing import CliRunner

from nlp_extract import extract, load
from nlp_extract.cli.app import app
from nlp_extract.errors import DataError
from nlp_extract.learning.labelled import read_labelled
from nlp_extract.learning.packaging import build_wheel
from nlp_extract.learning.scoring import ArticleScore, Report, Tally, differences
from nlp_extract.learning.training import COMPONENTS, train_components
from nlp_extract.learning.treebank import read_trees
from nlp_extract.models import ModelFolder, default_root

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "data" / "labelled" / "articles.jsonl"
LABELLED = read_labelled(DATA)


def test_every_trained_component_can_be_retrained() -> None:
    trained = {path.parent.name for path in default_root().glob("*/meta.json")}
    # These learn from large corpora, or from news without labels.
    assert trained - set(COMPONENTS) <= {"characters", "words", "clusters", "vectors"}


def test_the_command_trains_compares_and_the_models_load(tmp_path: Path) -> None:
    output = tmp_path / "my_models"
    result = CliRunner().invoke(
        app, ["train", "figures", "policies", "--data", str(DATA), "--output", str(output), "--folds", "3"]
    )
    assert result.exit_code == 0, result.output
    assert "| figures | figures.value |" in result.stdout
    assert sorted(p.name for p in output.iterdir()) == ["figures", "policies"]
    assert "Before and after" in (output / "figures" / "README.md").read_text("utf-8")
    record = extract("远帆汽车上半年出口整车12.6万辆。", nlp=load(models=output))
    used = {m.component: m.sha256 for m in record.provenance.models}
    assert used["figures"] == ModelFolder.read(output / "figures", "figures").digest


TREE = """# text = 双方签署协议。
1\t双方\t_\tNOUN\tNN\t_\t2\tnsubj\t_\t_
2\t签署\t_\tVERB\tVV\t_\t0\troot\t_\t_
3\t协议\t_\tNOUN\tNN\t_\t2\tobj\t_\t_
4\t。\t_\tPUNCT\t.\t_\t2\tpunct\t_\t_

"""


def test_trees_are_read_and_their_faults_named(tmp_path: Path) -> None:
    path = tmp_path / "trees.conllu"
    path.write_text(TREE * 2, "utf-8")
    tree, _ = read_trees(path)
    assert tree.words == ("双方", "签署", "协议", "。")
    assert tree.heads == (2, 0, 2, 2)
    doc = Doc(
        spacy.blank("zh").vocab, words=list(tree.words), spaces=[False] * 4, pos=list(tree.parts), tags=list(tree.tags),
        heads=[1, 1, 1, 1], deps=["nsubj", "ROOT", "obj", "punct"],
    )  # fmt: skip
    DocBin(docs=[doc], attrs=["HEAD", "DEP", "POS", "TAG"]).to_disk(tmp_path / "trees.spacy")
    assert read_trees(tmp_path / "trees.spacy") == [tree]
    for old, new, fault in (
        ("\t0\troot", "\t1\troot", "one root"),
        ("\t2\tobj", "\t9\tobj", "no number from 0 to 4"),
        ("\t2\tobj", "\t3\tobj", "run in a circle"),
        ("\tVV", "", "expected 10 columns"),
    ):
        path.write_text(TREE.replace(old, new), "utf-8")
        with pytest.raises(DataError, match=fault):
            read_trees(path)


def test_the_parser_learns_from_own_trees(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "trees.conllu"
    path.write_text(TREE * 4, "utf-8")
    output = tmp_path / "my_models"
    result = CliRunner().invoke(app, ["train", "syntax", "--data", str(path), "--output", str(output)])
    assert result.exit_code == 0, result.output
    assert "| syntax | las |" in result.stdout
    nlp = load(models=output)
    assert [token.dep_ for token in nlp("双方签署协议。") if token.dep_ == "obj"]
    with pytest.raises(DataError, match="from nothing"):
        train_components(["syntax"], read_trees(path), output, scratch=True)
    with pytest.raises(DataError, match="expected labelled articles"):
        train_components(["policies"], read_trees(path), output)


def test_an_interrupted_run_is_taken_up_again(tmp_path: Path) -> None:
    seen: list[str] = []

    def stop(line: str) -> None:
        seen.append(line)
        if line.startswith("fold 2") and "scoring" in line:
            raise KeyboardInterrupt

    articles = LABELLED[:8]
    with pytest.raises(KeyboardInterrupt):
        train_components(["policies"], articles, tmp_path, folds=2, progress=stop)
    again: list[str] = []
    train_components(["policies"], articles, tmp_path, folds=2, progress=again.append)
    assert sum("training" in line for line in seen) == 2
    assert [line for line in again if "training" in line] == ["training policies on 8 articles"]
    whole = train_components(["policies"], articles, tmp_path / "whole", folds=0)
    assert whole == []
    names = ("policies", "whole/policies")
    assert len({ModelFolder.read(tmp_path / n, "policies").digest for n in names}) == 1


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sentimint"):
        train_components(["sentimint"], LABELLED, tmp_path)
    with pytest.raises(DataError, match="no labelled articles"):
        train_components(["policies"], [], tmp_path)
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps({"id": "a", "text": "好"}) + "\n", "utf-8")
    result = CliRunner().invoke(app, ["train", "policies", "--data", str(broken), "--output", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "nothing was trained" in result.output
    assert not (tmp_path / "out").exists()


def test_a_change_within_chance_is_called_noise() -> None:
    def report(hits: list[int]) -> Report:
        return Report(tuple(ArticleScore(str(n), {"times": Tally(h, 4, 4)}) for n, h in enumerate(hits)))

    before = report([2] * 20)
    low, high = differences(before, report([1, 3] * 10), ["times"])["times"]
    assert low < 0 < high
    low, _ = differences(before, report([3] * 20), ["times"])["times"]
    assert low > 0.2
    with pytest.raises(ValueError, match="same articles"):
        differences(before, report([1]), ["times"])


def own_models(folder: Path) -> Path:
    train_components(["policies"], LABELLED[:6], folder, folds=0)
    return folder


def test_one_wheel_holds_code_and_models_and_is_the_same_each_time(tmp_path: Path) -> None:
    models = own_models(tmp_path / "models")
    wheel = build_wheel(models, tmp_path / "a", label="news.1")
    assert wheel.name.endswith("+news.1-py3-none-any.whl")
    assert wheel.read_bytes() == build_wheel(models, tmp_path / "b", label="news.1").read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        stored = archive.read("nlp_extract/_models/policies/meta.json")
        assert stored == (models / "policies" / "meta.json").read_bytes()
        assert "nlp_extract/_models/figures/meta.json" in archive.namelist()
    with pytest.raises(DataError, match="local version"):
        build_wheel(models, tmp_path, label="News 1")
    with pytest.raises(DataError, match="no models"):
        build_wheel(tmp_path / "a", tmp_path)


@pytest.mark.skipif(shutil.which("unshare") is None, reason="unshare (util-linux) is not here")
def test_the_wheel_installs_with_no_index_and_no_network(tmp_path: Path) -> None:
    wheelhouse = tmp_path / "wheelhouse"
    wheel = build_wheel(own_models(tmp_path / "models"), wheelhouse)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    # Not pip download: what comes as source only would have to be built there.
    got = subprocess.run([*pip, "wheel", "--wheel-dir", str(wheelhouse), str(wheel)], capture_output=True, text=True)
    if got.returncode:
        pytest.skip(f"the package registry does not answer: {got.stderr[-300:]}")
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("this kernel gives no network namespace")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheelhouse, "nlp-extract"]
    script = "from nlp_extract import extract; print(extract('会议6月25日在上海举行。').times[0].text)"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
    for command in (install, [python, "-c", script]):
        done = subprocess.run(
            ["unshare", "-rn", *map(str, command)], capture_output=True, text=True, env=environment, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "6月25日"
