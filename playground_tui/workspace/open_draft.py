"""One draft in memory: the form's state. Every change replaces `draft` and is noted for the disk in the same turn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace

from playground_tui.limits import ASSISTANT_FIELDS, Problem, check_field
from playground_tui.workspace.clock import Clock
from playground_tui.workspace.documents import TITLES
from playground_tui.workspace.drafts import DraftKeeper
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.merge import Merged, arrived, confirm, merge
from playground_tui.workspace.sameness import same
from playground_tui.workspace.store import Connection, Database
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.store.drafts import CreateTried, StoredDraft, set_value
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import Draft, Json, RawEdit


class OpenDraft:
    def __init__(
        self,
        draft: Draft,
        *,
        db: Database,
        keeper: DraftKeeper,
        clock: Clock,
        saved_at: float | None = None,
        tried: CreateTried | None = None,
        sending: Mapping[str, Json] | None = None,
    ) -> None:
        self.subject = Subject(draft)
        self.saved_at = saved_at
        """Unix seconds of the last confirmed save."""
        self.tried = tried
        """A creation whose answer never came."""
        self.sending: Mapping[str, Json] = sending or {}
        """Fields of a save whose answer never came: the server may have these values, whatever it said before."""
        self._db = db
        self._keeper = keeper
        self._clock = clock

    @property
    def draft(self) -> Draft:
        return self.subject.value

    @property
    def sendable(self) -> dict[str, Json]:
        """Field → value (None: clear it) of what the server does not have and may be sent."""
        draft = self.draft
        names = sorted({*draft.changed, *self.sending} - {*draft.raw})
        return {name: draft.values.get(name) for name in names}

    # -- edits ---------------------------------------------------------------------------------------------------------

    def edit(self, field: str, value: Json) -> Problem | None:
        """Raises KeyError for a name that is no field."""
        if value is None and field == "tools":
            value = []  # the one list that the API does not take as null
        if problem := check_field(field, value):
            self._hold_back(field, RawEdit(_shown(value), problem.advice))
            return problem
        draft = self.draft
        if field not in draft.raw and same(draft.values.get(field), value):
            return None
        values = dict(draft.values)
        set_value(values, field, value)
        raw = {name: edit for name, edit in draft.raw.items() if name != field}
        self._replace(replace(draft, values=values, raw=raw), [field])
        return None

    def edit_raw(self, field: str, text: str, advice: str) -> None:
        """Raises KeyError for a name that is no field."""
        if field not in ASSISTANT_FIELDS:
            raise KeyError(field)
        self._hold_back(field, RawEdit(text, advice))

    def suggest(self, field: str, value: Json) -> None:
        """Fill in a value that nobody typed: it is kept, and not told as a restored edit."""
        values = {**self.draft.values, field: value}
        draft_id, state = self.draft.id, table.FieldState(value)
        self._db.keep(lambda conn: table.put_fields(conn, draft_id, {field: state}, 0.0))
        self.subject.set(replace(self.draft, values=values, revision=self.draft.revision + 1))

    def refuse(self, field: str, failure: Failure) -> None:
        """The server refused the field's value: it stays in sight, and is held back until it is edited."""
        draft = self.draft
        values = dict(draft.values)
        text = _shown(values.get(field))
        set_value(values, field, draft.base.get(field))
        raw = {**draft.raw, field: RawEdit(text, failure.what)}
        self._replace(replace(draft, values=values, raw=raw), [field])

    def _hold_back(self, field: str, edit: RawEdit) -> None:
        draft = self.draft
        if draft.raw.get(field) != edit:
            self._replace(replace(draft, raw={**draft.raw, field: edit}), [field])

    # -- what the server says ------------------------------------------------------------------------------------------

    def merge(self, remote: Mapping[str, Json]) -> tuple[Merged, Future[None] | None]:
        """What the server has, read again. The future: the new base is on disk."""
        merged = merge(self.draft, remote, self.sending)
        there = {name: v for name, v in self.sending.items() if name in remote and arrived(remote[name], v)}
        self.sending = {name: value for name, value in self.sending.items() if name not in there}
        return merged, self._take(merged.draft, None, there)

    def confirm(
        self, assistant_id: str, sent: Mapping[str, Json], answer: Mapping[str, Json]
    ) -> tuple[Merged, Future[None] | None]:
        """The answer to a save or a creation."""
        merged = confirm(self.draft, sent, answer)
        self.saved_at = self._clock.now().timestamp()
        self.tried, self.sending = None, {}
        return merged, self._take(replace(merged.draft, assistant_id=assistant_id), self.saved_at, sent)

    def detach(self) -> Future[None] | None:
        """The assistant is gone on the server: all that the form holds is unsaved again."""
        self.sending = {}
        return self._take(replace(self.draft, assistant_id=None, base={}), None, {})

    def mark_tried(self, tried: CreateTried | None) -> Future[None]:
        self.tried = tried
        draft_id = self.draft.id
        return self._db.submit(lambda conn: table.mark_tried(conn, draft_id, tried))

    def mark_sending(self, sending: Mapping[str, Json]) -> Future[None]:
        """About to be sent; empty: the server said no."""
        self.sending = sending
        draft_id = self.draft.id
        return self._db.submit(lambda conn: table.mark_sending(conn, draft_id, sending))

    def reread(self, stored: StoredDraft) -> None:
        """Take up what another app on this home wrote; what is not on disk yet is this app's and stays."""
        mine, theirs = self.draft, stored.draft
        values, raw = dict(theirs.values), dict(theirs.raw)
        for name in self._keeper.dirty(mine.id):
            set_value(values, name, mine.values.get(name))
            raw.pop(name, None)
            if name in mine.raw:
                raw[name] = mine.raw[name]
        new = replace(theirs, values=values, raw=raw, revision=mine.revision)
        self.saved_at, self.tried, self.sending = stored.saved_at, stored.tried, stored.sending
        if new != mine:
            self.subject.set(replace(new, revision=mine.revision + 1))

    async def catch_up(self, *, anew: bool = False) -> None:
        """Take up what another app on this home wrote, so that an edit of its, once read from the disk here, is not
        sent again as this app's own after the other went on editing. What is typed or put on disk during the look
        would be missed by it: then it is looked again. `anew`: also when the other app created the assistant."""
        moment = None
        while moment != self._moment():
            moment = self._moment()
            await self._db.written()
            stored = await self._db.read(lambda conn: table.load(conn, self.draft.id))
        if stored is not None and (anew or stored.draft.assistant_id == self.draft.assistant_id):
            self.reread(stored)

    def _moment(self) -> tuple[int, frozenset[str]]:
        return self.draft.revision, self._keeper.dirty(self.draft.id)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _replace(self, draft: Draft, fields: Iterable[str]) -> None:
        draft = replace(draft, revision=draft.revision + 1)
        for name in fields:
            self._keeper.touch(draft, name)
        self.subject.set(draft)

    def _take(self, draft: Draft, saved_at: float | None, sent: Mapping[str, Json]) -> Future[None] | None:
        """Put a draft with another base in place; `sent`: what has reached the server. In the same transaction the
        rows of all fields that differ from the new base are written: one that was equal to the old base had none."""
        if draft == self.draft and saved_at is None and not sent:
            return None
        draft_id, sending, now = draft.id, self.sending, self._clock.now().timestamp()
        differing = {*draft.changed, *draft.raw}
        fields = {name: table.FieldState(draft.values.get(name), draft.raw.get(name)) for name in differing}

        def write(conn: Connection) -> None:
            table.put_base(conn, draft_id, draft.assistant_id, draft.base, saved_at, sending, sent)
            table.put_fields(conn, draft_id, fields, now)

        done = self._db.submit(write)
        self._replace(draft, self._keeper.dirty(draft_id))
        return done


def first_problem(draft: Draft) -> Failure | None:
    """Why this draft cannot be created yet."""
    for name, title in TITLES.items():
        if edit := draft.raw.get(name):
            return Failure("invalid", f"{title} is not right yet: {edit.advice}", field=name)
    if not draft.values.get("model"):
        return Failure("invalid", "No model is chosen yet.", next="Pick one in the configuration.", field="model")
    return None


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
