"""Threads, messages and runs of an Assistants server in memory, as an httpx2 transport, with scripted runs.

A run's script is a list of pieces: bytes go out as they are, a `Hold` waits until it is let go (or the run is
cancelled), a function is called, an exception breaks the stream. Runs take their scripts from `scripts` in order; with
none left they answer `Hello, world.`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import openai

Piece = bytes | Callable[[], Any] | Exception | asyncio.Event
Script = Callable[["ServerRun"], Sequence[Piece]]
Hold = asyncio.Event
ACTIVE = ("queued", "in_progress", "requires_action", "cancelling")


def frame(event: str, data: Any) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


DONE = b"event: done\ndata: [DONE]\n\n"


@dataclass
class ServerRun:
    server: ThreadServer
    body: dict[str, Any]
    asked: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> str:
        return self.body["id"]

    def status(self, status: str, **fields: Any) -> bytes:
        self.body.update(status=status, **fields)
        return frame(f"thread.run.{status}", self.body)

    def later(self, status: str, **fields: Any) -> Callable[[], bytes]:
        """The same when its turn comes."""
        return lambda: self.status(status, **fields)

    def message(self, text: str, *, status: str = "completed", **fields: Any) -> dict[str, Any]:
        return self.server.add_message(
            self.body["thread_id"],
            "assistant",
            text,
            run_id=self.id,
            assistant_id=self.body["assistant_id"],
            status=status,
            **fields,
        )

    def begin(self) -> list[Piece]:
        return [
            frame("thread.run.created", self.body),
            frame("thread.run.queued", self.body),
            self.later("in_progress"),
        ]

    def say(self, *fragments: str | asyncio.Event, finish: bool = True) -> list[Piece]:
        """A message that grows by `fragments`; without `finish` it stays open."""
        text = "".join(f for f in fragments if isinstance(f, str))
        message_id = self.server.new_id("msg")
        head = {"id": message_id, "role": "assistant", "run_id": self.id, "created_at": self.server.now, "content": []}
        pieces: list[Piece] = [frame("thread.message.created", head)]
        for fragment in fragments:
            if isinstance(fragment, str):
                part = {"index": 0, "type": "text", "text": {"value": fragment}}
                pieces.append(frame("thread.message.delta", {"id": message_id, "delta": {"content": [part]}}))
            else:
                pieces.append(fragment)
        if finish:
            pieces.append(lambda: frame("thread.message.completed", self.message(text, id=message_id)))
        return pieces

    def call(self, *calls: dict[str, Any]) -> list[Piece]:
        """Function calls the run then waits for."""
        step = {
            "id": self.server.new_id("step"),
            "run_id": self.id,
            "type": "tool_calls",
            "status": "in_progress",
            "created_at": self.server.now,
            "step_details": {"type": "tool_calls", "tool_calls": list(calls)},
        }
        action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": list(calls)}}
        return [
            lambda: self.steps.append(step),
            frame("thread.run.step.created", step),
            self.later("requires_action", required_action=action, expires_at=self.server.now + 600),
            DONE,
        ]

    def end(self, status: str = "completed", **fields: Any) -> list[Piece]:
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return [self.later(status, usage=usage, required_action=None, **fields), DONE]


def reply(*fragments: str | asyncio.Event) -> Script:
    return lambda run: [*run.begin(), *run.say(*fragments), *run.end()]


def failing(code: str, message: str, *fragments: str) -> Script:
    error = {"code": code, "message": message}
    said = fragments and (lambda run: run.say(*fragments, finish=False))
    return lambda run: [*run.begin(), *(said(run) if said else []), *run.end("failed", last_error=error)]


class ThreadServer(httpx2.AsyncBaseTransport):
    def __init__(self) -> None:
        self.threads: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.runs: dict[str, ServerRun] = {}
        self.scripts: list[Script] = []
        self.after_outputs: list[Script] = []
        self.calls: list[tuple[str, str, Any]] = []
        self.lacks: set[str] = set()
        """Parts of `METHOD path` that are answered as an unknown path."""
        self.refusals: list[tuple[str, httpx2.Response | Exception]] = []
        """Part of `METHOD path` and what the next such request gets instead, before anything was done."""
        self.lost: list[str] = []
        """Part of `METHOD path` of requests that are done and whose answer is lost."""
        self.lists_threads = True
        self.pages = True
        self.created_status = 200
        self.change: Callable[[Any], Any] = lambda answer: answer
        """Puts each JSON answer into another dialect."""
        self.open_streams = 0
        self.files: dict[str, bytes] = {}
        """File id → the body it was sent in."""
        self.now = 1_700_000_000
        self._numbers = count(1)

    def client(self) -> openai.AsyncOpenAI:
        http_client = httpx2.AsyncClient(transport=self)
        return openai.AsyncOpenAI(
            api_key="none", base_url="http://server.test/v1", max_retries=0, http_client=http_client
        )

    # -- what tests put in and look at ---------------------------------------------------------------------------------

    def new_id(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers):04}"

    def new_thread(self, **fields: Any) -> str:
        thread = {
            "id": self.new_id("thread"),
            "object": "thread",
            "created_at": self.now,
            "metadata": {},
            "tool_resources": None,
            **fields,
        }
        self.threads[thread["id"]] = thread
        self.messages[thread["id"]] = []
        return thread["id"]

    def add_message(self, thread_id: str, role: str, text: str, **fields: Any) -> dict[str, Any]:
        self.now += 1
        message = {
            "id": self.new_id("msg"),
            "object": "thread.message",
            "created_at": self.now,
            "thread_id": thread_id,
            "role": role,
            "status": "completed",
            "incomplete_details": None,
            "content": [{"type": "text", "text": {"value": text, "annotations": []}}],
            "assistant_id": None,
            "run_id": None,
            "attachments": [],
            "metadata": {},
            **fields,
        }
        self.messages[thread_id].append(message)
        return message

    def add_run(self, thread_id: str, status: str = "completed", **fields: Any) -> ServerRun:
        body = {
            "id": self.new_id("run"),
            "object": "thread.run",
            "created_at": self.now,
            "thread_id": thread_id,
            "assistant_id": "asst_1",
            "status": status,
            "model": "gpt-x",
            "tools": [{"type": "function", "function": {"name": "f"}}],
            "required_action": None,
            "last_error": None,
            "usage": None,
            **fields,
        }
        run = ServerRun(self, body, fields)
        self.runs[run.id] = run
        return run

    def sent(self, start: str) -> list[Any]:
        """Bodies of the requests whose `METHOD path` starts so."""
        return [body for method, path, body in self.calls if f"{method} {path}".startswith(start)]

    def lines(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.calls]

    def texts(self, thread_id: str) -> list[str]:
        return [
            "".join(p["text"]["value"] for p in m["content"] if p["type"] == "text") for m in self.messages[thread_id]
        ]

    # -- the transport -------------------------------------------------------------------------------------------------

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = urlsplit(str(request.url))
        content = await request.aread()
        path = url.path.removeprefix("/v1")
        is_form = request.headers.get("content-type", "").startswith("multipart/")
        body = json.loads(content) if content and not is_form else content or None
        line = f"{request.method} {path}"
        assert path.startswith("/files") or request.headers["openai-beta"] == "assistants=v2"
        self.calls.append((request.method, path, body))
        for entry in self.refusals:
            if entry[0] in line:
                self.refusals.remove(entry)
                if isinstance(entry[1], Exception):
                    raise entry[1]
                return entry[1]
        if any(part in line for part in self.lacks):
            return httpx2.Response(404, json={"detail": "Not Found"})
        response = self._serve(request.method, path.strip("/").split("/"), body, parse_qs(url.query))
        for part in self.lost:
            if part in line:
                self.lost.remove(part)
                raise httpx2.ReadTimeout("lost")
        return response

    def _serve(self, method: str, parts: list[str], body: Any, query: dict[str, list[str]]) -> httpx2.Response:
        match method, parts:
            case "GET", ["threads"] if self.lists_threads:
                return self._page(list(self.threads.values()), query)
            case "POST", ["threads"]:
                thread_id = self.new_thread(metadata=body.get("metadata") or {})
                if len(body.get("messages") or []) > 32:
                    return self._error(400, "Too many messages.")
                for message in body.get("messages") or []:
                    self._posted(thread_id, message)
                return self._json(self.threads[thread_id], made=True)
            case "POST", ["files"]:
                self.files[file_id := self.new_id("file")] = body
                return self._json({"id": file_id, "object": "file"})
            case "DELETE", ["files", file_id]:
                del self.files[file_id]
                return self._json({"id": file_id, "deleted": True})
            case _, ["threads", thread_id, *_] if thread_id not in self.threads:
                return self._error(404, f"No thread found with id '{thread_id}'.")
            case "GET", ["threads", thread_id]:
                return self._json(self.threads[thread_id])
            case "POST", ["threads", thread_id]:
                self.threads[thread_id].update(body)
                return self._json(self.threads[thread_id])
            case "DELETE", ["threads", thread_id]:
                del self.threads[thread_id]
                return self._json({"id": thread_id, "deleted": True})
            case "GET", ["threads", thread_id, "messages"]:
                wanted = query.get("run_id", [None])[0]
                found = [m for m in self.messages[thread_id] if wanted in (None, m["run_id"])]
                return self._page(found, query)
            case "POST", ["threads", thread_id, "messages"]:
                return self._locked(thread_id) or self._json(self._posted(thread_id, body), made=True)
            case "GET", ["threads", thread_id, "messages", message_id]:
                return self._json(next(m for m in self.messages[thread_id] if m["id"] == message_id))
            case "DELETE", ["threads", thread_id, "messages", message_id]:
                self.messages[thread_id] = [m for m in self.messages[thread_id] if m["id"] != message_id]
                return self._json({"id": message_id, "deleted": True})
            case "GET", ["threads", thread_id, "runs"]:
                return self._page([r.body for r in self.runs.values() if r.body["thread_id"] == thread_id], query)
            case "POST", ["threads", thread_id, "runs"]:
                return self._locked(thread_id) or self._new_run(thread_id, body)
            case _, ["threads", _, "runs", run_id, *rest]:
                return self._of_run(method, self.runs[run_id], rest, body, query)
        return httpx2.Response(404, json={"detail": "Not Found"})

    def _posted(self, thread_id: str, body: dict[str, Any]) -> dict[str, Any]:
        more = {name: body[name] for name in ("attachments", "metadata") if name in body}
        if isinstance(body["content"], str):
            return self.add_message(thread_id, body["role"], body["content"], **more)
        return self.add_message(thread_id, body["role"], "", content=stored_parts(body["content"]), **more)

    def _of_run(self, method: str, run: ServerRun, rest: list[str], body: Any, query: Any) -> httpx2.Response:
        match method, rest:
            case "GET", []:
                return self._json(run.body)
            case "GET", ["steps"]:
                return self._page(run.steps, query)
            case "POST", ["cancel"]:
                if run.body["status"] not in ACTIVE:
                    return self._error(400, f"Cannot cancel run with status '{run.body['status']}'.")
                run.body["status"] = "cancelling" if self.open_streams else "cancelled"
                run.cancelled.set()
                return self._json(run.body)
            case "POST", ["submit_tool_outputs"]:
                if run.body["status"] != "requires_action":
                    return self._error(400, f'Runs in status "{run.body["status"]}" do not accept tool outputs.')
                run.body.update(status="queued", required_action=None)
                script = self.after_outputs.pop(0) if self.after_outputs else reply("Thanks.")
                return self._stream(run, script(run))
        return httpx2.Response(404, json={"detail": "Not Found"})

    def _locked(self, thread_id: str) -> httpx2.Response | None:
        for run in self.runs.values():
            if run.body["thread_id"] == thread_id and run.body["status"] in ACTIVE:
                return self._error(400, f"Can't add messages to {thread_id} while a run {run.id} is active.")
        return None

    def _new_run(self, thread_id: str, body: dict[str, Any]) -> httpx2.Response:
        run = self.add_run(thread_id, "queued", assistant_id=body["assistant_id"])
        run.asked = body
        script = self.scripts.pop(0) if self.scripts else reply("Hello", ", ", "world.")
        return self._stream(run, script(run))

    # -- answers -------------------------------------------------------------------------------------------------------

    def _json(self, answer: Any, *, made: bool = False) -> httpx2.Response:
        answer = self.change(json.loads(json.dumps(answer)))
        return httpx2.Response(self.created_status if made else 200, json=answer)

    def _error(self, status: int, message: str) -> httpx2.Response:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        return httpx2.Response(status, json={"error": error})

    def _page(self, items: list[dict[str, Any]], query: dict[str, list[str]]) -> httpx2.Response:
        if not self.pages:
            return self._json({"object": "list", "data": items})
        if query.get("order", ["desc"])[0] == "desc":
            items = items[::-1]
        if after := query.get("after", [""])[0]:
            items = items[next(i for i, item in enumerate(items) if item["id"] == after) + 1 :]
        limit = int(query.get("limit", ["20"])[0])
        data = items[:limit]
        ends = {"first_id": data[0]["id"] if data else None, "last_id": data[-1]["id"] if data else None}
        return self._json({"object": "list", "data": data, **ends, "has_more": len(items) > limit})

    def _stream(self, run: ServerRun, pieces: Sequence[Piece]) -> httpx2.Response:
        stream = _Stream(self, run, pieces)
        return httpx2.Response(self.created_status, headers={"content-type": "text/event-stream"}, stream=stream)


def stored_parts(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A message's content as it is read back."""
    return [
        {"type": "text", "text": {"value": part["text"], "annotations": []}} if part["type"] == "text" else part
        for part in parts
    ]


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, server: ThreadServer, run: ServerRun, pieces: Sequence[Piece]) -> None:
        self._server, self._run, self._pieces = server, run, pieces
        self._open = True
        server.open_streams += 1

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, asyncio.Event):
                if await self._wait(piece):
                    yield self._run.status("cancelled")
                    yield DONE
                    return
            elif isinstance(piece, Exception):
                raise piece
            elif isinstance(piece, bytes):
                yield piece
            elif isinstance(made := piece(), bytes):
                yield made

    async def _wait(self, hold: asyncio.Event) -> bool:
        """Whether the run was cancelled meanwhile."""
        waits = [asyncio.create_task(event.wait()) for event in (hold, self._run.cancelled)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self._run.cancelled.is_set()

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            self._server.open_streams -= 1
