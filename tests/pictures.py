"""The pictures of the documentation, made from the app itself: `python -m tests.pictures docs/pictures [NAME…]`.

What they show is made up and always the same: a scripted server, a scripted clock at 14:00, no keys, no network. Each
picture is a function in `PICTURES`; another page adds its own there.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.widgets import Input, TextArea

from playground_tui.settings.file import SettingsStore
from playground_tui.tui.clipboard import Copier
from playground_tui.tui.config.instructions import InstructionsEditor
from playground_tui.tui.playground import PlaygroundApp
from tests import pictures_chat, pictures_files
from tests.tui.conftest import FakeClipboard
from tests.tui_assistants.conftest import Bench
from tests.workspace.world import World, quiet

INSTRUCTIONS = """\
# Support bot

You are the support bot of *Acme*, and answer questions about bills.

- Answer from `policy.pdf`, in the customer's language.
- Be kind and brief.
- Never promise a date.
"""
FUNCTION = {
    "name": "find_orders",
    "description": "Orders of a customer, newest first.",
    "parameters": {
        "type": "object",
        "properties": {
            "customer": {"type": "string", "description": "Number or e-mail address."},
            "state": {"type": "string", "enum": ["open", "sent", "paid"]},
            "period": {"type": "object", "properties": {"from": {"type": "string"}, "to": {"type": "string"}}},
        },
        "required": ["customer"],
    },
}
ASSISTANT: dict[str, Any] = {
    "name": "Support bot",
    "description": "Answers billing questions",
    "instructions": INSTRUCTIONS,
    "model": "openai/gpt-6-astra",
    "tools": [{"type": "file_search"}, {"type": "function", "function": FUNCTION}],
    "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
    "temperature": 0.2,
    "metadata": {"team": "billing"},
}
OTHERS = (
    ("Translator", "Keeps names and numbers", "openai/gpt-6-astra"),
    ("Code reviewer", "Finds what tests miss", "ollama/qwen4"),
    ("Minutes", "Turns notes into minutes", "openai/gpt-6-mini"),
)
SETTINGS = """\
default_provider: openai
providers:
  openai: {kind: responses, base_url: "https://api.openai.com/v1", key: "env:OPENAI_API_KEY"}
servers:
  work: {base_url: "https://work.example/v1", title: Work}
"""
Scene = Callable[[Bench], Awaitable[None]]


@asynccontextmanager
async def stage(width: int, height: int) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "home")
        world.settings(SETTINGS)
        world.environ["OPENAI_API_KEY"] = "sk-made-up"
        world.server.models = [
            {"id": name, "object": "model", "created": 0, "owned_by": name.partition("/")[0]}
            for name in ("openai/gpt-6-astra", "openai/gpt-6-mini", "ollama/qwen4", "demo/demo")
        ]
        for name, about, model in OTHERS:
            world.server.put(name=name, description=about, model=model, instructions=about)
        doc = world.server.put(**ASSISTANT)
        workspace = world.open()
        copier = Copier(FakeClipboard(), lambda sequence: None, {})
        app = PlaygroundApp(workspace, world.paths, SettingsStore(world.paths), now=world.clock.now, copier=copier)
        try:
            async with app.run_test(size=(width, height)) as pilot:
                bench = Bench(app, pilot, workspace, FakeClipboard(), world)
                await bench.until(lambda: workspace.assistants.listing.value.rows)
                await workspace.open_assistant(doc["id"])
                await quiet(workspace)
                editor = bench.main.config.query_one(InstructionsEditor)
                await bench.until(lambda: editor.language == "markdown")
                yield bench
        finally:
            await workspace.close()


# -- scenes of docs/assistants.md --------------------------------------------------------------------------------------


async def main_screen(at: Bench) -> None:
    at.main.config.focus_field("instructions")


async def assistants(at: Bench) -> None:
    await at.press("ctrl+o")


async def functions(at: Bench) -> None:
    await at.run("edit_functions")
    at.app.screen.query_one("ParameterList").focus()
    await at.press("down")


async def make_versions(at: Bench) -> None:
    editor = at.workspace.editor
    editor.edit("temperature", 0.4)
    await editor.save()
    await at.advance(1500)
    editor.edit("instructions", INSTRUCTIONS.replace("kind and brief", "kind, brief and exact"))
    await editor.save()
    await at.advance(1500)
    editor.edit(
        "instructions", INSTRUCTIONS.replace("kind and brief", "kind, brief and exact") + "- Name your source.\n"
    )
    editor.edit("top_p", 0.9)
    await editor.save()
    await at.workspace.versions.label(editor.draft.value.id, 3, "prod")


async def versions(at: Bench) -> None:
    await make_versions(at)
    await at.press("f8")
    await at.sees("as it began", "version 4", "Name your source", "0.9")


async def changed_elsewhere(at: Bench) -> None:
    editor = at.workspace.editor
    at.world.server.change(editor.draft.value.assistant_id or "", description="Billing, refunds, invoices")
    editor.edit("temperature", 0.3)
    await at.advance(3)
    await at.run("show_outside")


async def code(at: Bench) -> None:
    await at.run("code")


PICTURES: dict[str, tuple[Scene, int, int]] = {
    "main": (main_screen, 120, 36),
    "assistants-main": (main_screen, 120, 36),
    "assistants-list": (assistants, 110, 24),
    "assistants-functions": (functions, 110, 30),
    "assistants-versions": (versions, 120, 30),
    "assistants-changed-elsewhere": (changed_elsewhere, 110, 24),
    "assistants-code": (code, 110, 30),
}


async def take(name: str) -> str:
    """The picture as SVG."""
    scene, width, height = PICTURES[name]
    async with stage(width, height) as at:
        await scene(at)
        for _ in range(5):
            await at.pilot.pause()
        at.app.clear_notifications()
        await at.until(lambda: not at.app.screen.query("Toast"))
        for screen in at.app.screen_stack:
            for widget in (*screen.query(TextArea), *screen.query(Input)):
                widget.cursor_blink = False
        await at.pilot.pause()
        await at.pilot.pause()
        return steady(at.app.export_screenshot(title="playground-tui"))


def steady(svg: str) -> str:
    """Rich numbers its pictures by their contents' hash, which differs from run to run."""
    return re.sub(r"terminal-\d+-", "terminal-0-", svg)


def main(folder: Path, names: list[str]) -> None:
    for name in list(os.environ):
        if name.startswith("OPENAI_") or name in ("SSH_TTY", "SSH_CONNECTION", "TMUX"):
            del os.environ[name]
    os.environ["TZ"] = "UTC"
    time.tzset()
    folder.mkdir(parents=True, exist_ok=True)
    others = {name: module.take for module in (pictures_chat, pictures_files) for name in module.PICTURES}
    for name in names or (*PICTURES, *others):
        taken = others.get(name, take)(name)
        (folder / f"{name}.svg").write_text(steady(asyncio.run(taken)), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
