"""An Assistants API server over real HTTP that speaks a dialect: our own service behind uvicorn, with what others of
this kind do differently laid over it. Contract: usable from any test; it runs in a thread of its own.

    with RemoteServer(home, Dialect(lacks=("POST .*/cancel",), iso_dates=True)) as server:
        … server.base_url …
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Callable, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import uvicorn

from playground_tui.service.app import create_app
from playground_tui.service.service import Service
from playground_tui.settings.model import Provider, Settings
from tests.support.carried import service_config

Message = MutableMapping[str, Any]
WAIT_SECONDS = 30.0
FAST = Settings(
    providers=(
        Provider("demo", "demo", default_model="demo", extra_body={"tokens_per_second": 0}),
        Provider("paced", "demo", default_model="demo", extra_body={"tokens_per_second": 100}),
    ),
    default_provider="demo",
)
_ID = re.compile(r"(asst|thread|msg|run|step)_[A-Za-z0-9]+")
_DATES = re.compile(r".*_at$")


@dataclass(frozen=True)
class Dialect:
    lacks: tuple[str, ...] = ()
    """Patterns of `METHOD path` that this server does not know."""
    lacking_status: int = 404
    ids: str = "own"
    """`own`, `number` (JSON numbers) or `uuid` (without a prefix)."""
    iso_dates: bool = False
    plain_text: bool = False
    """Content of messages as one string, in deltas too."""
    drops: tuple[str, ...] = ()
    """Fields that its objects do not have."""
    created_status: int = 200
    done: bool = True
    """Whether streams end with `done`."""
    pages: bool = True
    streams: bool = True
    """False: a stream request is answered with the whole run."""
    html_errors: bool = False
    base: str = "/v1"
    """Where its API begins."""


@dataclass
class _Ids:
    """Our ids ↔ the dialect's."""

    form: str
    out: dict[str, str] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)

    def give(self, ours: str) -> Any:
        if self.form == "own":
            return ours
        if ours not in self.out:
            number = len(self.out) + 1
            theirs = str(number) if self.form == "number" else f"0000{number:04x}-0000-4000-8000-000000000000"
            self.out[ours], self.back[theirs] = theirs, ours
        theirs = self.out[ours]
        return int(theirs) if self.form == "number" else theirs

    def take(self, theirs: Any) -> Any:
        return self.back.get(str(theirs), theirs) if isinstance(theirs, str | int) else theirs


class Translator:
    """The ASGI application around ours. `calls` are the requests as they came."""

    def __init__(self, app: Any, dialect: Dialect) -> None:
        self._app = app
        self._dialect = dialect
        self._ids = _Ids(dialect.ids)
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        """`METHOD path`, headers, body."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _body_of(receive)
        asked = json.loads(body) if body[:1] in (b"{", b"[") else None
        path = scope["path"].removeprefix(self._dialect.base)
        line = f"{scope['method']} {path}"
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.calls.append((line, headers, asked))
        if any(re.fullmatch(pattern, line) for pattern in self._dialect.lacks):
            await self._refuse(send)
            return
        await self._app(
            self._inward(scope, path), _replay(self._request(asked, body), receive), _Answer(self, scope, send)
        )

    def _inward(self, scope: Any, path: str) -> dict[str, Any]:
        parts = [str(self._ids.take(part)) for part in path.split("/")]
        query = dict(parse_qsl(scope["query_string"].decode()))
        if not self._dialect.pages:
            query = {k: v for k, v in query.items() if k not in ("after", "before", "limit")} | {"limit": "100"}
        query = {name: str(self._ids.take(value)) for name, value in query.items()}
        query.pop("api-version", None)
        inner = "/v1" + "/".join(parts)
        headers = [(k, v) for k, v in scope["headers"] if k not in (b"content-length", b"host")]
        headers += [(b"host", b"127.0.0.1")]
        return {
            **scope,
            "path": inner,
            "raw_path": inner.encode(),
            "query_string": urlencode(query).encode(),
            "headers": headers,
        }

    def _request(self, asked: Any, body: bytes) -> bytes:
        if not isinstance(asked, dict):
            return body
        asked = {name: self._ids.take(value) if name.endswith("_id") else value for name, value in asked.items()}
        if not self._dialect.streams:
            asked.pop("stream", None)
        return json.dumps(asked).encode()

    async def _refuse(self, send: Any) -> None:
        status = self._dialect.lacking_status
        page = b"<html><body>nothing here</body></html>"
        body = page if self._dialect.html_errors else json.dumps({"detail": "Not Found"}).encode()
        kind = b"text/html" if self._dialect.html_errors else b"application/json"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": body})

    def outward(self, value: Any, key: str = "") -> Any:
        dialect = self._dialect
        if isinstance(value, dict):
            found = {k: self.outward(v, k) for k, v in value.items() if k not in dialect.drops}
            if not dialect.pages and "has_more" in found:
                found = {"data": found["data"]}
            return found
        if isinstance(value, list):
            if key == "content" and dialect.plain_text:
                return "".join(part.get("text", {}).get("value", "") for part in value if part.get("type") == "text")
            return [self.outward(item) for item in value]
        if isinstance(value, str) and _ID.fullmatch(value):
            return self._ids.give(value)
        if dialect.iso_dates and _DATES.fullmatch(key) and isinstance(value, int):
            return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
        return value

    def frames(self, chunk: bytes) -> bytes:
        """Our own service sends whole frames."""
        out = b""
        for frame in re.findall(rb".+?\n\n", chunk, re.DOTALL):
            name = re.search(rb"^event: (.*)$", frame, re.MULTILINE)
            data = re.search(rb"^data: (.*)$", frame, re.MULTILINE)
            if data is None or data.group(1) == b"[DONE]":
                out += frame if self._dialect.done else b""
                continue
            spoken = json.dumps(self.outward(json.loads(data.group(1))))
            head = b"event: " + name.group(1) + b"\n" if name else b""
            out += head + b"data: " + spoken.encode() + b"\n\n"
        return out


class _Answer:
    """Collects JSON answers and translates them whole; streams frame by frame."""

    def __init__(self, translator: Translator, scope: Any, send: Any) -> None:
        self._translator = translator
        self._scope = scope
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            if self._kind == "text/event-stream":
                await self._send(self._begin())
        elif self._kind == "text/event-stream":
            body = self._translator.frames(message.get("body", b""))
            await self._send({**message, "body": body})
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send(self._begin())
                await self._send({"type": "http.response.body", "body": self._whole()})

    @property
    def _kind(self) -> str:
        return next((v.decode().split(";")[0] for k, v in self._start["headers"] if k == b"content-type"), "")

    @property
    def _is_page(self) -> bool:
        return self._translator._dialect.html_errors and self._start["status"] >= 400

    def _begin(self) -> Message:
        status = self._start["status"]
        if status == 200 and self._scope["method"] == "POST":
            status = self._translator._dialect.created_status
        kind = b"text/html" if self._is_page else self._kind.encode()
        return {"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]}

    def _whole(self) -> bytes:
        if self._is_page:
            return b"<html><body>something went wrong</body></html>"
        if self._kind != "application/json":
            return self._body
        return json.dumps(self._translator.outward(json.loads(self._body))).encode()


async def _body_of(receive: Callable[[], Any]) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replay(body: bytes, receive: Any) -> Any:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()  # type: ignore[no-any-return]
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class RemoteServer:
    def __init__(
        self,
        home: Path,
        dialect: Dialect | None = None,
        *,
        settings: Settings = FAST,
        key: str | None = None,
        run_expiry: float = 600.0,
    ) -> None:
        self._config = service_config(home, settings, api_key=key, run_expiry=run_expiry)
        self._dialect = dialect or Dialect()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="remote-server", daemon=True)
        self._server: uvicorn.Server | None = None
        self.translator: Translator

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{self._dialect.base}"

    @property
    def calls(self) -> list[str]:
        return [line for line, _, _ in self.translator.calls]

    async def _run(self) -> None:
        service = Service(self._config)
        await service.start()
        self.translator = Translator(create_app(service, local_only=False), self._dialect)
        config = uvicorn.Config(
            self.translator, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = _Quiet(config)
        self._ready.set()
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            await service.close(0.2)

    def __enter__(self) -> RemoteServer:
        self._thread.start()
        assert self._ready.wait(WAIT_SECONDS)
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(WAIT_SECONDS)
        self._listener.close()


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Any:
        yield
