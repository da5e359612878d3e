"""Scenes of docs/chat.md and docs/functions.md, on the scripted workspace. Taken by `tests.pictures`."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from textual.widgets import Input, TextArea

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.paths import find_paths
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.workspace.values import ReplyFacts, TokenUse
from playground_tui.workspace.writing.templates import Template
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import FakeClipboard, Opened
from tests.tui.test_main_flow import ANSWERED, ASKED, talk
from tests.tui_chat.test_calls_panel import approving
from tests.tui_chat.test_inspector import inspected

POLICY = """\
Annual plans can be refunded within **30 days**:

```json
{"plan": "annual", "days": 30}
```
"""
Scene = Callable[[Opened], Awaitable[None]]


async def still(at: Opened) -> None:
    await at.pilot.pause()


async def look_into(at: Opened) -> None:
    await at.press("shift+f7")
    await at.until(lambda: "run_1 · thread_8fk2" in at.text())
    await at.press("3")


async def write_a_command(at: Opened) -> None:
    await at.press("slash")


async def open_menu(at: Opened) -> None:
    await at.press("alt+up", "f7")


async def choose(at: Opened) -> None:
    await at.press("alt+up")


def commands(workspace: FakeWorkspace) -> None:
    talk(workspace, ASKED, ANSWERED)
    summary = "Sum this up in three sentences: {{input}}"
    workspace.templates.listing.set(
        (Template("refund", "Write a refund letter to {{customer}}."), Template("sum", summary))
    )


def messages(workspace: FakeWorkspace) -> None:
    facts = ReplyFacts("openai/gpt-6-astra", 12, 1.8, 0.4, TokenUse(812, 164), overrides=("temperature",))
    answered = replace(ANSWERED, text=POLICY, run_id="run_1", facts=facts)
    conversation = talk(workspace, ASKED, answered)
    conversation.notes.texts.set({answered.id: "the rule since May; check before June"})


def calls(workspace: FakeWorkspace) -> None:
    conversation = approving(workspace)
    since = NOON - timedelta(seconds=12)
    conversation.calls.put("call_2", phase="running", by="command", since=since)


PICTURES: dict[str, tuple[Callable[[FakeWorkspace], object], Scene, int, int]] = {
    "chat-inspector": (inspected, look_into, 120, 30),
    "chat-commands": (commands, write_a_command, 120, 24),
    "chat-chosen": (messages, choose, 120, 24),
    "chat-message": (messages, open_menu, 120, 30),
    "functions-calls": (calls, still, 120, 30),
}


async def take(name: str) -> str:
    """The picture as SVG."""
    prepare, scene, width, height = PICTURES[name]
    workspace = FakeWorkspace()
    prepare(workspace)
    with tempfile.TemporaryDirectory() as folder:
        paths = find_paths(Path(folder))
        paths.make()
        app = PlaygroundApp(workspace, paths, SettingsStore(paths), now=lambda: NOON)  # type: ignore[arg-type]
        async with app.run_test(size=(width, height)) as pilot:
            at = Opened(app, pilot, workspace, FakeClipboard())
            for _ in range(5):
                await pilot.pause()
            await scene(at)
            for screen in app.screen_stack:
                for widget in (*screen.query(TextArea), *screen.query(Input)):
                    widget.cursor_blink = False
            for _ in range(5):
                await pilot.pause()
            return app.export_screenshot(title="playground-tui")
