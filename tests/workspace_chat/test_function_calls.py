"""Calls that a run waits for: by hand, by mock, by handler, over restarts, two conversations at once."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

from playground_tui.workspace.answer_record import INTERRUPTED
from playground_tui.workspace.answering import CHANGED, ENDED_HERE
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.handlers.model import MAX_OUTPUT_BYTES, Handler
from tests.support.assistants_server import Script, ServerRun
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk
from tests.workspace_chat.events import function

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def calling(*names: str, schema: Any = SCHEMA) -> Script:
    """A run that calls each function once; the call's id is `call_` and the name."""

    def script(run: ServerRun) -> Any:
        tools = [{"type": "function", "function": {"name": name, "parameters": schema}} for name in names]
        run.body["tools"] = tools
        return [*run.begin(), *run.call(*(function(f"call_{name}", name, '{"city": "Oslo"}') for name in names))]

    return script


def python(tmp_path: Path, body: str) -> Handler:
    """A command that runs Python lines."""
    path = tmp_path / "handler.py"
    path.write_text(f"import sys, json, os, time\narguments = sys.stdin.read()\n{body}\n")
    return Handler("command", f"{sys.executable} {path}", 20)


def phases(desk: Desk) -> list[str]:
    return [answer.phase for answer in desk.conversation.calls.state.value.calls]


def open_calls(desk: Desk) -> list[str]:
    return [answer.call.id for answer in desk.conversation.calls.state.value.open]


def submitted(desk: Desk) -> list[dict[str, str]]:
    bodies = [body for _, path, body in desk.server.calls if path.endswith("submit_tool_outputs")]
    return [{o["tool_call_id"]: o["output"] for o in body["tool_outputs"]} for body in bodies]


async def test_three_calls_by_hand_mock_and_handler_go_out_in_one_submit(desk: Desk, tmp_path: Path) -> None:
    await desk.functions.bind("asst_1", "mocked", Handler("mock", '{"t": 1}'))
    await desk.functions.bind("asst_1", "run", python(tmp_path, "print(arguments, end='')"))
    desk.server.scripts = [calling("by_hand", "mocked", "run")]
    await desk.say("Hi")
    calls = desk.conversation.calls
    assert phases(desk) == ["waiting", "answered", "needs_approval"]
    await calls.approve("call_run", "once")
    await wait_until(lambda: phases(desk)[2] == "answered")
    assert submitted(desk) == []
    calls.answer("call_by_hand", "sun")
    await wait_until(lambda: submitted(desk))
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_by_hand": "sun", "call_mocked": '{"t": 1}', "call_run": '{"city": "Oslo"}'}]
    assert desk.texts[-1] == "Thanks."
    assert desk.conversation.calls.state.value.calls == ()


async def test_what_is_answered_alone_needs_nobody(desk: Desk) -> None:
    await desk.functions.bind("asst_1", "f", Handler("mock", "1"))
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    assert desk.texts == ["Hi", "Thanks."] or desk.texts[-1] == "Thanks."
    assert submitted(desk) == [{"call_f": "1"}]


async def test_a_second_round_with_the_same_call_id_is_asked_anew(desk: Desk) -> None:
    desk.server.scripts = [calling("f")]
    desk.server.after_outputs = [lambda run: run.call(function("call_f", "f", "{}"))]
    await desk.say("Hi")
    desk.conversation.calls.answer("call_f", "one")
    await wait_until(lambda: submitted(desk) and phases(desk) == ["waiting"])
    desk.conversation.calls.answer("call_f", "two")
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_f": "one"}, {"call_f": "two"}]


async def test_a_slow_disk_answers_no_second_round_with_the_first_ones_output(desk: Desk) -> None:
    gate = threading.Event()

    def asking_again(run: ServerRun) -> Any:
        desk.store.keep(lambda conn: gate.wait(20))
        return run.call(function("call_f", "f", "{}"), function("call_g", "g", "{}"))

    desk.server.scripts = [calling("f", "g")]
    desk.server.after_outputs = [asking_again]
    await desk.say("Hi")
    desk.conversation.calls.answer("call_f", "one")
    await desk.store.write(lambda conn: None)
    desk.conversation.calls.answer("call_g", "one")
    try:
        await wait_until(lambda: submitted(desk) and "call_f" in open_calls(desk))
    finally:
        gate.set()
    assert phases(desk) == ["waiting", "waiting"]


async def test_always_asks_no_more_until_anything_changes(desk: Desk, tmp_path: Path) -> None:
    handler = python(tmp_path, "print('ok')")
    await desk.functions.bind("asst_1", "f", handler)
    desk.server.scripts = [calling("f"), calling("f"), calling("f", schema={"type": "object"})]
    await desk.say("Hi")
    await desk.conversation.calls.approve("call_f", "always")
    await desk.conversation.wait_idle()
    await desk.restart()
    await desk.say("again")
    assert submitted(desk) == [{"call_f": "ok"}, {"call_f": "ok"}]
    await desk.say("another schema")
    assert phases(desk) == ["needs_approval"]
    assert desk.conversation.calls.state.value.calls[0].note == CHANGED


@pytest.mark.parametrize("scope", ["session", "always"])
async def test_what_was_allowed_is_taken_back(desk: Desk, tmp_path: Path, scope: str) -> None:
    await desk.functions.bind("asst_1", "f", python(tmp_path, "print('ok')"))
    desk.server.scripts = [calling("f"), calling("f"), calling("f")]
    await desk.say("Hi")
    await desk.conversation.calls.approve("call_f", scope)
    await desk.conversation.wait_idle()
    await desk.say("again")
    assert len(submitted(desk)) == 2
    await desk.functions.take_approvals_back()
    await desk.say("and again")
    assert phases(desk) == ["needs_approval"]
    assert desk.conversation.calls.state.value.calls[0].note == ""


@pytest.mark.parametrize("change", ["handler", "server", "assistant", "interpreter", "folder"])
async def test_any_other_change_asks_again(desk: Desk, tmp_path: Path, change: str) -> None:
    (tmp_path / "m.py").write_text("def f(city): return city")
    handler = Handler("python", "m.py:f", 20, str(tmp_path))
    tool = {"name": "f", "parameters": SCHEMA}
    await desk.functions.bind("asst_1", "f", handler)
    await desk.functions.approve("asst_1", tool, handler, "always")
    assert desk.functions.approved("asst_1", tool, handler)
    assistant = "asst_1"
    if change == "handler":
        handler = Handler("python", "m.py:g", 20, str(tmp_path))
    elif change == "folder":
        handler = Handler("python", "m.py:f", 20, "/")
    elif change == "assistant":
        assistant = "asst_2"
    elif change == "server":
        desk.address = "https://elsewhere.example/v1"
    else:
        desk.interpreter = "/opt/other/python"
    assert not desk.functions.approved(assistant, tool, handler)


async def test_for_this_session_ends_with_it(desk: Desk, tmp_path: Path) -> None:
    await desk.functions.bind("asst_1", "f", python(tmp_path, "print('ok')"))
    desk.server.scripts = [calling("f"), calling("f"), calling("f")]
    await desk.say("Hi")
    await desk.conversation.calls.approve("call_f", "session")
    await desk.conversation.wait_idle()
    await desk.say("again")
    assert len(submitted(desk)) == 2
    desk.session = set()
    await desk.restart()
    await desk.say("and again")
    assert phases(desk) == ["needs_approval"]


async def test_partial_answers_survive_a_kill(desk: Desk) -> None:
    await desk.functions.bind("asst_1", "b", Handler("mock", "B"))
    desk.server.scripts = [calling("a", "b", "c")]
    await desk.say("Hi")
    desk.conversation.calls.answer("call_a", "A")
    await desk.die()
    assert phases(desk) == ["answered", "answered", "waiting"]
    assert desk.conversation.calls.state.value.calls[1].by == "mock"
    desk.conversation.calls.answer("call_c", "C")
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_a": "A", "call_b": "B", "call_c": "C"}]


async def test_half_typed_answers_survive_a_kill_and_go_with_the_run(desk: Desk) -> None:
    desk.server.scripts = [calling("a", "b")]
    await desk.say("Hi")
    calls = desk.conversation.calls
    calls.set_typed("call_a", "old")
    calls.set_typed("call_a", '{"sky"')
    calls.set_typed("call_b", "")
    await desk.clock.advance(0.25)
    desk.store.flush()
    rows = desk.store.read_now(lambda conn: conn.execute("SELECT call_id, text FROM typed_answers").fetchall())
    assert [tuple(row) for row in rows] == [("call_a", '{"sky"')]
    await desk.die()
    calls = desk.conversation.calls
    assert phases(desk) == ["waiting", "waiting"]
    assert [answer.typed for answer in calls.state.value.calls] == ['{"sky"', ""]
    calls.set_typed("call_b", "not lost when closed")
    await desk.restart()
    calls = desk.conversation.calls
    assert calls.state.value.calls[1].typed == "not lost when closed"
    calls.answer("call_a", "A")
    calls.answer("call_b", "B")
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_a": "A", "call_b": "B"}]
    await desk.store.write(lambda conn: None)
    assert desk.store.read_now(lambda conn: conn.execute("SELECT count(*) FROM typed_answers").fetchone()[0]) == 0


async def test_a_handler_that_was_running_when_the_program_ended_is_asked_about(desk: Desk, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    handler = python(tmp_path, f"open({str(mark)!r}, 'a').write('x')\ntime.sleep(60)")
    await desk.functions.bind("asst_1", "f", handler)
    await desk.functions.approve("asst_1", {"name": "f", "parameters": SCHEMA}, handler, "always")
    desk.server.scripts = [calling("f")]
    await desk.conversation.send("Hi")
    await wait_until(lambda: mark.exists() and mark.read_text())
    await desk.restart()
    assert phases(desk) == ["needs_approval"]
    assert desk.conversation.calls.state.value.calls[0].note == INTERRUPTED
    assert mark.read_text() == "x"
    python(tmp_path, "print('second')")
    await desk.conversation.calls.approve("call_f", "once")
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_f": "second"}]


async def test_one_that_hangs_can_be_ended_and_answered_by_hand(desk: Desk, tmp_path: Path) -> None:
    await desk.functions.bind("asst_1", "f", python(tmp_path, "time.sleep(60)"))
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    await desk.conversation.calls.approve("call_f", "once")
    assert phases(desk) == ["running"]
    assert desk.conversation.busy
    desk.conversation.calls.end("call_f")
    (answer,) = desk.conversation.calls.state.value.calls
    assert (answer.phase, answer.note) == ("needs_approval", ENDED_HERE)
    desk.conversation.calls.answer("call_f", "no idea", error=True)
    await desk.conversation.wait_idle()
    assert json.loads(submitted(desk)[0]["call_f"]) == {"error": "no idea"}


async def test_the_stop_of_a_run_ends_its_handlers(desk: Desk, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    await desk.functions.bind("asst_1", "f", python(tmp_path, f"open({str(mark)!r}, 'w').write('1')\ntime.sleep(60)"))
    desk.server.scripts = [calling("f", "g")]
    await desk.say("Hi")
    await desk.conversation.calls.approve("call_f", "once")
    await wait_until(mark.exists)
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert desk.state.run.phase == "idle"
    assert desk.conversation.calls.state.value.calls == ()
    assert not desk.conversation.busy


async def test_a_time_out_and_a_death_are_outputs(desk: Desk, tmp_path: Path) -> None:
    slow = Handler("command", f'{sys.executable} -c "import time; time.sleep(60)"', 0.5)
    dying = Handler("command", f'{sys.executable} -c "import os; os.kill(os.getpid(), 9)"', 20)
    for name, handler in (("slow", slow), ("dying", dying)):
        await desk.functions.bind("asst_1", name, handler)
        await desk.functions.approve("asst_1", {"name": name, "parameters": SCHEMA}, handler, "always")
    desk.server.scripts = [calling("slow", "dying", "by_hand")]
    await desk.say("Hi")
    assert phases(desk) == ["failed", "failed", "waiting"]
    desk.conversation.calls.answer("call_by_hand", "ok")
    await desk.conversation.wait_idle()
    (outputs,) = submitted(desk)
    assert "0.5 s" in json.loads(outputs["call_slow"])["error"]
    assert "signal 9" in json.loads(outputs["call_dying"])["error"]


async def test_outputs_that_were_not_taken_are_kept_and_not_sent_again_by_themselves(desk: Desk) -> None:
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    desk.server.refusals = [("submit_tool_outputs", httpx2.ConnectError("away"))]
    desk.conversation.calls.answer("call_f", "1")
    await desk.conversation.wait_idle()
    assert desk.state.failure.kind == "offline"
    assert desk.state.run.phase == "waiting_outputs"
    state = desk.conversation.calls.state.value
    assert (state.refused, phases(desk)) == (True, ["answered"])
    assert len(submitted(desk)) == 1
    desk.conversation.calls.submit()
    await desk.conversation.wait_idle()
    assert len(submitted(desk)) == 2
    assert desk.texts[-1] == "Thanks."


async def test_an_answer_can_be_taken_back_while_others_are_missing(desk: Desk) -> None:
    desk.server.scripts = [calling("a", "b")]
    await desk.say("Hi")
    calls = desk.conversation.calls
    calls.answer("call_a", "wrong")
    calls.take_back("call_a")
    calls.answer("call_b", "b")
    assert phases(desk) == ["waiting", "answered"]
    calls.answer("call_a", "right")
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_a": "right", "call_b": "b"}]


async def test_a_kept_mock_answers_on_demand(desk: Desk) -> None:
    await desk.functions.keep_mock("asst_1", "f", "sunny", '{"sky": "blue"}')
    assert desk.functions.mocks("asst_1", "f") == {"sunny": '{"sky": "blue"}'}
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    desk.conversation.calls.answer_with_mock("call_f", "gone")
    assert phases(desk) == ["waiting"]
    desk.conversation.calls.answer_with_mock("call_f", "sunny")
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_f": '{"sky": "blue"}'}]


async def test_too_large_by_hand_is_refused_before_it_is_sent(desk: Desk) -> None:
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    desk.conversation.calls.answer("call_f", "x" * (MAX_OUTPUT_BYTES + 1))
    assert desk.state.failure.field == "output"
    assert phases(desk) == ["waiting"]


async def test_a_handler_bound_while_calls_wait_is_taken_up(desk: Desk) -> None:
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    await desk.functions.bind("asst_1", "f", Handler("mock", "now"))
    desk.conversation.calls.rebind()
    await desk.conversation.wait_idle()
    assert submitted(desk) == [{"call_f": "now"}]


async def test_what_is_bound_to_a_draft_answers_for_the_assistant(desk: Desk) -> None:
    with pytest.raises(FailureError):
        await desk.functions.bind("draft_1", "f", Handler("command", ""))
    await desk.keep_draft()
    await desk.functions.bind("draft_1", "f", Handler("mock", "drafted"))
    assert desk.functions.handler("asst_1", "f").target == "drafted"
    await desk.functions.rename("asst_1", "f", "g")
    assert desk.functions.handlers("asst_1") == {"g": Handler("mock", "drafted")}
    await desk.functions.bind("asst_1", "g", Handler())
    assert desk.functions.handlers("draft_1") == {}


async def test_a_run_whose_time_has_passed_is_looked_at(desk: Desk) -> None:
    desk.server.scripts = [calling("f")]
    await desk.say("Hi")
    (run,) = desk.server.runs.values()
    state = desk.conversation.calls.state.value
    assert state.expires_at is not None
    soon = state.seconds_left(desk.clock.now())
    assert soon == 0.0  # the scripted server lives in 2023
    run.status("expired")
    await desk.clock.advance(10)
    await wait_until(lambda: desk.state.run.phase == "idle")
    assert desk.state.failure.kind == "timeout"
    assert desk.conversation.calls.state.value.calls == ()


async def test_two_conversations_wait_at_once(desk: Desk) -> None:
    desk.server.scripts = [calling("f"), calling("f")]
    await desk.say("one")
    first = desk.conversation
    await desk.threads.open(None)
    await desk.say("two")
    second = desk.conversation
    first.calls.answer("call_f", "1")
    second.calls.answer("call_f", "2")
    await first.wait_idle()
    await second.wait_idle()
    assert submitted(desk) == [{"call_f": "1"}, {"call_f": "2"}]
    assert [m.text for m in first.messages][-1] == "Thanks."
