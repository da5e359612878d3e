"""One home, one scripted server and one scripted clock, with any number of workspaces on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import Paths, find_paths
from playground_tui.workspace.notices import Notice
from playground_tui.workspace.workspace import Workspace
from tests.support.clock import ScriptedClock, settle
from tests.support.server import ScriptedServer

PATIENCE = 10.0
"""Seconds until a condition that does not come fails the test."""

SETTINGS = """\
default_provider: demo
servers:
  work: {base_url: "https://work.example/v1", key: "env:WORK_KEY", title: Work}
"""


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.002)


@dataclass
class World:
    home: Path
    server: ScriptedServer = field(default_factory=ScriptedServer)
    clock: ScriptedClock = field(default_factory=ScriptedClock)
    environ: dict[str, str] = field(default_factory=lambda: {"WORK_KEY": "sk-work-0123456789"})
    notices: list[Notice] = field(default_factory=list)

    @property
    def paths(self) -> Paths:
        return find_paths(self.home)

    def settings(self, text: str = SETTINGS) -> None:
        self.home.mkdir(exist_ok=True)
        self.paths.settings_file.write_text(text)

    def open(self, server: str | None = "local") -> Workspace:
        """Not started yet."""
        if not self.paths.settings_file.exists():
            self.settings()
        workspace = Workspace(
            self.paths,
            SettingsStore(self.paths),
            KeyRing(self.environ),
            server=server,
            clock=self.clock,
            environ=self.environ,
            transports=lambda _: self.server,
        )
        workspace.notices.watch(lambda notice: notice and self.notices.append(notice))
        return workspace

    @asynccontextmanager
    async def started(self, server: str | None = "local") -> AsyncIterator[Workspace]:
        workspace = self.open(server)
        try:
            await workspace.start()
            yield workspace
        finally:
            await workspace.close()

    @asynccontextmanager
    async def editing(self, **values: Any) -> AsyncIterator[Workspace]:
        """A started workspace that shows an assistant which the server has."""
        doc = self.server.put(**{"name": "Support bot", "instructions": "Be kind.", "temperature": 0.2, **values})
        async with self.started() as workspace:
            await workspace.open_assistant(doc["id"])
            await until(lambda: self.server.sent(f"GET /v1/assistants/{doc['id']}"))
            await quiet(workspace)
            self.server.calls.clear()
            yield workspace

    def texts(self) -> list[str]:
        return [notice.text for notice in self.notices]


async def quiet(workspace: Workspace) -> None:
    """Wait until the open draft has nothing under way."""
    await settle()
    await until(lambda: not workspace.editor.busy)
    await settle()


async def saved(workspace: Workspace) -> None:
    await until(lambda: workspace.editor.save_state.value.phase in ("saved", "changed_elsewhere"))


def values_on_disk(world: World, workspace: Workspace) -> dict[str, Any]:
    """The open draft as another process would find it."""
    from playground_tui.workspace.store import Database
    from playground_tui.workspace.store import drafts as table

    db = Database(world.paths.workspace_db)
    try:
        stored = db.read_now(lambda conn: table.load(conn, workspace.editor.draft.value.id))
        assert stored is not None
        return {**stored.draft.values, **{name: edit.text for name, edit in stored.draft.raw.items()}}
    finally:
        db.close()
