"""One picture per state of the main screen that a person would recognise. Look at each before accepting it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.paths import find_paths
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.workspace.values import (
    AssistantListing,
    AssistantRow,
    ChatMessage,
    Citation,
    ConversationState,
    Draft,
    ReplyFacts,
    SaveState,
    TokenUse,
    ToolCallView,
)
from tests.support.fake_workspace import NOON, FakeConversation, FakeWorkspace

Compare = Callable[..., bool]

INSTRUCTIONS = """You are the support bot of a small shop.

- Answer from the **policy** only.
- Name the days a customer has left.
- Hand over to a person when asked to."""
MESSAGES = (
    ChatMessage("m1", "user", "What is the refund policy for annual plans?", NOON),
    ChatMessage(
        "m2",
        "assistant",
        "Annual plans can be refunded within **30 days**【1†policy】. You need:\n\n"
        "1. the invoice number,\n2. the address it was sent to.\n\n"
        "```python\nrefund(invoice=1204, days=30)\n```\n",
        NOON,
        author="Support bot",
        calls=(
            ToolCallView(
                "call_1", "file_search", "file_search", '{"query": "refund annual plan"}', "3 results", True, 0.4
            ),
        ),
        citations=(Citation("【1†policy】", "[1] policy.pdf", "file_1"),),
        facts=ReplyFacts("gpt-6-astra", 12, 1.8, 0.4, TokenUse(812, 164)),
    ),
)
VALUES = {
    "name": "Support bot",
    "description": "Answers billing questions",
    "instructions": INSTRUCTIONS,
    "model": "openai/gpt-6-astra",
    "tools": [{"type": "file_search"}],
    "temperature": 0.2,
}


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def workspace() -> FakeWorkspace:
    """An assistant in use, a thread with one exchange."""
    made = FakeWorkspace()
    made.editor.draft.set(Draft("draft_1", "local", "asst_1", VALUES, VALUES))
    state = ConversationState("thread_8fk2xy", "Refund questions")
    made.conversation.set(FakeConversation(made.calls, state, MESSAGES))
    return made


@pytest.fixture
def theme() -> str:
    return "playground-dark"


@pytest.fixture
def app(workspace: FakeWorkspace, tmp_path: Path, theme: str) -> PlaygroundApp:
    paths = find_paths(tmp_path)
    paths.make()
    paths.settings_file.write_text(f"theme: {theme}\n")
    return PlaygroundApp(workspace, paths, SettingsStore(paths), now=lambda: NOON)  # type: ignore[arg-type]


def pressing(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def before(pilot: Pilot[Any]) -> None:
        await pilot.press(*keys)
        await pilot.pause()
        for editor in pilot.app.screen.query("TextArea, Input"):
            editor.cursor_blink = False  # type: ignore[attr-defined]
        await pilot.pause()

    return before


THEMES = ("playground-dark", "playground-light")


@pytest.mark.parametrize("theme", THEMES)
def test_both_panes_at_120_columns(snap_compare: Compare, app: PlaygroundApp) -> None:
    assert snap_compare(app, terminal_size=(120, 36), run_before=pressing())


@pytest.mark.parametrize("theme", THEMES)
def test_the_drawer_beside_the_chat_at_100_columns(snap_compare: Compare, app: PlaygroundApp) -> None:
    assert snap_compare(app, terminal_size=(100, 30), run_before=pressing("ctrl+g"))


@pytest.mark.parametrize("theme", THEMES)
def test_80_by_24(snap_compare: Compare, app: PlaygroundApp) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing())


def test_a_first_start(snap_compare: Compare, app: PlaygroundApp, workspace: FakeWorkspace) -> None:
    values = {"name": "Assistant", "instructions": "You are a helpful assistant.", "model": "demo/demo"}
    workspace.editor.draft.set(Draft("draft_1", "local", None, values))
    workspace.editor.save_state.set(SaveState("new"))
    workspace.conversation.set(FakeConversation(workspace.calls, ConversationState(None, "New thread")))
    assert snap_compare(app, terminal_size=(120, 36), run_before=pressing())


def test_the_list_of_assistants(snap_compare: Compare, app: PlaygroundApp, workspace: FakeWorkspace) -> None:
    rows = (
        AssistantRow("asst_1", "Support bot", "openai/gpt-6-astra", "Answers billing questions"),
        AssistantRow("asst_2", "Translator", "demo/demo", "German to English and back", unsaved=True),
        AssistantRow("draft_3", "", "ollama/qwen3", instructions="Write a haiku about what is said.", is_draft=True),
    )
    workspace.assistants.listing.set(AssistantListing(rows, source="server"))
    assert snap_compare(app, terminal_size=(120, 36), run_before=pressing("ctrl+o"))
