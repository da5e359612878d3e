"""Store and find API objects. All functions run inside `Database.write` or `Database.read`."""

from __future__ import annotations

import json
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.service.errors import not_found
from playground_tui.service.store.database import Connection
from playground_tui.service.store.tables import Table

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageQuery:
    """A list request. Cursors are object ids; with `before` alone, the page that ends just before it."""

    limit: int = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[tuple[str, str]]
    """(id, the object as JSON text), in the order asked for."""
    has_more: bool

    def objects(self) -> list[Object]:
        return [json.loads(body) for _, body in self.rows]


def dump(value: Object) -> str:
    """JSON as it is stored and sent: compact, UTF-8, and always encodable."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, as some models write
        return json.dumps(value, separators=(",", ":"))
    return text


def text(conn: Connection, table: Table, object_id: str, **where: str) -> str | None:
    """The object as JSON text. `where` are columns that must fit: `thread_id=…`."""
    clause, values = _where(where)
    row = conn.execute(f"SELECT body FROM {table.name} WHERE id = ?{clause}", (object_id, *values)).fetchone()
    return None if row is None else row[0]


def get(conn: Connection, table: Table, object_id: str, **where: str) -> Object | None:
    body = text(conn, table, object_id, **where)
    return None if body is None else json.loads(body)


def require(conn: Connection, table: Table, object_id: str, **where: str) -> Object:
    """Raises the API's 404."""
    found = get(conn, table, object_id, **where)
    if found is None:
        raise not_found(table.noun, object_id)
    return found


def require_text(conn: Connection, table: Table, object_id: str, **where: str) -> str:
    """Raises the API's 404."""
    found = text(conn, table, object_id, **where)
    if found is None:
        raise not_found(table.noun, object_id)
    return found


def insert(conn: Connection, table: Table, value: Object, *, extra: Object | None = None) -> None:
    """Store an object; one with this id is updated in place, so that what belongs to it stays. `extra` (not for
    assistants and threads) is kept beside it and never sent."""
    columns = ("id", "created_at", *table.columns)
    values = [value.get(column) for column in columns]
    columns, values = (*columns, "body"), [*values, dump(value)]
    if extra is not None:
        columns, values = (*columns, "extra"), [*values, dump(extra)]
    changes = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in ("id", "created_at"))
    marks = ", ".join("?" * len(columns))
    conn.execute(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {changes}",
        values,
    )


def update(conn: Connection, table: Table, value: Object, *, extra: Object | None = None) -> bool:
    """Replace a stored object. False when it is gone: a deleted object does not come back."""
    changes = "".join(f", {column} = ?" for column in table.columns)
    values = [dump(value), *(value.get(column) for column in table.columns)]
    if extra is not None:
        changes, values = changes + ", extra = ?", [*values, dump(extra)]
    body = "json_set(?, '$.metadata', json_extract(body, '$.metadata'))" if table.metadata_apart else "?"
    done = conn.execute(f"UPDATE {table.name} SET body = {body}{changes} WHERE id = ?", (*values, value["id"]))
    return done.rowcount > 0


def set_metadata(conn: Connection, table: Table, object_id: str, metadata: Object | None, **where: str) -> str:
    """Replace the metadata (None: no pairs) and return the object as JSON text. Raises the API's 404."""
    clause, values = _where(where)
    sql = f"UPDATE {table.name} SET body = json_set(body, '$.metadata', json(?)) WHERE id = ?{clause}"
    conn.execute(sql, (dump(metadata or {}), object_id, *values))
    return require_text(conn, table, object_id, **where)


def extra(conn: Connection, table: Table, object_id: str) -> Object | None:
    """What `insert` and `update` were given to keep beside the object."""
    row = conn.execute(f"SELECT extra FROM {table.name} WHERE id = ?", (object_id,)).fetchone()
    return None if row is None or row[0] is None else json.loads(row[0])


def delete(conn: Connection, table: Table, object_id: str, **where: str) -> bool:
    """Delete an object and what belongs to it (a thread's messages, runs, steps and events)."""
    clause, values = _where(where)
    return conn.execute(f"DELETE FROM {table.name} WHERE id = ?{clause}", (object_id, *values)).rowcount > 0


def page(conn: Connection, table: Table, query: PageQuery, **where: str) -> Page:
    """One page in the table's order. Raises the API's 404 for a cursor that is not in the list."""
    backwards = query.before is not None and query.after is None
    descending = (query.order == "desc") != backwards
    clause, values = _where(where)
    order = ", ".join(table.order)
    for param, cursor in (("after", query.after), ("before", query.before)):
        if cursor is not None:
            less = (param == "after") == (query.order == "desc")
            clause += f" AND ({order}) {'<' if less else '>'} ({', '.join('?' * len(table.order))})"
            values += _place(conn, table, cursor, where, param)
    direction = ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column in table.order)
    rows = conn.execute(
        f"SELECT id, body FROM {table.name} WHERE 1{clause} ORDER BY {direction} LIMIT ?",
        (*values, query.limit + 1),
    ).fetchall()
    has_more = len(rows) > query.limit
    rows = rows[: query.limit]
    return Page(rows[::-1] if backwards else rows, has_more)


def _place(conn: Connection, table: Table, object_id: str, where: dict[str, str], param: str) -> list[Any]:
    clause, values = _where(where)
    sql = f"SELECT {', '.join(table.order)} FROM {table.name} WHERE id = ?{clause}"
    row = conn.execute(sql, (object_id, *values)).fetchone()
    if row is None:
        raise not_found(table.noun, object_id, param=param)
    return list(row)


def _where(where: dict[str, str]) -> tuple[str, list[Any]]:
    return "".join(f" AND {column} = ?" for column in where), list(where.values())
