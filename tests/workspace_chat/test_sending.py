from __future__ import annotations

import httpx2
import pytest

from playground_tui.workspace import sse
from playground_tui.workspace.failures import Failure
from tests.support.assistants_server import Hold, Piece, ServerRun, failing, reply
from tests.support.clock import settle
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk


def error(status: int, message: str = "no", **headers: str) -> httpx2.Response:
    body = {"error": {"message": message, "type": "t", "param": None, "code": None}}
    return httpx2.Response(status, json=body, headers=headers)


async def test_the_first_message_makes_the_thread(desk: Desk) -> None:
    await desk.say("What is the refund policy?\nFor annual plans.")
    assert desk.texts == ["What is the refund policy?\nFor annual plans.", "Hello, world."]
    assert desk.state.title == "What is the refund policy?"
    assert desk.state.run.phase == "idle"
    assert desk.state.failure is None
    assert desk.state.unsent == ""
    (thread,) = desk.server.threads.values()
    assert desk.state.thread_id == thread["id"]
    assert thread["metadata"] == {"title": "What is the refund policy?"}
    assert desk.server.sent(f"POST /threads/{thread['id']}/runs") == [{"assistant_id": "asst_1", "stream": True}]
    _, answer = desk.conversation.messages
    assert answer.author == "Bot"
    assert answer.facts.version == 12
    assert answer.facts.tokens.completion == 3


async def test_overrides_go_with_the_run(desk: Desk) -> None:
    desk.editor.overrides = {"temperature": 0.1}
    await desk.say("Hi")
    assert desk.server.sent("POST /threads/thread_0001/runs")[0]["temperature"] == 0.1
    await desk.restart()
    facts = desk.conversation.messages[-1].facts
    assert (facts.version, facts.overrides) == (12, ("temperature",))


async def test_typing_ahead_queues_and_goes_out_in_order(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("One", hold), reply("Two"), reply("Three")]
    await desk.conversation.send("a")
    await desk.until("answering")
    await desk.conversation.send("b")
    await desk.conversation.send("c")
    assert desk.state.queued == ("b", "c")
    hold.set()
    await wait_until(lambda: len(desk.texts) == 6)
    await desk.conversation.wait_idle()
    assert desk.texts == ["a", "One", "b", "Two", "c", "Three"]
    assert desk.state.queued == ()


async def test_a_queued_text_can_be_taken_back(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("One", hold)]
    await desk.conversation.send("a")
    await desk.until("answering")
    await desk.conversation.send("b")
    assert await desk.conversation.dequeue(0) == "b"
    assert await desk.conversation.dequeue(0) == ""
    hold.set()
    await desk.conversation.wait_idle()
    assert desk.texts == ["a", "One"]


async def test_a_message_the_server_refused_goes_back_into_the_box(desk: Desk) -> None:
    desk.server.refusals = [("POST /threads/thread_0001/messages", error(500))]
    await desk.say("Hi")
    assert desk.texts == []
    assert desk.state.unsent == "Hi"
    assert desk.state.failure.kind == "server"
    assert desk.state.failure.kept
    await desk.say(desk.state.unsent)
    assert desk.texts == ["Hi", "Hello, world."]
    assert desk.state.failure is None


async def test_a_failed_save_sends_nothing(desk: Desk) -> None:
    desk.editor.failure = Failure("invalid", "Top P is wrong.", field="top_p")
    await desk.say("Hi")
    assert desk.state.failure.field == "top_p"
    assert desk.state.unsent == "Hi"
    assert not desk.server.calls


async def test_a_failure_does_not_write_over_what_was_typed_meanwhile(desk: Desk) -> None:
    desk.server.refusals = [("POST /threads", error(500))]
    await desk.conversation.send("first")
    desk.conversation.set_unsent("second")
    await desk.conversation.wait_idle()
    assert desk.state.unsent == "second"
    assert desk.state.queued == ("first",)


async def test_another_text_in_the_box_stays_when_a_starter_is_sent(desk: Desk) -> None:
    desk.conversation.set_unsent("my draft")
    await desk.say("A starter")
    assert desk.texts[0] == "A starter"
    assert desk.state.unsent == "my draft"


async def test_a_replacement_during_a_run_comes_back_into_the_box(desk: Desk) -> None:
    await desk.say("First")
    question = desk.conversation.messages[0]
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("Second")
    await desk.until("answering")
    await desk.conversation.resend(question.id, "First, but better")
    assert desk.state.unsent == "First, but better"
    assert "not replaced" in desk.state.failure.what
    hold.set()
    await desk.conversation.wait_idle()


async def test_a_lost_answer_is_looked_for_and_not_sent_twice(desk: Desk) -> None:
    desk.server.lost = ["/messages"]
    await desk.say("Hi")
    assert desk.texts == ["Hi", "Hello, world."]
    assert desk.server.texts("thread_0001") == ["Hi", "Hello, world."]


async def test_a_run_that_fails_keeps_the_message_and_offers_the_text(desk: Desk) -> None:
    desk.server.scripts = [failing("server_error", "The model broke. (parameter: temperature)", "Half")]
    await desk.say("Hi")
    assert desk.texts == ["Hi", "Half"]
    assert [m.status for m in desk.conversation.messages] == ["complete", "failed"]
    assert desk.state.unsent == "Hi"
    assert desk.state.failure.field == "temperature"
    await desk.say("Hi")
    assert desk.texts == ["Hi", "Hello, world."]
    assert desk.server.texts("thread_0001") == ["Hi", "Hello, world."]


async def test_a_message_without_a_reply_is_marked_until_it_has_one(desk: Desk) -> None:
    desk.server.scripts = [failing("server_error", "The model broke."), failing("server_error", "Again.")]
    await desk.say("First")
    await desk.say("Second")
    assert [m.status for m in desk.conversation.messages] == ["failed", "failed"]
    await desk.say("Second")
    assert [m.status for m in desk.conversation.messages] == ["failed", "complete", "complete"]


async def test_a_run_limited_in_rate_says_how_long(desk: Desk) -> None:
    desk.server.scripts = [failing("rate_limit_exceeded", "Slow down. Please try again in 7s.")]
    await desk.say("Hi")
    assert (desk.state.failure.kind, desk.state.failure.retry_after) == ("rate", 7.0)
    assert desk.state.unsent == "Hi"


async def test_a_refused_rate_is_waited_for(desk: Desk) -> None:
    desk.server.refusals = [("/runs", error(429, "slow", **{"retry-after": "3"}))]
    await desk.conversation.send("Hi")
    await desk.until("retrying")
    assert desk.state.run.what == "rate limit, next try in 3 s"
    await desk.clock.advance(3)
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "Hello, world."]


async def test_wrong_key(desk: Desk) -> None:
    desk.server.refusals = [("POST /threads", error(401))]
    await desk.say("Hi")
    assert desk.state.failure.kind == "key"
    assert desk.state.unsent == "Hi"


async def test_silence_cancels_the_run(desk: Desk) -> None:
    hold = Hold()
    desk.timeout = 60
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.clock.advance(59)
    assert desk.state.run.phase == "answering"
    await desk.clock.advance(2)
    await desk.conversation.wait_idle()
    assert desk.state.failure.kind == "timeout"
    assert any(line.endswith("/cancel") for line in desk.server.lines())
    assert desk.conversation.messages[-1].text == "Half"
    assert desk.state.unsent == "Hi"


async def test_signs_of_life_put_the_time_out_off(desk: Desk) -> None:
    holds = [Hold(), Hold()]
    desk.server.scripts = [reply("A", holds[0], "B", holds[1], "C")]
    await desk.conversation.send("Hi")
    for text, hold in zip(("A", "AB"), holds, strict=True):
        await wait_until(lambda text=text: desk.texts[-1:] == [text])
        await desk.clock.advance(50)
        hold.set()
    await desk.conversation.wait_idle()
    assert desk.texts == ["Hi", "ABC"]


async def test_two_threads_run_at_once(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("One", hold, " more"), reply("Two")]
    await desk.conversation.send("first")
    await desk.until("answering")
    first = desk.conversation
    await desk.threads.open(None)
    assert desk.texts == []
    await desk.say("second")
    assert desk.texts == ["second", "Two"]
    assert first.busy
    hold.set()
    await first.wait_idle()
    await desk.threads.open(first.state.value.thread_id)
    assert desk.conversation is first
    assert desk.texts == ["first", "One more"]


async def test_closing_leaves_no_task_and_cancels_nothing(desk: Desk) -> None:
    desk.server.scripts = [reply("One", Hold())]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.threads.close()
    await settle()
    assert desk.server.open_streams == 0
    assert not any("cancel" in line for line in desk.server.lines())


async def test_a_failure_is_not_shown_beside_what_is_sent_after_it(desk: Desk) -> None:
    desk.server.scripts = [failing("server_error", "The model broke.")]
    await desk.say("First")
    assert desk.state.failure is not None
    hold = Hold()
    desk.server.scripts = [reply("Half", hold)]
    await desk.conversation.send("Second")
    await desk.until("answering")
    assert desk.state.failure is None
    hold.set()
    await desk.conversation.wait_idle()


async def test_of_a_stream_that_sends_too_much_the_run_is_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(run: ServerRun) -> list[Piece]:
        """All is done on the server, but the stream tells it in one line without end."""
        pieces = [*run.say("All of it."), *run.end()]

        def at_once() -> bytes:
            for piece in pieces:
                if callable(piece):
                    piece()
            return b"data: "

        return [*run.begin(), at_once, *[b"x" * 100] * 1000]

    monkeypatch.setattr(sse, "MOST_LINE_BYTES", 5000)
    desk.server.scripts = [script]
    desk.lacking.add("run.events")
    await desk.say("Hi")
    assert desk.texts == ["Hi", "All of it."]
    assert any(line.startswith("GET") and "/runs/" in line for line in desk.server.lines())
