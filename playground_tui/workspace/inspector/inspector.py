"""Everything that can be known of a run: from the server, from what was recorded here, from this session's requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground_tui.limits import ASSISTANT_FIELDS
from playground_tui.workspace.api_objects import as_dict, as_text, moment, tokens_of
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.differences import FieldDiff, compare
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.inspector.exchanges import exchanges_of, redacted
from playground_tui.workspace.inspector.timeline import not_told, timeline_of, truncation_of
from playground_tui.workspace.inspector.values import RunInspection
from playground_tui.workspace.message_record import from_record
from playground_tui.workspace.store import drafts as draft_table
from playground_tui.workspace.store import messages as message_table
from playground_tui.workspace.store.runs import RunRecord, one_run
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.values import ChatMessage
from playground_tui.workspace.versions import Versions


class Inspector:
    """Of one server's runs. Everything raises FailureError; StoreError where the store cannot be read."""

    def __init__(self, context: ChatContext, versions: Versions) -> None:
        self._context, self._versions = context, versions

    async def run(self, thread_id: str, run_id: str) -> RunInspection:
        """Asks the server for the run and its steps."""
        try:
            api = ThreadApi(await self._context.api())
            run = await api.run(thread_id, run_id)
        except Exception as error:
            raise FailureError(failure_of(error)) from error
        steps = await self._steps(api, thread_id, run_id)
        return await self._inspection(thread_id, run_id, run, steps)

    async def _inspection(
        self, thread_id: str, run_id: str, run: dict[str, Any], steps: list[dict[str, Any]] | None
    ) -> RunInspection:
        replies = await self._replies(thread_id, run_id)
        measured = {call.id: call.seconds for m in replies for call in m.calls if call.seconds is not None}
        firsts = (m.facts.first_token_seconds for m in replies if m.facts is not None)
        first = next((seconds for seconds in firsts if seconds is not None), None)
        tokens, model, record = tokens_of(run.get("usage")), as_text(run.get("model")), self._record(run_id)
        redact = self._context.redact
        return RunInspection(
            run_id,
            thread_id,
            as_text(run.get("assistant_id")),
            as_text(run.get("status")),
            model,
            moment(run.get("created_at")),
            moment(run.get("started_at")),
            _ended_at(run),
            first,
            tokens,
            self._context.price(model, tokens) if tokens is not None else None,
            timeline_of(run, steps or [], measured),
            truncation_of(run),
            as_text(as_dict(run.get("last_error")).get("message")),
            record.version if record is not None else None,
            record.overrides if record is not None else {},
            not_told(run, steps),
            redacted(run, redact),
            tuple(redacted(step, redact) for step in steps or []),
            exchanges_of(self._context.exchanges, run_id, redact),
        )

    async def _steps(self, api: ThreadApi, thread_id: str, run_id: str) -> list[dict[str, Any]] | None:
        """None: the server has none to tell of."""
        if "steps" in self._context.lacking():
            return None
        try:
            return (await api.list_steps(thread_id, run_id)).data
        except Exception as error:
            failure = failure_of(error)
            if failure.kind == "unsupported":
                self._context.lack("steps")
            return None

    async def _replies(self, thread_id: str, run_id: str) -> list[ChatMessage]:
        server = self._context.server
        rows = await self._context.store.read(lambda conn: message_table.all_messages(conn, server, thread_id))
        return [m for m in map(from_record, rows) if m.run_id == run_id]

    def _record(self, run_id: str) -> RunRecord | None:
        server = self._context.server
        return self._context.store.read_now(lambda conn: one_run(conn, server, run_id))

    # -- what has changed since ----------------------------------------------------------------------------------------

    async def changes_since(self, run_id: str, assistant_id: str) -> tuple[FieldDiff, ...]:
        """From what the run was made with, its version and overrides, to the assistant as it is now in the form or the
        store. Raises FailureError for a run that was not made here."""
        record, server = self._record(run_id), self._context.server
        draft_id = await self._context.store.read(lambda conn: draft_table.find(conn, server, assistant_id))
        if record is None or record.version is None or draft_id is None:
            raise FailureError(Failure("missing", "What this run was made with was not recorded here."))
        body = await self._versions.body(draft_id, record.version)
        if body is None:
            raise FailureError(Failure("missing", f"Version {record.version} is not kept any more."))
        overrides = {name: value for name, value in record.overrides.items() if name in ASSISTANT_FIELDS}
        return compare({**body, **overrides}, await self._now(draft_id))

    async def _now(self, draft_id: str) -> Mapping[str, Any]:
        shown = self._context.editor.draft.value
        if shown.id == draft_id:
            return shown.values
        stored = await self._context.store.read(lambda conn: draft_table.load(conn, draft_id))
        return stored.draft.values if stored is not None else {}


def _ended_at(run: Mapping[str, Any]) -> Any:
    stamps = (run.get(f"{how}_at") for how in ("completed", "failed", "cancelled", "expired"))
    return next((found for stamp in stamps if (found := moment(stamp)) is not None), None)
