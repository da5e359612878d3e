"""Changes to assistants made at once, without a form: on the server, and in this machine's drafts, versions and cache.

Unsaved edits that the app holds of an assistant stay what they are: only the fields named are sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground_tui.limits import RUN_SETTINGS
from playground_tui.workspace.assistants import Assistants
from playground_tui.workspace.calls import AssistantCalls
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.documents import fields_of, has_name, id_of, untitled
from playground_tui.workspace.editor import new_draft_id
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.store import run_settings as run_table
from playground_tui.workspace.store.drafts import FieldState
from playground_tui.workspace.values import AssistantRow, Draft, Json
from playground_tui.workspace.versions import Versions


class Records:
    """Raises `FailureError` from every method that asks the server, `StoreError` where the disk refuses."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        calls: AssistantCalls,
        versions: Versions,
        assistants: Assistants,
        server: str,
    ) -> None:
        self._db = db
        self._clock = clock
        self._calls = calls
        self._versions = versions
        self._assistants = assistants
        self._server = server

    async def read(self, row: AssistantRow) -> dict[str, Any]:
        """The API's object as the server has it now; for a draft its fields with its own id."""
        if not row.is_draft:
            return await _asked(self._calls.retrieve(row.id))
        stored = await self._db.read(lambda conn: table.load(conn, row.id))
        if stored is None:
            raise FailureError(Failure("missing", "This draft is gone."))
        return {"id": row.id, **stored.draft.values}

    async def create(self, fields: Mapping[str, Json]) -> dict[str, Any]:
        """A new assistant; one without a name gets one."""
        body = {name: value for name, value in fields.items() if value is not None}
        if not has_name(body):
            body["name"] = untitled(await self._assistants.names())
        doc = await _asked(self._calls.create(body))
        if id_of(doc) is None:
            raise FailureError(Failure("server", "The server's answer makes no sense: it names no assistant."))
        draft_id = await self.draft_id(doc)
        await self._versions.record(draft_id, fields_of(doc))
        await self._versions.close(draft_id)
        await self._assistants.stored(doc)
        return doc

    async def update(self, row: AssistantRow, changes: Mapping[str, Json], *, restored: bool = False) -> dict[str, Any]:
        """Set the fields named; None: not set. The result is a version of its own; `restored`: an earlier one's."""
        if row.is_draft:
            return await self._update_draft(row, changes)
        before = await self.read(row)
        body = {name: [] if value is None and name == "tools" else value for name, value in changes.items()}
        doc = await _asked(self._calls.update(row.id, body))
        draft_id, now, fields = await self.draft_id(before), self._clock.now().timestamp(), fields_of(doc)
        await (self._versions.restoring(draft_id) if restored else self._versions.close(draft_id))
        await self._db.write(lambda conn: table.put_base(conn, draft_id, row.id, fields, now))
        await self._versions.record(draft_id, fields, before=fields_of(before))
        await self._versions.close(draft_id)
        await self._assistants.stored(doc)
        return doc

    async def _update_draft(self, row: AssistantRow, changes: Mapping[str, Json]) -> dict[str, Any]:
        now = self._clock.now().timestamp()
        states = {name: FieldState(value) for name, value in changes.items()}
        await self._db.write(lambda conn: table.put_fields(conn, row.id, states, now))
        return await self.read(row)

    async def known_draft(self, row: AssistantRow) -> str | None:
        """The id that versions and run settings are kept under; None: nothing is kept of this assistant yet."""
        if row.is_draft:
            return row.id
        return await self._db.read(lambda conn: table.find(conn, self._server, row.id))

    async def draft_id(self, doc: Mapping[str, Any]) -> str:
        """The same, made where there is none yet."""
        fields = fields_of(doc)
        draft = Draft(new_draft_id(), self._server, id_of(doc), fields, fields)

        def write(conn: Connection) -> str:
            known = table.find(conn, self._server, draft.assistant_id or "")
            if known is None:
                # Never opened in the app: what it opens next stays the assistant that a person used last.
                table.insert(conn, draft, 0.0)
            return known or draft.id

        return await self._db.write(write)

    async def run_settings(self, row: AssistantRow) -> dict[str, Json]:
        """What the app keeps per run beside the assistant, as far as it is sent."""
        draft_id = await self.known_draft(row)
        if draft_id is None:
            return {}
        kept = await self._db.read(lambda conn: run_table.load(conn, draft_id))
        return {name: value for name, value in kept.values.items() if name in RUN_SETTINGS}

    async def version_for_run(self, doc: Mapping[str, Any]) -> int:
        """The number of the version that a run of `doc` made now uses, closed by it; one that was changed elsewhere
        is recorded first."""
        draft_id, fields = await self.draft_id(doc), fields_of(doc)
        rows = await self._versions.listing(draft_id)
        if rows and await self._versions.body(draft_id, rows[0].number) != fields:
            return await self._versions.keep(draft_id, fields, "elsewhere")
        return self._versions.close_for_run(draft_id, fields)


async def _asked(call: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = await call
    except Exception as error:
        raise FailureError(failure_of(error)) from error
    return found
