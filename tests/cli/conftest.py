"""The command line as a real process, on a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bench.watched import Watched
from tests.support.endpoint import ScriptedEndpoint
from tests.support.forked import run_forked
from tests.support.terminal import read_to_the_end

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "playground_tui"]
PATIENCE = 120.0
"""Seconds, which only a failing test sees."""
PLANTED = "planted-9f8e7d6c5b4a-never-to-be-seen"


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.outputs: list[str] = []

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "TMUX", "SSH_", "COV_"))}
        return kept | {"PLAYGROUND_TUI_HOME": str(self.home), "SCRIPTED_KEY": PLANTED, "TERM": "xterm-256color"}

    def __call__(self, *arguments: str, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> Done:
        """Standard input is /dev/null unless a text is given. The process is forked from one that has the modules."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        environ = self.environ | (env or {})
        with TemporaryDirectory() as room:
            return self._keep(*run_forked(arguments, environ, ROOT, given, Path(room), PATIENCE))

    def anew(self, *arguments: str, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> Done:
        """The same from an interpreter of its own, as a shell starts it."""
        given = {"input": stdin.encode() if isinstance(stdin, str) else stdin}
        source: dict[str, Any] = given if stdin is not None else {"stdin": subprocess.DEVNULL}
        environ = self.environ | (env or {})
        done = subprocess.run(
            [*COMMAND, *arguments], cwd=ROOT, env=environ, capture_output=True, timeout=PATIENCE, check=False, **source
        )
        return self._keep(done.returncode, done.stdout, done.stderr)

    def shell(self, line: str, **variables: str) -> Done:
        """`$CLI` in `line` is the command."""
        environ = self.environ | {"PY": sys.executable} | variables
        line = line.replace("$CLI", '"$PY" -m playground_tui')
        done = subprocess.run(
            ["bash", "-c", line], cwd=ROOT, env=environ, capture_output=True, timeout=PATIENCE, check=False
        )
        return self._keep(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*COMMAND, *arguments], cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )

    def on_terminal(self, *arguments: str) -> str:
        """All that was written, escape sequences included."""
        watched = Watched([*COMMAND, *arguments], self.environ, folder=str(ROOT))
        read_to_the_end(watched, PATIENCE)
        return watched.raw.decode("utf-8", "replace")

    def _keep(self, code: int, out: bytes, err: bytes) -> Done:
        done = Done(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
        self.outputs += [done.out, done.err]
        return done

    def settings(self, text: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "settings.yaml").write_text(text)

    def files_with(self, text: str) -> list[Path]:
        found = (path for path in self.home.rglob("*") if path.is_file())
        return [path for path in found if text.encode() in path.read_bytes()]


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    """No key is ever written, whatever the test does."""
    made = Cli(tmp_path / "home")
    yield made
    assert not any(PLANTED in text for text in made.outputs)
    assert made.files_with(PLANTED) == []


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as made:
        made.key = PLANTED
        yield made


@pytest.fixture
def scripted(cli: Cli, endpoint: ScriptedEndpoint) -> str:
    """The model name of the scripted endpoint, which is the default provider."""
    cli.settings(
        "default_provider: scripted\nproviders:\n  scripted:\n    kind: chat\n"
        f"    base_url: {endpoint.base_url}\n    key: env:SCRIPTED_KEY\n    default_model: scripted-model\n"
    )
    return "scripted/scripted-model"


@pytest.fixture
def bot(cli: Cli, scripted: str) -> str:
    """The id of an assistant on the scripted endpoint, called Bot."""
    done = cli("assistants", "new", "--name", "Bot", "--instructions", "Be kind", "--model", scripted)
    assert done.code == 0, done.err
    return done.out.strip()
