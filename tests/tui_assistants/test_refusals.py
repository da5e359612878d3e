"""A parameter that the provider refuses: told at its field, and the way out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground_tui.workspace.failures import Failure
from tests.tui_assistants.conftest import Bench, OpenBench

REFUSED = Failure("invalid", "This model takes no temperature.", field="temperature")


def refuse(at: Bench, failure: Failure) -> list[str]:
    """The last run failed with it; sending again is noted."""
    sent: list[str] = []
    conversation: Any = at.workspace.conversation.value

    async def regenerate() -> None:
        sent.append("regenerate")

    conversation.regenerate = regenerate
    conversation.state.set(replace(conversation.state.value, failure=failure))
    return sent


async def test_it_is_told_at_the_field_and_sent_without_by_key(bench: OpenBench) -> None:
    async with bench() as at:
        assert "send without it" not in at.text()
        sent = refuse(at, REFUSED)
        await at.sees("! This model takes no", "send without it (shift+f2)")
        await at.press("shift+f2")
        await at.until(lambda: sent == ["regenerate"])
        assert "temperature" not in at.workspace.editor.draft.value.values
        await at.until(lambda: "send without it" not in at.text())


async def test_a_folded_field_opens_for_it_and_the_mouse_sends(bench: OpenBench) -> None:
    async with bench(height=44, reasoning_effort="low") as at:
        sent = refuse(at, Failure("invalid", "No reasoning here.", field="reasoning.effort"))
        await at.sees("send without it (shift+f2)")
        await at.click("send without it (shift+f2)")
        await at.until(lambda: sent == ["regenerate"])
        assert "reasoning_effort" not in at.workspace.editor.draft.value.values


async def test_a_parameter_that_is_not_set_here_is_not_offered(bench: OpenBench) -> None:
    async with bench() as at:
        sent = refuse(at, replace(REFUSED, field="top_p"))
        await at.pilot.pause()
        await at.press("shift+f2")
        assert sent == []
        assert "send without" not in at.text()
