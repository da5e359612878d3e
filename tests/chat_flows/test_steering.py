"""What a person does with a run, and with what was said."""

from __future__ import annotations

import pytest

from tests.chat_flows.conftest import Talk, Talker
from tests.support.replies import Call, Say, Wire, chat_chunk, sse

SILENT = Wire((sse(chat_chunk(role="assistant", content="")), "stall"))


async def answering(shown: Talk) -> None:
    await shown.until(lambda: shown.state.run.phase == "answering")
    await shown.sees("Partial")


def asked(call: Call) -> list[str]:
    return [str(m["content"]) for m in call.body["messages"] if m["role"] == "user"]


async def test_stop_keeps_the_partial_reply_and_continue_goes_on(place: Talker) -> None:
    place.queue_held()
    async with place.talk() as shown:
        await shown.say("go")
        await answering(shown)
        await shown.press("escape")
        await shown.idle()
        await shown.sees("Partial", "■ Stopped")
        place.endpoint.queue(Say("and the end"))
        await shown.press("alt+up", "enter", "o")
        await shown.sees("and the end")
        await shown.idle()
        assert shown.texts == ["go", "Partial", "and the end"]
        assert "cut short" in place.endpoint.posts[-1].body["messages"][0]["content"]
        await shown.until(lambda: "■ Stopped" in shown.text())


@pytest.mark.slow
async def test_a_stop_before_any_text_is_marked_and_stays_so(place: Talker) -> None:
    place.endpoint.queue(SILENT)
    async with place.talk() as shown:
        await shown.say("go")
        await shown.until(lambda: shown.state.run.run_id)
        await shown.press("escape")
        await shown.idle()
        await shown.sees("■ Stopped: nothing had come yet.")
    async with place.talk() as shown:
        await shown.sees("■ Stopped: nothing had come yet.")
        await shown.press("f5")
        await shown.sees("Reply to go")
        assert "■ Stopped" not in shown.text()
        assert shown.texts == ["go", "Reply to go"]


@pytest.mark.slow
async def test_a_held_queue_says_how_to_go_on_and_enter_sends_it(place: Talker) -> None:
    place.queue_held()
    async with place.talk() as shown:
        await shown.say("one")
        await answering(shown)
        await shown.say("two")
        await shown.say("three")
        await shown.sees("queued 1 · two", "queued 2 · three")
        assert "Held" not in shown.text()
        await shown.press("escape")
        await shown.sees("Held. Enter sends them · up in the empty box takes the last back")
        await shown.press("up")
        await shown.until(lambda: shown.box.text == "three")
        await shown.sees("Held. Enter sends it")
        await shown.press("end", "!", "enter")
        await shown.sees("Reply to three!")
        await shown.idle()
        assert shown.texts == ["one", "Partial", "two", "Reply to two", "three!", "Reply to three!"]
        assert "queued" not in shown.text()


@pytest.mark.slow
async def test_a_held_queue_by_mouse(place: Talker) -> None:
    place.queue_held()
    async with place.talk() as shown:
        await shown.say("one")
        await answering(shown)
        await shown.say("two")
        await shown.say("three")
        await shown.press("escape")
        await shown.sees("Held.")
        await shown.click_text("takes the last back")
        await shown.until(lambda: shown.box.text == "three" and "queued 2" not in shown.text())
        await shown.click_text("Enter sends it")
        await shown.sees("Reply to two")
        await shown.idle()
        assert (shown.texts[-2:], shown.box.text) == (["two", "Reply to two"], "three")


@pytest.mark.slow
async def test_a_queued_message_goes_by_itself_when_the_run_ends_well(place: Talker) -> None:
    hold = place.queue_held()
    async with place.talk() as shown:
        await shown.say("one")
        await answering(shown)
        await shown.say("two")
        await shown.sees("queued 1 · two")
        hold.set()
        await shown.sees("Reply to two")
        await shown.idle()
        assert shown.texts == ["one", "Partial and the rest", "two", "Reply to two"]


@pytest.mark.slow
async def test_edit_and_resend_puts_another_text_in_its_place(place: Talker) -> None:
    async with place.talk() as shown:
        await shown.say("one")
        await shown.idle()
        await shown.say("two")
        await shown.idle()
        await shown.press("alt+up", "alt+up", "alt+up", "alt+up", "enter", "e")
        await shown.until(lambda: shown.box.text == "one")
        await shown.sees("Editing an earlier message")
        await shown.press("1", "enter")
        await shown.sees("Reply to one1")
        await shown.idle()
        assert shown.texts == ["one1", "Reply to one1"]
        assert asked(place.endpoint.posts[-1]) == ["one1"]
        assert "two" not in shown.text()


async def test_regenerate_replaces_the_reply(place: Talker) -> None:
    async with place.talk() as shown:
        await shown.say("one")
        await shown.sees("Reply to one")
        await shown.idle()
        place.endpoint.queue(Say("Another reply"))
        await shown.press("f5")
        await shown.sees("Another reply")
        await shown.idle()
        assert shown.texts == ["one", "Another reply"]
        assert "Reply to one" not in shown.text()


@pytest.mark.slow
async def test_a_branch_leaves_the_old_thread_as_it_is(place: Talker) -> None:
    async with place.talk() as shown:
        for text in ("one", "two"):
            await shown.say(text)
            await shown.idle()
        first = shown.state.thread_id
        await shown.press("alt+up", "alt+up", "alt+up", "enter", "b")
        await shown.until(lambda: shown.state.thread_id != first and shown.texts == ["one", "Reply to one"])
        shown.box.focus()
        await shown.say("else")
        await shown.sees("Reply to else")
        await shown.idle()
        assert asked(place.endpoint.posts[-1]) == ["one", "else"]
        await shown.press("ctrl+r", "down", "enter")
        await shown.until(lambda: shown.state.thread_id == first)
        assert shown.texts == ["one", "Reply to one", "two", "Reply to two"]
