"""The service behind a real socket, and a client that speaks to it byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground_tui.service.config import ServiceConfig
from playground_tui.service.http import HttpServer
from playground_tui.service.service import Service
from playground_tui.settings.model import Provider, Settings
from tests.support.carried import service_config
from tests.support.wait import wait_until

KEY = "key-for-tests"
WAIT = 60.0
"""Seconds after which what should come at once is called missing."""
FAST = Settings(
    providers=(Provider("demo", "demo", default_model="demo", extra_body={"tokens_per_second": 0}),),
    default_provider="demo",
)


@dataclass
class Served:
    server: HttpServer
    service: Service
    url: str
    running: asyncio.Future[None]
    wires: list[Wire] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].removesuffix("/v1"))

    async def connect(self, **options: Any) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self.wires.append(wire)
        return wire

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """On a connection of its own."""
        wire = await self.connect()
        wire.send(request(method, path, body, connection="close", **headers))
        return await wire.answer(head=method == "HEAD")


@asynccontextmanager
async def served(
    home: Path,
    make: Callable[[ServiceConfig], Service] = Service,
    *,
    settings: Settings = FAST,
    grace: float = 30,
    **options: Any,
) -> AsyncIterator[Served]:
    service = make(service_config(home, settings, api_key=KEY, serve=True, **options))
    urls: list[str] = []
    server = HttpServer(service, "127.0.0.1", 0, urls.append, grace=grace)
    running = asyncio.ensure_future(server.run())
    await wait_until(lambda: urls or running.done())
    if running.done():
        running.result()
    here = Served(server, service, urls[0], running)
    try:
        yield here
    finally:
        server.stop()
        server.stop()
        await running
        for wire in here.wires:
            wire.close()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Wire:
    """One connection. Everything raises `TimeoutError` after `WAIT`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def head(self) -> Answer:
        async with asyncio.timeout(WAIT):
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = [line.partition(":") for line in lines[1:] if line]
        return Answer(int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in fields}, b"")

    async def answer(self, *, head: bool = False) -> Answer:
        answer = await self.head()
        if head:
            return answer
        async with asyncio.timeout(WAIT):
            if answer.headers.get("transfer-encoding") == "chunked":
                answer.content = b"".join([part async for part in self.chunks()])
            else:
                answer.content = await self.reader.readexactly(int(answer.headers["content-length"]))
        return answer

    async def chunks(self) -> AsyncIterator[bytes]:
        """The parts of a chunked body."""
        async with asyncio.timeout(WAIT):
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                yield await self.reader.readexactly(size)
                await self.reader.readexactly(2)

    async def ended(self) -> bytes:
        """What comes until the server closes the connection."""
        async with asyncio.timeout(WAIT):
            with suppress(ConnectionResetError):
                return await self.reader.read()
        return b""

    def vanish(self) -> None:
        """Without a goodbye."""
        self.writer.transport.abort()

    def close(self) -> None:
        self.writer.close()


def request(method: str, path: str, body: Any = None, *, host: str = "127.0.0.1", **headers: str) -> bytes:
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"host": host, "authorization": f"Bearer {KEY}", **headers}
    if body is not None and "transfer_encoding" not in headers:
        fields.setdefault("content_length", str(len(content)))
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content
