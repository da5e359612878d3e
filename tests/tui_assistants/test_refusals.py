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


TOOLS = [{"type": "function", "function": {"name": "get_weather"}}]


async def test_one_message_goes_without_tools_and_the_assistant_keeps_them(bench: OpenBench) -> None:
    async with bench(tools=TOOLS) as at:
        sent = refuse(at, Failure("invalid", "This model takes no tools.", field="tools"))
        await at.sees("! This model takes no tools.", "send without it (shift+f2)")
        await at.press("shift+f2")
        await at.until(lambda: sent == ["regenerate"])
        editor = at.workspace.editor
        assert editor.draft.value.values["tools"] == TOOLS
        assert editor.run_overrides() == {"tools": []}
        assert editor.run_overrides() == {}


async def test_tools_that_are_off_are_not_offered(bench: OpenBench) -> None:
    async with bench(tools=[]) as at:
        refuse(at, Failure("invalid", "This model takes no tools.", field="tools"))
        await at.pilot.pause()
        assert "send without" not in at.text()


async def test_a_run_setting_is_told_in_its_fold_out_and_unset(bench: OpenBench) -> None:
    async with bench(height=50) as at:
        editor = at.workspace.editor
        editor.edit_run_setting("parallel_tool_calls", False)
        editor.edit_run_setting("max_completion_tokens", 300)
        sent = refuse(at, Failure("invalid", "It makes one call at a time.", field="parallel_tool_calls"))
        await at.sees("! It makes one call at a time.", "send without it (shift+f2)")
        await at.press("shift+f2")
        await at.until(lambda: sent == ["regenerate"])
        assert editor.run_overrides() == {"max_completion_tokens": 300}
        await at.until(lambda: "send without it" not in at.text())
