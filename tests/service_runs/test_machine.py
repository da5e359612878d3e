"""The run state machine under random interleavings, over two services on one database.

No illegal move, no thread locked for good, no message lost, whatever the order of create, cancel, submit, disconnect,
expire and restart.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from playground_tui.service.engines.base import EngineError, Finish, TextDelta
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.manager import EVENTS_KEPT
from playground_tui.service.runs.states import ACTIVE, MOVES, TERMINAL
from tests.service_runs.bench import FUNCTION, Bench
from tests.service_runs.reading import read_all
from tests.support.engines import Gate, calls, text

REPLIES = (
    *("text", "calls", "two calls", "late text", "long", "long call", "long late text", "failure"),
    *("length", "filter", "busy", "empty"),
)
SERVICES = st.integers(0, 1)
THREADS = st.integers(0, 1)


def reachable(old: str) -> set[str]:
    found, todo = {old}, [old]
    while todo:
        for state in MOVES[todo.pop()] - found:
            found.add(state)
            todo.append(state)
    return found


class Runs(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.home = tempfile.TemporaryDirectory()
        self.gates: list[Gate] = []
        self.seen: dict[str, str] = {}
        self.said: dict[str, set[str]] = {}
        self.listeners: list[asyncio.Task[Any]] = []
        self.number = 0

    def do(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(doing, 30))

    @initialize()
    def start(self) -> None:
        self.services = [Bench(Path(self.home.name)) for _ in range(2)]
        for service in self.services:
            self.do(service.start())
        self.assistant = self.do(self.services[0].assistant(tools=[FUNCTION]))
        self.threads = [self.do(self.services[0].thread("Hi")) for _ in range(2)]

    # -- what may happen; what is drawn never depends on how far a run is, for hypothesis replays it -------------------

    @rule(service=SERVICES, thread=THREADS, reply=st.sampled_from(REPLIES), listen=st.booleans())
    def create(self, service: int, thread: int, reply: str, listen: bool) -> None:
        self.number += 1
        words = f"additional {self.number}"
        self.services[service].engine.replies = [self.reply(reply)]
        body = {
            "assistant_id": self.assistant["id"],
            "additional_messages": [{"role": "user", "content": words}],
        }
        handle = self.refusable(self.services[service].runs.create(self.threads[thread], body))
        if handle is not None:
            self.said.setdefault(self.threads[thread], set()).add(words)
            if listen:
                self.listeners.append(self.loop.create_task(read_all(handle.events())))

    @rule(service=SERVICES, thread=THREADS)
    def cancel(self, service: int, thread: int) -> None:
        if run := self.active(thread):
            self.refusable(self.services[service].runs.cancel(self.threads[thread], run["id"]))

    @rule(service=SERVICES, thread=THREADS, reply=st.sampled_from(REPLIES), right=st.booleans(), listen=st.booleans())
    def submit(self, service: int, thread: int, reply: str, right: bool, listen: bool) -> None:
        run = self.active(thread)
        if run is None or run["status"] != "requires_action":
            return
        wanted = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        outputs = [{"tool_call_id": call["id"], "output": "42"} for call in wanted]
        self.services[service].engine.replies = [self.reply(reply)]
        given = outputs if right else outputs[1:]
        handle = self.refusable(self.services[service].runs.submit(self.threads[thread], run["id"], given))
        assert right or handle is None
        if handle is not None and listen:
            self.listeners.append(self.loop.create_task(read_all(handle.events())))

    @rule(turns=st.integers(1, 8))
    def time_passes(self, turns: int) -> None:
        async def give_way() -> None:
            for _ in range(turns):
                await asyncio.sleep(0.0005)

        self.do(give_way())

    @rule(which=st.integers(0, 9))
    def engine_goes_on(self, which: int) -> None:
        if self.gates:
            self.gates.pop(which % len(self.gates)).opened.set()

    @rule(which=st.integers(0, 9))
    def listener_leaves(self, which: int) -> None:
        if self.listeners:
            self.listeners.pop(which % len(self.listeners)).cancel()

    @rule(service=SERVICES)
    def expire(self, service: int) -> None:
        for each in self.services:
            each.now += 700
        self.do(self.services[service].runs.sweep())

    @rule(service=SERVICES)
    def restart(self, service: int) -> None:
        async def again() -> None:
            await self.services[service].die()
            await self.services[service].start()

        self.forget_listeners()
        self.do(again())

    @rule(service=SERVICES, grace=st.sampled_from((0.0, 0.01)))
    def stop_well(self, service: int, grace: float) -> None:
        async def again() -> None:
            await self.services[service].stop(grace)
            await self.services[service].start()

        self.forget_listeners()
        self.do(again())

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def all_is_in_order(self) -> None:
        for thread in getattr(self, "threads", ()):
            runs, messages = self.do(self.services[0].db.read(partial(_snapshot, thread=thread)))
            self.only_legal_moves(runs)
            self.no_message_is_lost(thread, messages)

    def only_legal_moves(self, runs: list[dict[str, Any]]) -> None:
        assert sum(run["status"] in ACTIVE for run in runs) <= 1
        for run in runs:
            assert run["status"] in reachable(self.seen.get(run["id"], "queued"))
            self.seen[run["id"]] = run["status"]
            assert (run["required_action"] is not None) == (run["status"] == "requires_action")

    def no_message_is_lost(self, thread: str, messages: list[dict[str, Any]]) -> None:
        words = {message["content"][0]["text"]["value"] for message in messages if message["role"] == "user"}
        assert self.said.get(thread, set()) <= words
        for message in messages:
            if message["run_id"] and message["status"] == "in_progress":
                assert self.seen[message["run_id"]] not in TERMINAL

    def teardown(self) -> None:
        try:
            if hasattr(self, "threads"):
                self.do(self.all_ends_well())
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()
            self.home.cleanup()

    async def all_ends_well(self) -> None:
        for gate in self.gates:
            gate.opened.set()
        for service in self.services:
            service.engine.replies = []
            service.now += 700
        for thread in self.threads:
            while await self.active_of(thread):
                await self.services[0].runs.sweep()
                await asyncio.sleep(0.002)
            handle = await self.services[1].run_on(thread, self.assistant)
            await read_all(handle.events())
            assert (await self.services[0].run(handle))["status"] == "completed"
        for thread in self.threads:
            for run in await self.services[0].db.read(partial(_rows, table="runs", thread=thread)):
                await self.check_whole(thread, run)
        await asyncio.gather(*self.listeners)
        for service in self.services:
            await service.stop()

    async def check_whole(self, thread: str, run: dict[str, Any]) -> None:
        if run["created_at"] < self.services[0].now - EVENTS_KEPT:
            return
        events = await read_all(await self.services[0].runs.follow(thread, run["id"]), whole=True)
        assert events[-2].data["status"] == run["status"]

    # -- small things --------------------------------------------------------------------------------------------------

    def refusable(self, doing: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self.do(doing)
        except ApiError as error:
            if error.status != 400:
                raise
            return None

    def forget_listeners(self) -> None:
        for task in self.listeners:
            task.cancel()
        self.listeners.clear()

    def active(self, thread: int) -> dict[str, Any] | None:
        return self.do(self.active_of(self.threads[thread]))

    async def active_of(self, thread: str) -> dict[str, Any] | None:
        runs = await self.services[0].db.read(lambda conn: _rows(conn, "runs", thread))
        return next((run for run in runs if run["status"] in ACTIVE), None)

    def reply(self, kind: str) -> list[Any]:
        gate = Gate()
        if kind.startswith("long"):
            self.gates.append(gate)
        half = calls(("call_1", "weather", '{"a": 1}'))
        return {
            "text": text("Hello", " there"),
            "calls": [TextDelta("Hm."), *half],
            "two calls": calls(("call_1", "weather", "{}"), ("call_2", "weather", "{}")),
            "late text": [*half[:-1], TextDelta("Wait"), half[-1]],
            "long late text": [*half[:-1], TextDelta("Wa"), gate, TextDelta("it"), half[-1]],
            "long": [TextDelta("Half"), gate, *text(" and half")],
            "long call": [*half[:2], gate, *half[2:]],
            "failure": [TextDelta("Half"), EngineError("Broke.")],
            "length": [TextDelta("Half"), Finish("length")],
            "filter": [TextDelta("Half"), Finish("content_filter")],
            "busy": [EngineError("Busy.", retryable=True)],
            "empty": [Finish("stop")],
        }[kind]


def _rows(conn: Any, table: str, thread: str) -> list[dict[str, Any]]:
    return [json.loads(body) for (body,) in conn.execute(f"SELECT body FROM {table} WHERE thread_id = ?", (thread,))]


def _snapshot(conn: Any, thread: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    conn.execute("BEGIN")
    try:
        return _rows(conn, "runs", thread), _rows(conn, "messages", thread)
    finally:
        conn.execute("COMMIT")


LAX = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
QUICK = settings(max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=LAX, database=None)


def test_random_interleavings():
    run_state_machine_as_test(Runs, settings=QUICK)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_random_interleavings():
    many = settings(QUICK, max_examples=400, stateful_step_count=40)
    run_state_machine_as_test(Runs, settings=many)
