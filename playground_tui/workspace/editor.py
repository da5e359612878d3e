"""The open assistant: what the form shows, and where its saving stands. Drafts left behind with edits that the server
does not have yet live on beside it until they are saved."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, NamedTuple

from playground_tui.limits import Problem
from playground_tui.workspace.assistants import Assistants
from playground_tui.workspace.autosave import Autosave
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.documents import fields_of, present_fields
from playground_tui.workspace.drafts import DraftKeeper
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.open_draft import OpenDraft, first_problem
from playground_tui.workspace.outside import OutsideChange
from playground_tui.workspace.run_settings import RunSettingsKeeper
from playground_tui.workspace.saving import Saving
from playground_tui.workspace.starter import starter_values
from playground_tui.workspace.store import Connection, Database, kv
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.store.drafts import StoredDraft
from playground_tui.workspace.store.unsent import keys_with_unsent
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.thinning import differing
from playground_tui.workspace.values import Draft, Json, RawEdit, RunSettings, SaveState
from playground_tui.workspace.versions import Versions

RUN_FIELDS: Final = (
    "model",
    "instructions",
    "tools",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
)
"""Assistant fields that a run can override (wire.md §4)."""
LAST_SAVE_SECONDS: Final = 2.0
"""How long closing waits for the server; what it does not take is on disk."""


class _Session(NamedTuple):
    held: OpenDraft
    autosave: Autosave
    touched_before: bool


class Editor:
    def __init__(
        self,
        stored: StoredDraft,
        *,
        db: Database,
        clock: Clock,
        keeper: DraftKeeper,
        saving: Saving,
        versions: Versions,
        assistants: Assistants,
        delay: Callable[[], float],
        paused: bool = False,
        keep_paused: Callable[[bool], None] = lambda _paused: None,
        model_found: Callable[[], Awaitable[str]],
    ) -> None:
        """`keep_paused` hears whether auto-save is paused from now on; `model_found` waits for the first start's choice
        of a model."""
        self._db = db
        self._clock = clock
        self._keeper = keeper
        self._saving = saving
        self._versions = versions
        self._assistants = assistants
        self._delay = delay
        self._paused = paused
        self._keep_paused = keep_paused
        self._without_tools = False
        self._model_found = model_found
        self._sessions: dict[str, _Session] = {}
        self._edited: set[str] = set()
        """Drafts that were written into in this session."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: list[Callable[[], None]] = []
        self._now = self._session(stored)
        self.draft: Subject[Draft] = Subject(self._now.held.draft)
        self.save_state: Subject[SaveState] = Subject(self._now.autosave.state.value)
        self._run_settings = RunSettingsKeeper(db)
        self.run_settings: Subject[RunSettings] = self._run_settings.subject
        self._show(self._now)

    @property
    def busy(self) -> bool:
        """Whether a call for any open draft is under way."""
        return any(session.autosave.busy for session in self._sessions.values()) or bool(self._tasks)

    # -- editing -------------------------------------------------------------------------------------------------------

    def edit(self, field: str, value: Json) -> Problem | None:
        """Set a field; None: not set. A wrong value is kept in sight and on disk, and held back from the server.
        Raises KeyError for a name that is no field."""
        self._edited.add(self._now.held.draft.id)
        problem = self._now.held.edit(field, value)
        if field == "model" and problem is None:
            self._remember_model(value)
        self._now.autosave.edited()
        return problem

    def edit_raw(self, field: str, text: str, advice: str) -> None:
        """Text that is not even a value (JSON that does not parse). Raises KeyError for a name that is no field."""
        self._edited.add(self._now.held.draft.id)
        self._now.held.edit_raw(field, text, advice)
        self._now.autosave.edited()

    async def edit_late(self, draft_id: str, field: str, value: Json, raw: RawEdit | None = None) -> None:
        """Typed into a draft just before another one was shown; `raw` for what is no value. Raises KeyError for a name
        that is no field."""
        session = self._sessions.get(draft_id) or await self._left(draft_id)
        if session is None:
            return  # deleted meanwhile
        self._edited.add(draft_id)
        if raw is None:
            session.held.edit(field, value)
        else:
            session.held.edit_raw(field, raw.text, raw.advice)
        session.autosave.edited()

    async def _left(self, draft_id: str) -> _Session | None:
        """One that was saved and let go."""
        await self._db.written()
        stored = await self._db.read(lambda conn: table.load(conn, draft_id))
        return None if stored is None else self._sessions.setdefault(draft_id, self._session(stored))

    def suggest_model(self, model: str) -> None:
        """Fill the model in where none is chosen yet. Not an edit of the person's: nothing is saved for it."""
        if model and not self.draft.value.values.get("model") and "model" not in self.draft.value.raw:
            self._now.held.suggest("model", model)

    def edit_run_setting(self, name: str, value: Json) -> Problem | None:
        """Kept per assistant, beside it. None: not set. Raises KeyError for a name that is none."""
        return self._run_settings.edit(name, value)

    def edit_run_setting_raw(self, name: str, text: str, advice: str) -> None:
        """Raises KeyError for a name that is none."""
        self._run_settings.edit_raw(name, text, advice)

    def edit_run_setting_late(self, draft_id: str, name: str, value: Json, raw: RawEdit | None = None) -> None:
        """Typed for another assistant, just before this one was shown."""
        self._run_settings.edit_late(draft_id, name, value, raw)

    # -- saving --------------------------------------------------------------------------------------------------------

    async def save(self) -> None:
        """Create or save now, paused or not, and close the version. Never raises: how it went is in `save_state`."""
        session = self._now
        self._keeper.flush()
        await self._fill_model(session)
        await session.autosave.save()
        if session.autosave.state.value.failure is None and session.held.draft.assistant_id is not None:
            await self._quietly(self._versions.close(session.held.draft.id))

    def set_paused(self, paused: bool) -> None:
        """For all assistants, until it is set again, after a restart too: an edit that was only tried is not stored by
        closing the app. Edits stay on disk and go along with runs."""
        self._paused = paused
        self._keep_paused(paused)
        for session in self._sessions.values():
            session.autosave.set_paused(paused)

    async def ensure_created(self) -> str:
        """Before a run: create the assistant if the server does not have it, and save pending valid edits unless
        auto-save is paused. A field in error is held back. Returns the assistant's id. Raises `FailureError`."""
        session = self._now
        held, autosave = session.held, session.autosave
        await self._fill_model(session)
        if held.draft.assistant_id is None:
            if problem := first_problem(held.draft):
                raise FailureError(problem)
            await autosave.save()
        elif held.sendable and not self._paused:
            await autosave.save(create=False)
        failure = autosave.state.value.failure
        assistant_id = held.draft.assistant_id
        if assistant_id is None or (failure is not None and not self._paused and held.sendable):
            raise FailureError(failure or Failure("internal", "The assistant could not be created."))
        self._remember_model(held.draft.values.get("model"))
        return assistant_id

    def run_overrides(self) -> dict[str, Json]:
        """What the run that is made now gets beside the assistant: the run settings, what it is made without, and
        with auto-save paused the unsaved edits. A field that was cleared has no override where the API has none: it
        runs as stored."""
        overrides: dict[str, Json] = {}
        if self._paused:
            sendable = self._now.held.sendable
            cleared: Mapping[str, Json] = {"instructions": "", "tools": []}
            overrides = {name: sendable[name] for name in RUN_FIELDS if sendable.get(name) is not None}
            overrides |= {name: empty for name, empty in cleared.items() if sendable.get(name, 0) is None}
        overrides |= self._run_settings.sent
        if self._without_tools:
            self._without_tools = False
            overrides = {**overrides, "tools": []}
            overrides.pop("tool_choice", None)
        return overrides

    def run_without_tools(self) -> None:
        """The next run gets no tools; the assistant keeps them."""
        self._without_tools = True

    @property
    def run_timeout(self) -> float | None:
        """Seconds of silence that end a run of this assistant; None: as the settings say."""
        return self._run_settings.timeout

    def version(self) -> int | None:
        """The number of the version that a run made now uses; it is closed by that."""
        held = self._now.held
        return self._versions.close_for_run(held.draft.id, held.draft.base) if held.draft.assistant_id else None

    @property
    def outside(self) -> Subject[OutsideChange | None]:
        """What was last changed elsewhere, on any assistant of this server."""
        return self._saving.outside

    async def undo_outside(self) -> None:
        """Take the last change from elsewhere back, field by field; what it touched is saved as any edit is."""
        change = self.outside.value
        if change is not None:
            self.outside.set(None)
            for name, value in change.undone.items():
                await self.edit_late(change.draft_id, name, value)

    async def restore(self, number: int) -> None:
        """Put a version's fields back and save them, as a new version; what the form held and the server did not have
        yet is one too. Raises `FailureError` when the version is gone."""
        session = self._now
        body = await self._versions.body(session.held.draft.id, number)
        if body is None:
            raise FailureError(Failure("missing", f"Version {number} is not kept any more."))
        await self._quietly(self._before_restoring(session.held.draft, body))
        for name in present_fields({**dict.fromkeys(session.held.draft.values), **body}):
            session.held.edit(name, body.get(name))
        session.autosave.edited()
        await session.autosave.save(create=False)

    async def _before_restoring(self, draft: Draft, body: Mapping[str, Json]) -> None:
        if draft.changed and differing(draft.values, body):
            await self._versions.keep(draft.id, draft.values, "saved")
        if differing(draft.base, body):
            await self._versions.restoring(draft.id)

    # -- opening -------------------------------------------------------------------------------------------------------

    async def open(self, row_id: str) -> None:
        """Show an assistant or a draft; the present one is put on disk and saved behind. Raises `FailureError` for
        one that is neither here nor on the server."""
        if row_id in (self.draft.value.id, self.draft.value.assistant_id):
            return
        self._keeper.flush()
        session = self._find(row_id) or self._session(await self._stored(row_id))
        self._leave(session)
        self._spawn(session.autosave.check())

    async def _stored(self, row_id: str) -> StoredDraft:
        server = self.draft.value.server
        await self._db.written()
        stored = await self._db.read(lambda conn: table.load(conn, table.find(conn, server, row_id) or row_id))
        return stored or await self._first_opening(server, row_id)

    async def _first_opening(self, server: str, assistant_id: str) -> StoredDraft:
        try:
            doc = await self._assistants.doc(assistant_id)
        except Exception as error:
            raise FailureError(failure_of(error)) from error
        fields = fields_of(doc)
        draft = Draft(new_draft_id(), server, assistant_id, fields, fields)
        self._keeper.insert(draft)
        return self._fresh(draft)

    async def new(self) -> None:
        """Show a new assistant that only this machine knows."""
        server = self.draft.value.server
        draft = await self._db.read(lambda conn: new_draft(conn, server))
        self._keeper.insert(draft)
        self._leave(self._session(self._fresh(draft)))
        if not draft.values.get("model"):
            self._spawn(self._fill_model(self._now))

    async def use(self, stored: StoredDraft) -> None:
        """Another server's draft; those of the server before wait on disk."""
        for session in self._sessions.values():
            await session.autosave.stop()
        self._sessions.clear()
        self._leave(self._session(stored))

    def take_up(self, waiting: list[StoredDraft]) -> None:
        """Save in due time what an earlier session left unsaved."""
        for stored in waiting:
            session = self._sessions.get(stored.draft.id) or self._session(stored)
            self._sessions[stored.draft.id] = session
            session.autosave.take_up()

    async def refresh(self) -> None:
        """Take up what another app on this home or somebody on the server changed."""
        session = self._now
        if not session.autosave.busy:
            await session.held.catch_up(anew=True)
        await session.autosave.check()

    async def look_beside(self) -> None:
        """Take up what another app on this home wrote into the open draft. Asks no server, and saves nothing: that
        app does."""
        session = self._now
        if session.autosave.busy:
            return
        before = session.held.draft
        await session.held.catch_up(anew=True)
        if session.held.draft != before:
            session.autosave.taken_up()

    def reached(self) -> None:
        """The server just answered something: what could not be saved may go now."""
        for session in list(self._sessions.values()):
            session.autosave.reached()

    async def settle(self, row_id: str, *, stop: bool = False) -> None:
        """Put what was typed into it on disk; with `stop`, save it no more, since it is being deleted."""
        self._keeper.flush()
        await self._db.written()
        if stop and (session := self._find(row_id)) is not None:
            await session.autosave.stop()

    async def forget(self, row_id: str) -> None:
        """It was deleted; where it was shown, show the one used before it."""
        session = self._find(row_id)
        if session is None:
            return
        self._sessions.pop(session.held.draft.id, None)
        if session is self._now:
            server = self.draft.value.server
            last = await self._db.read(lambda conn: table.last_used(conn, server))
            await (self.open(last) if last else self.new())

    def _find(self, row_id: str) -> _Session | None:
        return next(
            (s for s in self._sessions.values() if row_id in (s.held.draft.id, s.held.draft.assistant_id)), None
        )

    async def close(self, *, save: bool) -> None:
        """Everything on disk; with `save`, what the server takes within two seconds is saved."""
        self._keeper.flush_now()
        pending = [s for s in self._sessions.values() if save and self._worth_a_last_save(s)]
        saves = [asyncio.ensure_future(s.autosave.save(create=False)) for s in pending]
        if saves:
            await asyncio.wait(saves, timeout=LAST_SAVE_SECONDS)
        for session in self._sessions.values():
            await session.autosave.stop()
        for task in [*saves, *self._tasks]:
            task.cancel()
        await asyncio.gather(*saves, *self._tasks, return_exceptions=True)
        self._keeper.flush_now()

    def _worth_a_last_save(self, session: _Session) -> bool:
        state = session.autosave.state.value
        known = session.held.draft.assistant_id is not None
        return known and bool(session.held.sendable) and not state.paused and state.failure is None

    # -- inside --------------------------------------------------------------------------------------------------------

    def _fresh(self, draft: Draft) -> StoredDraft:
        now = self._clock.now().timestamp()
        return StoredDraft(draft, now, now, None, None, {}, (), False)

    def _session(self, stored: StoredDraft) -> _Session:
        held = OpenDraft(
            stored.draft,
            db=self._db,
            keeper=self._keeper,
            clock=self._clock,
            saved_at=stored.saved_at,
            tried=stored.tried,
            sending=stored.sending,
        )
        autosave = Autosave(held, self._saving, self._clock, self._delay, paused=self._paused)
        return _Session(held, autosave, stored.touched)

    def _show(self, session: _Session) -> None:
        for end in self._ends:
            end()
        self._now = session
        self._sessions[session.held.draft.id] = session
        self.save_state.set(session.autosave.state.value)
        self.draft.set(session.held.draft)
        self._run_settings.open(session.held.draft.id)
        self._ends = [
            session.held.subject.watch(self.draft.set),
            session.autosave.state.watch(self.save_state.set),
        ]

    def _leave(self, for_session: _Session) -> None:
        before = self._now
        now, draft_id = self._clock.now().timestamp(), for_session.held.draft.id
        self._db.keep(lambda conn: table.mark_used(conn, draft_id, now))
        self._show(for_session)
        self._drop_untouched(before)
        self._save_behind(before)
        self._spawn(self._assistants.note_drafts())

    def _drop_untouched(self, session: _Session) -> None:
        """A new draft that nobody wrote into, nor typed a message for, leaves no trace."""
        draft = session.held.draft
        if draft.assistant_id is not None or draft.id in self._edited or session.touched_before:
            return
        self._sessions.pop(draft.id, None)

        def write(conn: Connection) -> None:
            if f"new:{draft.id}" not in keys_with_unsent(conn, draft.server):
                table.drop(conn, draft.id)

        self._db.keep(write)

    def _save_behind(self, session: _Session) -> None:
        if self._worth_a_last_save(session):
            self._spawn(session.autosave.save(create=False))
        for draft_id, other in list(self._sessions.items()):
            if other is not self._now and other.autosave.settled:
                del self._sessions[draft_id]

    async def _fill_model(self, session: _Session) -> None:
        if not session.held.draft.values.get("model"):
            model = await self._model_found()
            if session is self._now:
                self.suggest_model(model)

    def _remember_model(self, model: Any) -> None:
        if isinstance(model, str) and model:
            server = self.draft.value.server
            self._db.keep(lambda conn: kv.put(conn, f"last_model:{server}", model))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            failure_of(error)

    async def _quietly(self, work: Awaitable[None]) -> None:
        """Housekeeping whose failure the person can do nothing about; it is in the log."""
        try:
            await work
        except Exception as error:
            failure_of(error)


def new_draft_id() -> str:
    return f"draft_{os.urandom(10).hex()}"


def new_draft(conn: Connection, server: str) -> Draft:
    """A new assistant as a person first sees it, with the model that was used last on this server."""
    model = kv.get(conn, f"last_model:{server}", "")
    return Draft(new_draft_id(), server, None, starter_values(model))
