"""The ways a run ends when it does not complete, and what is left of what was being written."""

from __future__ import annotations

import logging
import sqlite3
from functools import partial
from typing import Any

import pytest

from playground_tui.service.engines.base import (
    CallArguments,
    CallStart,
    EngineError,
    Finish,
    HostedCall,
    ReasoningDelta,
    TextDelta,
)
from playground_tui.service.errors import ApiError
from playground_tui.service.runs import manager as manager_module
from playground_tui.service.store import MESSAGES, RUNS, objects
from tests.service_runs.bench import FUNCTION, Bench, eventually, said
from tests.service_runs.reading import parse, read_all, short
from tests.support.engines import Gate, calls, text

NOTE = {"note": "mine"}
WEATHER = {"assistant_tools": [FUNCTION]}


async def cancel(bench: Bench, handle) -> dict[str, Any]:
    return await bench.runs.cancel(handle.run["thread_id"], handle.run["id"])


def closing(events) -> list[str]:
    return [event.name.removeprefix("thread.") for event in events[-6:]]


async def test_a_cancelled_reply_keeps_what_was_said(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half "), TextDelta("a sen"), gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    assert (await cancel(bench, handle))["status"] == "cancelling"
    events = await read_all(handle.events())
    assert closing(events)[1:] == [
        "run.cancelling",
        "message.incomplete",
        "run.step.cancelled",
        "run.cancelled",
        "done",
    ]
    reply = (await bench.messages(handle.run["thread_id"]))[-1]
    assert (said(reply), reply["incomplete_details"]) == ("Half a sen", {"reason": "run_cancelled"})
    run = await bench.run(handle)
    assert (run["cancelled_at"], run["usage"]["estimated"]) == (int(bench.now), True)
    assert bench.engine.open_streams == 0
    with pytest.raises(ApiError, match="Cannot cancel run with status 'cancelled'"):
        await cancel(bench, handle)


async def test_cancelled_in_the_middle_of_a_call(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[CallStart(0, "call_1", "weather"), CallArguments(0, '{"ci'), gate]]
    handle = await bench.begin(**WEATHER)
    await gate.reached.wait()
    await cancel(bench, handle)
    await read_all(handle.events())
    (step,) = await bench.steps(handle)
    function = step["step_details"]["tool_calls"][0]["function"]
    assert (step["status"], function["arguments"], function["output"]) == ("cancelled", '{"ci', None)


async def test_cancelled_while_it_waits_for_outputs(bench: Bench):
    bench.engine.replies = [calls(("call_1", "weather", "{}"))]
    handle = await bench.begin(**WEATHER)
    await read_all(handle.events())
    run = await cancel(bench, handle)
    assert (run["status"], run["required_action"], run["usage"]["estimated"]) == ("cancelled", None, True)
    (step,) = await bench.steps(handle)
    assert step["status"] == "cancelled"
    followed = await read_all(await bench.runs.follow(run["thread_id"], run["id"]), whole=True)
    assert short(followed)[-5:] == [
        "run.requires_action",
        "run.cancelling",
        "run.step.cancelled",
        "run.cancelled",
        "done",
    ]
    with pytest.raises(ApiError, match=r'^Runs in status "cancelled" do not accept tool outputs\.$'):
        await bench.runs.submit(run["thread_id"], run["id"], [{"tool_call_id": "call_1", "output": ""}])


async def test_cancelled_before_the_engine_gave_anything(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    await cancel(bench, handle)
    events = await read_all(handle.events())
    assert short(events)[2:] == ["run.in_progress", "run.cancelling", "run.cancelled", "done"]
    assert (await bench.run(handle))["usage"] is None


async def test_cancelled_at_once(bench: Bench):
    for _ in range(20):
        handle = await bench.begin()
        await cancel(bench, handle)
        await read_all(handle.events())
        assert (await bench.run(handle))["status"] == "cancelled"


async def test_the_wrong_outputs_are_refused(bench: Bench):
    bench.engine.replies = [calls(("call_a", "weather", "{}"), ("call_b", "weather", "{}"))]
    handle = await bench.begin(**WEATHER)
    await read_all(handle.events())
    thread_id, run_id = handle.run["thread_id"], handle.run["id"]
    for given, shown in [
        (["call_a"], r"\['call_a'\]"),
        ([], r"\[\]"),
        (["call_a", "call_b", "call_c"], "call_c"),
        (["call_a", "call_a"], "'call_a', 'call_a'"),
    ]:
        with pytest.raises(
            ApiError, match=rf"^Expected tool outputs for call_ids \['call_a', 'call_b'\], got.*{shown}"
        ):
            await bench.runs.submit(thread_id, run_id, [{"tool_call_id": i, "output": "x"} for i in given])
    assert (await bench.run(handle))["status"] == "requires_action"


async def test_a_run_that_waits_too_long_expires(bench: Bench):
    bench.engine.replies = [[*text("Let me see.")[:-1], *calls(("call_1", "weather", "{}"))]]
    handle = await bench.begin(**WEATHER)
    await read_all(handle.events())
    thread_id = handle.run["thread_id"]
    assert handle.run["expires_at"] == int(bench.now) + 600
    bench.now += 599
    await bench.runs.settle(thread_id)
    assert (await bench.run(handle))["status"] == "requires_action"
    bench.now += 1
    with pytest.raises(ApiError, match=r'^Runs in status "expired" do not accept tool outputs\.$'):
        await bench.runs.submit(thread_id, handle.run["id"], [{"tool_call_id": "call_1", "output": "x"}])
    run = await bench.run(handle)
    assert (run["status"], run["required_action"], run["expires_at"]) == ("expired", None, None)
    assert [step["status"] for step in await bench.steps(handle)] == ["completed", "expired"]
    await read_all((await bench.run_on(thread_id)).events())


async def test_a_reply_that_takes_too_long_expires(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate]]
    handle = await bench.begin()
    await gate.reached.wait()
    bench.now += 601
    events = await read_all(handle.events())
    assert closing(events)[2:] == ["message.incomplete", "run.step.expired", "run.expired", "done"]
    reply = (await bench.messages(handle.run["thread_id"]))[-1]
    assert reply["incomplete_details"] == {"reason": "run_expired"}


async def test_waiting_runs_expire_without_anybody_asking(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.engine.replies = [calls(("call_1", "weather", "{}"))]
    handle = await bench.begin(**WEATHER)
    await read_all(handle.events())
    assert await bench.runs.sweep() == handle.run["expires_at"]
    bench.now += 601
    assert await bench.runs.sweep() is None
    assert (await bench.run(handle))["status"] == "expired"


async def test_an_endpoint_that_says_nothing_any_more(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(manager_module, "SILENCE", 0.0)
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate]]
    handle = await bench.begin()
    await read_all(handle.events())
    assert "no sign of life" in (await bench.run(handle))["last_error"]["message"]


async def test_an_endpoint_that_fails_in_the_middle(bench: Bench):
    error = EngineError("It broke.", code="rate_limit_exceeded", retryable=True)
    bench.engine.replies = [[TextDelta("Half"), error]]
    handle = await bench.begin()
    events = await read_all(handle.events())
    assert closing(events)[2:] == ["message.incomplete", "run.step.failed", "run.failed", "done"]
    run = await bench.run(handle)
    assert run["last_error"] == {"code": "rate_limit_exceeded", "message": "It broke."}
    assert run["failed_at"] == int(bench.now)
    (step,) = await bench.steps(handle)
    assert step["last_error"] == run["last_error"]
    assert len(bench.engine.requests) == 1


async def test_the_parameter_that_was_refused_is_named(bench: Bench):
    bench.engine.replies = [[EngineError("Unsupported.", code="invalid_prompt", status=400, param="temperature")]]
    handle = await bench.begin()
    events = await read_all(handle.events())
    run = await bench.run(handle)
    assert run["last_error"] == {"code": "invalid_prompt", "message": "Unsupported. (parameter: temperature)"}
    assert short(events)[3:] == ["run.failed", "done"]


async def test_passing_trouble_is_waited_for_before_the_first_event(bench: Bench):
    bench.engine.replies = [
        [EngineError("Busy.", code="rate_limit_exceeded", retryable=True, retry_after=7)],
        [EngineError("Gone.", retryable=True)],
        text("At last."),
    ]
    handle = await bench.begin()
    frames = parse(b"".join([part async for part in handle.events(progress=True)]))
    assert (await bench.run(handle))["status"] == "completed"
    assert bench.sleeps[0] == 7
    assert 1 <= bench.sleeps[1] <= 1.25
    assert "playground.progress" in [event.name for event in frames]


async def test_no_more_than_three_tries(bench: Bench):
    bench.engine.replies = [[EngineError("Busy.", code="rate_limit_exceeded", retryable=True)]] * 5
    handle = await bench.begin()
    await read_all(handle.events())
    assert (await bench.run(handle))["last_error"]["code"] == "rate_limit_exceeded"
    assert len(bench.engine.requests) == 3


async def test_thinking_is_only_for_those_who_asked(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[ReasoningDelta("hm"), gate, *text("So.")]]
    handle = await bench.begin()
    await gate.reached.wait()
    listener = handle.events(progress=True)
    seen = await anext(listener)
    assert b'"phase":"thinking"' in seen
    gate.opened.set()
    rest = b"".join([part async for part in listener])
    assert short(parse(rest))[-1] == "done"
    await read_all(handle.events())
    assert said((await bench.messages(handle.run["thread_id"]))[-1]) == "So."


async def test_the_content_filter(bench: Bench):
    bench.engine.replies = [[TextDelta("Half"), Finish("content_filter")]]
    handle = await bench.begin()
    await read_all(handle.events())
    run = await bench.run(handle)
    assert (run["status"], run["last_error"]["code"]) == ("failed", "invalid_prompt")
    assert "content filter" in run["last_error"]["message"]
    reply = (await bench.messages(run["thread_id"]))[-1]
    assert (said(reply), reply["incomplete_details"]) == ("Half", {"reason": "content_filter"})


async def test_a_reply_without_an_end(bench: Bench):
    bench.engine.replies = [[TextDelta("Half")]]
    handle = await bench.begin()
    await read_all(handle.events())
    assert "ended before it was complete" in (await bench.run(handle))["last_error"]["message"]


async def test_a_fault_of_our_own_fails_the_run_and_says_nothing_of_its_contents(
    bench: Bench, caplog: pytest.LogCaptureFixture
):
    bench.engine.replies = [[TextDelta("x"), RuntimeError("secret words")]]
    handle = await bench.begin()
    with caplog.at_level(logging.DEBUG):
        events = await read_all(handle.events())
    assert short(events)[-4:] == ["run.step.failed", "run.failed", "error", "done"]
    run = await bench.run(handle)
    assert run["last_error"]["message"] == "The service had an error while working on this run."
    assert "secret" not in caplog.text


async def test_a_hosted_call_cut_off(bench: Bench):
    call = {"id": "ci_1", "type": "code_interpreter", "code_interpreter": {"input": "1+1", "outputs": []}}
    bench.engine.replies = [[HostedCall(call, done=False), EngineError("Broke.")]]
    handle = await bench.begin()
    await read_all(handle.events())
    (step,) = await bench.steps(handle)
    assert (step["status"], step["step_details"]["tool_calls"]) == ("failed", [call])


async def test_closing_waits_and_then_ends_what_is_left(bench: Bench):
    gate, short_gate = Gate(), Gate()
    bench.engine.replies = [[TextDelta("Half"), gate], [TextDelta("Whole"), short_gate, Finish("stop")]]
    long, quick = await bench.begin(), await bench.begin()
    await gate.reached.wait()
    await short_gate.reached.wait()
    short_gate.opened.set()
    await bench.runs.close(0.05)
    assert (await bench.run(quick))["status"] == "completed"
    run = await bench.run(long)
    assert (run["status"], run["last_error"]["message"]) == (
        "failed",
        "The service stopped while this run was active.",
    )
    reply = (await bench.messages(run["thread_id"]))[-1]
    assert (said(reply), reply["incomplete_details"]) == ("Half", {"reason": "run_failed"})
    assert short(await read_all(long.events()))[-1] == "done"
    with pytest.raises(ApiError, match="stopping"):
        await bench.begin()


async def test_a_deleted_thread_ends_its_run(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate, TextDelta(" more"), *calls(("c", "weather", "{}"))]]
    handle = await bench.begin(**WEATHER)
    await gate.reached.wait()
    await bench.db.write(lambda conn: conn.execute("DELETE FROM threads"))
    gate.opened.set()
    parts = [part async for part in handle.events()]
    assert parts[-1].endswith(b"event: done\ndata: [DONE]\n\n")
    await eventually(lambda: _count(bench, "steps"), lambda count: count == 0)
    assert await _count(bench, "run_events") == 0
    assert bench.engine.open_streams == 0


async def _count(bench: Bench, table: str) -> int:
    return await bench.db.read(lambda conn: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


async def test_a_run_whose_end_cannot_be_stored_says_so_and_is_ended_later(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate, Finish("stop")]]
    handle = await bench.begin()
    await gate.reached.wait()
    blocking = await bench.db.write(lambda conn: _forbid(conn))
    gate.opened.set()
    events = parse(b"".join([part async for part in handle.events()]))
    assert [event.name for event in events[-2:]] == ["error", "done"]
    assert events[-2].data["error"]["type"] == "server_error"
    assert (await bench.run(handle))["status"] == "in_progress"
    await bench.db.write(lambda conn: conn.execute(f"DROP TRIGGER {blocking}"))
    await bench.runs.settle(handle.run["thread_id"])
    assert (await bench.run(handle))["status"] == "failed"
    assert said((await bench.messages(handle.run["thread_id"]))[-1]) == "Half"


def _forbid(conn: sqlite3.Connection) -> str:
    conn.execute("CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT RAISE(FAIL, 'full'); END")
    return "full"


async def test_metadata_changed_meanwhile_is_kept(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate, Finish("stop")]]
    handle = await bench.begin()
    await gate.reached.wait()
    message = (await bench.messages(handle.run["thread_id"]))[-1]
    run = await bench.run(handle)
    for table, value in ((RUNS, run), (MESSAGES, message)):
        await bench.db.write(partial(objects.set_metadata, table=table, object_id=value["id"], metadata=NOTE))
    gate.opened.set()
    await read_all(handle.events())
    run = await bench.run(handle)
    assert (run["status"], run["metadata"]) == ("completed", NOTE)
    message = (await bench.messages(run["thread_id"]))[-1]
    assert (message["status"], said(message), message["metadata"]) == ("completed", "Half", NOTE)


async def test_a_full_disk_ends_the_run_and_locks_nothing(bench: Bench):
    gate = Gate()
    bench.engine.replies = [[TextDelta("Half"), gate, TextDelta("x" * 400_000), Finish("stop")]]
    handle = await bench.begin()
    await gate.reached.wait()
    await bench.db.write(_no_more_room)
    gate.opened.set()
    events = parse(b"".join([part async for part in handle.events()]))
    assert [event.name for event in events[-2:]] == ["error", "done"]
    assert events[-2].data["code"] == "store_full"
    await bench.db.write(lambda conn: conn.execute("PRAGMA max_page_count = 1000000000").fetchone())
    await bench.runs.settle(handle.run["thread_id"])
    run = await bench.run(handle)
    assert run["status"] == "failed"
    await read_all((await bench.run_on(run["thread_id"])).events())


def _no_more_room(conn: sqlite3.Connection) -> None:
    (pages,) = conn.execute("PRAGMA page_count").fetchone()
    conn.execute(f"PRAGMA max_page_count = {pages}").fetchone()


async def test_a_full_disk_refuses_new_runs(bench: Bench):
    thread_id, assistant = await bench.thread("Hi"), await bench.assistant()
    await bench.db.write(_no_more_room)
    with pytest.raises(ApiError, match="disk") as caught:
        await bench.run_on(thread_id, assistant, instructions="x" * 200_000)
    assert caught.value.status == 503
    await bench.db.write(lambda conn: conn.execute("PRAGMA max_page_count = 1000000000").fetchone())
    await read_all((await bench.run_on(thread_id, assistant)).events())
