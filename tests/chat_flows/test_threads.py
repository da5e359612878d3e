"""More than one thread, long ones, and leaving while something goes on."""

from __future__ import annotations

import pytest

from playground_tui.tui.calls.panel import CallsPanel
from playground_tui.tui.screens.quit import QuitScreen
from tests.chat_flows.conftest import Talk, Talker
from tests.chat_flows.test_calls import waits
from tests.chat_flows.test_steering import answering
from tests.support.replies import Say

REPLIES = 300


async def to_thread(shown: Talk, title: str) -> None:
    await shown.press("ctrl+r")
    await shown.type(title)
    await shown.press("enter")
    await shown.until(lambda: shown.state.title == title)


@pytest.mark.slow
async def test_a_thread_of_300_replies(place: Talker) -> None:
    async with place.talk() as shown:
        client = await shown.workspace.api()
        pairs = [(f"question {n}.", f"reply **{n}**.") for n in range(REPLIES)]
        said = [
            {"role": role, "content": text}
            for pair in pairs
            for role, text in zip(("user", "assistant"), pair, strict=True)
        ]
        thread = await client.beta.threads.create(messages=said)  # type: ignore[arg-type]
        await shown.workspace.threads.open(thread.id)
        await shown.sees(f"reply {REPLIES - 1}.")
        loaded = len(shown.conversation.messages)
        assert 0 < loaded < 2 * REPLIES
        shown.view.focus()
        await shown.press("home")
        await shown.until(lambda: len(shown.conversation.messages) > loaded)
        for _ in range(2 * REPLIES // 50):
            await shown.press("home")
            await shown.until(lambda: not shown.state.loading)
        await shown.until(lambda: not shown.state.has_older)
        await shown.press("home")
        await shown.sees("question 0.", "reply 0.")
        assert shown.texts == [text for pair in pairs for text in pair]
        await shown.press("end")
        await shown.sees(f"reply {REPLIES - 1}.")
        await shown.type("more")
        assert shown.box.text == "more"


@pytest.mark.slow
async def test_two_threads_at_once(place: Talker) -> None:
    go = {name: place.hold() for name in ("red", "blue")}
    place.endpoint.default = lambda call: Say(
        f"{call.question} begins and {call.question} ends", hold=go[call.question]
    )
    async with place.talk() as shown:
        await shown.say("red")
        await shown.asked(1)
        red = shown.conversation
        await shown.type("for red")
        await shown.press("ctrl+t")
        await shown.until(lambda: shown.conversation is not red)
        assert shown.box.text == ""
        await shown.say("blue")
        await shown.asked(2)
        blue = shown.conversation
        await shown.type("for blue")
        go["red"].set()
        await shown.until(lambda: not red.busy)
        assert "red" not in "".join(shown.texts)
        await to_thread(shown, "red")
        await shown.sees("red begins and red ends")
        assert (shown.conversation, shown.box.text) == (red, "for red")
        assert blue.busy
        go["blue"].set()
        await shown.until(lambda: not blue.busy)
        assert "blue" not in "".join(shown.texts)
        await to_thread(shown, "blue")
        await shown.sees("blue begins and blue ends")
        assert shown.box.text == "for blue"
        assert [m.text for m in red.messages] == ["red", "red begins and red ends"]
        assert [m.text for m in blue.messages] == ["blue", "blue begins and blue ends"]


@pytest.mark.slow
async def test_calls_that_wait_are_there_when_the_thread_is_opened_again(place: Talker) -> None:
    async with place.talk() as shown:
        await waits(shown, "f")
        await shown.press("ctrl+t")
        await shown.until(lambda: not shown.app.screen.query(CallsPanel))
        await shown.say("elsewhere")
        await shown.sees("Reply to elsewhere")
        await to_thread(shown, "go")
        await shown.until(lambda: shown.app.screen.query(CallsPanel))
        await shown.until(lambda: shown.block("f").has_focus_within)
        await shown.press("escape")
        await shown.idle()
        await shown.until(lambda: not shown.app.screen.query(CallsPanel))
        assert shown.state.failure is None


@pytest.mark.slow
async def test_quitting_asks_and_waits_for_the_reply(place: Talker) -> None:
    hold = place.queue_held()
    async with place.talk() as shown:
        await shown.say("go")
        await answering(shown)
        await shown.press("ctrl+q")
        await shown.sees("A reply is being written.", "Wait for it", "Stop it", "Leave", "Stay")
        await shown.press("escape")
        assert not isinstance(shown.app.screen, QuitScreen)
        await shown.press("ctrl+q", "w")
        await shown.sees("The app ends when the reply is done.")
        hold.set()
        await shown.until(lambda: not shown.app.is_running)
    async with place.talk() as shown:
        await shown.sees("Partial and the rest")


async def test_quitting_stops_the_reply(place: Talker) -> None:
    place.queue_held()
    async with place.talk() as shown:
        await shown.say("go")
        await answering(shown)
        await shown.press("ctrl+q", "s")
        await shown.until(lambda: not shown.app.is_running)
    async with place.talk() as shown:
        await shown.sees("Partial", "■ Stopped")


@pytest.mark.slow
async def test_leaving_keeps_what_came(place: Talker) -> None:
    place.queue_held()
    async with place.talk() as shown:
        await shown.say("go")
        await answering(shown)
        await shown.type("later")
        await shown.press("ctrl+q", "l")
        await shown.until(lambda: not shown.app.is_running)
    async with place.talk() as shown:
        await shown.sees("Partial")
        assert shown.box.text == "later"
        await shown.until(lambda: shown.state.run.phase == "idle")
