"""What is changed about a handler, on the screen, counts for the calls that wait and for those to come."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.workspace.handlers.model import Handler
from tests.chat_flows.conftest import Talker
from tests.chat_flows.test_calls import bind, outputs, script, waits


@pytest.mark.slow
async def test_a_handler_bound_while_its_call_waits_answers_it(place: Talker) -> None:
    async with place.talk() as shown:
        await waits(shown, "weather")
        assert shown.phases() == {"weather": "waiting"}
        shown.app.screen_stack[0].make_handlers().bind("weather", Handler("mock", "rain"))
        assert await outputs(shown) == {"weather": "rain"}


@pytest.mark.slow
async def test_what_was_always_allowed_is_taken_back_by_a_command(place: Talker, tmp_path: Path) -> None:
    async with place.talk() as shown:
        await bind(shown, {"weather": script(tmp_path, "print('sun', end='')")})
        await waits(shown, "weather")
        await shown.choose("always", "weather")
        assert await outputs(shown) == {"weather": "sun"}
        await shown.press("ctrl+p")
        await shown.type("ask again before")
        await shown.sees("Take back what was always allowed")
        await shown.press("enter")
        await shown.sees("You are asked again before a handler runs.")
        await waits(shown, "weather")
        assert shown.phases() == {"weather": "needs_approval"}
