from __future__ import annotations

import json

import httpx2
import pytest

from tests.support.assistants_server import DONE, Hold, reply
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk


async def test_stop_cancels_on_the_server_and_keeps_what_came(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert [run.body["status"] for run in desk.server.runs.values()] == ["cancelled"]
    answer = desk.conversation.messages[-1]
    assert (answer.text, answer.status, answer.note) == ("Half", "stopped", "Stopped.")
    assert desk.state.run.phase == "idle"
    assert desk.state.failure is None


async def test_stop_holds_the_queue_until_the_next_send(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold()), reply("B"), reply("C")]
    await desk.conversation.send("a")
    await desk.until("answering")
    await desk.conversation.send("b")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert desk.state.queued == ("b",)
    await desk.conversation.send("c")
    await wait_until(lambda: desk.texts[-1:] == ["C"])
    await desk.conversation.wait_idle()
    assert desk.texts == ["a", "Half", "b", "B", "c", "C"]


async def test_an_empty_send_lets_a_held_queue_go_on(desk: Desk) -> None:
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("a")
    await desk.until("answering")
    await desk.conversation.send("b")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    await desk.say("")
    assert desk.texts[2:] == ["b", "Hello, world."]


async def test_a_server_that_cannot_cancel(desk: Desk) -> None:
    desk.server.lacks = {"/cancel"}
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert "cancel" in desk.lacking
    assert desk.state.failure.kind == "unsupported"
    assert desk.state.run.phase == "idle"
    assert desk.conversation.messages[-1].status == "stopped"
    assert desk.server.open_streams == 0


async def test_a_stop_whose_end_never_comes_is_not_waited_for(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    (run,) = desk.server.runs.values()
    run.cancelled = Hold()  # the stream does not hear of it
    await desk.conversation.stop()
    assert desk.state.run.phase == "stopping"
    await desk.clock.advance(5)
    await desk.conversation.wait_idle()
    assert desk.conversation.messages[-1].status == "stopped"
    assert desk.state.run.phase == "idle"


async def test_stop_before_the_message_went_out_gives_it_back(desk: Desk) -> None:
    desk.server.refusals = [
        ("POST /threads", httpx2.Response(429, json={"error": {"message": "x"}}, headers={"retry-after": "9"}))
    ]
    await desk.conversation.send("Hi")
    await desk.until("retrying")
    await desk.conversation.stop()
    assert desk.state.run.phase == "idle"
    assert desk.state.unsent == "Hi"
    assert desk.texts == []


@pytest.mark.parametrize("cut", [httpx2.ReadError("cut"), DONE, b""])
async def test_a_stream_cut_off_is_looked_after(desk: Desk, cut: bytes | Exception) -> None:
    """The run goes on at the server: its end is fetched."""
    desk.server.lacks = {"/events"}
    desk.server.scripts = [lambda run: [*run.begin(), *run.say("Hel", finish=False), cut]]
    await desk.conversation.send("Hi")
    await wait_until(lambda: desk.clock.waiting and min(desk.clock.waiting) <= 1)
    assert desk.state.run.phase == "answering"
    (run,) = desk.server.runs.values()
    message_id = desk.conversation.messages[-1].id
    run.message("Hello.", id=message_id)
    run.status("completed", usage={"prompt_tokens": 1, "completion_tokens": 2})
    await desk.clock.advance(1)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Hello."]
    assert [m.status for m in desk.conversation.messages] == ["complete", "complete"]
    assert desk.state.failure is None
    assert "run.events" in desk.lacking


async def test_a_cut_stream_of_a_finished_run_is_no_failure(desk: Desk) -> None:
    desk.server.scripts = [
        lambda run: [
            *run.begin(),
            *run.say("Hello."),
            lambda: run.body.update(status="completed"),
            httpx2.RemoteProtocolError("cut"),
        ]
    ]
    await desk.say("Hi")
    assert desk.texts == ["Hi", "Hello."]
    assert desk.state.failure is None


async def test_a_cut_stream_of_a_failed_run_says_why(desk: Desk) -> None:
    def script(run):
        error = {"code": "server_error", "message": "Out of order."}
        return [*run.begin(), lambda: run.body.update(status="failed", last_error=error)]

    desk.server.scripts = [script]
    await desk.say("Hi")
    assert desk.state.failure.what == "Out of order."
    assert desk.state.unsent == "Hi"


async def test_an_answer_lost_on_making_the_run_is_looked_for(desk: Desk) -> None:
    desk.server.lost = ["/runs"]
    desk.server.lacks = {"/events"}
    await desk.conversation.send("Hi")
    await wait_until(lambda: desk.server.runs and desk.clock.waiting and min(desk.clock.waiting) <= 1)
    (run,) = desk.server.runs.values()
    run.message("Hello.")
    run.status("completed")
    desk.server.open_streams = 0
    await desk.clock.advance(1)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Hello."]
    assert len(desk.server.sent("POST /threads/thread_0001/runs")) == 1


async def test_an_answer_lost_and_the_run_over_when_it_is_looked_for(desk: Desk) -> None:
    def at_once(run):
        run.message("Hello.")
        run.status("completed")
        return []

    desk.server.scripts = [at_once]
    desk.server.lost = ["/runs"]
    await desk.say("Hi")
    desk.server.open_streams = 0
    assert desk.texts == ["Hi", "Hello."]
    assert desk.state.failure is None
    assert desk.state.unsent == ""


async def test_regenerate_replaces_the_last_reply(desk: Desk) -> None:
    desk.server.scripts = [reply("One"), reply("Two")]
    await desk.say("Hi")
    await desk.conversation.regenerate()
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Two"]
    assert desk.server.texts("thread_0001") == ["Hi", "Two"]


async def test_regenerate_where_messages_cannot_be_deleted(desk: Desk) -> None:
    desk.server.lacks = {"DELETE /threads/thread_0001/messages"}
    desk.server.scripts = [reply("One"), reply("Two")]
    await desk.say("Hi")
    await desk.conversation.regenerate()
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "One", "Two"]
    assert "messages.delete" in desk.lacking


async def test_resend_puts_a_text_in_the_place_of_an_earlier_one(desk: Desk) -> None:
    desk.server.scripts = [reply("One"), reply("Two"), reply("Three")]
    await desk.say("a")
    await desk.say("b")
    await desk.conversation.resend(desk.conversation.messages[0].id, "A")
    await wait_until(lambda: desk.texts[-1:] == ["Three"])
    await desk.conversation.wait_idle()
    assert desk.texts == ["A", "Three"]
    assert desk.server.texts("thread_0001") == ["A", "Three"]


async def test_resend_where_messages_cannot_be_deleted_keeps_the_text(desk: Desk) -> None:
    desk.server.lacks = {"DELETE /threads/thread_0001/messages"}
    await desk.say("a")
    await desk.conversation.resend(desk.conversation.messages[0].id, "A")
    await desk.conversation.wait_idle()
    assert desk.texts == ["a", "Hello, world."]
    assert desk.state.failure.kind == "unsupported"
    assert desk.state.unsent == "A"


async def test_a_thread_locked_by_another_run_offers_it(desk: Desk) -> None:
    await desk.say("Hi")
    other = desk.server.add_run("thread_0001", "in_progress")
    await desk.say("more")
    assert desk.state.failure.kind == "conflict"
    assert desk.state.unsent == "more"
    assert (desk.state.run.run_id, desk.state.run.followed) == (other.id, False)
    await desk.conversation.send("more")
    assert desk.state.queued == ("more",)
    await desk.conversation.stop()
    await desk.conversation.wait_idle()
    assert desk.state.run.phase == "idle"


async def test_a_server_away_while_a_cut_run_goes_on(desk: Desk) -> None:
    desk.server.lacks = {"/events"}
    desk.server.scripts = [lambda run: [*run.begin(), httpx2.ReadError("cut")]]
    desk.server.refusals = [("GET /threads/thread_0001/runs/", httpx2.ConnectError("away"))] * 3
    await desk.conversation.send("Hi")
    await wait_until(lambda: desk.clock.waiting and min(desk.clock.waiting) <= 1)
    (run,) = desk.server.runs.values()
    run.message("Hello.")
    run.status("completed")
    for _ in range(3):
        await desk.clock.advance(1)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Hello."]


async def test_a_cut_run_that_cannot_be_looked_at(desk: Desk) -> None:
    desk.server.scripts = [lambda run: [*run.begin(), *run.say("Half", finish=False)]]
    desk.server.lacks = {"GET /threads/thread_0001/runs"}
    await desk.say("Hi")
    assert desk.state.failure.kind == "unsupported"
    assert desk.conversation.messages[-1].status == "failed"
    assert desk.state.unsent == "Hi"


async def test_an_error_event_says_why(desk: Desk) -> None:
    body = {"message": "The key of openai was refused.", "code": "invalid_api_key", "type": "t", "param": None}
    desk.server.scripts = [lambda run: [b"event: error\ndata: " + json.dumps(body).encode() + b"\n\n", DONE]]
    desk.server.lacks = {"GET /threads/thread_0001/runs"}
    await desk.say("Hi")
    assert (desk.state.failure.kind, desk.state.failure.what) == ("key", body["message"])


async def test_a_run_told_again_from_its_beginning(desk: Desk) -> None:
    """Our own service's extension: a stream that was cut off is taken up from the start."""

    def follow(method, run, rest, body, query):
        if rest == ["events"]:
            return server_stream(run, [*run.begin(), *run.say("Hello", " again."), *run.end()])
        return of_run(method, run, rest, body, query)

    of_run, server_stream = desk.server._of_run, desk.server._stream
    desk.server._of_run = follow
    desk.server.new_id = lambda kind: f"{kind}_0001"  # the second telling is of the same message
    desk.server.scripts = [lambda run: [*run.begin(), *run.say("Hello", finish=False), httpx2.ReadError("cut")]]
    await desk.say("Hi")
    assert desk.texts[-1] == "Hello again."
    assert desk.state.failure is None


async def test_comments_are_no_sign_of_life_and_a_told_wait_is(desk: Desk) -> None:
    hold, ping = Hold(), Hold()
    told = b'event: playground.progress\ndata: {"phase": "retrying", "retry_in": 90, "message": "next try in 90 s"}\n\n'
    desk.server.scripts = [lambda run: [*run.begin(), told, ping, b": ping\n\n", hold]]
    await desk.conversation.send("Hi")
    await desk.until("retrying")
    await desk.clock.advance(140)
    assert desk.state.run.what == "next try in 90 s"
    ping.set()
    await desk.clock.advance(11)
    await desk.conversation.wait_idle()
    assert desk.state.failure.kind == "timeout"


async def test_a_silent_run_of_a_server_that_cannot_cancel(desk: Desk) -> None:
    desk.server.lacks = {"/cancel"}
    desk.server.scripts = [reply("Half", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.clock.advance(61)
    await desk.conversation.wait_idle()
    assert desk.state.failure.what == "The run gave no sign of life for 60 s and is no longer followed."
    assert "cancel" in desk.lacking


async def test_a_stop_that_does_not_reach_the_server(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Half", hold, " whole")]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    desk.server.refusals = [("/cancel", httpx2.ConnectError("away"))]
    await desk.conversation.stop()
    assert desk.state.failure.kind == "offline"
    assert desk.state.run.phase == "answering"
    hold.set()
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Half whole"]


async def test_a_stop_that_comes_too_late(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Whole", hold)]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    (run,) = desk.server.runs.values()
    run.body["status"] = "completed"
    await desk.conversation.stop()
    hold.set()
    await desk.conversation.wait_idle()
    assert desk.conversation.messages[-1].status == "complete"
    assert desk.state.failure is None


async def test_stop_before_anything_was_heard_of_the_run(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [lambda run: [hold]]
    await desk.conversation.send("Hi")
    await wait_until(lambda: desk.server.runs)
    await desk.conversation.stop()
    assert desk.state.run.phase == "idle"
    assert [run.body["status"] for run in desk.server.runs.values()] == ["cancelled"]


async def test_a_thread_that_is_gone(desk: Desk) -> None:
    await desk.say("Hi")
    desk.server.threads.clear()
    await desk.say("more")
    assert desk.state.failure.kind == "missing"
    assert desk.state.unsent == "more"
    assert desk.texts == ["Hi", "Hello, world."]
