"""An Assistants server that goes wrong on demand: requests are passed on to a good one unless a fault is set."""

from __future__ import annotations

import http.client
import json
import random
import re
from typing import Any
from urllib.parse import urlsplit

from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Script, Step, Wire

HUGE = b"x" * 10_000_000
HTML = {"content-type": "text/html"}
PLAIN = {"content-type": "text/plain"}
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
NUMBER, HALF = b"event: thread.run.step.delta\ndata: 7\n\n", b"data: {\n\n"
DELTA = b'event: thread.message.delta\ndata: {"id": "msg_1", "delta": {"content": []}}\n\n'

FAULTS: dict[str, Wire] = {
    "reset": Wire(("cut",)),
    "half an answer": Wire((b'{"object": "list", "da', "cut"), headers=JSON),
    "garbage": Wire((bytes(range(256)) * 40,), headers=JSON, whole=True),
    "a page": Wire((b"<!DOCTYPE html><html><body><h1>Log in first</h1></body></html>",), 200, HTML, whole=True),
    "an error page": Wire((b"<html><body>Bad gateway</body></html>",), 502, HTML, whole=True),
    "10 MB error": Wire((HUGE,), 500, PLAIN, whole=True),
    "10 MB error in JSON": Wire((b'{"error": {"message": "' + HUGE + b'"}}',), 400, JSON, whole=True),
    "wrong type": Wire((b'{"object": "list", "data": 7}',), headers=PLAIN, whole=True),
    "JSON of another kind": Wire((b'[[["no"]], null, -0.0]',), headers=JSON, whole=True),
    "deep JSON": Wire((b"[" * 100_000,), headers=JSON, whole=True),
    "empty": Wire((), headers=JSON, whole=True),
    "no event at all": Wire((b": only comments\n\n" * 20,), headers=EVENTS),
    "events of another kind": Wire((DELTA * 3, NUMBER, HALF), headers=EVENTS),
}  # fmt: skip


class FaultyServer(ScriptedEndpoint):
    """Stands in front of `upstream`, a base URL."""

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self._host = urlsplit(upstream).netloc
        self.fault: Wire | None = None
        self.on = ""
        """A pattern of `METHOD path`; only these go wrong."""
        self.shuffle: random.Random | None = None
        """Events of streams are repeated and change places."""

    def _script(self, call: Call) -> Script:
        if self.fault is not None and re.search(self.on, f"{call.method} {call.path}"):
            return self.fault
        status, headers, body = self._pass_on(call)
        if self.shuffle is not None and headers["content-type"].startswith("text/event-stream"):
            return Wire(tuple(self._shuffled(body, self.shuffle)), status, headers)
        return Wire((body,), status, headers, whole=True)

    def _pass_on(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        content: Any = call.body if isinstance(call.body, bytes) else json.dumps(call.body).encode()
        target = f"{call.path}?{call.query}" if call.query else call.path
        connection.request(call.method, target, content or None, {"content-type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, {"content-type": answer.getheader("content-type", "")}, body

    @staticmethod
    def _shuffled(body: bytes, chosen: random.Random) -> list[Step]:
        """Every other event comes twice, and neighbours change places; the first and the last stay."""
        first, *between, last = [frame + b"\n\n" for frame in body.split(b"\n\n") if frame]
        out: list[Step] = [first]
        for left, right in zip(between[::2], between[1::2], strict=False):
            out += [right, left, right] if chosen.random() < 0.5 else [left, left, right]
        return [*out, *between[len(between) // 2 * 2 :], last]
