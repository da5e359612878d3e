"""Replies as they come, and what goes wrong on the way."""

from __future__ import annotations

import threading

import pytest

from tests.chat_flows.conftest import Talker
from tests.support.replies import Say, Step, Wire, chat_chunk, rate_limited, sse

LONG = 8_000


def long_reply(hold: threading.Event) -> Wire:
    """A table, code, a list and prose of 8,000 tokens; the second half waits for `hold`."""
    words = ["# All of it\n\n", "| a | b |\n", "|---|---|\n", "| 1 | 2 |\n\n", "```python\n", "x = 1\n", "```\n\n"]
    words += [f"word{n}{chr(10) * 2 if n % 40 == 39 else ' '}" for n in range(LONG - len(words) - 1)] + ["THE-END"]
    steps: list[Step] = [sse(chat_chunk(content=word)) for word in words]
    steps.insert(LONG // 2, hold)
    return Wire((*steps, sse(chat_chunk(finish_reason="stop")), b"data: [DONE]\n\n"))


@pytest.mark.slow
async def test_a_reply_of_8000_tokens_while_typing(place: Talker) -> None:
    hold = place.hold()
    place.endpoint.queue(long_reply(hold))
    async with place.talk() as shown:
        await shown.say("all")
        await shown.until(lambda: shown.state.run.phase == "answering")
        typed = "The quick brown fox, typed while it streams."
        await shown.type(typed[:20])
        hold.set()
        await shown.type(typed[20:])
        assert shown.box.text == typed
        await shown.idle()
        await shown.sees("THE-END")
        assert shown.box.text == shown.state.unsent == typed
        reply = shown.conversation.messages[-1]
        assert reply.text.split()[-2:] == [f"word{LONG - 9}", "THE-END"]
        assert (reply.status, reply.text.count("word")) == ("complete", LONG - 8)
        await shown.until(lambda: shown.view.settled)
        at_end = shown.text()
        shown.view.show(shown.conversation.messages)
        await shown.until(lambda: shown.view.settled)
        assert shown.text() == at_end
    async with place.talk() as shown:
        assert shown.box.text == typed


async def test_a_cut_stream_keeps_what_came_and_says_so(place: Talker) -> None:
    place.endpoint.queue(Say("one two three four five", cut_after=3))
    place.endpoint.default = Say("and on it goes")
    async with place.talk() as shown:
        await shown.say("go")
        await shown.idle()
        await shown.sees("one two three", "! Failed")
        assert "The run failed" not in shown.text()
        assert shown.state.failure is not None
        assert shown.box.text == "go"


async def test_a_rate_limit_shows_the_wait_and_is_tried_again(place: Talker) -> None:
    place.endpoint.queue(rate_limited("1"))
    async with place.talk() as shown:
        await shown.say("hi")
        await shown.sees("Trying again in", "Rate limit")
        await shown.type("next")
        await shown.sees("Reply to hi")
        assert len(place.endpoint.posts) == 2
        assert shown.box.text == "next"
        assert shown.state.failure is None


@pytest.mark.slow
async def test_a_silent_run_counts_down_and_is_given_up(place: Talker) -> None:
    place.with_settings("run_timeout: 1.5")
    place.endpoint.queue(Wire((sse(chat_chunk(role="assistant", content="")), "stall")))
    async with place.talk() as shown:
        await shown.say("hello?")
        await shown.sees("nothing heard, given up")
        await shown.idle()
        await shown.sees("no sign of life for 1.5 s")
        assert shown.box.text == "hello?"
        await shown.press("enter")
        await shown.sees("Reply to hello?")
        await shown.idle()
        assert shown.texts == ["hello?", "Reply to hello?"]
