"""What a request must be before anything looks at it: for this host, from this page, JSON, and not too long."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

SAFE = ("GET", "HEAD")
PATIENCE = 8
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Refuses requests before they reach the application.

    Parameters
    ----------
    app : ASGI application
    hosts : iterable of str
        Names that the Host header may give, without a port: another name that leads here is DNS rebinding.
    max_bytes : int
        Longest body.
    """

    def __init__(self, app: App, *, hosts: Iterable[str], max_bytes: int) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self.max_bytes = max_bytes

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request here, or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self.refusal(scope["method"], headers)
        body = await self.body(receive)
        if refusal is not None or body is None:
            await _answer(send, *(refusal or self.too_long()))
            return
        given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return given.pop() if given else await receive()

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, again, sealed)

    async def body(self, receive: Receive) -> bytes | None:
        """The whole body, None when it is over the limit (it may come without its length).

        What is over the limit is read and thrown away, for a while: a client whose body nobody reads sees a broken
        connection in place of the answer.
        """
        body = bytearray()
        read = 0
        while True:
            message = await receive()
            read += len(message.get("body", b""))
            if read <= self.max_bytes:
                body += message.get("body", b"")
            if read > PATIENCE * self.max_bytes or not message.get("more_body", False):
                return bytes(body) if read <= self.max_bytes else None

    def refusal(self, method: str, headers: dict[bytes, str]) -> tuple[int, str] | None:
        """Status and reason where a request is refused by its head."""
        host = headers.get(b"host", "")
        if not self.known(f"http://{host}"):
            return 400, f"Host {host!r} is not served here; allow it with --allow-host."
        if method in SAFE:
            return None
        origin = headers.get(b"origin")
        if origin is not None and not self.known(origin):
            return 403, f"requests from {origin!r} are not served here."
        if headers.get(b"content-type", "").partition(";")[0].strip().lower() != "application/json":
            return 415, "the body must be JSON: Content-Type: application/json."
        length = headers.get(b"content-length", "0")
        if length.isdigit() and int(length) > self.max_bytes:
            return self.too_long()
        return None

    def known(self, address: str) -> bool:
        """Whether an address is of one of the hosts."""
        try:
            parts = urlsplit(address)
            return parts.scheme in ("http", "https") and (parts.hostname or "").lower() in self.hosts
        except ValueError:
            return False

    def too_long(self) -> tuple[int, str]:
        """The answer to a body over the limit."""
        return 413, f"the body is over {self.max_bytes} bytes; nothing was extracted or saved."


async def _answer(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"detail": reason}, ensure_ascii=True).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
