import logging
import sys
from pathlib import Path

import pytest

from playground_tui.logs import start_logging
from playground_tui.settings.keys import KeyRing, KeyUnavailable, check_reference

KEY = "planted-key-0123456789"


def test_env() -> None:
    assert KeyRing({"MY_KEY": f" {KEY}\n"}).resolve("env:MY_KEY") == KEY


def test_an_unset_variable_is_named() -> None:
    with pytest.raises(KeyUnavailable, match="MY_KEY is not set"):
        KeyRing({}).resolve("env:MY_KEY")


def test_no_reference_needs_no_key() -> None:
    assert KeyRing({}).resolve("") is None


def test_session_keys_come_first_and_can_be_forgotten() -> None:
    ring = KeyRing({"MY_KEY": "from-env-000000"})
    ring.set_session("openai", KEY)
    assert ring.resolve("env:MY_KEY", "openai") == KEY
    ring.set_session("openai", "")
    assert ring.resolve("env:MY_KEY", "openai") == "from-env-000000"


def test_a_session_key_that_was_not_given() -> None:
    with pytest.raises(KeyUnavailable, match="No key was given for openai"):
        KeyRing({}).resolve("session", "openai")


def test_a_command_runs_once_and_without_a_shell(tmp_path: Path) -> None:
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('x'); print({KEY!r}); print('$HOME')"
    ring = KeyRing({})
    ref = f'command:"{sys.executable}" -c "{code}"'
    assert ring.resolve(ref) == ring.resolve(ref) == KEY
    assert count.read_text() == "x"
    ring.forget_commands()
    ring.resolve(ref)
    assert count.read_text() == "xx"


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        (f"command:{sys.executable} -c 'raise SystemExit(3)'", "status 3"),
        (f"command:{sys.executable} -c pass", "printed nothing"),
        ("command:/nowhere/at-all", "could not be started"),
    ],
)
def test_commands_that_fail(ref: str, says: str) -> None:
    with pytest.raises(KeyUnavailable, match=says):
        KeyRing({}).resolve(ref)


@pytest.mark.parametrize("ref", [KEY, "env:", "env:A B", "env:a-b", "command:'open", "vault:x"])
def test_wrong_references_are_refused_without_being_repeated(ref: str) -> None:
    problem = check_reference(ref)
    assert problem
    assert KEY not in problem


def test_keys_are_masked_in_texts_and_in_the_log(tmp_path: Path) -> None:
    ring = KeyRing({"MY_KEY": KEY})
    ring.resolve("env:MY_KEY")
    assert ring.redact(f"a {KEY} b sk-abcdefghijklmnop c") == "a ••• b ••• c"
    assert KEY not in repr(ring)
    log = tmp_path / "logs" / "x.log"
    start_logging(log, ring.redact)
    logger = logging.getLogger("playground_tui.test")
    try:
        raise ValueError(f"the person wrote: secret plans and {KEY}")
    except ValueError:
        logger.exception("failed with %s", KEY)
    start_logging(tmp_path / "other.log", ring.redact)
    written = log.read_text("utf-8")
    assert "ValueError" in written
    assert "test_keys.py" in written
    assert KEY not in written
    assert "secret plans" not in written
    assert log.stat().st_mode & 0o077 == 0
