"""What people are left with, read back in: assistants from the API, thread dumps, prompt objects, this program's own
files. Contract: reading never raises for what a file holds; every file ends up taken or refused, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.exchange.document import DocumentError, form_of, from_text, read_json
from playground_tui.workspace.exchange.from_assistant import assistant_fields
from playground_tui.workspace.exchange.from_prompt import is_prompt, prompt_fields
from playground_tui.workspace.exchange.from_thread import messages_of, thread_title

FENCES = ("---\n", "---\r\n")
"""How front matter begins."""
NO_FRONT_MATTER = "There is no front matter: the whole text was taken as the instructions."
MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """One assistant or thread that can be created."""

    kind: Literal["assistant", "thread"]
    source: str
    """The file's name, with `#n` where it holds several."""
    name: str
    fields: Mapping[str, Any]
    """An assistant's fields, within the limits; or a thread's `messages` and `metadata`, ready to be created."""
    changed: tuple[str, ...] = ()
    not_taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Intake:
    taken: tuple[Taken, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass
class _Found:
    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read_paths(paths: Iterable[Path]) -> Intake:
    """Read files, and folders with everything below them that looks like ours. Blocks on the disk."""
    found = _Found()
    for path in _files(paths):
        _read_file(path, found)
    return Intake(tuple(found.taken), tuple(found.refused))


def read_text(text: str, source: str) -> Intake:
    """Read one file's text; `source` ends as the file's name does."""
    found = _Found()
    _read_text(text, source, found)
    return Intake(tuple(found.taken), tuple(found.refused))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            below = (p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in (".md", ".json", ".jsonl"))
            yield from sorted(p for p in below if not any(part.startswith(".") for part in p.relative_to(path).parts))
        else:
            yield path


def _read_file(path: Path, found: _Found) -> None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            found.refused.append(Refused(path.name, f"It is larger than {MAX_FILE_BYTES // 1024**2} MB."))
            return
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        found.refused.append(Refused(path.name, "It is not UTF-8 text."))
    except OSError as error:
        found.refused.append(Refused(path.name, f"It could not be read: {error.strerror or type(error).__name__}."))
    else:
        _read_text(text, path.name, found)


def _read_text(text: str, source: str, found: _Found) -> None:
    before = len(found.taken) + len(found.refused)
    _read_any(text, source, found)
    if len(found.taken) + len(found.refused) == before:
        found.refused.append(Refused(source, "It is empty."))


def _read_any(text: str, source: str, found: _Found) -> None:
    if source.lower().endswith(".jsonl"):
        _read_lines(text, source, found)
        return
    try:
        if form_of(source) == "markdown":
            bare = () if text.startswith(FENCES) else (NO_FRONT_MATTER,)
            _take_assistant(from_text(text, "markdown"), source, found, bare)
        else:
            _read_data(read_json(text), source, found)
    except DocumentError as error:
        found.refused.append(Refused(source, str(error)))


def _read_lines(text: str, source: str, found: _Found) -> None:
    """JSONL: a line is an object of its own, or all lines together are one thread's messages."""
    rows: list[tuple[int, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append((number, read_json(line)))
        except DocumentError as error:
            found.refused.append(Refused(f"{source}, line {number}", str(error)))
    if rows and all(isinstance(row, dict) and "role" in row and "content" in row for _, row in rows):
        _read_data([row for _, row in rows], source, found)
        return
    for number, row in rows:
        _read_data(row, f"{source}#{number}", found)


def _read_data(data: Any, source: str, found: _Found) -> None:
    if isinstance(data, dict) and data.get("object") == "list" and isinstance(data.get("data"), list):
        data = data["data"]
    if (messages := messages_of(data)) is not None:
        _take_thread(data, messages, source, found)
    elif isinstance(data, list):
        for number, item in enumerate(data, 1):
            _read_data(item, source if len(data) == 1 else f"{source}#{number}", found)
    elif isinstance(data, dict) and isinstance(data.get("assistants"), list):
        _read_data(data["assistants"], source, found)
    elif isinstance(data, dict) and is_prompt(data):
        _take_prompt(data, source, found)
    elif isinstance(data, dict) and ("model" in data or "instructions" in data or data.get("object") == "assistant"):
        _take_assistant(data, source, found)
    else:
        found.refused.append(Refused(source, "It holds no assistant, thread or prompt object that is known here."))


def _take_assistant(data: Mapping[str, Any], source: str, found: _Found, notes: tuple[str, ...] = ()) -> None:
    fields, changed, not_taken = assistant_fields(data)
    if not fields:
        found.refused.append(Refused(source, "It holds no field of an assistant."))
        return
    name = str(fields.get("name") or Path(source).stem)
    found.taken.append(Taken("assistant", source, name, fields, (*notes, *changed), tuple(not_taken)))


def _take_prompt(data: Mapping[str, Any], source: str, found: _Found) -> None:
    raw, notes = prompt_fields(data)
    if not raw.get("instructions"):
        why = "It only names a prompt object; its text is on the server and was not exported with it."
        found.refused.append(Refused(source, why))
        return
    fields, changed, not_taken = assistant_fields(raw)
    name = str(fields.get("name") or Path(source).stem)
    found.taken.append(Taken("assistant", source, name, fields, (*notes, *changed), tuple(not_taken)))


def _take_thread(data: Any, messages: list[Any], source: str, found: _Found) -> None:
    from playground_tui.workspace.exchange.from_thread import clean_messages

    clean, not_taken = clean_messages(messages)
    if not clean:
        found.refused.append(Refused(source, "The thread holds no message that can be taken."))
        return
    title, metadata = thread_title(data, clean)
    found.taken.append(
        Taken("thread", source, title, {"messages": clean, "metadata": metadata}, not_taken=tuple(not_taken))
    )
