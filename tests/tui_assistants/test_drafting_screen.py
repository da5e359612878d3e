"""A sentence in, a difference out, taken or dropped; and the code view."""

from __future__ import annotations

import asyncio

import pytest

from playground_tui.workspace.failures import Failure, FailureError
from tests.tui_assistants.conftest import Bench, OpenBench


class FakeDrafting:
    """A model of few words."""

    def __init__(self, reply: str | Failure) -> None:
        self.reply = reply
        self.asked: list[tuple[str, str, str, str | None]] = []
        self.go = asyncio.Event()

    async def write(self, wish: str, instructions: str, model: str, assistant_id: str | None) -> str:
        self.asked.append((wish, instructions, model, assistant_id))
        await self.go.wait()
        if isinstance(self.reply, Failure):
            raise FailureError(self.reply)
        return self.reply


async def ask(at: Bench, reply: str | Failure) -> FakeDrafting:
    fake = FakeDrafting(reply)
    at.workspace.drafting = fake  # type: ignore[assignment]
    await at.run("draft_instructions")
    await at.type("be brief")
    await at.press("enter")
    await at.until(lambda: fake.asked)
    await at.sees("◌ demo/demo writes · 0 s")
    fake.go.set()
    return fake


async def test_a_draft_is_shown_as_a_difference_and_taken(bench: OpenBench) -> None:
    async with bench() as at:
        fake = await ask(at, "Be kind and brief.")
        assert fake.asked == [("be brief", "Be kind.", "demo/demo", at.workspace.editor.draft.value.assistant_id)]
        await at.sees("the instructions now", "drafted by demo/demo", "+ Be kind and brief.")
        assert at.workspace.editor.draft.value.values["instructions"] == "Be kind."
        await at.press("enter")
        await at.until(lambda: at.workspace.editor.draft.value.values["instructions"] == "Be kind and brief.")
        at.main.config.focus_field("instructions")
        await at.press("ctrl+z")
        await at.until(lambda: at.workspace.editor.draft.value.values["instructions"] == "Be kind.")


async def test_a_draft_is_dropped(bench: OpenBench) -> None:
    async with bench(80, 24) as at:
        await ask(at, "Something else entirely.")
        await at.sees("Something else")
        await at.click("Drop it")
        assert at.app.screen is at.main
        assert at.workspace.editor.draft.value.values["instructions"] == "Be kind."


@pytest.mark.slow
async def test_a_failure_is_told_where_it_was_asked(bench: OpenBench) -> None:
    async with bench() as at:
        await ask(at, Failure("rate", "Too many requests.", next="Try again in 3 s."))
        await at.sees("! Too many requests. Try again in 3 s.")
        await at.press("escape")
        assert at.app.screen is at.main


@pytest.mark.slow
async def test_the_key_in_the_editor_and_a_draft_that_belongs_to_another_assistant(bench: OpenBench) -> None:
    async with bench() as at:
        first = at.workspace.editor.draft.value
        at.main.config.focus_field("instructions")
        await at.pilot.pause()
        await at.press("shift+f3")
        await at.sees("Improve the instructions")
        await at.press("escape")
        await ask(at, "Be brief.")
        await at.sees("+ Be brief.")
        await at.workspace.new_assistant()
        await at.press("enter")
        await at.until(lambda: at.app.screen is at.main)
        await at.workspace.open_assistant(first.assistant_id or "")
        await at.until(lambda: at.workspace.editor.draft.value.values["instructions"] == "Be brief.")


async def test_the_assistant_as_code(bench: OpenBench) -> None:
    async with bench() as at:
        await at.run("code")
        await at.sees("from openai import OpenAI", "client.responses.create")
        await at.press("t")
        await at.sees("chat.completions.create")
        await at.press("l")
        await at.sees("curl 'https" if "curl 'https" in at.text() else "curl https")
        await at.press("c")
        await at.until(lambda: at.clipboard.text.startswith("# The demo model"))
        await at.click("Python")
        await at.click("Responses")
        await at.sees("client.responses.create")
        await at.press("escape")
        assert at.app.screen is at.main
