"""Threads to files: Markdown with front matter, JSON, or lines of a JSONL data set."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playground_tui.tui.exchange.actions import suggested_file
from playground_tui.workspace.exchange.thread_document import THREAD_SUFFIXES
from playground_tui.workspace.failures import Failure, FailureError

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen

FORMATS: Final = {suffix: form for form, suffix in THREAD_SUFFIXES.items()}


def export_threads(owner: WorkspaceScreen, thread_ids: Sequence[str], title: str) -> None:
    """Ask for the file; its suffix decides the format. Several threads go into one JSONL file, or into files beside
    each other, numbered. A file that is there is asked about."""
    from playground_tui.tui.screens.ask import Ask, AskText

    def named(text: str | None) -> None:
        if not text:
            return
        path = Path(text).expanduser()
        if path.suffix not in FORMATS:
            path = path.with_name(f"{path.name}.md")
        there = [file for file in _files(path, len(thread_ids)) if file.exists()]
        if not there:
            owner.start(_export(owner, thread_ids, path), "export")
            return

        def answered(answer: str | None) -> None:
            if answer == "write":
                owner.start(_export(owner, thread_ids, path), "export")

        buttons = (("write", "Write over it"), ("keep", "Keep it"))
        owner.app.push_screen(Ask("Export", f"{there[0].name} is there already.", buttons), answered)

    many = len(thread_ids) > 1
    suggested = "threads.jsonl" if many else suggested_file(title)
    owner.app.push_screen(AskText("Export to .md, .json or .jsonl", suggested, take="Export"), named)


def _files(path: Path, count: int) -> list[Path]:
    if count == 1 or path.suffix == ".jsonl":
        return [path]
    return [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, count + 1)]


async def _export(owner: WorkspaceScreen, thread_ids: Sequence[str], path: Path) -> None:
    form = FORMATS[path.suffix]
    values = owner.workspace.editor.draft.value.values
    instructions = str(values.get("instructions") or "") if form == "jsonl" else ""
    archive = owner.workspace.threads.archive
    found = [await archive.export(thread_id, form, instructions=instructions) for thread_id in thread_ids]
    files = _files(path, len(found))
    texts = [item.text for item in found]
    if len(files) == 1:
        texts = ["".join(text if text.endswith("\n") else f"{text}\n" for text in texts)]
    for file, text in zip(files, texts, strict=True):
        await _write(file, text)
    local = " From what was kept here: the server was not reached." if any(x.source == "local" for x in found) else ""
    owner.tell(f"Exported to {files[0]}{' and others' if len(files) > 1 else ''}.{local}")


async def _write(path: Path, text: str) -> None:
    from playground_tui.settings.file import write_atomically

    try:
        await asyncio.to_thread(write_atomically, path, text, 0o644)
    except OSError as error:
        what = f"{path} could not be written: {error.strerror or type(error).__name__}."
        raise FailureError(Failure("storage", what)) from error
