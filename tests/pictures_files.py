"""Scenes of docs/files.md, on the scripted workspace and a made-up server. Taken by `tests.pictures`."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.widgets import Input

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.paths import find_paths
from playground_tui.tui.chat_view.lines import Span
from playground_tui.tui.playground import PlaygroundApp
from playground_tui.workspace.clock import SystemClock
from playground_tui.workspace.files.library import Ground, Library
from playground_tui.workspace.files.values import Transfer
from playground_tui.workspace.values import ChatMessage, Citation, ToolCallView
from playground_tui.workspace.writing.attachment import Attachment
from tests.support import files_server
from tests.support.fake_workspace import NOON, FakeWorkspace
from tests.tui.conftest import FakeClipboard, Opened
from tests.tui.test_main_flow import ASKED, talk

Scene = Callable[[Opened], Awaitable[None]]
RESOURCES = {"file_search": {"vector_store_ids": ["vs_1"]}, "code_interpreter": {"file_ids": ["file-3"]}}
TOOLS = [{"type": "file_search"}, {"type": "code_interpreter"}]
MARK = "【0:0†policy.pdf】"
TEXT = f"Annual plans can be refunded within 30 days {MARK}."
CITED = Citation(MARK, "[1] policy.pdf", "file-1", start=TEXT.index(MARK), end=TEXT.index(MARK) + len(MARK))
CALL = ToolCallView("call_1", "file_search", "file_search", "refund annual plan", "3 results", True, 0.4)
REPLY = ChatMessage(
    "m2", "assistant", TEXT, NOON, author="Support bot", run_id="run_1", calls=(CALL,), citations=(CITED,)
)
ATTACHED = (
    Attachment("1", "file", "prices-2026.csv", "/prices-2026.csv", 52_003, ("code_interpreter",), "ready"),
    Attachment("2", "file", "policy.pdf", "/policy.pdf", 184_220, ("file_search",), "uploading", 82_900),
    Attachment("3", "image", "storefront.png", "/storefront.png", 340_992, phase="ready"),
)
FAILED = "empty.md cannot be attached: it is empty."
SENDING = (
    Transfer(1, "policy.pdf", "/home/ada/handbook/policy.pdf", 184_220, 82_900, "uploading", store_id="vs_1"),
    Transfer(2, "terms.md", "/home/ada/handbook/terms.md", 9_310, 0, "waiting", store_id="vs_1"),
    Transfer(3, "empty.md", "/home/ada/handbook/empty.md", 0, 0, "failed", FAILED),
    Transfer(4, "shipping.md", "/home/ada/handbook/shipping.md", 8_412, 8_412, "done", file_id="file-2"),
)


async def list_files(at: Opened) -> None:
    await at.press("f12")
    await at.until(lambda: "Used by store Handbook" in at.text())


async def show_stores(at: Opened) -> None:
    await list_files(at)
    library(at).uploads.transfers.set(SENDING)
    await at.press("2")
    await at.until(lambda: "scanned-letter.pdf" in at.text() and "sending 3" in at.text())


async def show_uploads(at: Opened) -> None:
    await list_files(at)
    library(at).uploads.transfers.set(SENDING)
    await at.press("3")
    await at.until(lambda: "terms.md" in at.text())


async def search(at: Opened) -> None:
    await show_stores(at)
    library(at).uploads.transfers.set(())
    await at.press("s")
    await at.until(lambda: at.app.screen.query("SearchScreen Input"))
    at.app.screen.query_one(Input).value = "refund annual plan"
    await at.press("enter")
    await at.until(lambda: "0.91" in at.text())


async def show_tool(at: Opened) -> None:
    at.app.screen.query("ToolLine").first().focus()
    await at.pilot.pause()
    await at.press("f")
    await at.until(lambda: "scanned-letter.pdf" in at.text())


async def show_attached(at: Opened) -> None:
    conversation: Any = at.workspace.conversation.value
    conversation.attachments.items.set(ATTACHED)
    conversation.become(unsent="What does the annual plan cost after the refund?")
    await at.pilot.pause()
    await at.press("ctrl+l")


async def cite(at: Opened) -> None:
    view: Any = at.app.screen.query_one("ChatView")
    view.post_message(view.SpanActivated(Span("citation", "file-1", "[1] policy.pdf", MARK, message_id="m2")))
    await at.until(lambda: "page 12 (the passage" in at.text())


def library(at: Opened) -> Library:
    found: Any = at.workspace
    return found.library


PICTURES: dict[str, tuple[Scene, int, int]] = {
    "files-list": (list_files, 120, 26),
    "files-stores": (show_stores, 120, 26),
    "files-uploads": (show_uploads, 120, 24),
    "files-search": (search, 120, 24),
    "files-tool": (show_tool, 120, 30),
    "files-attached": (show_attached, 120, 26),
    "files-citation": (cite, 120, 28),
}


def prepared() -> FakeWorkspace:
    workspace: Any = FakeWorkspace()
    client = files_server.client()

    async def api() -> Any:
        return client

    async def owners() -> list[dict[str, Any]]:
        return [{"name": "Support bot", "tool_resources": RESOURCES}]

    workspace.api = api
    workspace.library = Library(Ground(api, SystemClock(), owners, lambda _: None))
    talk(workspace, ASKED, REPLY)
    workspace.editor.edit("tools", TOOLS)
    workspace.editor.edit("tool_resources", RESOURCES)
    return workspace  # type: ignore[no-any-return]


async def take(name: str, size: tuple[int, int] | None = None) -> str:
    """The picture as SVG."""
    scene, width, height = PICTURES[name]
    workspace: Any = prepared()
    with tempfile.TemporaryDirectory() as folder:
        paths = find_paths(Path(folder))
        paths.make()
        app = PlaygroundApp(workspace, paths, SettingsStore(paths), now=lambda: NOON)
        async with app.run_test(size=size or (width, height)) as pilot:
            at = Opened(app, pilot, workspace, FakeClipboard())
            for _ in range(5):
                await pilot.pause()
            await scene(at)
            for screen in app.screen_stack:
                for widget in screen.query(Input):
                    widget.cursor_blink = False
            for _ in range(5):
                await pilot.pause(0.05)
            picture = app.export_screenshot(title="playground-tui")
        await workspace.library.close()
        await (await workspace.api()).close()
        return picture
