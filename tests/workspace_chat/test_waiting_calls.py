"""Runs that wait for tool outputs."""

from __future__ import annotations

from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk
from tests.workspace_chat.events import function

CALLS = (function("call_a", "weather", '{"city": "Rome"}'), function("call_b", "time", "{}"))


async def test_calls_wait_and_are_answered_in_one_request(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    assert desk.state.run.phase == "waiting_outputs"
    assert [call.name for call in desk.state.run.calls] == ["weather", "time"]
    assert desk.state.run.expires_at is not None
    await desk.conversation.submit_outputs({"call_a": "sun"})
    assert desk.state.failure.kind == "invalid"
    await desk.conversation.submit_outputs({"call_a": "sun", "call_b": "noon"})
    await desk.conversation.wait_idle()
    (body,) = desk.server.sent(f"POST /threads/{desk.state.thread_id}/runs/{next(iter(desk.server.runs))}/submit")
    assert body["tool_outputs"] == [
        {"tool_call_id": "call_a", "output": "sun"},
        {"tool_call_id": "call_b", "output": "noon"},
    ]
    assert desk.texts == ["Hi", "Thanks."]
    assert [call.id for call in desk.conversation.messages[-1].calls] == ["call_a", "call_b"]
    assert desk.state.failure is None


async def test_waiting_calls_survive_a_restart(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    await desk.restart()
    assert desk.state.run.phase == "waiting_outputs"
    assert [call.id for call in desk.conversation.messages[-1].calls] == ["call_a", "call_b"]
    await desk.conversation.submit_outputs({"call_a": "sun", "call_b": "noon"})
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Thanks."]


async def test_opening_the_thread_again_keeps_the_waiting_calls(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    await desk.threads.open(desk.state.thread_id)
    assert desk.state.run.phase == "waiting_outputs"
    assert [call.id for call in desk.conversation.messages[-1].calls] == ["call_a", "call_b"]


async def test_calls_answered_elsewhere_wait_no_more(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    (run,) = desk.server.runs.values()
    run.message("Answered.")
    run.status("completed", required_action=None)
    await desk.threads.open(desk.state.thread_id)
    assert desk.state.run.phase == "idle"
    assert desk.texts[:2] == ["Hi", "Answered."]


async def test_a_message_typed_while_calls_wait_is_queued(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    await desk.say("next")
    assert desk.state.queued == ("next",)
    await desk.conversation.submit_outputs({"call_a": "", "call_b": ""})
    await wait_until(lambda: len(desk.texts) == 4)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Thanks.", "next", "Hello, world."]


async def test_outputs_for_an_expired_run(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    (run,) = desk.server.runs.values()
    run.body["status"] = "expired"
    await desk.conversation.submit_outputs({"call_a": "sun", "call_b": "noon"})
    await desk.conversation.wait_idle()
    assert desk.state.failure.what.endswith("do not accept tool outputs.")
    assert desk.state.run.phase == "idle"


async def test_stop_while_calls_wait(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.call(*CALLS)]]
    await desk.say("Hi")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert desk.state.run.phase == "idle"
    assert desk.conversation.messages[-1].status == "stopped"
