"""TinyDB's storage for the cache: a JSON file that is replaced whole and never torn.

Writing: a temporary file in the same folder, flush, fsync, rename. Each document is encoded by itself and its bytes
are kept until it is replaced by another object, so a write costs the changed documents' encoding and the copying of
bytes, in steps short enough that a thread doing this never holds the interpreter for long. Reading: one line a
document, parsed line by line for the same reason; the file as a whole is plain JSON, as TinyDB writes it.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import strftime
from typing import Any, Final, cast

from tinydb import Storage, TinyDB
from tinydb.table import Table

log = logging.getLogger("playground_tui.workspace.cache")

TABLE: Final = "assistants"
_HEAD: Final = b'{"' + TABLE.encode() + b'": {'
_TAIL: Final = b"\n}}\n"
_AT_ONCE: Final = 64
"""Documents per write call."""

Stamp = tuple[int, int, int]
Docs = dict[str, dict[str, Any]]


class DocumentTable(Table):
    """A table whose documents' ids are the assistants' own."""

    document_id_class = str  # type: ignore[assignment]

    def documents(self) -> Docs:
        """All of them, as they are held: not to be changed."""
        return cast(Docs, self._read_table())

    def change(self, update: Callable[[Docs], None]) -> None:
        """One read, change and write. `update` puts new objects in place, never changes one that is there: the
        storage knows by identity what it has encoded already."""
        self._update_table(cast(Any, update))


class AssistantFile(TinyDB):
    table_class = DocumentTable

    def __init__(self, path: Path) -> None:
        super().__init__(path, storage=AtomicFile)

    @property
    def assistants(self) -> DocumentTable:
        return cast(DocumentTable, self.table(TABLE))

    @property
    def file(self) -> AtomicFile:
        return cast(AtomicFile, self.storage)


class AtomicFile(Storage):
    """Not thread-safe: one thread at a time, and one process at a time (`AssistantCache` holds a lock).
    A file that cannot be read is put aside (`….damaged-TIME`) and counts as empty; `damaged` then names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged: Path | None = None
        self.encodings = 0
        """Documents encoded so far, for tests of what a save costs."""
        self._docs: Docs | None = None
        self._stamp: Stamp | None = None
        self._encoded: dict[str, tuple[dict[str, Any], bytes]] = {}
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def read(self) -> dict[str, Docs] | None:
        """The documents as they are on disk. Parsed again only when another process replaced the file."""
        stamp = self._now_on_disk()
        if stamp is None:
            self._docs, self._stamp = None, None
            return None
        if self._docs is None or stamp != self._stamp:
            self._docs = self._parse()
            self._stamp = stamp if self._docs is not None else None
        return None if self._docs is None else {TABLE: self._docs}

    def write(self, data: dict[str, Docs]) -> None:
        """Raises OSError; the file is then as it was."""
        docs = data.get(TABLE, {})
        self._replace_file(docs)
        self._docs, self._stamp = docs, self._now_on_disk()

    def close(self) -> None:
        self._docs, self._stamp, self._encoded = None, None, {}

    def is_current(self) -> bool:
        """Whether nobody else replaced the file since it was read or written here."""
        return self._now_on_disk() == self._stamp

    def sweep(self) -> None:
        """Remove temporary files that a killed process left. Only while the lock is held."""
        for left in self.path.parent.glob(f".{self.path.name}.*.tmp"):
            with suppress(OSError):
                left.unlink()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _now_on_disk(self) -> Stamp | None:
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def _parse(self) -> Docs | None:
        try:
            return dict(_documents(self.path))
        except (ValueError, TypeError, KeyError):
            self.damaged = self.path.with_name(f"{self.path.name}.damaged-{strftime('%Y%m%d-%H%M%S')}")
            log.warning("the cache %s could not be read; it is kept as %s", self.path.name, self.damaged.name)
            with suppress(OSError):
                os.replace(self.path, self.damaged)
            return None

    def _replace_file(self, docs: Docs) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in self._pieces(docs):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(self.path.parent)

    def _pieces(self, docs: Docs) -> Iterator[bytes]:
        self._encoded = {doc_id: self._encode(doc_id, doc) for doc_id, doc in docs.items()}
        lines = [line for _, line in self._encoded.values()]
        yield _HEAD
        for start in range(0, len(lines), _AT_ONCE):
            yield (b"\n" if start == 0 else b",\n") + b",\n".join(lines[start : start + _AT_ONCE])
        yield _TAIL

    def _encode(self, doc_id: str, doc: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        known = self._encoded.get(doc_id)
        if known is not None and known[0] is doc:
            return known
        self.encodings += 1
        text = json.dumps(doc, ensure_ascii=False, separators=(",", ":"))
        return doc, f"{json.dumps(doc_id)}:{text}".encode()


def check(path: Path) -> int:
    """How many documents the file holds. Raises ValueError or OSError for one that cannot be read."""
    return sum(1 for _ in _documents(path))


def _documents(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Raises ValueError for anything but the form this storage writes, truncation included."""
    with path.open("rb") as file:
        if file.readline().rstrip(b"\n") != _HEAD:
            raise ValueError("not this storage's file")
        for line in file:
            line = line.rstrip(b"\n")
            if line == _TAIL.strip():
                if file.read(1):
                    raise ValueError("something follows the end")
                return
            ((doc_id, doc),) = json.loads(b"{" + line.removesuffix(b",") + b"}").items()
            if not isinstance(doc, dict):
                raise ValueError("not a document")
            yield doc_id, doc
    raise ValueError("the end is missing")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
