"""Random lives: edits, refusals, lost answers, outside changes, restarts and kills; afterwards everything agrees."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from playground_tui.workspace.store import Connection
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.workspace import Workspace
from tests.workspace.world import World, quiet, until

FIELDS: dict[str, list[Any]] = {
    "name": ["A", "B 👩‍👩‍👧", "שלום", None],
    "instructions": ["one", "two [b]bold[/b]", "三", None],
    "temperature": [0.1, 0.35, 2, None, 9],
    "top_p": [0, 0.5, None, -1],
    "tools": [[], [{"type": "file_search"}], None],
    "metadata": [{}, {"k": "v"}],
}


class Life:
    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.workspace: Workspace = world.open()
        self.expected: dict[str, Any] = {}
        """Field → the last value a person gave it that was valid."""
        self.killed: list[Workspace] = []

    async def start(self) -> None:
        await self.workspace.start()
        await self.workspace.editor.save()

    async def step(self) -> None:
        name = self.random.choice(
            ["edit"] * 8 + ["advance"] * 6 + ["save", "outage", "lose", "refuse", "outside", "restart", "kill", "focus"]
        )
        await getattr(self, name)()

    async def edit(self) -> None:
        field = self.random.choice(list(FIELDS))
        value = self.random.choice(FIELDS[field])
        if self.workspace.editor.edit(field, value) is None:
            self.expected[field] = [] if field == "tools" and value is None else value
        else:
            self.expected.pop(field, None)

    async def advance(self) -> None:
        await self.world.clock.advance(self.random.choice([0.05, 0.2, 1, 3, 10]))
        await quiet(self.workspace)

    async def save(self) -> None:
        await self.workspace.editor.save()

    async def outage(self) -> None:
        self.world.server.down = not self.world.server.down

    async def lose(self) -> None:
        self.world.server.lose_answer("POST /v1/assistants")

    async def refuse(self) -> None:
        self.world.server.refuse("/v1/assistants/", self.random.choice([500, 429, 503]))

    async def outside(self) -> None:
        """Somebody changes a field that nobody edits here."""
        for assistant_id in self.world.server.assistants:
            self.world.server.change(assistant_id, description=f"outside {self.random.random()}")

    async def restart(self) -> None:
        await self.workspace.close()
        await self._open_again()

    async def kill(self) -> None:
        """As `kill -9` after 250 ms without typing: nothing is flushed, nothing is said goodbye to."""
        await self.world.clock.advance(0.25)
        self.workspace.store.flush()
        await quiet(self.workspace)
        self.killed.append(self.workspace)
        for session in self.workspace.editor._sessions.values():
            await session.autosave.stop()
        await self._open_again()

    async def focus(self) -> None:
        await self.workspace.refresh()

    async def _open_again(self) -> None:
        self.workspace = self.world.open()
        await self.workspace.start()

    async def agree(self) -> None:
        """Let every outage end and every save come through."""
        self.world.server.down = False
        self.world.server.forget_orders()
        for field in list(self.workspace.editor.draft.value.raw):
            self.workspace.editor.edit(field, self.workspace.editor.draft.value.values.get(field))
        await self.workspace.editor.save()
        await self.world.clock.advance(120)
        await until(lambda: self.workspace.editor.save_state.value.phase in ("saved", "changed_elsewhere"))
        await quiet(self.workspace)


@pytest.mark.parametrize("seed", range(8))
async def test_after_any_life_server_draft_cache_and_versions_agree(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path / "home")
    life = Life(world, seed)
    await life.start()
    for _ in range(40):
        await life.step()
    await life.agree()
    editor = life.workspace.editor
    draft = editor.draft.value
    assert list(world.server.assistants) == [draft.assistant_id]
    doc = world.server.assistants[draft.assistant_id or ""]
    for field, value in life.expected.items():
        assert draft.values.get(field) == value, field
    for field in (*FIELDS, "description"):
        assert doc[field] == draft.values.get(field), field
    assert draft.values == draft.base

    def stored(conn: Connection) -> table.StoredDraft | None:
        return table.load(conn, draft.id)

    kept = life.workspace.store.read_now(stored)
    assert kept is not None
    assert kept.draft.values == draft.values
    assert life.workspace.assistants._docs[draft.assistant_id or ""] == doc
    (newest, *_) = await life.workspace.versions.listing(draft.id)
    assert await life.workspace.versions.body(draft.id, newest.number) == draft.base
    await life.workspace.close()
    for workspace in life.killed:
        with suppress(Exception):
            await workspace.close()
