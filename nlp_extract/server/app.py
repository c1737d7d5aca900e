"""The application: the page, `POST /extract`, and saving reviewed records as labelled articles."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from spacy.language import Language

from nlp_extract import __version__, pipeline
from nlp_extract.record.html import panes
from nlp_extract.record.model import KeyPointRecord
from nlp_extract.server.guard import Guard
from nlp_extract.server.labels import LabelError, LabelFile, labelled_article
from nlp_extract.server.workbench import to_workbench

LOCAL = ("127.0.0.1", "localhost", "::1")
MAX_BYTES = 8_000_000
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The Host header is not of this server."},
    403: {"description": "The Origin is not of this server."},
    413: {"description": "The body or the article is too long."},
    415: {"description": "The body is not JSON."},
}


class ArticleIn(BaseModel):
    """An article to extract."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(description="The article without its title.")]
    title: Annotated[str | None, Field(description="Its title; offsets then count from title + line feed + text.")] = (
        None
    )
    published: Annotated[str | None, Field(description="Day of publication, ISO 8601.", examples=["2025-06-27"])] = None
    max_items: Annotated[int | None, Field(ge=1, description="Items a section at most, null for all.")] = 10

    @property
    def article(self) -> str:
        """The string that offsets count in."""
        return f"{self.title}\n{self.text}" if self.title else self.text


class PageIn(BaseModel):
    """An article, and its record where it is only to be shown again."""

    model_config = ConfigDict(extra="forbid")

    article: ArticleIn
    record: KeyPointRecord | None = None


class PageOut(BaseModel):
    """A record and the panes of its page."""

    record: KeyPointRecord
    html: str


class LabelIn(BaseModel):
    """A reviewed record of an article."""

    model_config = ConfigDict(extra="forbid")

    article: ArticleIn
    record: KeyPointRecord


class LabelOut(BaseModel):
    """Where a label went, and whether it took the place of an older one (which is kept beside)."""

    id: str
    file: str
    replaced: bool


def create_app(
    nlp: Language,
    *,
    labels: Path | None = None,
    hosts: tuple[str, ...] = LOCAL,
    max_bytes: int = MAX_BYTES,
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    nlp : Language
        A pipeline of `nlp_extract.load`; requests take turns at it.
    labels : path, optional
        File that reviewed records are saved to; without one nothing can be saved.
    hosts : tuple of str
        Names that the Host header may give.
    max_bytes : int
        Longest body of a request.
    """
    # No documentation pages: FastAPI's load their scripts from a CDN. The description itself is /openapi.json.
    app = FastAPI(title="nlp_extract", version=__version__, docs_url=None, redoc_url=None, responses=REFUSALS)
    app.add_middleware(Guard, hosts=hosts, max_bytes=max_bytes)
    turn = threading.Lock()
    saved = LabelFile(labels) if labels is not None else None

    def record_of(article: ArticleIn) -> KeyPointRecord:
        if len(article.article) > nlp.max_length:
            raise HTTPException(413, f"the article has {len(article.article)} characters, over {nlp.max_length}.")
        try:
            with turn:  # a spaCy pipeline is not made for several threads at once
                return pipeline.extract(
                    article.text,
                    title=article.title,
                    published=article.published or None,
                    max_items=article.max_items,
                    nlp=pipeline.bound_vocab(nlp),
                )
        except (TypeError, ValueError) as error:
            raise HTTPException(422, str(error)) from error

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # Place and reason only: the input may hold what JSON in UTF-8 cannot.
        rows = [{"loc": list(e["loc"]), "msg": e["msg"], "type": e["type"]} for e in error.errors()]
        return Response(json.dumps({"detail": rows}), status_code=422, media_type="application/json")

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def index() -> str:
        return to_workbench(can_save=saved is not None)

    @app.post("/extract", summary="The key-point record of an article")
    def extract(article: ArticleIn) -> KeyPointRecord:
        return record_of(article)

    @app.post("/page", summary="A record with the panes of its page")
    def page(given: PageIn) -> PageOut:
        record = given.record or record_of(given.article)
        try:
            return PageOut(record=record, html=panes(record, given.article.article))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @app.post("/labels", summary="Save a reviewed record as a labelled article")
    def label(given: LabelIn) -> LabelOut:
        if saved is None:
            raise HTTPException(403, "started without --labels: there is no file to save to.")
        article = given.article
        try:
            labelled = labelled_article(
                given.record, article.text, title=article.title, published=article.published or None
            )
        except LabelError as error:
            raise HTTPException(422, str(error)) from error
        try:
            return LabelOut(id=labelled.id, file=str(saved.path), replaced=saved.save(labelled))
        except OSError as error:
            raise HTTPException(500, f"nothing was saved to {saved.path}: {error.strerror or error}.") from error

    return app
