"""A server that listens, with a pipeline that knows one article by heart: fast, whatever the models say."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import spacy
import uvicorn
from spacy.language import Language
from spacy.tokens import Doc

from nlp_extract.assembly.component import KEY
from nlp_extract.pipeline import TOKENIZER
from nlp_extract.record import model as m
from nlp_extract.server.app import create_app
from tests.record import handmade


class ByHeart:
    """Gives the article made by hand its record, and any other one a place for every 北京."""

    def __init__(self) -> None:
        self.busy = threading.Lock()

    def __call__(self, doc: Doc) -> Doc:
        assert self.busy.acquire(blocking=False), "two threads are in the pipeline at once"
        try:
            time.sleep(0.005)
            title, text, _ = handmade.article()
            article = doc.user_data["nlp_extract_text"].article
            if article == f"{title}\n{text}":
                doc.user_data[KEY] = handmade.record()
                return doc
            request = doc.user_data["nlp_extract_request"]
            starts = [n for n in range(len(article)) if article.startswith("北京", n)]
            spans = tuple(m.TextSpan(text="北京", start=n, end=n + 2) for n in starts)
            place = [m.Place(**s.model_dump(), name="北京市", role="scene", mentions=spans) for s in spans[:1]]
            doc.user_data[KEY] = m.KeyPointRecord(
                title=request.title,
                published=request.published,
                places=tuple(place),
                provenance=m.Provenance(version="0"),
            )
            return doc
        finally:
            self.busy.release()


Language.component("tests_by_heart", func=ByHeart())


@pytest.fixture
def by_heart() -> Language:
    nlp = spacy.blank("zh", config=TOKENIZER)
    nlp.add_pipe("tests_by_heart")
    nlp.max_length = 20_000
    return nlp


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "labels.jsonl"


@contextlib.contextmanager
def served(nlp: Language, **settings: Any) -> Iterator[str]:
    """The address of a running server."""
    server = uvicorn.Server(uvicorn.Config(create_app(nlp, **settings), log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def connected(nlp: Language, **settings: Any) -> Iterator[httpx.Client]:
    """A client of a running server."""
    with served(nlp, **settings) as address, httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def client(by_heart: Language, labels: Path) -> Iterator[httpx.Client]:
    with connected(by_heart, labels=labels) as client:
        yield client


@pytest.fixture
def given() -> dict[str, Any]:
    title, text, published = handmade.article()
    return {"title": title, "text": text, "published": published}
