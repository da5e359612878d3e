"""A workspace as a process of its own, told what to do by JSON lines on its standard input; answers one line each."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.workspace import Workspace

SETTLE = 0.25
"""Seconds after which every edit must be on disk, counted on the workspace's own loop."""


class Life:
    def __init__(self, home: Path, server: str) -> None:
        paths = find_paths(home)
        paths.make()
        self.workspace = Workspace(paths, SettingsStore(paths), KeyRing({}), server=server, environ={})

    async def edit(self, field: str, value: Any) -> bool:
        """Whether it is now another value than the server had when it was last asked."""
        self.workspace.editor.edit(field, value)
        return field in self.workspace.editor.draft.value.changed

    async def settle(self) -> None:
        await asyncio.sleep(SETTLE)

    async def save(self) -> None:
        await self.workspace.start()
        await self.workspace.editor.save()

    async def rest(self, seconds: float) -> None:
        """Let auto-save do its work."""
        await self.workspace.start()
        await asyncio.sleep(seconds)

    async def refresh(self) -> None:
        await self.workspace.start()
        await self.workspace.refresh()

    async def read(self) -> dict[str, Any]:
        draft = self.workspace.editor.draft.value
        state = self.workspace.editor.save_state.value
        return {
            "id": draft.id,
            "assistant": draft.assistant_id,
            "values": dict(draft.values),
            "base": dict(draft.base),
            "phase": state.phase,
            "failure": state.failure.sentence() if state.failure else "",
        }

    async def compare(self) -> dict[str, Any]:
        """What server, cache and newest version say of the open assistant."""
        draft = self.workspace.editor.draft.value
        client = await self.workspace.api()
        raw = await client.beta.assistants.with_raw_response.retrieve(draft.assistant_id or "")
        await self.workspace.assistants.refresh()
        rows = await self.workspace.versions.listing(draft.id)
        bodies = [await self.workspace.versions.body(draft.id, row.number) for row in rows]
        cached = await self.workspace.assistants.doc(draft.assistant_id or "")
        listed = [row.id for row in self.workspace.assistants.listing.value.rows if not row.is_draft]
        return {
            "server": raw.http_response.json(),
            "cache": dict(cached),
            "version": bodies[0],
            "versions": bodies,
            "listed": listed,
        }

    async def close(self) -> None:
        await self.workspace.close()


def say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def main() -> None:
    life = Life(Path(sys.argv[1]), sys.argv[2])
    say({"ready": True})
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = json.loads(line)
        answer = await getattr(life, told.pop("do"))(**told)
        say(answer)


if __name__ == "__main__":
    asyncio.run(main())
