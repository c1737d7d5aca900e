"""HanLP itself: a small multi-task model trained here from our own sentences, run in a process without sockets.

Runs where torch and hanlp are installed (`make test-hanlp`); skipped elsewhere.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed: make test-hanlp sets it up")
pytest.importorskip("hanlp", reason="hanlp is not installed: make test-hanlp sets it up")

from nlp_extract.engines.hanlp import check, resolve
from nlp_extract.errors import EngineError
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore")
NAMES = ["李明", "王芳", "张伟", "赵丽"]
PLACES = ["上海", "北京", "广州", "成都"]
FIRMS = ["海星公司", "远山集团", "云帆公司", "东岭集团"]

RUN = """
import json, socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("the network was asked for")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
import nlp_extract
nlp = nlp_extract.load(engine="hanlp", model=sys.argv[1])
record = nlp_extract.extract("李明在上海访问海星公司。", nlp=nlp)
tokens = [t.text for t in nlp("李明在上海访问海星公司。")]
print(json.dumps({"record": record.model_dump(mode="json"), "tokens": tokens}, ensure_ascii=False))
"""


def sentences() -> list[list[tuple[str, str, str]]]:
    """Words with tag and entity label: name 在 place 访问 firm 。"""
    visit, end, at = ("访问", "VV", ""), ("。", "PU", ""), ("在", "P", "")
    return [
        [(name, "NR", "PERSON"), at, (place, "NR", "LOCATION"), visit, (firm, "NN", "ORGANIZATION"), end]
        for name in NAMES
        for place in PLACES
        for firm in FIRMS
    ]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hanlp")
    train(folder)
    return folder / "model"


def train(folder: Path) -> None:
    """Train tokens, tags, entities and semantic roles on a tiny encoder with random weights."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    import transformers
    import transformers.optimization
    from hanlp.components.mtl.multi_task_learning import MultiTaskLearning
    from hanlp.components.mtl.tasks.ner.tag_ner import TaggingNamedEntityRecognition
    from hanlp.components.mtl.tasks.pos import TransformerTagging
    from hanlp.components.mtl.tasks.srl.bio_srl import SpanBIOSemanticRoleLabeling
    from hanlp.components.mtl.tasks.tok.tag_tok import TaggingTokenization
    from hanlp.layers.embeddings.contextual_word_embedding import ContextualWordEmbedding

    # hanlp 2.1.5 asks for an optimiser that transformers 5 no longer has; training only.
    def adamw(params: Any, no_deprecation_warning: Any = None, **options: Any) -> Any:
        return torch.optim.AdamW(params, **options)

    transformers.optimization.AdamW = adamw  # type: ignore[attr-defined]
    rows = sentences()
    characters = sorted({c for row in rows for word, _, _ in row for c in word})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    encoder = folder / "model" / "encoder"
    encoder.mkdir(parents=True)
    (encoder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    (encoder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    )
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128
    )
    transformers.BertModel(config).save_pretrained(encoder)

    def write(name: str, lines: list[str]) -> str:
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
        return str(folder / name)

    tok = write("tok.txt", [" ".join(word for word, _, _ in row) for row in rows])
    pos = write("pos.tsv", ["\n".join(f"{word}\t{tag}" for word, tag, _ in row) + "\n" for row in rows])
    ner = write(
        "ner.tsv", ["\n".join(f"{w}\t{f'S-{label}' if label else 'O'}" for w, _, label in row) + "\n" for row in rows]
    )
    roles = [[3, 0, 0, "ARG0"], [3, 1, 2, "ARGM-LOC"], [3, 4, 4, "ARG1"]]
    srl = write(
        "srl.jsonlines",
        [json.dumps({"sentences": [[word for word, _, _ in row]], "srl": [roles]}, ensure_ascii=False) for row in rows],
    )
    tasks = {
        "tok/fine": TaggingTokenization(tok, tok, tok, lr=1e-3),
        "pos/ctb": TransformerTagging(pos, pos, pos, lr=1e-3, dependencies="tok/fine"),
        "ner/msra": TaggingNamedEntityRecognition(ner, ner, ner, lr=1e-3, dependencies="tok/fine"),
        "srl": SpanBIOSemanticRoleLabeling(srl, srl, srl, lr=1e-3, doc_level_offset=False, dependencies="tok/fine"),
    }
    MultiTaskLearning().fit(
        ContextualWordEmbedding("token", str(encoder), average_subwords=True, max_sequence_length=512),
        tasks,
        str(folder / "model"),
        epochs=12,
        lr=1e-3,
        encoder_lr=1e-3,
        eval_trn=False,
        devices=-1,
        seed=1,
    )


def test_records_come_from_a_hanlp_model_without_sockets(model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(model)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["tokens"] == ["李明", "在", "上海", "访问", "海星公司", "。"]
    entities = {(e["text"], e["type"]) for e in found["record"]["entities"]}
    assert entities == {("李明", "PER"), ("上海", "LOC"), ("海星公司", "ORG")}
    actions = [
        ((a["subject"] or {}).get("text"), a["predicate"]["text"], (a["object"] or {}).get("text"))
        for a in found["record"]["actions"]
    ]
    assert ("李明", "访问", "海星公司") in actions
    assert found["record"]["provenance"]["engine"] == "hanlp"


def test_a_name_that_is_not_on_disk_names_both_folders(tmp_path: Path) -> None:
    import hanlp

    name = next(n for n in sorted(hanlp.pretrained.ALL) if n.startswith("CLOSE_TOK"))
    with pytest.raises(EngineError, match=r"Two folders.*transformers"):
        resolve(name, home=str(tmp_path))


def test_a_name_that_is_no_model() -> None:
    with pytest.raises(EngineError, match="neither a folder nor an official name"):
        resolve("NO_SUCH_MODEL")


@pytest.mark.parametrize("encoder", ["hfl/chinese-electra-180g-small-discriminator", "somebody/else"])
def test_a_model_whose_encoder_is_not_on_disk_names_both_folders(tmp_path: Path, encoder: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"encoder": {"transformer": encoder}}))
    with pytest.raises(EngineError, match=rf"Two folders.*{re.escape(str(tmp_path))}.*encoder"):
        check(tmp_path)
    (tmp_path / "encoder").mkdir()
    check(tmp_path)


@pytest.mark.parametrize("config", [None, "{", "[]"])
def test_a_folder_that_holds_no_model(tmp_path: Path, config: str | None) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(EngineError, match=r"config\.json"):
        check(tmp_path)
