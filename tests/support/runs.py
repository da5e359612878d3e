"""Runs that do nothing by themselves: a test says what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from playground_tui.service.config import ServiceConfig
from playground_tui.service.errors import ApiError
from playground_tui.service.ids import new_id
from playground_tui.service.service import Service
from playground_tui.service.store import ASSISTANTS, RUNS, THREADS, Connection, Database, objects, runs


def with_fake_runs(fake: FakeRuns) -> Callable[[ServiceConfig], Service]:
    def make(config: ServiceConfig) -> Service:
        def bind(service: Service) -> FakeRuns:
            fake.db = service.db
            return fake

        return Service(config, make_runs=bind)

    return make


@dataclass
class FakeHandle:
    run: dict[str, Any]
    fake: FakeRuns

    def events(self, **options: Any) -> AsyncIterator[bytes]:
        self.fake.options.append(options)
        return self.fake.frames_of(self.run["id"])


@dataclass
class FakeRuns:
    frames: list[bytes] = field(default_factory=lambda: [b"event: done\ndata: [DONE]\n\n"])
    """What a stream sends."""
    endless: bool = False
    """The last frame is sent again and again."""
    cancel_ends: bool = True
    submitted: list[Any] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    """What listeners asked for."""
    sent: int = 0
    streams_open: int = 0
    db: Database | None = None

    async def create(
        self,
        thread_id: str,
        body: dict[str, Any],
        *,
        stream: bool,
        thread_created: dict[str, Any] | None = None,
        contents: bool = False,
    ) -> FakeHandle:
        self.bodies.append(body)

        def add(conn: Connection) -> dict[str, Any]:
            objects.require(conn, THREADS, thread_id)
            assistant = objects.require(conn, ASSISTANTS, body["assistant_id"])
            runs.refuse_when_active(conn, thread_id)
            run = run_object(thread_id, assistant)
            objects.insert(conn, RUNS, run)
            return run

        return FakeHandle(await self._db.write(add), self)

    async def cancel(self, thread_id: str, run_id: str) -> dict[str, Any]:
        def change(conn: Connection) -> dict[str, Any]:
            run = objects.require(conn, RUNS, run_id, thread_id=thread_id)
            if run["status"] not in ("queued", "in_progress", "requires_action"):
                raise ApiError(400, f"Cannot cancel run with status '{run['status']}'.")
            run["status"] = "cancelled" if self.cancel_ends else "cancelling"
            objects.update(conn, RUNS, run)
            return run

        return await self._db.write(change)

    async def submit(self, thread_id: str, run_id: str, outputs: list[dict[str, str]]) -> FakeHandle:
        run = await self._db.read(lambda conn: objects.require(conn, RUNS, run_id, thread_id=thread_id))
        self.submitted.append(outputs)
        return FakeHandle(run, self)

    async def follow(self, thread_id: str, run_id: str, **options: Any) -> AsyncIterator[bytes]:
        await self._db.read(lambda conn: objects.require_text(conn, RUNS, run_id, thread_id=thread_id))
        self.options.append(options)
        return self.frames_of(run_id)

    async def settle(self, thread_id: str) -> None: ...

    async def frames_of(self, run_id: str) -> AsyncIterator[bytes]:
        self.streams_open += 1
        try:
            for frame in self.frames:
                yield frame
                self.sent += 1
            while self.endless:
                yield self.frames[-1]
                self.sent += 1
                await asyncio.sleep(0)
        finally:
            self.streams_open -= 1

    async def recover(self) -> None: ...

    async def close(self, grace: float) -> None: ...

    @property
    def _db(self) -> Database:
        assert self.db is not None
        return self.db


def run_object(thread_id: str, assistant: dict[str, Any]) -> dict[str, Any]:
    times = ("expires_at", "started_at", "cancelled_at", "failed_at", "completed_at")
    limits = ("max_prompt_tokens", "max_completion_tokens")
    empty = (*times, *limits, "required_action", "last_error", "usage", "incomplete_details")
    return {
        "id": new_id("run"),
        "object": "thread.run",
        "created_at": 1,
        "thread_id": thread_id,
        "assistant_id": assistant["id"],
        "status": "queued",
        "model": assistant["model"],
        "instructions": assistant["instructions"] or "",
        "tools": assistant["tools"],
        "metadata": {},
        "truncation_strategy": {"type": "auto", "last_messages": None},
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "response_format": "auto",
        **dict.fromkeys(empty),
    }
