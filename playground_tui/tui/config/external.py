"""A text in the person's own editor ($VISUAL, else $EDITOR) and back."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

Runner = Callable[[Sequence[str]], int]
"""Runs a command on this terminal until it ends; gives its exit status. Raises OSError when it cannot start."""


class EditorFailed(Exception):
    """Says in one sentence why there is no new text."""


def run_here(command: Sequence[str]) -> int:
    return subprocess.run(list(command), check=False).returncode


def editor_command() -> list[str]:
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        command = shlex.split(chosen)
    except ValueError:
        command = []
    if not command:
        raise EditorFailed("No editor is set: name one in the environment as EDITOR, then start again.")
    return command


def edit_outside(text: str, run: Runner = run_here) -> str:
    """`text` as the editor left it, without the newline that many editors add at the end. The file is readable by its
    owner only and is removed whatever happens; an exit status other than 0 leaves the text as it was."""
    command = editor_command()
    handle, name = tempfile.mkstemp(prefix="instructions-", suffix=".md")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogatepass"))
        return _edited(text, path, command, run)
    finally:
        path.unlink(missing_ok=True)


def _edited(text: str, path: Path, command: list[str], run: Runner) -> str:
    try:
        status = run([*command, str(path)])
    except OSError as error:
        raise EditorFailed(f"{command[0]} did not start: {error.strerror or error}.") from error
    if status != 0:
        raise EditorFailed(f"{command[0]} ended with status {status}; the instructions are as they were.")
    try:
        edited = path.read_bytes().decode("utf-8", "surrogatepass")
    except (OSError, UnicodeDecodeError) as error:
        raise EditorFailed("The edited file could not be read; the instructions are as they were.") from error
    return edited.removesuffix("\n") if edited.endswith("\n") and not text.endswith("\n") else edited
