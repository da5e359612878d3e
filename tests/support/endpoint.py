"""A scripted model endpoint that speaks real HTTP and Server-Sent Events on loopback. Contract: usable from sync and
async tests and from other processes; it runs in a thread of its own, and waits are for events, not for seconds.

    with ScriptedEndpoint() as endpoint:
        endpoint.queue(Say("Hello"), rate_limited(), stream(chat_chunk(content="Hi"), "cut"))
        … endpoint.base_url …
        assert endpoint.posts[0].body["temperature"] == 0.2

Each POST takes the next script of the queue, then `default`. By hand: `python -m tests.support.endpoint --help`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import ssl
import threading
from typing import Any

from tests.support.replies import Call, Say, Script, Step, Wire, refusal, whole

_REASONS = {200: "OK", 201: "Created", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
WAIT_SECONDS = 30.0
"""How long a test waits for something that should happen at once, before it is called broken."""


def echo(call: Call) -> Say:
    return Say(f"You said: {call.question}")


class _Gone(Exception):
    """The client left."""


class ScriptedEndpoint:
    def __init__(
        self,
        *,
        default: Script = echo,
        models: tuple[Any, ...] = ("scripted-model",),
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.default = default
        self.models = models
        self.routes: dict[str, Script] = {}
        """Path without the version (`/responses`) → what it always answers, for any method."""
        self.key: str | None = None
        """When set, the only key that is accepted."""
        self.calls: list[Call] = []
        self.connections = 0
        self.open_connections = 0
        self._port = port
        self._tls = tls
        self._scripts: list[Script] = []
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="scripted-endpoint", daemon=True)
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- what tests use ----------------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}/v1"

    @property
    def posts(self) -> list[Call]:
        return [call for call in self.calls if call.method == "POST"]

    def queue(self, *scripts: Script) -> None:
        self._scripts.extend(scripts)

    def wait_posts(self, count: int) -> list[Call]:
        """Blocks until `count` POSTs came."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.posts) >= count, WAIT_SECONDS), self.calls
        return self.posts

    async def posted(self, count: int) -> list[Call]:
        return await asyncio.to_thread(self.wait_posts, count)

    def start(self) -> ScriptedEndpoint:
        self._thread.start()
        assert self._ready.wait(WAIT_SECONDS)
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(WAIT_SECONDS)

    def __enter__(self) -> ScriptedEndpoint:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # -- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._tls)
        )
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_connections += 1
        try:
            while (call := await _read_call(reader)) is not None:
                with self._changed:
                    self.calls.append(call)
                    self._changed.notify_all()
                await self._answer(call, reader, writer)
        except (_Gone, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            self.open_connections -= 1
            with contextlib.suppress(Exception):
                writer.close()

    async def _answer(self, call: Call, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = self._script(call)
        made = script(call) if callable(script) else script
        wire = made.wire(call) if isinstance(made, Say) else made
        try:
            await _send(wire, reader, writer)
        except (_Gone, OSError):
            call.gone.set()
            raise
        call.answered.set()

    def _script(self, call: Call) -> Script:
        path = call.path.removeprefix("/v1")
        if self.key is not None and call.headers.get("authorization") != f"Bearer {self.key}":
            return refusal(401, "Incorrect API key provided.", code="invalid_api_key")
        if path in self.routes:
            return self.routes[path]
        if path == "/models":
            listed = [m if isinstance(m, dict) else {"id": m, "object": "model", "created": 1} for m in self.models]
            return whole({"object": "list", "data": listed})
        if call.method != "POST":
            return refusal(404, f"Unknown request URL: {call.method} {call.path}.")
        return self._scripts.pop(0) if self._scripts else self.default


async def _read_call(reader: asyncio.StreamReader) -> Call | None:
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    if "://" in target:  # asked as a proxy; the headers have the host
        target = f"/{target.split('/', 3)[3]}"
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    content: Any = await reader.readexactly(int(headers.get("content-length", 0)))
    with contextlib.suppress(ValueError):
        content = json.loads(content)
    path, _, query = target.partition("?")
    return Call(method, path, query, headers, content)


async def _send(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = f"HTTP/1.1 {wire.status} {_REASONS.get(wire.status, 'Status')}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in wire.headers.items())
    if wire.whole:
        body = b"".join(step for step in wire.steps if isinstance(step, bytes))
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        return
    writer.write(f"{head}transfer-encoding: chunked\r\n\r\n".encode())
    for step in wire.steps:
        await _take(step, reader, writer)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _take(step: Step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if isinstance(step, bytes):
        if step:
            writer.write(b"%x\r\n%b\r\n" % (len(step), step))
        await writer.drain()
        await asyncio.sleep(0)
    elif step == "cut":
        writer.transport.abort()
        raise _Gone
    elif step == "stall":
        await _unless_gone(asyncio.get_running_loop().create_future(), reader)
    elif isinstance(step, threading.Event):
        await _unless_gone(asyncio.ensure_future(asyncio.to_thread(step.wait, WAIT_SECONDS)), reader)
    else:
        await _unless_gone(asyncio.ensure_future(asyncio.sleep(float(step))), reader)


async def _unless_gone(wanted: asyncio.Future[Any], reader: asyncio.StreamReader) -> None:
    """Wait, but notice the client leaving: while it waits for a reply it sends nothing."""
    left = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((wanted, left), return_when=asyncio.FIRST_COMPLETED)
        if left.done() and not wanted.done():
            raise _Gone
    finally:
        for waiter in (wanted, left):
            waiter.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await left


def _main() -> None:
    parser = argparse.ArgumentParser(description="A model endpoint that only echoes, for trying things by hand.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--rate", type=float, default=0.0, help="tokens a second; 0: as fast as it goes")
    parser.add_argument("--tokens", type=int, default=0, help="length of each reply; 0: an echo")
    options = parser.parse_args()
    delay = 1 / options.rate if options.rate else 0.0

    def reply(call: Call) -> Say:
        if not options.tokens:
            return Say(f"You said: {call.question}", delay=delay)
        line = "A **long** reply of `four` letter words with more text. "
        return Say((line * (options.tokens // 10 + 1))[: options.tokens * 5], delay=delay)

    with ScriptedEndpoint(default=reply, port=options.port) as endpoint:
        print(endpoint.base_url, flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    _main()
