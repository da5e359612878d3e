"""Threads found by what is said in them, with the places of the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.store import Connection
from playground_tui.workspace.store import messages as table
from playground_tui.workspace.values import ThreadRow

MESSAGES: Final = 600
"""Read at most, newest first; older threads are found without a snippet."""
PER_THREAD: Final = 3
AROUND: Final = 60
"""Characters shown before the first word that was found."""
LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Snippet:
    message_id: str
    text: str
    """One line."""
    marks: tuple[tuple[int, int], ...]
    """Start and end of each word that was found, in `text`."""


@dataclass(frozen=True, slots=True)
class ThreadHit:
    row: ThreadRow
    snippets: tuple[Snippet, ...] = ()


def find_snippets(conn: Connection, server: str, text: str) -> dict[str, list[Snippet]]:
    """By thread, for every thread with a message that holds every word of `text`."""
    pattern = _pattern(text)
    found: dict[str, list[Snippet]] = {thread_id: [] for thread_id in table.search_threads(conn, server, text)}
    if pattern is not None:
        for thread_id, message_id, whole in table.find_messages(conn, server, text, PER_THREAD, MESSAGES):
            found.setdefault(thread_id, []).append(_snippet(message_id, whole, pattern))
    return found


def hits(rows: Sequence[ThreadRow], text: str, snippets: dict[str, list[Snippet]]) -> tuple[ThreadHit, ...]:
    """Threads whose title or messages hold every word, titles first, each group in the order of `rows`."""
    pattern = _pattern(text)
    if pattern is None:
        return tuple(ThreadHit(row) for row in rows)
    words = [word.casefold() for word in text.split()]
    titled = [row for row in rows if all(word in row.title.casefold() for word in words)]
    ids = {row.id for row in titled}
    said = [row for row in rows if row.id in snippets and row.id not in ids]
    return tuple(ThreadHit(row, tuple(snippets.get(row.id, ()))) for row in (*titled, *said))


def _pattern(text: str) -> re.Pattern[str] | None:
    words = sorted(set(text.split()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None


def _snippet(message_id: str, whole: str, pattern: re.Pattern[str]) -> Snippet:
    first = pattern.search(whole)
    start = max(0, (first.start() if first is not None else 0) - AROUND)
    cut = " ".join(whole[start : start + LENGTH].split())
    text = ("…" if start else "") + cut + ("…" if start + LENGTH < len(whole) else "")
    return Snippet(message_id, text, _marks(text, pattern))


def _marks(text: str, pattern: re.Pattern[str]) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in pattern.finditer(text))
