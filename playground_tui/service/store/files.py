"""Uploaded files as rows. Their contents lie in a folder; see `service.files.folder`."""

from __future__ import annotations

from collections.abc import Iterable

from playground_tui.service.errors import not_found
from playground_tui.service.store import objects
from playground_tui.service.store.database import Connection
from playground_tui.service.store.objects import Object
from playground_tui.service.store.tables import FILES


def require(conn: Connection, file_id: str, now: int, *, param: str | None = None) -> Object:
    """Raises the API's 404, for an expired file too."""
    file = objects.get(conn, FILES, file_id)
    if file is None or now >= file.get("expires_at", now + 1):
        raise not_found(FILES.noun, file_id, param=param)
    return file


def known(conn: Connection, file_ids: Iterable[str], now: int) -> set[str]:
    """Those of the files that the service has."""
    sql = "SELECT 1 FROM files WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)"
    return {file_id for file_id in file_ids if conn.execute(sql, (file_id, now)).fetchone()}


def expired(conn: Connection, now: int) -> list[str]:
    return [file_id for (file_id,) in conn.execute("SELECT id FROM files WHERE expires_at <= ?", (now,))]


def delete(conn: Connection, file_id: str) -> bool:
    """With its place in every vector store."""
    conn.execute("DELETE FROM vector_store_files WHERE id = ?", (file_id,))
    return objects.delete(conn, FILES, file_id)


def missing(conn: Connection, file_ids: Iterable[str]) -> list[str]:
    """Those that no row names."""
    sql = "SELECT 1 FROM files WHERE id = ?"
    return [file_id for file_id in file_ids if conn.execute(sql, (file_id,)).fetchone() is None]


# -- copies that model endpoints have ----------------------------------------------------------------------------------


def lent(conn: Connection, file_id: str, endpoint: str, now: int) -> str | None:
    """The file's id at the endpoint, if it has a copy that is not about to expire."""
    sql = "SELECT remote_id FROM lent_files WHERE file_id = ? AND endpoint = ? AND expires_at > ?"
    row = conn.execute(sql, (file_id, endpoint, now)).fetchone()
    return None if row is None else str(row[0])


def lend(conn: Connection, file_id: str, endpoint: str, remote_id: str, expires_at: int) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO lent_files (file_id, endpoint, remote_id, expires_at) "
        "SELECT id, ?, ?, ? FROM files WHERE id = ?",
        (endpoint, remote_id, expires_at, file_id),
    )
