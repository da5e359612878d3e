"""Drafts on disk: one row each, and one row for each field that differs from what the server has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from playground_tui.workspace.sameness import same
from playground_tui.workspace.store.database import Connection
from playground_tui.workspace.values import Draft, Json, RawEdit


class FieldState(NamedTuple):
    """One field as it is kept: `value` is the valid one (None: not set), `raw` what stands in its place if wrong."""

    value: Json
    raw: RawEdit | None = None


class CreateTried(NamedTuple):
    """A creation whose answer never came: the assistant may exist."""

    at: float
    body: Mapping[str, Json]


class StoredDraft(NamedTuple):
    draft: Draft
    created_at: float
    used_at: float
    saved_at: float | None
    tried: CreateTried | None
    sending: Mapping[str, Json]
    """Fields of a save whose answer never came: the server may have these values."""
    restored: tuple[str, ...]
    """Fields edited after the app was last left in good order."""
    touched: bool
    """Whether a person ever edited it."""


def encode(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def insert(conn: Connection, draft: Draft, now: float) -> None:
    """Store a new draft with its values. One that is there already (another app made it) stays."""
    done = conn.execute(
        "INSERT INTO drafts (id, server, assistant_id, base, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (draft.id, draft.server, draft.assistant_id, encode(dict(draft.base)), now, now),
    )
    if done.rowcount:
        put_fields(conn, draft.id, {f: FieldState(draft.values.get(f), draft.raw.get(f)) for f in _kept(draft)}, now)


def put_fields(conn: Connection, draft_id: str, fields: Mapping[str, FieldState | None], now: float) -> None:
    """Write fields; None: it is as the server has it."""
    for name, state in fields.items():
        if state is None:
            conn.execute("DELETE FROM draft_fields WHERE draft_id = ? AND field = ?", (draft_id, name))
            continue
        raw = (_storable(state.raw.text), state.raw.advice) if state.raw else (None, None)
        conn.execute(
            "INSERT INTO draft_fields (draft_id, field, value, raw, advice, edited_at) SELECT ?, ?, ?, ?, ?, ? "
            "WHERE EXISTS (SELECT 1 FROM drafts WHERE id = ?) "
            "ON CONFLICT (draft_id, field) DO UPDATE SET value = excluded.value, raw = excluded.raw, "
            "advice = excluded.advice, edited_at = excluded.edited_at",
            (draft_id, name, encode(state.value), *raw, now, draft_id),
        )


def put_base(
    conn: Connection,
    draft_id: str,
    assistant_id: str | None,
    base: Mapping[str, Json],
    saved_at: float | None,
    sending: Mapping[str, Json] | None = None,
    sent: Mapping[str, Json] = MappingProxyType({}),
) -> None:
    """What the server confirmed, and what is in doubt now (None: what was). Fields that say the same, or just what was
    `sent` (a server may have added defaults to it), need no row of their own any more; others, also those another app
    wrote meanwhile, stay."""
    conn.execute(
        "UPDATE drafts SET assistant_id = ?, base = ?, saved_at = coalesce(?, saved_at), create_tried = NULL "
        "WHERE id = ?",
        (assistant_id, encode(dict(base)), saved_at, draft_id),
    )
    if sending is not None:
        mark_sending(conn, draft_id, sending)
    for name, value in conn.execute(
        "SELECT field, value FROM draft_fields WHERE draft_id = ? AND raw IS NULL", (draft_id,)
    ).fetchall():
        found = json.loads(value)
        if same(found, base.get(name)) or (name in sent and same(found, sent[name])):
            conn.execute("DELETE FROM draft_fields WHERE draft_id = ? AND field = ?", (draft_id, name))


def load(conn: Connection, draft_id: str) -> StoredDraft | None:
    row = conn.execute(
        "SELECT server, assistant_id, base, created_at, used_at, left_at, saved_at, create_tried, sending FROM drafts "
        "WHERE id = ? AND deleted_at IS NULL",
        (draft_id,),
    ).fetchone()
    if row is None:
        return None
    server, assistant_id, base_text, created_at, used_at, left_at, saved_at, tried, sending = row
    base = json.loads(base_text)
    values, raw, restored, touched = dict(base), {}, [], False
    for name, value, text, advice, edited_at in conn.execute(
        "SELECT field, value, raw, advice, edited_at FROM draft_fields WHERE draft_id = ? ORDER BY field", (draft_id,)
    ):
        set_value(values, name, json.loads(value))
        if text is not None:
            raw[name] = RawEdit(_read_back(text), advice)
        touched = touched or edited_at > created_at
        if edited_at > max(created_at, left_at):
            restored.append(name)
    draft = Draft(draft_id, server, assistant_id, values, base, raw)
    create_tried = CreateTried(**json.loads(tried)) if tried else None
    doubtful = json.loads(sending) if sending else {}
    return StoredDraft(draft, created_at, used_at, saved_at, create_tried, doubtful, tuple(restored), touched)


def find(conn: Connection, server: str, assistant_id: str) -> str | None:
    """The draft of an assistant, if it was ever opened here."""
    row = conn.execute(
        "SELECT id FROM drafts WHERE server = ? AND assistant_id = ? AND deleted_at IS NULL", (server, assistant_id)
    ).fetchone()
    return row[0] if row else None


def last_used(conn: Connection, server: str) -> str | None:
    row = conn.execute(
        "SELECT id FROM drafts WHERE server = ? AND deleted_at IS NULL ORDER BY used_at DESC LIMIT 1", (server,)
    ).fetchone()
    return row[0] if row else None


def never_created(conn: Connection, server: str) -> list[str]:
    """Drafts of assistants that the server does not have, newest first."""
    rows = conn.execute(
        "SELECT id FROM drafts WHERE server = ? AND assistant_id IS NULL AND deleted_at IS NULL ORDER BY used_at DESC",
        (server,),
    )
    return [row[0] for row in rows]


def with_edits(conn: Connection, server: str) -> list[str]:
    """Drafts of existing assistants that have edits the server does not have."""
    rows = conn.execute(
        "SELECT id FROM drafts d WHERE server = ? AND assistant_id IS NOT NULL AND deleted_at IS NULL "
        "AND (sending IS NOT NULL OR EXISTS (SELECT 1 FROM draft_fields WHERE draft_id = d.id)) ORDER BY used_at",
        (server,),
    )
    return [row[0] for row in rows]


def used_times(conn: Connection, server: str) -> dict[str, float]:
    """Assistant id → when it was last opened here, Unix seconds."""
    rows = conn.execute(
        "SELECT assistant_id, used_at FROM drafts WHERE server = ? AND assistant_id IS NOT NULL AND deleted_at IS NULL",
        (server,),
    )
    return dict(rows.fetchall())


def known_assistants(conn: Connection) -> set[str]:
    """Assistant ids, of any server, that have a draft here."""
    return {row[0] for row in conn.execute("SELECT assistant_id FROM drafts WHERE assistant_id IS NOT NULL")}


def mark_used(conn: Connection, draft_id: str, now: float) -> None:
    conn.execute("UPDATE drafts SET used_at = ? WHERE id = ?", (now, draft_id))


def mark_left(conn: Connection, now: float) -> None:
    """The app was left in good order: what is on disk needs no announcement at the next start."""
    conn.execute("UPDATE drafts SET left_at = ?", (now,))


def mark_tried(conn: Connection, draft_id: str, tried: CreateTried | None) -> None:
    text = encode({"at": tried.at, "body": tried.body}) if tried else None
    conn.execute("UPDATE drafts SET create_tried = ? WHERE id = ?", (text, draft_id))


def mark_sending(conn: Connection, draft_id: str, sending: Mapping[str, Json]) -> None:
    text = encode(dict(sending)) if sending else None
    conn.execute("UPDATE drafts SET sending = ? WHERE id = ?", (text, draft_id))


def mark_deleted(conn: Connection, draft_id: str, now: float | None) -> None:
    """None: not deleted after all. The assistant's id is given up, so that a new draft may have it."""
    conn.execute("UPDATE drafts SET deleted_at = ?, assistant_id = NULL WHERE id = ?", (now, draft_id))


def drop(conn: Connection, draft_id: str) -> None:
    conn.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))


def set_value(values: dict[str, Json], name: str, value: Json) -> None:
    """A field that is not set is absent."""
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def _kept(draft: Draft) -> list[str]:
    return sorted({*draft.changed, *draft.raw})


def _storable(text: str) -> str | bytes:
    """Half a character is no UTF-8: such a text is kept as bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def _read_back(kept: str | bytes) -> str:
    return kept if isinstance(kept, str) else kept.decode("utf-8", "surrogatepass")
