"""The workspace's SQLite file: drafts, versions, thread records, search, unsent text. The only place of the workspace
that knows SQL; each module has the statements of one subject."""

from playground_tui.workspace.store.database import Connection, Database
from playground_tui.workspace.store.migrations import NewerStoreError
from playground_tui.workspace.store.writer import RefusedError, StoreError

__all__ = ["Connection", "Database", "NewerStoreError", "RefusedError", "StoreError"]
