"""As much of a thread as can be sent: read newest first, so that a run costs the same in an old thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from playground_tui.service.runs.conversation import Block, Senses, blocks
from playground_tui.service.runs.truncation import is_enough
from playground_tui.service.store import Connection, chunks
from playground_tui.service.store import runs as store

PAGE: Final = 32
"""Messages read first; each further page is as long as all before it."""


def read_blocks(
    conn: Connection, thread_id: str, run_id: str, senses: Senses, room: int, last: int | None
) -> list[Block]:
    """The end of the conversation, at least as long as `room` tokens or `last` messages, and its first message."""
    senses = replace(senses, file_name=lambda file_id: chunks.names(conn, {file_id}).get(file_id))
    size = PAGE if last is None else max(PAGE, last)
    page = store.newest_messages(conn, thread_id, size)
    while True:
        whole = len(page) < size
        silent = store.silent_runs(conn, thread_id, 0 if whole else page[0][0])
        found = _blocks(conn, run_id, senses, page, silent)
        if whole or is_enough(found, room, last):
            break
        size *= 2
        page = store.newest_messages(conn, thread_id, size)
    first = None if whole or last is not None else store.first_message(conn, thread_id)
    if first is None or first[0] == page[0][0]:
        return found
    opening = [block for block in _blocks(conn, run_id, senses, [first], []) if not block.own]
    return opening[:1] + found


def _blocks(
    conn: Connection, run_id: str, senses: Senses, page: list[store.Located], silent: list[tuple[str, int]]
) -> list[Block]:
    named = dict.fromkeys(message["run_id"] for _, message in page if message["run_id"])
    steps = store.steps_of(conn, [*named, *(run for run, _ in silent), run_id])
    return blocks(page, steps, silent, run_id, senses)
