"""Hostile names, instructions, replies, titles, tools, models and errors through the real programs: what they
write to a terminal holds no order but Textual's own, logs are plain, and nothing is reached or read for a server."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator

import pytest

from tests.chat_view.test_hostile import OWN
from tests.faults.stage import PATIENCE, Hurt, Stage
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, Say, Script, refusal, whole

EVIL = (
    "\x1b[2J\x1b]0;OWNED\x07\x1b]52;c;T1dORUQ=\x1b\\\x9b31m\x9d0;OWNED\x9c"
    " [@click=app.quit]x[/] \u202eLIVE\u202c\u200b\u2066\r\x08\x7f"
)
STARTUP = re.compile(r"\x1b\[\?2026\$p|\x1b\[>[0-9]*u|\x1b\[<u")
OBEYED = re.compile("[\x00-\x06\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\x1b.{0,12}|\x07")


def assert_harmless(raw: bytes) -> None:
    rest = STARTUP.sub("", OWN.sub("", raw.decode("utf-8", "replace")))
    assert OBEYED.findall(rest) == []
    for order in (b"]0;OWNED", b"]52;c;T1dORUQ"):
        assert b"\x1b" + order not in raw


class Trap(ScriptedEndpoint):
    """An address that nobody may come to."""


@pytest.fixture
def trap() -> Iterator[Trap]:
    with Trap() as made:
        yield made
        assert made.calls == []


def plant(stage: Stage) -> None:
    """An assistant, a thread and their messages with hostile texts, as a server could have them."""
    rows = stage.rows("service", "SELECT id, body FROM assistants")
    parameters = {"$ref": "file:///etc/passwd"}
    tool = {"type": "function", "function": {"name": "f", "description": EVIL, "parameters": parameters}}
    evil = {"name": f"Evil {EVIL}", "instructions": f"Do {EVIL}", "description": EVIL, "tools": [tool]}
    conn = sqlite3.connect(stage.folder / "service.sqlite3")
    for table, fields in (("assistants", evil), ("threads", {"metadata": {"title": f"Title {EVIL}"}})):
        for row_id, body in conn.execute(f"SELECT id, body FROM {table}").fetchall():
            changed = json.dumps({**json.loads(body), **fields})
            conn.execute(f"UPDATE {table} SET body = ? WHERE id = ?", (changed, row_id))
    conn.commit()
    conn.close()
    assert rows


def look_around(program: Hurt) -> None:
    for keys in ("\x0f", "\x1b", "\x12", "\x1b", "\x1b[17~", "\x1b", "\x1b[5~"):
        program.write(keys)
        program.read_for(0.3)
        program.read_for(0.3)


def test_nothing_hostile_reaches_the_terminal_as_an_order(stage: Stage, endpoint: ScriptedEndpoint, trap: Trap) -> None:
    address = trap.base_url
    linked = f"![p]({address}/p.png) <img src='{address}/i.png'> [l]({address}/l) <script src={address}/s></script>"
    endpoint.models = ("scripted-model", f"model {EVIL}")
    endpoint.default = Say(f"Reply {EVIL}\n\n{linked}\n\n`{EVIL}` " + "x" * 20_000 + " END")
    stage.settings(endpoint.base_url)
    program = stage.open()
    program.write("hello\r")
    program.until_true(lambda: len(stage.messages()) >= 2, "the reply")
    endpoint.default = refusal(400, f"No {EVIL}", code=EVIL)
    program.write("again\r")
    program.until("No ", timeout=PATIENCE)
    program.leave()
    assert_harmless(program.raw)
    plant(stage)
    again = stage.open("Evil")
    look_around(again)
    again.leave()
    assert_harmless(again.raw)
    assert "OWNED" not in stage.log
    assert "root:" not in again.shown()


@pytest.mark.slow
@pytest.mark.parametrize("command", [("assistants", "list"), ("threads", "list"), ("assistants", "show", "Evil")])
def test_command_line(stage: Stage, endpoint: ScriptedEndpoint, command: tuple[str, ...]) -> None:
    stage.settings(endpoint.base_url)
    first = stage.open()
    first.write("hello\r")
    first.until("You said: hello")
    first.leave()
    plant(stage)
    (assistant,) = stage.rows("service", "SELECT id FROM assistants")[0]
    words = [assistant if word == "Evil" else word for word in command]
    program = stage.start(*words)
    assert program.wait_end() == 0
    assert "Evil" in program.shown() or "Title" in program.shown() or "hello" in program.shown()
    assert_harmless(program.raw)


@pytest.mark.parametrize("status", [301, *(pytest.param(code, marks=pytest.mark.slow) for code in (302, 307, 308))])
def test_no_server_sends_the_app_elsewhere(stage: Stage, endpoint: ScriptedEndpoint, trap: Trap, status: int) -> None:
    """With its key and with what was written: to another address nothing is sent on."""

    def send_on(call: Call) -> Script:
        return whole({}, status, {"location": f"{trap.base_url}{call.path.removeprefix('/v1')}"})

    endpoint.default = send_on  # type: ignore[assignment]
    stage.settings(endpoint.base_url)
    program = stage.open()
    program.write("a secret thought\r")
    program.until("sends its callers on", timeout=PATIENCE)
    program.leave()
    assert trap.calls == []
