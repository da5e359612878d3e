"""Every command as a real process under every condition: with and without a terminal, standard input closed, a reader
that leaves, a full disk, no network. A quick command stands for all of them in the quick round; `serve`, which does not
end by itself, is in `test_serve`."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bench.watched import Watched
from tests.cli.conftest import COMMAND, PATIENCE, ROOT, Cli, Done
from tests.cli.test_docs import LEAVES
from tests.support.terminal import read_to_the_end

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]
MODEL = "demo/demo-fast"


@dataclass(frozen=True)
class Case:
    arguments: str
    """`THREAD`, `OUTPUTS`, `FOLDER`, `EMPTY` and `FILE` are put in."""
    code: int = 0
    writes: bool | None = True
    """Whether it writes to standard output; None: that depends."""
    offline: int = 1
    """The exit code where the server is not reached."""


CASES = {
    "version": Case("--version", offline=0),
    "help": Case("--help", offline=0),
    "no terminal": Case("", code=2, writes=False, offline=2),
    "ask": Case("ask Bot Hello"),
    "ask, calls": Case("ask Caller /calls", code=3),
    "ask, failure": Case("ask Bot /fail", code=1, writes=False),
    "ask, time": Case("ask Bot /slow_60 --model demo/demo-slow --timeout 0.5", code=124, writes=None, offline=124),
    "ask, usage": Case("ask", code=2, writes=False, offline=2),
    "ask, outputs": Case("ask --tool-outputs OUTPUTS"),
    "assistants list": Case("assistants list"),
    "assistants show": Case("assistants show Bot"),
    "assistants new": Case(f"assistants new --name New --model {MODEL}"),
    "assistants edit": Case("assistants edit Bot --temperature 0.5", writes=False),
    "assistants copy": Case("assistants copy Bot --name Copy"),
    "assistants delete": Case("assistants delete Caller --yes", writes=False),
    "assistants diff": Case("assistants diff Bot Caller"),
    "assistants versions": Case("assistants versions Bot"),
    "assistants restore": Case("assistants restore Bot 1", writes=False),
    "threads list": Case("threads list"),
    "threads show": Case("threads show THREAD"),
    "threads export": Case("threads export THREAD --format jsonl"),
    "threads delete": Case("threads delete THREAD --yes", writes=False),
    "export": Case("export Bot --format code"),
    "import": Case("import FILE"),
    "pull": Case("pull EMPTY"),
    "push": Case("push FOLDER"),
    "push, tried": Case("push FOLDER --dry-run"),
    "doctor": Case("doctor", offline=0),
    "doctor, offline": Case("doctor --offline", offline=0),
}
MAKE = ("assistants", "new", "--model", MODEL, "--name")
QUICK = ("assistants show", "no terminal")
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CASES]


@pytest.fixture(scope="session")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one assistant, to be copied: what the quick round needs."""
    folder = tmp_path_factory.mktemp("furnished")
    cli = Cli(folder / "home")
    cli.settings("default_provider: demo\nservers:\n  away: {base_url: 'http://127.0.0.1:9/v1'}\n")
    assert cli(*MAKE, "Bot", "--instructions", "Be kind").code == 0
    (folder / "thread").write_text("")
    (folder / "folder").mkdir()
    return folder


@pytest.fixture(scope="session")
def furnished(sparse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with two assistants and a thread, a folder and a file."""
    folder = tmp_path_factory.mktemp("furnished") / "all"
    shutil.copytree(sparse, folder)
    cli = Cli(folder / "home")
    tools = json.dumps([{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}])
    assert cli(*MAKE, "Caller", "--tools", tools).code == 0
    (folder / "thread").write_text(cli("ask", "Bot", "Hi", "--json").json["thread"])
    (folder / "bot.json").write_text(cli("export", "Bot", "--format", "json").out.replace("Bot", "Read"))
    (folder / "outputs").write_text(cli("ask", "Caller", "/calls").out.replace("null", '"sun"'))
    assert cli("assistants", "edit", "Bot", "--instructions", "Be brief").code == 0  # for `restore` to take back
    assert cli("pull", str(folder / "folder")).code == 0
    return folder


class Stage:
    """A command on a copy of the furnished home."""

    def __init__(self, furnished: Path, folder: Path, name: str) -> None:
        self.case = CASES[name]
        self.home = folder / "home"
        shutil.copytree(furnished / "home", self.home)
        shutil.copytree(furnished / "folder", folder / "folder")
        (folder / "folder" / "new.md").write_text(f"---\nname: New\nmodel: {MODEL}\n---\n\nHi\n")
        words = {"THREAD": (furnished / "thread").read_text(), "FILE": str(furnished / "bot.json")}
        words["OUTPUTS"] = str(furnished / "outputs")
        words |= {"FOLDER": str(folder / "folder"), "EMPTY": str(folder / "empty")}
        self.arguments = [words.get(word, word.replace("_", " ")) for word in self.case.arguments.split()]
        self.environ = Cli(self.home).environ

    @property
    def ends_unwritten(self) -> tuple[int, ...]:
        """The exit codes where standard output takes nothing."""
        case = self.case
        return (1,) if case.writes else (case.code,) if case.writes is False else (1, case.code)

    def run(self, *more: str, **options: Any) -> Done:
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        done = subprocess.run(
            [*COMMAND, *self.arguments, *more],
            cwd=ROOT,
            env=self.environ,
            timeout=PATIENCE,
            check=False,
            **{**given, **options},
        )
        out, err = ((part or b"").decode("utf-8", "replace") for part in (done.stdout, done.stderr))
        assert "Traceback" not in out + err
        assert "unexpected error" not in err, err
        return Done(done.returncode, out, err)


def test_no_command_is_left_out() -> None:
    names = {path.removeprefix("playground-tui ") for path in LEAVES} - {"serve"}
    assert all(any(f"{case.arguments} ".startswith(f"{name} ") for case in CASES.values()) for name in names), names


StageOf = Callable[[str], Stage]


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> StageOf:
    name = request.node.callspec.params["name"]
    return partial(Stage, request.getfixturevalue("sparse" if name in QUICK else "furnished"), tmp_path)


@pytest.mark.parametrize("name", EACH)
def test_without_a_terminal(stage: StageOf, name: str) -> None:
    at = stage(name)
    done = at.run()
    assert done.code == at.case.code, done
    assert at.case.writes in (bool(done.out), None)
    assert not {"\x1b", "\r"} & set(done.out + done.err)


@pytest.mark.parametrize("name", EACH)
def test_on_a_terminal(stage: StageOf, name: str) -> None:
    at = stage(name)
    watched = Watched([*COMMAND, *at.arguments], at.environ, folder=str(ROOT))
    if name == "no terminal":
        watched.until("Ask something", timeout=PATIENCE)
        os.kill(watched.pid, signal.SIGTERM)
    assert read_to_the_end(watched, PATIENCE) == (143 if name == "no terminal" else at.case.code)
    assert "Traceback" not in watched.shown()


@pytest.mark.parametrize("name", EACH)
def test_with_standard_input_closed(stage: StageOf, name: str) -> None:
    at = stage(name)
    assert at.run(stdin=None, preexec_fn=lambda: os.close(0)).code == at.case.code


@pytest.mark.parametrize("name", EACH)
def test_a_reader_that_left(stage: StageOf, name: str) -> None:
    """Ended quietly, with 1, by whatever has something to write."""
    at = stage(name)
    reading, writing = os.pipe()
    os.close(reading)
    done = at.run(stdout=writing)
    os.close(writing)
    assert done.code in at.ends_unwritten, done
    if at.case.writes:
        assert done.err == ""


@pytest.mark.parametrize("name", EACH)
def test_a_full_disk_under_standard_output(stage: StageOf, name: str) -> None:
    at = stage(name)
    with open("/dev/full", "wb") as full:
        done = at.run(stdout=full)
    assert done.code in at.ends_unwritten, done
    if at.case.writes:
        assert "No space left on device" in done.err
        assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", EACH)
def test_a_full_disk_under_the_home(stage: StageOf, name: str) -> None:
    """No file may grow any more. What needs no room works, the rest says in sentences what is wrong."""
    at = stage(name)
    done = at.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert done.code in (at.case.code, 1), done
    if done.code == 1 and not done.out:
        assert done.err.startswith("playground-tui: ")


@pytest.mark.parametrize("name", EACH)
def test_no_network(stage: StageOf, name: str) -> None:
    at = stage(name)
    done = at.run("--server", "away")
    assert done.code == at.case.offline, done
    if done.code == 1:
        assert "away was not reached" in done.out + done.err, done
    if name == "doctor":
        assert "? Reachable: away was not reached" in done.out, done
