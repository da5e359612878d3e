"""`$EDITOR` for real: the program in a pseudo-terminal hands it over and takes it back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground_tui.settings.paths import find_paths
from playground_tui.workspace.store import Database
from playground_tui.workspace.store import drafts as table
from tests.tui.test_process import LOADED, ROOT, UNWANTED, Program

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]
SHIFT_F4 = "\x1b[1;2S"
EDITOR = """#!/bin/sh
cp "$1" "{kept}"
ls -l "$1" > "{listing}"
printf '%s' "$1" > "{path}"
printf 'from outside' > "$1"
printf 'EDITOR IS UP\\n'
read -r answer
exit {status}
"""


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    made: list[Program] = []
    yield made
    for program in made:
        if program.code is None:
            os.kill(program.pid, 9)
            program.wait_end()


class Outside:
    def __init__(self, folder: Path, status: int) -> None:
        self.kept, self.listing, self.path = folder / "kept", folder / "listing", folder / "path"
        self.script = folder / "editor"
        text = EDITOR.format(kept=self.kept, listing=self.listing, path=self.path, status=status)
        self.script.write_text(text)
        self.script.chmod(0o755)


def start(tmp_path: Path, outside: Outside) -> Program:
    environ = {k: v for k, v in os.environ.items() if not k.startswith((*UNWANTED, "VISUAL"))}
    environ |= {"PLAYGROUND_TUI_HOME": str(tmp_path / "home"), "TERM": "xterm-256color", "EDITOR": str(outside.script)}
    return Program([sys.executable, "-m", "playground_tui"], environ, folder=str(ROOT))


def instructions_on_disk(tmp_path: Path) -> str:
    db = Database(find_paths(tmp_path / "home").workspace_db)
    try:
        draft_id = db.read_now(lambda conn: table.last_used(conn, "local"))
        stored = db.read_now(lambda conn: table.load(conn, draft_id or ""))
        assert stored is not None
        return str(stored.draft.values["instructions"])
    finally:
        db.close()


@pytest.mark.parametrize("status", [0, pytest.param(3, marks=pytest.mark.slow)])
def test_the_terminal_goes_to_the_editor_and_comes_back(tmp_path: Path, programs: list[Program], status: int) -> None:
    outside = Outside(tmp_path, status)
    program = start(tmp_path, outside)
    programs.append(program)
    program.until(LOADED)
    program.write("\x1b[17~")  # f6: the configuration, at its instructions
    program.write("typed before ")
    program.until("typed before")
    program.write(SHIFT_F4)
    program.until("EDITOR IS UP")
    before = instructions_on_disk(tmp_path)
    assert "typed before" in before, "what was typed is on disk before the editor has the terminal"
    assert outside.kept.read_text() == before, "no newline is added"
    assert outside.listing.read_text().startswith("-rw-------")
    program.raw = b""
    program.write("done\n")
    program.until("Instructions" if status == 0 else f"ended with status {status}")
    program.write("\x11")
    assert program.wait_end() == 0
    assert instructions_on_disk(tmp_path) == ("from outside" if status == 0 else before)
    assert not Path(outside.path.read_text()).exists()
    assert "Traceback" not in program.shown()
