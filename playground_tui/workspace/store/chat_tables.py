"""The chat side's part of the store: threads, their messages and search, unsent text and queues."""

from __future__ import annotations

from playground_tui.workspace.store.tables import Migration

CHAT: tuple[Migration, ...] = ()
