"""What is done between a start and a `kill -9`, and what must be there afterwards."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from abc import abstractmethod
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import openai

from playground_tui.service.store.migrations import MIGRATIONS as SERVICE_STEPS
from playground_tui.service.store.migrations import migrate as migrate_service
from playground_tui.workspace.store.migrations import MIGRATIONS as WORKSPACE_STEPS
from tests.faults.stage import CTRL_S, INSTRUCTIONS, PATIENCE, ROOT, Hurt, Stage, answered, left_running
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Say
from tests.support.serving import KEY

OLD_ENOUGH = 1.0
"""Seconds after which what the screen showed is on disk. The app promises 0.25 from its own clock; the rest is for a
machine with much else to do."""
ACTIVE = "('queued', 'in_progress', 'cancelling')"
CUT_OFF = "The service stopped while"


class Rounds:
    def __init__(self, folder: Path, chosen: random.Random) -> None:
        self.folder, self.random = folder, chosen
        self.temporary = folder / "temporary"
        self.environ = {**os.environ, "TMPDIR": str(self.temporary)}
        self.temporary.mkdir()

    def check(self) -> None:
        """After everything ended: no process that one of the killed began, and no temporary file."""
        end = time.monotonic() + PATIENCE
        while left := left_running(self.folder):
            assert time.monotonic() < end, f"still running: {left}"
            time.sleep(0.02)
        assert list(self.temporary.rglob("*")) == []
        assert [path for path in self.folder.rglob("*") if path.suffix in (".tmp", ".part", ".new")] == []

    @abstractmethod
    def play(self, number: int) -> None:
        """One start and one kill."""

    def finish(self) -> None:
        """After the last round."""

    def end(self) -> None:
        """Whatever happened."""


class AppRounds(Rounds):
    """The app in a pseudo-terminal."""

    autosave_delay = 0.5

    def __init__(self, folder: Path, chosen: random.Random) -> None:
        super().__init__(folder, chosen)
        self.stage = Stage(folder)
        self.endpoint = ScriptedEndpoint(default=self.reply).start()
        self.stage.settings(self.endpoint.base_url, more=f"autosave_delay: {self.autosave_delay}\n")

    def reply(self, call: Call) -> Say:
        return Say(f"about-{call.question} " + "alpha beta gamma delta " * 40 + "LAST", delay=0.01)

    def begin(self) -> Hurt:
        """And the person is told what the kill before left: edits that were not saved, a reply that was cut off."""
        told = []
        if (self.stage.folder / "workspace.sqlite3").exists() and self.stage.unsaved():
            told.append("Restored unsaved edits")
        if self.stage.rows("service", f"SELECT id FROM runs WHERE status IN {ACTIVE}"):
            told.append(CUT_OFF)
        program = self.stage.open(*told)
        self.stage.started.clear()
        self.stage.started.append(program)
        return program

    def work_for(self, program: Hurt, most: float) -> None:
        end = time.monotonic() + self.random.uniform(0, most)
        while (left := end - time.monotonic()) > 0:
            program.read_for(min(left, 0.02))

    def finish(self) -> None:
        """A message is answered, and what is held open then is what one in a fresh home holds open."""
        (self.folder / "fresh").mkdir()
        program, fresh = self.begin(), Stage(self.folder / "fresh")
        fresh.settings(self.endpoint.base_url)
        try:
            answered(program, "and at last", "LAST")
            other = fresh.open()
            answered(other, "and at last", "LAST")
            held, end = by_name(other), time.monotonic() + PATIENCE
            held["socket"] += 1  # a connection that waits for the next request
            while more := by_name(program) - held:
                assert time.monotonic() < end, f"still held: {more}"
                program.read_for(0.1)
        finally:
            fresh.end()
        program.leave()
        assert self.stage.rows("service", f"SELECT id FROM runs WHERE status IN {ACTIVE}") == []
        self.stage.check()

    def end(self) -> None:
        self.stage.end()
        self.endpoint.stop()


def by_name(program: Hurt) -> Counter[str]:
    """What it holds, wherever its home is and whatever its number."""
    found: Counter[str] = Counter()
    for path, count in program.held.items():
        name = path.rpartition("/")[2]
        found[re.sub(r"^service-\w+-\w+\.lock$", "a lock", re.sub(r"^\d+$", "terminal", name))] += count
    return found


class Typing(AppRounds):
    """Into the instructions and into the message box, in turn; every word is seen on the screen before the next."""

    typed = ""
    seen: tuple[tuple[float, str], ...] = ()

    def play(self, number: int) -> None:
        program = self.begin()
        in_box = number % 2 == 0
        before = self.box() if in_box else str(self.stage.draft().get("instructions") or "")
        if not in_box:
            program.write(INSTRUCTIONS)  # at their beginning
        seen: list[tuple[float, str]] = []
        typed = ""
        end = time.monotonic() + self.random.uniform(0.2, 1.6)
        while time.monotonic() < end:
            word = f"w{number}x{len(seen)} "
            program.write(word)
            typed += word
            program.until(word.strip(), timeout=PATIENCE)
            seen.append((time.monotonic(), typed))
        self.work_for(program, 1.2)
        ended = time.monotonic()
        program.kill()
        confirmed = max((text for at, text in seen if ended - at > OLD_ENOUGH), key=len, default="")
        if in_box:
            after = self.box().removeprefix(before)
        else:
            after = str(self.stage.draft().get("instructions") or "").removesuffix(before)
        assert typed.startswith(after), (before, typed, after, self.box())
        assert after.startswith(confirmed), (before, confirmed, after)

    def box(self) -> str:
        rows = self.stage.rows("workspace", "SELECT text FROM unsent")
        return str(rows[0][0]) if rows else ""


class Saving(AppRounds):
    """What the header called saved is what the service has."""

    autosave_delay = 1.0

    def play(self, number: int) -> None:
        program = self.begin()
        if self.saved():  # what the last round left unsaved is saved first
            program.until_true(self.is_settled, "the restored edits on the server")
            program.until_true(lambda: self.state(program) == "saved at", "saved")
        program.write(INSTRUCTIONS)  # at their beginning
        confirmed: list[str] = []
        for n in range(self.random.randint(1, 4)):
            word, exists = f"s{number}x{n}", bool(self.saved())
            program.raw = b""
            program.write(f"{word} ")
            program.until(word, timeout=PATIENCE)
            if exists:
                program.until_true(partial(self.is_noticed, program, word), "unsaved")
            program.write(CTRL_S)
            if n == 3 or self.random.random() > 0.6:
                break
            program.until_true(lambda: self.state(program) == "saved at", "saved")
            confirmed.append(word)
        self.work_for(program, 0.3)
        program.kill()
        kept = self.saved()
        assert all(word in kept for word in confirmed), (confirmed, kept)

    def state(self, program: Hurt) -> str:
        """What the header was last drawn with."""
        shown = program.shown()
        at, state = max((shown.rfind(state), state) for state in ("unsaved", "saving", "saved at"))
        return state if at >= 0 else ""

    def is_noticed(self, program: Hurt, word: str) -> bool:
        """On a busy machine the save may be through before the header was drawn."""
        return "unsaved" in program.shown() or "saving" in program.shown() or word in self.saved()

    def is_settled(self) -> bool:
        return self.saved() == str(self.stage.draft()["instructions"])

    def saved(self) -> str:
        bodies = self.stage.rows("service", "SELECT json_extract(body, '$.instructions') FROM assistants")
        assert len(bodies) <= 1, "an assistant was made twice"
        return str(bodies[0][0]) if bodies else ""

    def finish(self) -> None:
        """The draft, which has the unsaved rest too, is saved by the next start."""
        wanted = str(self.stage.draft()["instructions"])
        program = self.begin()
        program.write(CTRL_S)
        program.until_true(lambda: self.saved() == wanted, "the restored edits on the server")
        program.leave()
        super().finish()


class Streaming(AppRounds):
    """Killed before, while and after a reply streams. The question is never lost, and no thread stays locked."""

    last = ""

    def play(self, number: int) -> None:
        """A question that was killed before it was sent stands in the box again, and the next one goes behind it."""
        program = self.begin()
        try:
            self.ask(program, number)
        except (AssertionError, TimeoutError, EOFError) as error:
            error.add_note(f"in the databases: {self.stored()}")
            raise

    def stored(self) -> dict[str, list[Any]]:
        """For the text of a failure."""
        tables = {"service": ("runs", "messages"), "workspace": ("queue", "unsent")}
        return {
            table: self.stage.rows(database, f"SELECT * FROM {table}")
            for database, names in tables.items()
            for table in names
        }

    def ask(self, program: Hurt, number: int) -> None:
        program.until(self.last, timeout=PATIENCE)
        self.last = f"q{number}."
        program.write(f"{self.last}\r")
        program.until(self.last, timeout=PATIENCE)
        seen = time.monotonic()
        streams = self.random.random() < 0.8
        if streams:
            program.until(f"{self.last} alpha", timeout=PATIENCE)
        self.work_for(program, 0.6 if streams else 2 * OLD_ENOUGH)
        ended = time.monotonic()
        program.kill()
        asked = "".join(text for text in self.stage.messages() if not text.startswith("about-"))
        assert all(asked.count(f"q{n}.") < 2 for n in range(number + 1)), "sent twice"
        if streams:
            assert self.last in asked
        elif ended - seen > OLD_ENOUGH:
            assert self.last in asked + self.unsent()
        elif self.last not in asked + self.unsent():
            self.last = ""  # perhaps it was younger than 250 ms

    def unsent(self) -> str:
        """What stands in the box, or is held."""
        rows = self.stage.rows("workspace", "SELECT text FROM unsent UNION ALL SELECT text FROM queue")
        return "".join(text for (text,) in rows)


class Indexing(Rounds):
    """`serve` killed while it takes in files: what it confirmed is there and is indexed in the end."""

    def __init__(self, folder: Path, chosen: random.Random) -> None:
        super().__init__(folder, chosen)
        self.home = folder / "home"
        self.process: subprocess.Popen[str] | None = None
        self.files: set[str] = set()
        self.added: set[str] = set()
        self.store = ""

    def begin(self) -> openai.OpenAI:
        command = [sys.executable, "-m", "tests.support.serve_process", str(self.home), "0", "-"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=self.environ)
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        assert url, "it starts again"
        return openai.OpenAI(base_url=url, api_key=KEY, max_retries=0)

    def play(self, number: int) -> None:
        with self.begin() as client:
            self.store = self.store or client.vector_stores.create(name="s").id
            for n in range(2):
                text = f"word{number}x{n} " + "some more words to be found again. " * 1500
                file = client.files.create(file=(f"{number}-{n}.txt", text.encode()), purpose="assistants")
                self.files.add(file.id)
                client.vector_stores.files.create(self.store, file_id=file.id)
                self.added.add(file.id)
                if self.random.random() < 0.3:
                    break
            time.sleep(self.random.uniform(0, 0.25))
            self.kill()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def finish(self) -> None:
        with self.begin() as client:
            assert {file.id for file in client.files.list()} >= self.files
            end = time.monotonic() + PATIENCE
            while {f.status for f in client.vector_stores.files.list(self.store)} != {"completed"}:
                assert time.monotonic() < end, "indexing was not taken up again"
                time.sleep(0.02)
            assert {f.id for f in client.vector_stores.files.list(self.store)} >= self.added
            found = client.vector_stores.search(self.store, query="word0x0").data
            assert found[0].filename == "0-0.txt"
            names = {path.name for path in (self.home / "files").rglob("*") if path.is_file()}
            assert not [name for name in names if "." in name], "half a file is left"
        self.kill()
        with closing(sqlite3.connect(next(self.home.rglob("service.sqlite3")))) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            docs = "SELECT count(*) FROM chunks WHERE doc NOT IN (SELECT doc FROM vector_store_files)"
            assert conn.execute(docs).fetchone() == (0,), "passages that belong to nothing"

    def end(self) -> None:
        self.kill()


OPENING = """
import asyncio, sys, pathlib
from playground_tui.service.store import Database as Service
from playground_tui.workspace.store import Database as Workspace
async def main():
    print("now", flush=True)
    service = Service(pathlib.Path(sys.argv[1]))
    await service.open()
    print("service", flush=True)
    Workspace(pathlib.Path(sys.argv[2])).close()
    await service.close()
asyncio.run(main())
"""


class Migrating(Rounds):
    """Databases of the first release, brought up to date by a process that is killed while it does so."""

    ROWS = 400

    def play(self, number: int) -> None:
        service, workspace = self.old(number)
        command = [sys.executable, "-c", OPENING, str(service), str(workspace)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=self.environ)
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        if number % 2:
            process.stdout.readline()
        time.sleep(self.random.uniform(0, 0.02))
        process.kill()
        process.wait()
        process.stdout.close()
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=self.environ, timeout=PATIENCE, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        with closing(sqlite3.connect(service)) as conn:
            assert self.steps(conn) == [step.name for step in SERVICE_STEPS]
            assert conn.execute("SELECT messages FROM threads").fetchall() == [(self.ROWS,)]
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with closing(sqlite3.connect(workspace)) as conn:
            assert self.steps(conn) == [step.name for step in WORKSPACE_STEPS]
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def steps(self, conn: sqlite3.Connection) -> list[Any]:
        return [name for (name,) in conn.execute("SELECT name FROM migrations ORDER BY rowid")]

    def old(self, number: int) -> tuple[Path, Path]:
        from playground_tui.workspace.store.migrations import migrate as migrate_workspace

        service, workspace = (self.folder / f"{name}-{number}.sqlite3" for name in ("service", "workspace"))
        with closing(sqlite3.connect(service, isolation_level=None)) as conn:
            migrate_service(conn, SERVICE_STEPS[:1])
            conn.execute("INSERT INTO threads (id, created_at, body) VALUES ('t', 5, '{}')")
            rows = [(f"m{n}", "t", 5, "completed", "{}") for n in range(self.ROWS)]
            conn.execute("BEGIN")
            conn.executemany(
                "INSERT INTO messages (id, thread_id, created_at, status, body) VALUES (?, ?, ?, ?, ?)", rows
            )
            conn.execute("COMMIT")
        with closing(sqlite3.connect(workspace, isolation_level=None)) as conn:
            migrate_workspace(conn, WORKSPACE_STEPS[:1])
        return service, workspace
