"""The object tables: which keys of an object are columns as well, for looking up and ordering."""

from __future__ import annotations

from typing import Final

from playground_tui.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    noun: str
    """As error messages say it."""
    columns: tuple[str, ...] = ()
    """Keys of the object kept as columns beside id, created_at and body."""
    order: tuple[str, ...] = ("seq",)
    """Lists are in the order in which objects were stored, which is that of `created_at` as long as the clock never
    goes back; a conversation must not be shuffled when it does."""
    metadata_apart: bool = False
    """True: `objects.update` leaves the stored metadata alone, only `objects.set_metadata` changes it. So a client's
    change is not lost to whoever holds the object meanwhile (a run and its messages)."""


ASSISTANTS: Final = Table("assistants", "assistant")
THREADS: Final = Table("threads", "thread")
MESSAGES: Final = Table("messages", "message", ("thread_id", "run_id", "status"), metadata_apart=True)
RUNS: Final = Table("runs", "run", ("thread_id", "assistant_id", "status"), metadata_apart=True)
STEPS: Final = Table("steps", "run step", ("thread_id", "run_id", "status"))
FILES: Final = Table("files", "file", ("purpose", "expires_at"))
VECTOR_STORES: Final = Table("vector_stores", "vector store", ("expires_at",))
BATCHES: Final = Table("file_batches", "file batch", ("vector_store_id",))
STORE_FILES: Final = Table("vector_store_files", "vector store file", order=("created_at", "seq"))
"""Its `id` is a file's, unique only within a vector store: `store.store_files` writes it. One that is added again
counts as new."""

ACTIVE: Final = ("queued", "in_progress", "requires_action", "cancelling")
"""Run statuses that hold the thread's lock (wire.md §4)."""
