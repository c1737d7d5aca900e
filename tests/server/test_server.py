"""The server: extraction as JSON, what it refuses, and saving labels."""

import concurrent.futures
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from spacy.language import Language

from nlp_extract.learning.validation import validate
from nlp_extract.record.model import KeyPointRecord
from nlp_extract.server.labels import LabelFile, labelled_article
from tests.conftest import ROOT
from tests.record import handmade
from tests.server.conftest import connected


def body(record: KeyPointRecord) -> Any:
    return json.loads(record.model_dump_json())


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


# Extraction


def test_extract_answers_with_the_record(client: httpx.Client, given: dict[str, Any]) -> None:
    answer = client.post("/extract", json=given)
    assert answer.status_code == 200
    assert KeyPointRecord.model_validate(answer.json()) == handmade.record()


def test_page_answers_with_the_record_and_its_panes(client: httpx.Client, given: dict[str, Any]) -> None:
    answer = client.post("/page", json={"article": given}).json()
    assert KeyPointRecord.model_validate(answer["record"]) == handmade.record()
    assert answer["html"].count("<details") == 13
    changed = {**answer["record"], "times": []}
    again = client.post("/page", json={"article": given, "record": changed}).json()
    assert again["record"]["times"] == []
    assert 'data-path="times.0"' not in again["html"]


def test_the_page_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert not re.search(r"(src|href)=\"?(https?:)?//", answer.text)
    assert "connect-src 'self'" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_the_description_is_openapi_and_there_are_no_pages_from_a_cdn(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert set(described["paths"]) == {"/extract", "/page", "/labels"}
    assert "KeyPointRecord" in described["components"]["schemas"]
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


def test_requests_at_once_do_not_mix(client: httpx.Client) -> None:
    texts = [f"{'甲' * n}在北京。" for n in range(24)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: client.post("/extract", json={"text": text}).json(), texts))
    assert [a["places"][0]["start"] for a in answers] == [n + 1 for n in range(24)]


# Refusals


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        ({}, 422, "text"),
        ({"text": 3}, 422, "text"),
        ({"text": "好", "published": "yesterday"}, 422, "yesterday"),
        ({"text": "好", "max_items": 0}, 422, "max_items"),
        ({"text": "好", "colour": "red"}, 422, "colour"),
        ({"text": "长" * 20_001}, 413, "20001"),
    ],
)
def test_wrong_articles_are_told_so(client: httpx.Client, sent: Any, status: int, reason: str) -> None:
    answer = client.post("/extract", json=sent)
    assert answer.status_code == status
    assert reason in json.dumps(answer.json()["detail"])


@pytest.mark.parametrize("text", [r'{"text": "\ud800坏"}', r'{"text": "好", "published": "\ud800"}', r'{"\ud800": 1}'])
def test_lone_surrogates_are_no_server_error(client: httpx.Client, text: str) -> None:
    answer = client.post("/extract", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 422)
    answer.json()


def test_no_json(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.post("/extract", content="{", headers=headers).status_code == 422
    answer = client.post("/extract", content='{"text": "好"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert client.get("/extract").status_code == 405


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[::1", "localhost@evil"]
)
def test_another_host_is_refused(client: httpx.Client, host: str) -> None:
    for answer in (
        client.get("/", headers={"Host": host}),
        client.post("/extract", json={"text": "好"}, headers={"Host": host}),
    ):
        assert answer.status_code == 400
        assert "places" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:8765"])
def test_this_machine_is_served(client: httpx.Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_a_host_can_be_allowed(by_heart: Language) -> None:
    with connected(by_heart, hosts=("notes.example",)) as client:
        assert client.get("/", headers={"Host": "notes.example"}).status_code == 200
        assert client.get("/").status_code == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "file://"])
def test_another_origin_is_refused_and_gets_no_cors(client: httpx.Client, origin: str) -> None:
    answer = client.post("/extract", json={"text": "好"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    preflight = client.options("/extract", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers
    own = client.post("/extract", json={"text": "好"}, headers={"Origin": str(client.base_url).rstrip("/")})
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers


def test_long_bodies_are_refused_with_and_without_their_length(by_heart: Language) -> None:
    with connected(by_heart, max_bytes=1000) as client:
        headers = {"Content-Type": "application/json"}
        long = json.dumps({"text": "好" * 1000}).encode()
        assert client.post("/extract", content=long, headers=headers).status_code == 413
        pieces = (long[n : n + 100] for n in range(0, len(long), 100))
        assert client.post("/extract", content=pieces, headers=headers).status_code == 413
        assert client.post("/extract", json={"text": "好"}).status_code == 200


# Labels


def test_a_reviewed_record_is_saved_as_a_valid_label(client: httpx.Client, given: dict[str, Any], labels: Path) -> None:
    answer = client.post("/labels", json={"article": given, "record": body(handmade.record())})
    assert answer.status_code == 200
    assert validate(labels) == (1, [])
    (label,) = lines(labels)
    assert label["id"] == answer.json()["id"]
    assert (label["title"], label["text"], label["published"]) == (given["title"], given["text"], given["published"])
    assert [1, "今年1月至5月", "2025-01-01", "2025-05-31"] not in label["times"]
    assert ["今年1月至5月", "2025-01-01", "2025-05-31"] in [row[1:] for row in label["times"]]
    assert ["岚图汽车科技有限公司", "岚图"] in label["aliases"]
    assert ["程启航", "广东小鹏汽车科技集团有限公司", "副总裁"] in label["persons"]
    assert ["《欧盟电池和废电池法规》", "regulation"] in label["policies"]
    assert ["汽车出口", "249万辆", "同比增长7.9%"] in [row[1:] for row in label["figures"]]
    assert ["岚图汽车科技有限公司", "签署", "协议"] in [row[1:] for row in label["actions"]]
    assert label["sentiment"] == ["mixed", 2]
    assert label["industries"] == ["36", "51"]
    assert {"scope_company", "challenge"} <= {r for roles in label["roles"].values() for r in roles}


def test_saving_again_keeps_the_older_label_beside(client: httpx.Client, given: dict[str, Any], labels: Path) -> None:
    record = body(handmade.record())
    first = client.post("/labels", json={"article": given, "record": record}).json()
    assert first["replaced"] is False
    assert client.post("/labels", json={"article": given, "record": record}).json()["replaced"] is False
    again = client.post("/labels", json={"article": given, "record": {**record, "times": []}}).json()
    assert again == {**first, "replaced": True}
    assert [row["times"] == [] for row in lines(labels)] == [True]
    (older,) = lines(labels.with_name("labels.superseded.jsonl"))
    assert len(older["times"]) == 5


def test_earlier_lines_stay_as_they_are(client: httpx.Client, given: dict[str, Any], labels: Path) -> None:
    earlier = '{"id": "a", "text": "别的"}\nnot json\n{"id": "cut'.encode()
    labels.write_bytes(earlier)
    client.post("/labels", json={"article": given, "record": body(handmade.record())})
    assert labels.read_bytes().startswith(earlier + b"\n")
    assert len(labels.read_bytes().splitlines()) == 4


def test_many_saves_at_once_lose_nothing(labels: Path) -> None:
    def save(n: int) -> bool:
        text = f"{'甲' * n}在北京。"
        record = KeyPointRecord(provenance=handmade.record().provenance)
        return LabelFile(labels).save(labelled_article(record, text))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(40)))
    assert validate(labels) == (40, [])


def test_a_failed_save_leaves_the_file_alone(
    client: httpx.Client, given: dict[str, Any], labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/labels", json={"article": given, "record": body(handmade.record())})
    before = labels.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("nlp_extract.server.labels.os.fsync", full)
    other = {"article": {"text": "另一篇。"}, "record": {"provenance": {"version": "0"}}}
    answer = client.post("/labels", json=other)
    assert answer.status_code == 500
    assert "no space" in answer.json()["detail"]
    assert labels.read_bytes() == before
    assert [p.name for p in labels.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"times": [{"text": "不在", "start": 0, "end": 2, "grain": "day", "kind": "point"}]}, "another article"),
        ({"industries": [{"code": "A1", "name": "", "section": "", "score": 1}]}, "two-digit"),
        ({"colour": 1}, "colour"),
    ],
)
def test_labels_that_are_not_valid_are_not_saved(
    client: httpx.Client, given: dict[str, Any], labels: Path, change: Any, reason: str
) -> None:
    answer = client.post("/labels", json={"article": given, "record": {**body(handmade.record()), **change}})
    assert answer.status_code == 422
    assert reason in json.dumps(answer.json())
    assert not labels.exists()


def test_without_a_file_nothing_is_saved(by_heart: Language, given: dict[str, Any]) -> None:
    with connected(by_heart) as client:
        assert 'id="save"' not in client.get("/").text
        answer = client.post("/labels", json={"article": given, "record": body(handmade.record())})
        assert answer.status_code == 403


# The command


def test_serve_listens_on_this_machine_with_the_shipped_pipeline_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "nlp_extract", "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.match(r"(http://127\.0\.0\.1:\d+)/", said)
        assert address, said
        sent = {"text": "会议25日在上海举行。", "published": "2025-06-27"}
        answer = httpx.post(f"{address[1]}/extract", json=sent, trust_env=False, timeout=60)
        assert answer.json()["times"][0]["value_start"] == "2025-06-25"
        server.send_signal(signal.SIGINT)
        assert server.wait(30) in (0, -signal.SIGINT, 130)
        assert "Traceback" not in server.stderr.read()


def test_serve_says_when_it_cannot_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "nlp_extract", "serve", "--port", port], capture_output=True, text=True, cwd=ROOT
        )
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1, port {port}" in done.stderr
