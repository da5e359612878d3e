"""What the screens know of files and vector stores. Frozen; times are Unix seconds, sizes bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import as_dict, as_text, count_in, unix
from playground_tui.workspace.failures import Failure

Phase = Literal["waiting", "uploading", "adding", "done", "failed", "cancelled"]
UNDER_WAY: Final = ("waiting", "uploading", "adding")
MOST_NAMES: Final = 3
"""Names that a line lists before it counts the others."""


@dataclass(frozen=True, slots=True)
class FileRow:
    id: str
    name: str
    size: int = 0
    purpose: str = ""
    created_at: int = 0
    expires_at: int = 0
    """0: never."""
    problem: str = ""
    """What the server says is wrong with it."""

    @property
    def shown_name(self) -> str:
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class FileListing:
    rows: tuple[FileRow, ...] = ()
    failure: Failure | None = None
    loaded: bool = False
    used_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """File id → what has it, in words: `store Handbook`, `code interpreter of Support bot`."""


@dataclass(frozen=True, slots=True)
class StoreRow:
    id: str
    name: str
    status: str = ""
    """`in_progress`, `completed`, `expired`."""
    total: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    indexing: int = 0
    usage: int = 0
    created_at: int = 0
    used_at: int = 0
    days: int = 0
    """Days after its last use at which it expires; 0: never."""
    expires_at: int = 0

    @property
    def shown_name(self) -> str:
        return self.name or self.id

    @property
    def moving(self) -> bool:
        """Its counts are about to change."""
        return self.indexing > 0 or self.status == "in_progress"


@dataclass(frozen=True, slots=True)
class StoreListing:
    rows: tuple[StoreRow, ...] = ()
    failure: Failure | None = None
    loaded: bool = False
    used_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Store id → what has it, in words."""

    def name_of(self, row: StoreRow) -> str:
        """A store that was made for a thread's attachments has no name of its own."""
        return row.name or in_words(self.used_by.get(row.id, ())) or row.id

    def get(self, store_id: str) -> StoreRow | None:
        return next((row for row in self.rows if row.id == store_id), None)


@dataclass(frozen=True, slots=True)
class StoreFile:
    """A file as a vector store has it."""

    id: str
    name: str
    status: str = ""
    why: str = ""
    """Why it could not be indexed: one sentence."""
    size: int = 0
    """Bytes of the index."""


@dataclass(frozen=True, slots=True)
class StoreFiles:
    """What is in one vector store, as far as it is known."""

    store_id: str
    rows: tuple[StoreFile, ...] = ()
    failure: Failure | None = None
    loaded: bool = False
    has_more: bool = False
    """Not all of them were read."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file of this machine on its way to the server."""

    id: int
    name: str
    path: str
    size: int = 0
    sent: int = 0
    phase: Phase = "waiting"
    why: str = ""
    """What went wrong: one sentence."""
    file_id: str = ""
    store_id: str = ""
    """The vector store it goes into; empty: none."""

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(self.sent / self.size, 1.0) if self.size else float(self.phase == "done")


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a file that answers a question."""

    file_id: str
    name: str
    text: str
    score: float = 0.0
    """0 to 1."""
    page: int | None = None
    """The page on which the question is answered; the first one where `pages` is empty."""
    store_id: str = ""
    pages: tuple[tuple[int, int], ...] = ()
    """(where in `text` it begins, page); empty: not told."""

    def page_at(self, place: int) -> int | None:
        return next((page for start, page in reversed(self.pages) if start <= place), self.page)


def file_row(raw: Mapping[str, Any]) -> FileRow:
    problem = as_text(raw.get("status_details")) if raw.get("status") == "error" else ""
    return FileRow(
        as_text(raw.get("id")),
        as_text(raw.get("filename")),
        count_in(raw.get("bytes")),
        as_text(raw.get("purpose")),
        unix(raw.get("created_at")),
        unix(raw.get("expires_at")),
        problem,
    )


def store_row(raw: Mapping[str, Any]) -> StoreRow:
    counts = as_dict(raw.get("file_counts"))
    return StoreRow(
        as_text(raw.get("id")),
        as_text(raw.get("name")),
        as_text(raw.get("status")),
        total=count_in(counts.get("total")),
        completed=count_in(counts.get("completed")),
        failed=count_in(counts.get("failed")),
        cancelled=count_in(counts.get("cancelled")),
        indexing=count_in(counts.get("in_progress")),
        usage=count_in(raw.get("usage_bytes")),
        created_at=unix(raw.get("created_at")),
        used_at=unix(raw.get("last_active_at")),
        days=count_in(as_dict(raw.get("expires_after")).get("days")),
        expires_at=unix(raw.get("expires_at")),
    )


def store_file(raw: Mapping[str, Any], names: Mapping[str, str]) -> StoreFile:
    file_id = as_text(raw.get("id")) or as_text(raw.get("file_id"))
    why = as_text(as_dict(raw.get("last_error")).get("message"))
    name = names.get(file_id) or as_text(raw.get("filename")) or file_id
    return StoreFile(file_id, name, as_text(raw.get("status")), why, count_in(raw.get("usage_bytes")))


def in_words(names: tuple[str, ...]) -> str:
    """A short list; empty for none."""
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
