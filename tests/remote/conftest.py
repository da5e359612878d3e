from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.values import ConversationState
from playground_tui.workspace.workspace import Workspace
from tests.support.remote_server import RemoteServer
from tests.support.wait import wait_until

KEY = "remote-key-0123456789"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST", "PLAYGROUND_TUI_HOME", "PLAYGROUND_TUI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


class Guest:
    """One home whose workspaces talk to a remote server."""

    def __init__(self, home: Path, server: RemoteServer, settings: str = "") -> None:
        self.paths = find_paths(home)
        self.paths.make()
        self.server = server
        entry = f"servers:\n  remote: {{base_url: '{server.base_url}', key: 'env:REMOTE_KEY', title: Remote}}\n"
        self.paths.settings_file.write_text(f"autosave_delay: 0.2\ndefault_provider: demo\n{entry}{settings}")
        self.environ = {"REMOTE_KEY": KEY}

    def open(self) -> Workspace:
        settings, keys = SettingsStore(self.paths), KeyRing(self.environ)
        return Workspace(self.paths, settings, keys, server="remote", environ=self.environ)

    @asynccontextmanager
    async def started(self) -> AsyncIterator[Workspace]:
        workspace = self.open()
        try:
            await workspace.start()
            yield workspace
        finally:
            await workspace.close()


def state_of(workspace: Workspace) -> ConversationState:
    return workspace.conversation.value.state.value


async def say(workspace: Workspace, text: str) -> None:
    """Send, and wait until nothing is under way."""
    conversation = workspace.conversation.value
    await conversation.send(text)
    await conversation.wait_idle()


async def saved(workspace: Workspace) -> None:
    await wait_until(lambda: workspace.editor.save_state.value.phase == "saved" and not workspace.editor.busy)
