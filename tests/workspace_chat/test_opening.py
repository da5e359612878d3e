"""Opening threads: from the record at once, then as the server has them; pages, facts, active runs."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2

from playground_tui.workspace.values import Prepended, Reset
from tests.support.assistants_server import Hold, reply
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk
from tests.workspace_chat.events import function


def fill(desk: Desk, pairs: int) -> str:
    thread_id = desk.server.new_thread()
    for number in range(pairs):
        desk.server.add_message(thread_id, "user", f"q{number}")
        desk.server.add_message(thread_id, "assistant", f"a{number}", assistant_id="asst_1")
    return thread_id


async def test_opening_shows_the_newest_and_loads_older_on_demand(desk: Desk) -> None:
    thread_id = fill(desk, 60)
    await desk.threads.open(thread_id)
    assert len(desk.texts) == 50
    assert desk.texts[-1] == "a59"
    assert desk.state.has_older
    changes: list[object] = []
    desk.conversation.watch(changes.append)
    await desk.conversation.load_older()
    await desk.conversation.load_older()
    assert [type(change) for change in changes] == [Prepended, Prepended]
    assert desk.texts == [text for n in range(60) for text in (f"q{n}", f"a{n}")]
    assert not desk.state.has_older
    assert {m.author for m in desk.conversation.messages} == {"", "Bot"}


async def test_a_thread_opens_from_the_record_when_the_server_is_away(desk: Desk) -> None:
    thread_id = fill(desk, 60)
    await desk.threads.open(thread_id)
    await desk.conversation.load_older()
    await desk.threads.open(None)
    desk.server.refusals = [("GET", httpx2.ConnectError("away"))] * 9
    await desk.threads.open(thread_id)
    assert desk.texts[-1] == "a59"
    assert desk.state.failure.kind == "offline"
    await desk.conversation.load_older()
    assert desk.texts[0] == "q10"


async def test_reconciling_takes_over_what_changed_on_the_server(desk: Desk) -> None:
    thread_id = fill(desk, 3)
    await desk.threads.open(thread_id)
    del desk.server.messages[thread_id][2:4]
    desk.server.add_message(thread_id, "user", "elsewhere")
    await desk.threads.open(None)
    await desk.threads.open(thread_id)
    assert desk.texts == ["q0", "a0", "q2", "a2", "elsewhere"]
    await desk.restart()
    assert desk.texts == ["q0", "a0", "q2", "a2", "elsewhere"]


async def test_a_reply_that_was_cut_off_says_why_when_its_thread_is_opened_again(desk: Desk) -> None:
    """The message knows that its run failed, the run knows the reason. Also without the server, later on."""
    thread_id = fill(desk, 1)
    error = {"code": "server_error", "message": "The service stopped while this run was active."}
    run = desk.server.add_run(thread_id, "failed", last_error=error)
    cut = {"status": "incomplete", "incomplete_details": {"reason": "run_failed"}, "run_id": run.id}
    desk.server.add_message(thread_id, "user", "q1")
    desk.server.add_message(thread_id, "assistant", "Begun", assistant_id="asst_1", **cut)
    await desk.threads.open(thread_id)
    assert desk.conversation.messages[-1].note == error["message"]
    await desk.restart()
    desk.server.refusals = [("GET", httpx2.ConnectError("away"))] * 9
    await desk.threads.open(thread_id)
    assert desk.conversation.messages[-1].note == error["message"]


async def test_an_unchanged_thread_is_not_shown_anew(desk: Desk) -> None:
    await desk.threads.open(fill(desk, 3))
    changes: list[object] = []
    desk.conversation.watch(changes.append)
    await desk.conversation.refresh()
    assert not [c for c in changes if isinstance(c, Reset)]


async def test_facts_and_calls_of_earlier_replies(desk: Desk) -> None:
    thread_id = desk.server.new_thread()
    desk.server.add_message(thread_id, "user", "weather?")
    run = desk.server.add_run(thread_id, usage={"prompt_tokens": 5, "completion_tokens": 2})
    answer = run.message("Sunny.")
    calls = {"type": "tool_calls", "tool_calls": [function("c1", "weather", "{}", "sun")]}
    made = {"type": "message_creation", "message_creation": {"message_id": answer["id"]}}
    run.steps = [
        {"id": "s1", "run_id": run.id, "status": "completed", "created_at": 1, "step_details": calls},
        {"id": "s2", "run_id": run.id, "status": "completed", "created_at": 2, "step_details": made},
    ]
    await desk.threads.open(thread_id)
    await wait_until(lambda: desk.conversation.messages[-1].facts is not None)
    message = desk.conversation.messages[-1]
    assert [(call.name, call.output) for call in message.calls] == [("weather", "sun")]
    assert message.facts.model == "gpt-x"
    assert message.facts.tokens.prompt == 5
    asked = len([line for line in desk.server.lines() if line.endswith("/steps")])
    await desk.restart()
    await desk.threads.open(thread_id)
    assert desk.conversation.messages[-1].calls == message.calls
    assert len([line for line in desk.server.lines() if line.endswith("/steps")]) == asked == 1


async def test_what_was_measured_here_survives_a_restart(desk: Desk) -> None:
    await desk.say("Hi")
    facts = desk.conversation.messages[-1].facts
    await desk.restart()
    assert desk.conversation.messages[-1].facts == facts
    assert facts.version == 12


async def test_an_active_run_is_offered_and_followed(desk: Desk) -> None:
    thread_id = desk.server.new_thread()
    desk.server.add_message(thread_id, "user", "Hi")
    run = desk.server.add_run(thread_id, "in_progress")
    desk.server.lacks = {"/events"}
    await desk.threads.open(thread_id)
    assert desk.state.run.phase == "thinking"
    assert not desk.state.run.followed
    await desk.conversation.resume()
    await wait_until(lambda: desk.clock.waiting and min(desk.clock.waiting) <= 1)
    assert desk.state.run.followed
    run.message("Done.")
    run.status("completed")
    await desk.clock.advance(1)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Done."]


async def test_an_active_run_can_be_stopped(desk: Desk) -> None:
    thread_id = desk.server.new_thread()
    desk.server.add_message(thread_id, "user", "Hi")
    run = desk.server.add_run(thread_id, "in_progress")
    await desk.threads.open(thread_id)
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert run.body["status"] == "cancelled"
    assert desk.state.run.phase == "idle"


async def test_opening_again_does_not_disturb_what_streams(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Half", hold, " whole")]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.threads.open(desk.state.thread_id)
    assert desk.texts == ["Hi", "Half"]
    hold.set()
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Half whole"]


# -- odd servers -------------------------------------------------------------------------------------------------------


async def test_a_server_without_steps_runs_list_and_paging(desk: Desk) -> None:
    thread_id = fill(desk, 30)
    desk.server.pages = False
    desk.server.lacks = {"/steps", f"GET /threads/{thread_id}/runs"}
    await desk.threads.open(thread_id)
    assert len(desk.texts) == 60
    assert desk.texts[0] == "q0"
    assert not desk.state.has_older
    await desk.say("more")
    assert desk.texts[-1] == "Hello, world."
    assert "runs.list" in desk.lacking


async def test_a_server_that_gives_the_same_page_again(desk: Desk) -> None:
    thread_id = fill(desk, 3)
    desk.server.pages = False
    desk.server.change = lambda answer: {**answer, "has_more": True} if "data" in answer else answer
    await desk.threads.open(thread_id)
    assert desk.state.has_older
    await desk.conversation.load_older()
    assert not desk.state.has_older
    assert "paging" in desk.lacking
    assert len(desk.texts) == 6


def odd(answer: object) -> object:
    """Another dialect: ISO dates, text as plain strings, few fields."""
    match answer:
        case {"content": [{"text": {"value": text}}], **rest}:
            kept = {key: rest[key] for key in ("id", "role", "run_id") if key in rest}
            return {**kept, "content": text, "created_at": datetime.fromtimestamp(rest["created_at"], UTC).isoformat()}
        case {"data": list(items)}:
            return {"data": [odd(item) for item in items]}
    return answer


async def test_an_odd_server(desk: Desk) -> None:
    """Other ids, ISO dates, plain strings, missing fields, 201, no `done`."""

    def script(run):
        message_id = "5f0c-1"
        return [
            b'data: {"event": "thread.run.created", "data": {"id": "'
            + run.id.encode()
            + b'", "status": "queued"}}\n\n',
            b'event: thread.message.delta\ndata: {"id": "5f0c-1", "delta": {"content": "Hel"}}\n\n',
            b'event: thread.message.delta\ndata: {"id": "5f0c-1", "delta": {"content": [{"text": "lo."}]}}\n\n',
            b"event: thread.odd\ndata: {}\n\nevent: nonsense\ndata: not json\n\n: ping\n\n",
            lambda: run.message("Hello.", id=message_id),
            lambda: b'event: thread.run.completed\ndata: {"status": "completed"}\n\n',
            lambda: run.body.update(status="completed"),
        ]

    desk.server.change = odd
    desk.server.created_status = 201
    desk.server.scripts = [script]
    desk.server.new_id = lambda kind: str(next(desk.server._numbers))
    await desk.say("Hi")
    assert desk.texts == ["Hi", "Hello."]
    assert desk.state.failure is None
    await desk.restart()
    assert desk.texts == ["Hi", "Hello."]


async def test_a_server_that_does_not_stream(desk: Desk) -> None:
    """It answers with the run; the rest is fetched."""
    desk.server.lacks = {"/events"}

    def stream(run, pieces):
        return httpx2.Response(200, json=run.body)

    desk.server._stream = stream
    await desk.conversation.send("Hi")
    await wait_until(lambda: desk.server.runs and desk.clock.waiting and min(desk.clock.waiting) <= 1)
    (run,) = desk.server.runs.values()
    run.message("Hello.")
    run.status("completed")
    await desk.clock.advance(1)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Hello."]
