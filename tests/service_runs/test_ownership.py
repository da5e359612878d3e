"""Two services on one database, restarts in the middle of runs, and what becomes of runs nobody is at work on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground_tui.service.engines.base import CallArguments, CallStart, TextDelta
from playground_tui.service.errors import ApiError
from playground_tui.service.runs.ownership import Ownership
from tests.service_runs.bench import FUNCTION, Bench, said
from tests.service_runs.reading import read_all, short
from tests.support.engines import Gate, calls, text

STOPPED = "The service stopped while this run was active."


@pytest.fixture
async def other(bench: Bench, tmp_path: Path) -> AsyncIterator[Bench]:
    other = Bench(tmp_path)
    await other.start()
    yield other
    await other.stop()


def test_a_lock_tells_the_living_from_the_dead(tmp_path: Path):
    one, two = Ownership(tmp_path / "locks"), Ownership(tmp_path / "locks")
    one.take()
    two.take()
    assert one.is_alive(one.id)
    assert two.is_alive(one.id)
    assert not one.is_alive("4711-never")
    two._lock.release()
    assert not one.is_alive(two.id)
    one.forget_dead()
    assert [path.name for path in (tmp_path / "locks").iterdir()] == [f"service-{one.id}.lock"]
    one.release()
    assert not two.is_alive(one.id)


async def test_a_restart_ends_what_was_being_written(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half "), TextDelta("a sen"), gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    handle._feed._flush()
    await bench.die()
    await bench.start()
    run = await bench.run(handle)
    assert (run["status"], run["last_error"]) == ("failed", {"code": "server_error", "message": STOPPED})
    reply = (await bench.messages(run["thread_id"]))[-1]
    assert (said(reply), reply["incomplete_details"]) == ("Half a sen", {"reason": "run_failed"})
    assert [step["status"] for step in await bench.steps(handle)] == ["failed"]
    events = await read_all(await bench.runs.follow(run["thread_id"], run["id"]), whole=True)
    assert short(events)[-4:] == ["message.incomplete", "run.step.failed", "run.failed", "done"]
    await read_all((await bench.run_on(run["thread_id"])).events())


async def test_a_restart_in_the_middle_of_calls(bench: Bench):
    gate = Gate()
    bench.engine.replies = [
        [CallStart(0, "call_1", "weather"), CallArguments(0, '{"city":'), CallArguments(0, '"B'), gate]
    ]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await gate.reached.wait()
    handle._feed._flush()
    await bench.die()
    await bench.start()
    (step,) = await bench.steps(handle)
    assert step["step_details"]["tool_calls"][0]["function"]["arguments"] == '{"city":"B'


async def test_a_run_being_cancelled_is_cancelled_after_a_restart(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    execution = bench.runs._executions.pop(handle.run["id"])
    await bench.runs.cancel(handle.run["thread_id"], handle.run["id"])
    assert execution.run["status"] == "in_progress"
    await bench.die()
    await bench.start()
    run = await bench.run(handle)
    assert (run["status"], run["last_error"]) == ("cancelled", None)


async def test_waiting_calls_survive_a_restart(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}")), text("Warm.")]
    handle = await bench.begin(assistant_tools=[FUNCTION], reasoning_effort="high")
    await read_all(handle.events())
    await bench.die()
    await bench.start()
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    assert (await bench.run(handle))["status"] == "requires_action"
    second = await bench.runs.submit(thread_id, run_id, [{"tool_call_id": "call_1", "output": "20"}])
    assert short(await read_all(second.events()))[-2:] == ["run.completed", "done"]
    assert bench.engine.requests[1].reasoning_effort == "high"
    await read_all(await bench.runs.follow(thread_id, run_id), whole=True)


async def test_waiting_calls_expire_though_nobody_was_alive(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}"))]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    await bench.die()
    bench.now += 700
    await bench.start()
    assert (await bench.run(handle))["status"] == "expired"


async def test_the_other_service_may_submit_and_then_owns_the_run(bench: Bench, other: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}"))]
    other.engine.replies = [text("From the other.")]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    second = await other.runs.submit(thread_id, run_id, [{"tool_call_id": "call_1", "output": "20"}])
    await read_all(second.events())
    assert said((await bench.messages(thread_id))[-1]) == "From the other."
    assert len(bench.engine.requests) == len(other.engine.requests) == 1
    whole = await read_all(await bench.runs.follow(thread_id, run_id), whole=True)
    assert whole == await read_all(await other.runs.follow(thread_id, run_id), whole=True)


async def test_the_other_service_may_cancel(bench: Bench, other: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    run = await other.runs.cancel(handle.run["thread_id"], handle.run["id"])
    assert run["status"] == "cancelling"
    events = await read_all(handle.events())
    assert short(events)[-2:] == ["run.cancelled", "done"]


async def _running(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    return handle


async def test_a_living_service_keeps_its_run(bench: Bench, other: Bench):
    handle = await _running(bench)
    thread_id = handle.run["thread_id"]
    await other.runs.sweep()
    assert (await bench.run(handle))["status"] == "in_progress"
    with pytest.raises(ApiError, match=f"Thread {thread_id} already has an active run {handle.run['id']}."):
        await other.run_on(thread_id)
    with pytest.raises(ApiError, match="already has an active run"):
        await bench.run_on(thread_id)


async def test_a_dead_service_loses_its_run_when_someone_needs_the_thread(bench: Bench, other: Bench):
    handle = await _running(bench)
    await bench.die()
    second = await other.run_on(handle.run["thread_id"])
    await read_all(second.events())
    assert (await other.run(handle))["last_error"]["message"] == STOPPED
    await bench.start()


async def test_two_submits_at_once_go_on_once(bench: Bench, other: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}"))]
    handle = await bench.begin(assistant_tools=[FUNCTION])
    await read_all(handle.events())
    outputs = [{"tool_call_id": "call_1", "output": "20"}]
    where = (handle.run["thread_id"], handle.run["id"])
    results = await asyncio.gather(
        *(service.runs.submit(*where, outputs) for service in (bench, other, bench, other)), return_exceptions=True
    )
    assert sum(isinstance(result, ApiError) for result in results) == 3
    await bench.until(handle, "completed")
    assert len(bench.engine.requests) + len(other.engine.requests) == 2
