"""Machines without a network, with a read-only home and temporary directory; and the same bytes every time."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

AIR_GAP = """
import socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("the network was asked for")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = refuse
socket.create_connection = refuse
from nlp_extract import extract
record = extract("工业和信息化部6月25日在北京发布通知，汽车出口同比增长7.9%。", published="2025-06-27")
assert record.times[0].value_start == "2025-06-25", record
sys.stdout.write(record.model_dump_json())
"""

MANY = """
import json, sys
import nlp_extract
from nlp_extract.pipeline import make_doc
if __name__ == "__main__":
    rows = json.loads(sys.stdin.read())
    nlp = nlp_extract.load()
    docs = (make_doc(nlp, r["text"], title=r["title"], published=r["published"]) for r in rows)
    for doc in nlp.pipe(docs, n_process=int(sys.argv[1]), batch_size=2):
        sys.stdout.write(doc._.record.model_dump_json() + "\\n")
"""


def environment(**more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **more}


@pytest.fixture
def read_only(tmp_path: Path) -> Any:
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)


def test_runs_without_network_home_or_temporary_files(read_only: Path) -> None:
    nowhere = environment(HOME=str(read_only), TMPDIR=str(read_only), XDG_CACHE_HOME=str(read_only))
    plain = subprocess.run([sys.executable, "-c", AIR_GAP], env=nowhere, capture_output=True, text=True, cwd=read_only)
    assert plain.returncode == 0, plain.stderr
    assert list(read_only.iterdir()) == []


def test_runs_in_a_network_namespace_of_its_own(read_only: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode:
        pytest.skip("this kernel or user may not make network namespaces (unshare -n)")
    nowhere = environment(HOME=str(read_only), TMPDIR=str(read_only))
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", AIR_GAP], env=nowhere, capture_output=True, text=True, cwd=read_only
    )
    assert done.returncode == 0, done.stderr


def test_same_bytes_for_any_hash_seed_and_number_of_processes(articles: list[dict[str, Any]], tmp_path: Path) -> None:
    script = tmp_path / "many.py"
    script.write_text(MANY, "utf-8")
    outputs = {
        (seed, processes): subprocess.run(
            [sys.executable, str(script), processes],
            input=json.dumps(articles),
            env=environment(PYTHONHASHSEED=seed, HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, processes in (("0", "1"), ("1", "2"), ("4242", "1"))
    }
    assert len(set(outputs.values())) == 1
    assert len(outputs["0", "1"].splitlines()) == len(articles)


def test_import_writes_and_prints_nothing_and_is_light(tmp_path: Path) -> None:
    code = "import sys, nlp_extract; assert 'spacy' not in sys.modules and 'sklearn' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(HOME=str(tmp_path)), capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
