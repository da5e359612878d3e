"""An Assistants server in memory, as an httpx2 transport, that misbehaves as told.

What is told applies to requests whose `METHOD path` contains the given text, in the order of telling, once each
unless `times` says more. `down` makes every request a connection error.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

NULLABLE = (
    *("name", "description", "instructions", "temperature", "top_p", "reasoning_effort"),
    *("tool_resources", "response_format"),
)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: Any
    headers: httpx2.Headers
    query: dict[str, list[str]]

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Gate:
    """A request that waits until it is let through."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self) -> None:
        self.opened.set()


@dataclass
class _Order:
    match: str
    times: int
    before: Callable[[], Any] | None = None
    answer: httpx2.Response | Exception | None = None
    late: Callable[[], Any] | None = None
    after: Callable[[], Any] | None = None
    after_error: Exception | None = None


class ScriptedServer(httpx2.AsyncBaseTransport):
    def __init__(self) -> None:
        self.assistants: dict[str, dict[str, Any]] = {}
        self.models: list[dict[str, Any]] = [{"id": "demo/demo", "object": "model", "created": 0, "owned_by": "demo"}]
        self.model_list_extra: dict[str, Any] = {}
        self.calls: list[Call] = []
        self.down = False
        self.page = 100
        self.now = 1_795_183_200  # 2026-11-20 14:00 UTC, where the scripted clock starts too
        self._numbers = count(1)
        self._orders: list[_Order] = []

    # -- telling it what to do -----------------------------------------------------------------------------------------

    def refuse(self, match: str, status: int, message: str = "no", *, times: int = 1, **error: Any) -> None:
        """Answer with the API's error object; `headers` go onto the response."""
        headers = error.pop("headers", {})
        body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **error}}
        self._orders.append(_Order(match, times, answer=httpx2.Response(status, json=body, headers=headers)))

    def answer(self, match: str, response: httpx2.Response | Exception, *, times: int = 1) -> None:
        self._orders.append(_Order(match, times, answer=response))

    def hold(self, match: str) -> Gate:
        """Keep the next such request waiting before it has any effect."""
        gate = Gate()

        async def wait() -> None:
            gate.arrived.set()
            await gate.opened.wait()

        self._orders.append(_Order(match, 1, before=wait))
        return gate

    def hold_answer(self, match: str) -> Gate:
        """Do what the next such request asks at once, and answer late: answers come out of order."""
        gate = Gate()

        async def wait() -> None:
            gate.arrived.set()
            await gate.opened.wait()

        self._orders.append(_Order(match, 1, late=wait))
        return gate

    def lose_answer(self, match: str, *, times: int = 1) -> None:
        """Do what the request asks, then let its client time out."""
        self._orders.append(_Order(match, times, after_error=httpx2.ReadTimeout("lost")))

    def after(self, match: str, fn: Callable[[], Any]) -> None:
        """Call `fn` once the next such request was answered: a change behind one's back."""
        self._orders.append(_Order(match, 1, after=fn))

    def forget_orders(self) -> None:
        """Behave again."""
        self._orders.clear()

    def put(self, assistant_id: str = "", **values: Any) -> dict[str, Any]:
        doc = self._new(values)
        if assistant_id:
            doc["id"] = assistant_id
        self.assistants[doc["id"]] = doc
        return doc

    def change(self, assistant_id: str, **values: Any) -> None:
        self.assistants[assistant_id] = {**self.assistants[assistant_id], **values}

    # -- what was asked ------------------------------------------------------------------------------------------------

    def sent(self, start: str) -> list[Any]:
        """Bodies of the requests whose line starts so."""
        return [call.body for call in self.calls if call.line.startswith(start)]

    @property
    def saves(self) -> list[Any]:
        return self.sent("POST /v1/assistants/")

    @property
    def creates(self) -> list[Any]:
        return [call.body for call in self.calls if call.line == "POST /v1/assistants"]

    # -- the server ----------------------------------------------------------------------------------------------------

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = urlsplit(str(request.url))
        content = await request.aread()
        body = json.loads(content) if content else None
        call = Call(request.method, url.path, body, request.headers, parse_qs(url.query))
        self.calls.append(call)
        if self.down:
            raise httpx2.ConnectError("nobody is there")
        order = self._take(call.line)
        if order is None:
            return self._serve(call)
        if order.before is not None:
            await order.before()
            if self.down:
                raise httpx2.ConnectError("nobody is there any more")
        if isinstance(order.answer, Exception):
            raise order.answer
        response = order.answer or self._serve(call)
        if order.late is not None:
            response = httpx2.Response(response.status_code, content=response.content, headers=response.headers)
            await order.late()
        if order.after is not None:
            order.after()
        if order.after_error is not None:
            raise order.after_error
        return response

    def _take(self, line: str) -> _Order | None:
        for order in self._orders:
            if order.match in line:
                order.times -= 1
                if order.times <= 0:
                    self._orders.remove(order)
                return order
        return None

    def _serve(self, call: Call) -> httpx2.Response:
        parts = call.path.removeprefix("/v1").strip("/").split("/")
        if parts == ["models"]:
            return httpx2.Response(200, json={"object": "list", "data": self.models, **self.model_list_extra})
        if parts[0] == "assistants" and len(parts) == 1:
            return self._create(call.body) if call.method == "POST" else self._list(call.query)
        if parts[0] == "assistants" and len(parts) == 2:
            return self._one(call.method, parts[1], call.body)
        return httpx2.Response(404, json={"detail": "Not Found"})

    def _create(self, body: dict[str, Any]) -> httpx2.Response:
        doc = self._new(body)
        self.assistants[doc["id"]] = doc
        return httpx2.Response(200, json=doc)

    def _new(self, body: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        return {
            "id": f"asst_{number:05}",
            "object": "assistant",
            "created_at": self.now + number,
            **dict.fromkeys(NULLABLE),
            "model": "demo/demo",
            "tools": [],
            "metadata": {},
            **copy.deepcopy(body),
        }

    def _one(self, method: str, assistant_id: str, body: Any) -> httpx2.Response:
        doc = self.assistants.get(assistant_id)
        if doc is None:
            error = {"message": f"No assistant found with id '{assistant_id}'.", "type": "invalid_request_error"}
            return httpx2.Response(404, json={"error": {**error, "param": None, "code": None}})
        if method == "DELETE":
            del self.assistants[assistant_id]
            return httpx2.Response(200, json={"id": assistant_id, "object": "assistant.deleted", "deleted": True})
        if method == "POST":
            self.change(assistant_id, **copy.deepcopy(body))
        return httpx2.Response(200, json=self.assistants[assistant_id])

    def _list(self, query: dict[str, list[str]]) -> httpx2.Response:
        docs = list(reversed(self.assistants.values()))
        limit = min(int(query.get("limit", ["20"])[0]), self.page)
        ids = [doc["id"] for doc in docs]
        start = ids.index(query["after"][0]) + 1 if "after" in query else 0
        data = docs[start : start + limit]
        ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
        return httpx2.Response(
            200, json={"object": "list", "data": data, **ends, "has_more": start + limit < len(docs)}
        )
