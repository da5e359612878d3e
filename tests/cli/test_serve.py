"""`serve` under the conditions of `test_every_command`: it ends only when it is told to, so its tests are its own."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import pytest

from bench.watched import Watched
from tests.cli.conftest import COMMAND, PATIENCE, PLANTED, ROOT, Cli
from tests.support.terminal import read_to_the_end

pytestmark = [
    pytest.mark.process,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]
SERVE = ("serve", "--port", "0", "--api-key", PLANTED)


@contextmanager
def serving(cli: Cli, *more: str, **options: Any) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """(the process, its base URL)"""
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with subprocess.Popen([*COMMAND, *SERVE, *more], cwd=ROOT, env=cli.environ, **given) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


def ended(cli: Cli, **options: Any) -> tuple[int, str]:
    """(exit code, standard error) of one that cannot serve."""
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
    command = [*COMMAND, *SERVE]
    done = subprocess.run(
        command, cwd=ROOT, env=cli.environ, stderr=subprocess.PIPE, timeout=PATIENCE, check=False, **given
    )
    return done.returncode, done.stderr.decode()


def listed(base_url: str) -> int:
    request = Request(f"{base_url}/assistants", headers={"Authorization": f"Bearer {PLANTED}"})
    with urlopen(request, timeout=PATIENCE) as answer:
        return int(answer.status)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_terminal_it_serves_until_it_is_told_to_end(cli: Cli, number: signal.Signals) -> None:
    with serving(cli, "--quiet") as (process, url):
        assert listed(url) == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, b"", b"")


def test_on_a_terminal_ctrl_c_ends_it(cli: Cli) -> None:
    watched = Watched([*COMMAND, *SERVE], cli.environ, folder=str(ROOT))
    watched.until("the one given with --api-key", timeout=PATIENCE)
    watched.write("\x03")
    assert read_to_the_end(watched, PATIENCE) == 0
    assert PLANTED not in watched.shown()


def test_with_standard_input_closed(cli: Cli) -> None:
    with serving(cli, stdin=None, preexec_fn=lambda: os.close(0)) as (_, url):
        assert listed(url) == 200


def test_no_network(cli: Cli) -> None:
    """It serves: only runs need a provider, and each says so itself."""
    cli.settings("default_provider: away\nproviders:\n  away: {kind: chat, base_url: 'http://127.0.0.1:9/v1'}\n")
    with serving(cli) as (_, url):
        assert listed(url) == 200


def test_a_reader_that_left(cli: Cli) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert ended(cli, stdout=writing) == (1, "")
    os.close(writing)


def test_full_disks(cli: Cli) -> None:
    with open("/dev/full", "wb") as full:
        code, err = ended(cli, stdout=full)
    assert (code, err.count("\n"), "No space left on device" in err) == (1, 1, True)
    code, err = ended(cli, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert (code, err.count("\n"), err.startswith("playground-tui: ")) == (1, 1, True), err


def test_what_cannot_be_listened_on(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = cli.anew("serve", "--port", port, "--json")
        assert (done.code, done.json["error"]["kind"]) == (1, "invalid")
        assert f"Can't listen on 127.0.0.1:{port}" in done.err
    assert cli.anew("serve", "--port", "99999").code == 2


def test_wrong_settings_are_told_unless_it_shall_be_quiet(cli: Cli) -> None:
    cli.settings("theme: [1]\n")
    for more, told in (((), True), (("--quiet",), False)):
        with serving(cli, *more) as (process, _):
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=PATIENCE)
        assert (b"settings.yaml, line 1" in err) == told
