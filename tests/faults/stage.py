"""A home on which programs are started, hurt and started again, and what may not be left behind afterwards."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import struct
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from playground_tui.settings.paths import find_paths
from playground_tui.workspace.store import Database
from playground_tui.workspace.store import drafts as table
from tests.tui.test_process import ROOT, UNWANTED, Program

INSIDE = Path(__file__).parent / "inside"
PATIENCE = 30.0
"""Seconds, which only a failing test sees."""
READY = "f1 help"
CTRL_Q, CTRL_S, CTRL_T, ESCAPE = "\x11", "\x13", "\x14", "\x1b"
INSTRUCTIONS = "\x1b[17~"
"""f6: from the message box to the configuration, at its instructions."""
T = TypeVar("T")


class Hurt(Program):
    """An app in a pseudo-terminal, to be looked into from outside."""

    answers: Path

    meanwhile: Callable[[], None] = staticmethod(lambda: None)
    """What is done again and again while something is waited for."""

    def until_true(self, condition: Callable[[], Any], what: str = "what was waited for") -> None:
        """Reads on meanwhile, so that the program is never stuck writing."""
        end = time.monotonic() + PATIENCE
        while not condition():
            self.meanwhile()
            assert time.monotonic() < end, f"{what} never came; the end of what came: {self.shown()[-600:]!r}"
            self.read_for(0.02)

    def afresh(self) -> None:
        """Forget what was shown and have everything drawn anew."""
        self.raw = b""
        self.resize(121, 41)
        self.resize(120, 40)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.wait_end()

    def leave(self) -> None:
        """Through the question about a reply that is still being written."""
        self.raw = b""
        self.write(CTRL_Q)
        with suppress(EOFError):
            self.until("being written", timeout=PATIENCE)
            self.write("w")
        assert self.wait_end() == 0
        assert "Traceback" not in self.shown()

    @property
    def state(self) -> str:
        """Of the process: `S`leeping, `R`unning, `T`: stopped."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    @property
    def handles(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                found[os.readlink(entry).partition(":[")[0]] += 1
            except FileNotFoundError:
                continue
        return found

    @property
    def tasks(self) -> Counter[str]:
        """Names of what is unfinished on any of its loops, and of its threads."""
        found = self.look_inside()
        return Counter(found["tasks"]) + Counter(f"thread {name.partition('_')[0]}" for name in found["threads"])

    @property
    def held(self) -> Counter[str]:
        """Open files by name, threads, and unfinished tasks. But for what comes when it is needed and stays: a pool's
        threads and the log; and for the tasks of widgets."""
        found = self.handles + self.tasks
        for name in ("thread asyncio", "MessagePump._process_messages", "Timer._run_timer"):
            del found[name]
        return Counter({name: n for name, n in found.items() if n > 1 or not name.endswith(".log")})

    def lets_go(self, before: Counter[str]) -> None:
        """Waits until nothing is held that was not held then."""
        end = time.monotonic() + PATIENCE
        while more := self.held - before:
            assert time.monotonic() < end, f"still held: {more}"
            self.read_for(0.1)

    def look_inside(self) -> dict[str, Any]:
        """What `inside/sitecustomize.py` tells."""
        self.answers.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        self.until_true(self.answers.exists, "the list of tasks")
        return dict(json.loads(self.answers.read_text()))


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.clock = folder / "clock"
        self.started: list[Hurt] = []

    def start(self, *arguments: str, before: tuple[str, ...] = (), **environ: str) -> Hurt:
        """`before`: words in front of the command, such as a shell that sets limits."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(UNWANTED)}
        answers = self.temporary.parent / f"answers-{len(self.started)}"
        kept |= {
            "PLAYGROUND_TUI_HOME": str(self.folder),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": f"{INSIDE}:{ROOT}",
            "FAULTS_ANSWER": str(answers),
            **environ,
        }
        program = Hurt([*before, sys.executable, "-m", "playground_tui", *arguments], kept, folder=str(ROOT))
        program.answers = answers
        self.started.append(program)
        return program

    def open(self, *texts: str, **options: Any) -> Hurt:
        """Started, and everything loaded that loads behind the first frame."""
        program = self.start(**options)
        program.until(READY, *texts, timeout=PATIENCE)
        return program

    def settings(self, base_url: str = "", *, more: str = "") -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "default_provider: demo\n"
        if base_url:
            text = (
                "default_provider: scripted\nproviders:\n  scripted:\n    kind: chat\n"
                f"    base_url: {base_url}\n    default_model: scripted-model\n"
            )
        (self.folder / "settings.yaml").write_text(text + more)

    def set_clock(self, seconds: float) -> None:
        self.clock.write_text(str(seconds))

    # -- what is on disk ---------------------------------------------------------------------------------------------

    def rows(self, database: str, statement: str, *values: Any) -> list[Any]:
        """Read from one of the home's databases while programs use it, or after they were killed. None before there is
        such a table."""
        uri = f"{(self.folder / f'{database}.sqlite3').as_uri()}?mode=rw"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection:
                return connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "unable to open" in str(error):
                return []
            raise

    def draft(self) -> dict[str, Any]:
        """The values of the draft that was used last, as the next start reads them."""
        db = Database(find_paths(self.folder).workspace_db)
        try:
            stored = db.read_now(lambda conn: table.load(conn, table.last_used(conn, "local") or ""))
            return dict(stored.draft.values) if stored else {}
        finally:
            db.close()

    def unsaved(self) -> bool:
        """Whether the draft that was used last has edits that a next start restores, and says so."""
        db = Database(find_paths(self.folder).workspace_db)
        try:
            stored = db.read_now(lambda conn: table.load(conn, table.last_used(conn, "local") or ""))
            return bool(stored and stored.restored)
        finally:
            db.close()

    def opens_again(self, *texts: str) -> None:
        """What a start after a fault shows, and that nothing is amiss in it. The texts may stand in the last picture,
        so more than that is waited for: the cache is read, and what was left of files beside it is gone."""
        again = self.open(*texts)
        again.until_true(lambda: again.tasks["thread workspace-cache"], "the reading of the cache")
        again.until_true(lambda: not self.left(), "the removal of temporary files")
        assert "Traceback" not in again.shown()
        again.leave()

    def messages(self) -> list[str]:
        """The texts of all messages of the local service, oldest first."""
        found = [json.loads(body) for (body,) in self.rows("service", "SELECT body FROM messages ORDER BY seq")]
        return ["".join(p["text"]["value"] for p in m["content"] if p["type"] == "text") for m in found]

    @property
    def log(self) -> str:
        path = self.folder / "logs" / "playground-tui.log"
        return path.read_text() if path.exists() else ""

    def left(self) -> list[Path]:
        """Temporary files of the home."""
        return [path for path in self.folder.rglob("*") if path.suffix in (".tmp", ".part", ".new")]

    def check(self, *, errors: bool = False) -> None:
        """After everything ended: whole databases, no temporary files, no fault in the log. `errors`: the log
        may name some."""
        for name in ("workspace", "service"):
            if (self.folder / f"{name}.sqlite3").exists():
                assert self.rows(name, "PRAGMA integrity_check") == [("ok",)]
                assert self.rows(name, "PRAGMA foreign_key_check") == []
        assert sorted(self.temporary.rglob("*")) == []
        assert self.left() == []
        assert "Traceback" not in self.log
        assert errors or "Error" not in self.log, self.log

    def end(self) -> None:
        for program in self.started:
            if program.code is None:
                program.kill()


def left_running(folder: Path) -> list[str]:
    """Commands of the processes that were given `folder` in their environment, as all that a test starts are."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.fsencode(folder) + b"/" in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


def answered(program: Hurt, question: str, reply: str) -> None:
    """A message goes there and its reply comes back: nothing is locked."""
    program.raw = b""
    program.write(f"{question}\r")
    program.until(reply, timeout=PATIENCE)
