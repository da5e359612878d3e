"""What the first frame shows, read from the store alone: no cache, no server, nothing heavy imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from playground_tui.settings.model import LOCAL_SERVER, Server, Settings
from playground_tui.workspace.documents import titles
from playground_tui.workspace.editor import new_draft
from playground_tui.workspace.store import Connection, Database, kv
from playground_tui.workspace.store import drafts as table
from playground_tui.workspace.store.drafts import StoredDraft
from playground_tui.workspace.values import Draft, SaveState

SERVER_KEY = "server"
PAUSED_KEY = "autosave_paused"
"""Kept while it differs from the settings."""
LONGEST_NAME = 40
"""Characters of an assistant's name in a sentence."""


class Boot(NamedTuple):
    draft: Draft
    save_state: SaveState
    thread_id: str | None
    """None: a thread that the first message will make."""
    thread_title: str
    unsent: str
    notices: tuple[str, ...] = ()
    """What is worth saying once: `Restored unsaved edits to Instructions of Support bot.`"""


class Opening(NamedTuple):
    server: Server
    stored: StoredDraft
    is_new: bool
    """The draft was made just now and is not on disk yet."""
    notices: tuple[str, ...]


def open_last(db: Database, settings: Settings, wanted: str | None, now: float) -> Opening:
    """The server and the assistant used last. `wanted`: a server's id asked for by the person."""
    server, notices = _server(db, settings, wanted)
    stored = db.read_now(lambda conn: last_draft(conn, server.id))
    if stored is None:
        draft = db.read_now(lambda conn: new_draft(conn, server.id))
        stored = StoredDraft(draft, now, now, None, None, {}, (), False)
        return Opening(server, stored, True, notices)
    return Opening(server, stored, False, (*notices, *_restored(db, server.id)))


def last_draft(conn: Connection, server: str) -> StoredDraft | None:
    draft_id = table.last_used(conn, server)
    return table.load(conn, draft_id) if draft_id else None


def _server(db: Database, settings: Settings, wanted: str | None) -> tuple[Server, tuple[str, ...]]:
    name = wanted or db.read_now(lambda conn: kv.get(conn, SERVER_KEY)) or settings.default_server
    local = Server(LOCAL_SERVER, title="local")
    server = settings.server(name)
    if server is not None:
        return server, ()
    return local, (f"No server {name} is in the settings; this is the local one.",)


def _restored(db: Database, server: str) -> Sequence[str]:
    """One sentence for each draft with edits that were made after the app was last left in good order."""

    def read(conn: Connection) -> list[str]:
        ids = dict.fromkeys([*table.with_edits(conn, server), *table.never_created(conn, server)])
        found = [table.load(conn, draft_id) for draft_id in ids]
        return [_sentence(s) for s in found if s is not None and s.restored]

    return db.read_now(read)


def _sentence(stored: StoredDraft) -> str:
    created = stored.draft.assistant_id is not None
    name = str(stored.draft.values.get("name") or ("an assistant without a name" if created else "a new assistant"))
    name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    return f"Restored unsaved edits to {titles(stored.restored)} of {name}."
