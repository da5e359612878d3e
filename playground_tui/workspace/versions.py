"""Versions: the whole assistant as it stood. Saves fold into one open version, which closes at a run, an explicit
save, a label, or ten minutes after it was opened; old ones are thinned out (`thinning.py`). Versions belong to the
draft, whose id lasts for life, also when the assistant gets another id by being created again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playground_tui.workspace.clock import Clock
from playground_tui.workspace.store import Connection, Database, kv
from playground_tui.workspace.store import versions as table
from playground_tui.workspace.store.versions import Source, VersionRow
from playground_tui.workspace.thinning import differing, thin
from playground_tui.workspace.values import Json

__all__ = ["VersionRow", "Versions"]

OPEN_SECONDS: Final = 600.0
_RESTORING: Final = "restoring:"


class Versions:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def listing(self, draft_id: str) -> list[VersionRow]:
        """Newest first."""
        return await self._db.read(lambda conn: table.listing(conn, draft_id))

    async def body(self, draft_id: str, number: int) -> dict[str, Json] | None:
        """The fields that were set in that version; None when there is no such version."""
        return await self._db.read(lambda conn: table.body(conn, draft_id, number))

    async def record(
        self, draft_id: str, values: Mapping[str, Json], *, before: Mapping[str, Json] | None = None
    ) -> int:
        """What was just saved. Folds into the open version; a save that changed nothing since the last version
        makes none. `before`, what the server had until then, becomes the first version where there is none yet.
        Returns the version's number."""
        now = self._now()

        def write(conn: Connection) -> int:
            if before and table.latest(conn, draft_id) is None:
                table.add(conn, draft_id, before, now=now, source="elsewhere", changed=(), closed=True)
            return _record(conn, draft_id, values, now)

        return await self._db.write(write)

    async def keep(self, draft_id: str, values: Mapping[str, Json], source: Source) -> int:
        """A version of its own, closed at once: theirs where both sides edited, something imported."""
        now = self._now()

        def write(conn: Connection) -> int:
            changed = differing(_latest_body(conn, draft_id), values)
            table.close(conn, draft_id, now)
            return table.add(conn, draft_id, values, now=now, source=source, changed=changed, closed=True)

        return await self._db.write(write)

    async def close(self, draft_id: str) -> None:
        """Later saves make a new version."""
        now = self._now()
        await self._db.write(lambda conn: table.close(conn, draft_id, now))

    async def restoring(self, draft_id: str) -> None:
        """Later saves make a new version, and the first of them is a restored one, also when it only comes after a
        restart."""
        now = self._now()

        def write(conn: Connection) -> None:
            table.close(conn, draft_id, now)
            kv.put(conn, _RESTORING + draft_id, True)

        await self._db.write(write)

    def close_for_run(self, draft_id: str, base: Mapping[str, Json]) -> int:
        """The number of the version that a run starting now runs on; `base` is what the server has. The version is
        closed. Waits for nothing: one small read, and a write that is only queued."""
        now = self._now()
        last = self._db.read_now(lambda conn: table.latest(conn, draft_id))
        kept = self._db.read_now(lambda conn: table.body(conn, draft_id, last.number)) if last else None
        changed = differing(kept or {}, base)

        def write(conn: Connection) -> None:
            table.close(conn, draft_id, now)
            if changed or last is None:
                table.add(conn, draft_id, base, now=now, source="saved", changed=changed if last else (), closed=True)

        self._db.keep(write)
        number = last.number if last is not None else 0
        return number + 1 if changed or last is None else number

    async def label(self, draft_id: str, number: int, label: str) -> None:
        """`prod`, `dev`, …; it moves from the version that had it. Closes the open version. Empty takes it off."""
        now = self._now()

        def write(conn: Connection) -> None:
            table.close(conn, draft_id, now)
            table.put_label(conn, draft_id, number, label.strip())

        await self._db.write(write)

    async def note(self, draft_id: str, number: int, note: str) -> None:
        await self._db.write(lambda conn: table.put_note(conn, draft_id, number, note))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _record(conn: Connection, draft_id: str, values: Mapping[str, Json], now: float) -> int:
    last = table.latest(conn, draft_id)
    source = _next_source(conn, draft_id)
    if last is None:
        return _add(conn, draft_id, values, (), now, source)
    changed = differing(table.body(conn, draft_id, last.number) or {}, values)
    if not changed:
        return last.number
    if source != "saved" or last.closed_at is not None or now - last.opened_at >= OPEN_SECONDS:
        table.close(conn, draft_id, now)
        return _add(conn, draft_id, values, changed, now, source)
    before = table.one_before(conn, draft_id, last.number) or {}
    since = differing(before, values) if before else ()
    table.fold(conn, draft_id, last.number, values, now=now, changed=since)
    return last.number


def _add(
    conn: Connection, draft_id: str, values: Mapping[str, Json], changed: tuple[str, ...], now: float, source: Source
) -> int:
    """A restored version is closed at once: what is edited later is not what was restored."""
    number = table.add(conn, draft_id, values, now=now, source=source, changed=changed, closed=source == "restored")
    thin(conn, draft_id, now)
    return number


def _next_source(conn: Connection, draft_id: str) -> Source:
    """What `restoring` said of this save; said once."""
    if kv.get(conn, _RESTORING + draft_id, False):
        kv.drop(conn, _RESTORING + draft_id)
        return "restored"
    return "saved"


def _latest_body(conn: Connection, draft_id: str) -> dict[str, Json]:
    last = table.latest(conn, draft_id)
    return (table.body(conn, draft_id, last.number) if last else None) or {}
