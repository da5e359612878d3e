"""What holds for every command: help, terminals, faults, full disks, keys."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bench.watched import Watched
from tests.cli.conftest import COMMAND, PATIENCE, PLANTED, ROOT, Cli
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]
HOSTILE = "\x1b]0;owned\x07\x1b[2Jboo\x9b31m\u202eback\r\nend"
FAULT = f"""
import playground_tui.cli.world as world
def broken(*arguments):
    raise RuntimeError("it broke with {PLANTED}")
world.SettingsStore = broken
"""


def test_version(cli: Cli) -> None:
    done = cli.anew("--version")
    assert (done.code, done.out.startswith("playground-tui ")) == (0, True)


def test_the_app_needs_a_terminal(cli: Cli) -> None:
    done = cli.anew()
    assert (done.code, done.out) == (2, "")
    assert done.err == "playground-tui: The app needs a terminal. Without one, use a command: see --help.\n"


@pytest.mark.slow
def test_common_options_stand_before_or_after(cli: Cli, tmp_path: Path) -> None:
    home = str(tmp_path / "elsewhere")
    cli.anew("--home", home, "assistants", "new", "--model", "demo/demo", "--name", "There")
    assert "There" in cli.anew("assistants", "list", "--home", home).out
    assert cli.anew("--json", "assistants", "list", "--home", home).json["assistants"][0]["name"] == "There"
    assert cli.anew("assistants", "list").out == ""


@pytest.mark.slow
def test_names_and_replies_cannot_act_on_a_terminal(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.default = Say(HOSTILE)
    cli.anew("assistants", "edit", "Bot", "--name", HOSTILE)
    shown = cli.on_terminal("ask", bot, "Hi", "-q")
    listed = cli.on_terminal("assistants", "list", "-q")
    as_json = cli.on_terminal("assistants", "list", "--json", "-q")
    for text in (shown, listed, as_json):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text), repr(text)
    assert "␛[2Jboo" in shown
    assert "boo" in listed
    assert cli.anew("ask", bot, "Hi").out == HOSTILE.replace("\r\n", "\r\n") + "\n"
    assert cli.anew("assistants", "list").out.count("\n") == 1
    assert "\x1b" not in cli.anew("ask", bot, "Hi", "--thread", HOSTILE).err
    assert "\x1b" not in cli.anew(HOSTILE).err


@pytest.mark.slow
def test_progress_is_for_terminals_only(cli: Cli, bot: str) -> None:
    shown = cli.on_terminal("ask", "Bot", "Hi")
    assert "connecting…" in shown
    assert shown.rstrip().endswith("You said: Hi")
    assert "…" not in cli.on_terminal("ask", "Bot", "Hi", "--quiet")
    assert cli.anew("ask", "Bot", "Hi").err == ""


@pytest.mark.slow
def test_a_prompt_typed_on_a_terminal_is_asked_for(cli: Cli, bot: str) -> None:
    watched = Watched([*COMMAND, "ask", "Bot"], cli.environ, folder=str(ROOT))
    try:
        watched.until("ctrl+d on a line of its own", timeout=PATIENCE)
        watched.write("Typed\n\x04")
        watched.until("You said: Typed", timeout=PATIENCE)
    finally:
        watched.end()
    assert "Name the assistant" in cli.on_terminal("ask")


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_one_sentence_and_a_log(cli: Cli, tmp_path: Path, debug: bool) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAULT)
    path = {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = cli.anew("assistants", "list", *(["--debug"] if debug else []), env=path)
    assert (done.code, done.out) == (1, "")
    assert f"an unexpected error (RuntimeError) ended the command; details are in {cli.home}" in done.err
    assert ("Traceback" in done.err) == debug
    assert ("it broke with •••" in done.err) == debug
    assert (cli.home / "logs" / "playground-tui.log").read_text().count("RuntimeError") == 1


def test_a_full_disk_leaves_no_half_of_a_compiled_module(cli: Cli, tmp_path: Path) -> None:
    """Python 3.11 left one, and every start from then on failed."""
    environ = {**cli.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(limit: int) -> int:
        return subprocess.run(
            [*COMMAND, "assistants", "list"],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            timeout=2 * PATIENCE,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        ).returncode

    assert run(resource.RLIM_INFINITY) == 0
    for module in tmp_path.rglob("playground_tui/*/**/*.pyc"):
        module.unlink()
    assert run(4096) == 1
    left = [module for module in tmp_path.rglob("playground_tui/*/**/*.pyc") if module.stat().st_size < 4096]
    assert left, "some were small enough"
    assert run(resource.RLIM_INFINITY) == 0


@pytest.mark.parametrize("arguments", [["assistants", "list"], ["assistants", "new", "--model", "demo/demo"]])
def test_a_full_disk(cli: Cli, arguments: list[str]) -> None:
    """No file may grow: what the kernel then says is what it says of a disk without space."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=cli.environ,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_home_that_cannot_be_made(cli: Cli) -> None:
    done = cli.anew("assistants", "list", "--home", "/dev/null/home")
    assert (done.code, "--home" in done.err) == (1, True)


@pytest.mark.slow
def test_settings_that_are_wrong_are_told_and_not_used(cli: Cli) -> None:
    cli.settings("theme: [1]\nautosave: maybe\n")
    done = cli.anew("assistants", "list")
    assert (done.code, "settings.yaml, line 2" in done.err) == (0, True)
    assert cli.anew("assistants", "list", "--quiet").err == ""


@pytest.mark.slow
def test_doctor_says_what_to_do(cli: Cli, bot: str) -> None:
    done = cli.anew("doctor", "--json")
    assert (done.code, done.json["ok"]) == (0, True)
    findings = {(f["part"], f["what"]): f for f in done.json["findings"]}
    assert findings["Keys", "Key of scripted"]["state"] == "good"
    assert findings["Provider scripted", "Key accepted"]["state"] == "good"
    assert findings["Data", "workspace.sqlite3"]["state"] == "good"
    assert set(done.json["findings"][0]) == {"part", "what", "state", "sentence", "advice"}


@pytest.mark.slow
def test_doctor_finds_what_is_broken(cli: Cli, bot: str, endpoint: ScriptedEndpoint) -> None:
    endpoint.key = "another"
    (cli.home / "cache" / "assistants-local.json").write_text("{")
    database = cli.home / "service.sqlite3"
    database.write_bytes(b"\0" * 100 + database.read_bytes()[100:])
    cli.home.chmod(0o755)
    done = cli.anew("doctor")
    assert done.code == 1
    for words in ("chmod 700", "sqlite3 FILE .recover", "the next start rebuilds it", "to put right"):
        assert words in done.out, done.out
    assert "✗ Key accepted" in done.out
    assert cli.anew("doctor", "--offline").out.count("Provider") == 0


def test_doctor_on_a_terminal(cli: Cli) -> None:
    shown = cli.on_terminal("doctor", "--offline")
    assert "Keyboard protocol" in shown
    assert "120×40" in shown or "Size" in shown
