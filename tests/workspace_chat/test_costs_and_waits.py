from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest

from playground_tui.workspace.costs import cost_of
from playground_tui.workspace.values import TokenUse
from tests.support.assistants_server import Hold, reply
from tests.support.clock import settle
from tests.support.wait import wait_until
from tests.workspace_chat.conftest import Desk

PRICES = {"gpt-x": {"input": 2.0, "cached": 0.5, "output": 8.0}, "openai/gpt-y": {"input": 1.0}}


@pytest.mark.parametrize(
    ("model", "tokens", "cost"),
    [
        ("gpt-x", TokenUse(1_000_000, 500_000), 6.0),
        ("openai/gpt-x", TokenUse(1_000_000, 0), 2.0),
        ("gpt-x", TokenUse(1_000_000, 0, 400_000, 7), 1.4),
        ("openai/gpt-y", TokenUse(1_000_000, 9, 500_000), 1.0),
        ("gpt-y", TokenUse(1, 1), None),
        ("gpt-z", TokenUse(1, 1), None),
    ],
)
def test_the_price_table(model: str, tokens: TokenUse, cost: float | None) -> None:
    assert cost_of(PRICES, model, tokens) == (None if cost is None else pytest.approx(cost))


async def test_a_reply_tells_its_cost_also_when_it_is_read_later(desk: Desk) -> None:
    desk.prices = {"gpt-x": {"input": 1000.0, "output": 1000.0}}
    await desk.say("Hi")
    assert desk.conversation.messages[-1].facts.cost == pytest.approx(0.01)
    thread_id = desk.state.thread_id
    await desk.store.write(lambda conn: conn.execute("DELETE FROM messages"))
    await desk.restart()
    await desk.threads.open(thread_id)
    await wait_until(lambda: desk.conversation.messages[-1].facts)
    assert desk.conversation.messages[-1].facts.cost == pytest.approx(0.01)


async def test_long_silence_shows_when_it_is_given_up(desk: Desk) -> None:
    hold = Hold()
    desk.server.scripts = [reply("Half", hold, " whole.")]
    await desk.conversation.send("Hi")
    await desk.until("answering")
    await desk.clock.advance(29)
    assert desk.state.run.gives_up_at is None
    await desk.clock.advance(2)
    assert desk.state.run.gives_up_at == desk.clock.now() + timedelta(seconds=29)
    hold.set()
    await desk.conversation.wait_idle()
    assert desk.state.run.gives_up_at is None
    assert desk.texts[-1] == "Half whole."


async def test_a_rate_limit_shows_when_the_next_try_comes(desk: Desk) -> None:
    refused = httpx2.Response(429, json={"error": {"message": "x"}}, headers={"retry-after": "9"})
    desk.server.refusals = [("POST /threads", refused)]
    await desk.conversation.send("Hi")
    await desk.until("retrying")
    assert desk.state.run.retry_at == desk.clock.now() + timedelta(seconds=9)
    await settle()
    await desk.clock.advance(9)
    await desk.conversation.wait_idle()
    assert desk.texts[-1] == "Hello, world."
