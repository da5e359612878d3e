"""Which assistants of two servers were copied from one another: kept on this machine, so that one that was renamed on
either side, or has no name, is still found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from playground_tui.workspace.store import Connection, Database, kv


class Links:
    """Of two servers, by their ids in the settings."""

    def __init__(self, db: Database, source: str, target: str) -> None:
        self._db = db
        self._key = f"links:{min(source, target)}:{max(source, target)}"
        self._turned = source > target

    async def known(self) -> dict[str, str]:
        """Source's assistant → target's."""
        pairs = await self._db.read(self._pairs)
        return {there: here for here, there in pairs.items()} if self._turned else pairs

    async def remember(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Source's and target's ids; an assistant belongs to one other only."""
        new: Mapping[str, str] = {(b if self._turned else a): (a if self._turned else b) for a, b in pairs}
        taken = set(new.values())

        def write(conn: Connection) -> None:
            kept = {here: there for here, there in self._pairs(conn).items() if there not in taken}
            kv.put(conn, self._key, {**kept, **new})

        if new:
            await self._db.write(write)

    def _pairs(self, conn: Connection) -> dict[str, str]:
        found: dict[str, str] = kv.get(conn, self._key, {})
        return found
