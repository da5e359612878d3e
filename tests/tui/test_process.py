"""The program itself, in a real pseudo-terminal."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.watched import Watched

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]
ROOT = Path(__file__).resolve().parents[2]
UNWANTED = ("OPENAI_", "TMUX", "SSH_", "COV_", "COLUMNS", "LINES")
LOADED = "the demo answers"
"""Part of the notice that comes when everything stands."""


class Program(Watched):
    code: int | None = None

    def until(self, *texts: str, timeout: float = 60) -> float:
        """A start on a machine that runs all tests at once takes what it takes."""
        return super().until(*texts, timeout=timeout)

    def close(self) -> None:
        """Take the terminal away."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def wait_end(self) -> int:
        """The exit code; reads on so that the program is never stuck writing. One that stays is killed and fails."""
        end = time.monotonic() + 30
        while self.code is None:
            try:
                self.read_for(0.05)
            except EOFError:
                time.sleep(0.01)
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.close()
        return self.code


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Program] = []

    def start(self, *arguments: str) -> Program:
        environ = {k: v for k, v in os.environ.items() if not k.startswith(UNWANTED)}
        environ |= {"PLAYGROUND_TUI_HOME": str(self.folder), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        program = Program([sys.executable, "-m", "playground_tui", *arguments], environ, folder=str(ROOT))
        self.started.append(program)
        return program


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    yield made
    for program in made.started:
        if program.code is None:
            os.kill(program.pid, signal.SIGKILL)
            program.wait_end()


@pytest.mark.parametrize(
    "name", ["SIGTERM", pytest.param("SIGINT", marks=pytest.mark.slow), pytest.param("SIGHUP", marks=pytest.mark.slow)]
)
def test_a_signal_ends_it_with_everything_kept(home: Home, name: str) -> None:
    first = home.start()
    first.until(LOADED)
    first.write("half a thought")
    first.until("half a thought")
    os.kill(first.pid, getattr(signal, name))
    assert first.wait_end() == 128 + getattr(signal, name)
    assert "Traceback" not in first.shown()
    home.start().until("half a thought")


@pytest.mark.slow
def test_a_lost_terminal_ends_it_with_everything_kept(home: Home) -> None:
    first = home.start()
    first.until(LOADED)
    first.write("half a thought")
    first.until("half a thought")
    first.close()
    assert first.wait_end() == 128 + signal.SIGHUP
    home.start().until("half a thought")


def test_what_was_typed_survives_kill_9(home: Home) -> None:
    first = home.start()
    first.until(LOADED)
    first.write("half a thought")
    first.until("half a thought")
    first.write("\x1b[17~Be kind. ")
    first.until("Be kind.")
    database = home.folder / "workspace.sqlite3-wal"
    while b"Be kind. " not in database.read_bytes() or b"half a thought" not in database.read_bytes():
        first.read_for(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.wait_end()
    home.start().until("half a thought", "Be kind.", "Restored")


@pytest.mark.slow
def test_the_last_picture_is_put_up_and_keys_typed_onto_it_are_kept(home: Home) -> None:
    first = home.start()
    first.until(LOADED)
    first.write("\x11")
    assert first.wait_end() == 0
    assert (home.folder / "screen.picture").stat().st_mode & 0o777 == 0o600
    second = home.start()
    second.until("Ask something")
    second.write("typed early")
    second.until("typed early", "new, not created")
    second.write("\x11")
    assert second.wait_end() == 0


@pytest.mark.slow
def test_a_picture_that_something_changed_under_is_not_put_up(home: Home) -> None:
    first = home.start()
    first.until(LOADED)
    first.write("\x11")
    first.wait_end()
    (home.folder / "screen.picture").write_text(
        (home.folder / "screen.picture").read_text().replace("Ask something", "OLD PICTURE")
    )
    (home.folder / "settings.yaml").write_text("theme: nord\n")
    second = home.start()
    second.until("Ask something", LOADED)
    assert "OLD PICTURE" not in second.shown()
