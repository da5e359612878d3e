"""The same commands within the test's own process: quick, and counted by the coverage."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground_tui.cli import front
from playground_tui.cli.root import run
from playground_tui.cli.signals import Interrupts
from playground_tui.workspace.store import Database, drafts
from playground_tui.workspace.values import Draft, RawEdit

MODEL = "demo/demo-fast"
TOOLS = json.dumps([{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}])

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""One black pixel."""


class Here:
    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What was written to standard output."""
        found = run([*arguments, "--home", str(self.home)])
        out, self.err = self._capsys.readouterr()
        assert found == code, (found, out, self.err)
        return out

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code))


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    loggers = [logging.getLogger("playground_tui"), logging.getLogger()]
    kept = [(logger, logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    yield Here(tmp_path / "home", capsys)
    for number, handler in before.items():
        signal.signal(number, handler)
    for logger, handlers, level, propagate in kept:
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def bot(here: Here) -> str:
    return here("assistants", "new", "--name", "Bot", "--instructions", "Be kind", "--model", MODEL).strip()


def test_a_life_of_an_assistant(here: Here, bot: str) -> None:
    here("assistants", "edit", "Bot", "--temperature", "0.4", "--response-format", "json_object")
    assert here.json("assistants", "show", "Bot")["response_format"] == {"type": "json_object"}
    here("assistants", "edit", "Bot", "--unset", "temperature")
    assert "temperature" in here("assistants", "diff", "Bot", "--from", "2")
    here("assistants", "restore", "Bot", "2")
    assert len(here.json("assistants", "versions", "Bot")["versions"]) == 4
    here("assistants", "versions", "Bot", "--number", "2", "--label", "prod", "--note", "as shipped")
    assert "prod" in here("assistants", "versions", "Bot")
    copied = here("assistants", "copy", "Bot").strip()
    assert here.json("assistants", "diff", "Bot", copied)["differences"][0]["field"] == "name"
    here("assistants", "delete", copied, "--yes")
    here("assistants", "delete", "Bot", code=2)
    assert here("assistants", "list").startswith(bot)
    assert here.json("assistants", "list", "--cached")["source"] == "cache"


def test_a_thread_of_its_own(here: Here, bot: str) -> None:
    assert "Hello" in here("ask", "Bot", "Hello")
    result = here.json("ask", "Bot", "/json", "--response-format", "json_object", "--var", "a=b")
    assert "parsed" in result
    again = here.json("ask", "Bot", "More", "--thread", result["thread"])
    assert again["thread"] == result["thread"]
    assert here.json("ask", "Bot", "/fail", code=1)["status"] == "failed"
    assert here.json("ask", "Bot", "/refuse")["messages"][0]["refusal"]
    here("ask", "Bot", "/length")
    assert "Cut off" in here.err
    assert here.json("ask", "Bot", "/slow 60", "--model", "demo/demo", "--timeout", "2", code=124)["error"]
    assert here("threads", "list").count("\n") == 6
    thread = result["thread"]
    assert "## You" in here("threads", "show", thread)
    here("threads", "export", thread, "-o", str(here.home / "thread.md"))
    here("threads", "delete", thread, "--yes")


def test_calls(here: Here, bot: str, tmp_path: Path) -> None:
    here("assistants", "edit", "Bot", "--tools", TOOLS)
    waiting = here.json("ask", "Bot", "What is the weather?", code=3)
    assert json.loads(here("ask", "Bot", "Weather", code=3))["calls"][0]["name"] == "weather"
    for call in waiting["tool_calls"]:
        call["output"] = "sun"
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(waiting))
    assert "sun" in here("ask", "--tool-outputs", str(file))
    here("assistants", "edit", "Bot", "--handler", "weather=mock:mist")
    assert "weather is answered by mock." in here.err
    assert "mist" in here("ask", "Bot", "Weather")


def test_handlers_are_bound_shown_and_taken_off(here: Here, bot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = here.home / "tools"
    folder.mkdir()
    (folder / "tools.py").write_text("def weather():\n    return 'gale'\n")
    here("assistants", "edit", "Bot", "--handler", "weather=mock:x", code=1)
    assert "it has none" in here.err
    monkeypatch.chdir(folder)
    result = here.json("assistants", "edit", "Bot", "--tools", TOOLS, "--handler", "weather=python:tools.py:weather")
    assert result["changed"] == ["tools"]
    monkeypatch.chdir(here.home)
    shown = {"kind": "python", "target": "tools.py:weather", "folder": str(folder), "timeout": 30.0}
    assert here.json("assistants", "show", "Bot", "--handlers") == {"handlers": {"weather": shown}}
    here("ask", "Bot", "Weather", code=3)
    assert "--approve weather" in here.err
    assert "gale" in here("ask", "Bot", "Weather", "--approve", "all")
    here("assistants", "edit", "Bot", "--handler", "weather=hand")
    assert here("assistants", "show", "Bot", "--handlers") == ""
    for wrong in ("weather", "weather=hand:x", "weather=bash:x", "weather=python:x", "=mock:x"):
        here("assistants", "edit", "Bot", "--handler", wrong, code=2)


def draft(here: Here, name: str, values: dict[str, Any]) -> str:
    """As the app leaves one that was never created."""
    store = Database(here.home / "workspace.sqlite3")
    made = Draft(f"draft_{name}", "local", None, {"name": name, **values})
    store.submit(lambda conn: drafts.insert(conn, made, 1.0)).result(10)
    store.submit(lambda conn: drafts.put_fields(conn, made.id, {"name": drafts.FieldState(name)}, 2.0)).result(10)
    store.close()
    return made.id


def test_a_draft_is_created_by_the_first_question(here: Here, bot: str) -> None:
    draft(here, "Sketch", {"instructions": "Be brief.", "model": MODEL})
    assert here.json("assistants", "list")["assistants"][0]["draft"]
    result = here.json("ask", "Sketch", "Hello")
    assert "Sketch was a draft; it is created as asst_" in here.err
    assert (result["status"], result["version"]) == ("completed", 1)
    rows = {row["name"]: row for row in here.json("assistants", "list")["assistants"]}
    assert (rows["Sketch"]["id"], rows["Sketch"]["draft"]) == (result["assistant"], False)
    assert here.json("assistants", "show", "Sketch")["instructions"] == "Be brief."
    assert here.json("ask", "Sketch", "Again")["assistant"] == result["assistant"]


def test_a_draft_with_a_wrong_value_stays_one(here: Here, bot: str) -> None:
    made = draft(here, "Wrong", {"model": MODEL})
    raw = drafts.FieldState(None, RawEdit("9", "A number from 0 to 2."))
    store = Database(here.home / "workspace.sqlite3")
    store.submit(lambda conn: drafts.put_fields(conn, made, {"temperature": raw}, 3.0)).result(10)
    store.close()
    assert here.json("ask", "Wrong", "Hello", code=1)["error"]["field"] == "temperature"
    assert here.json("assistants", "show", "Wrong")["id"] == made


def test_files(here: Here, bot: str, tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("Quokkas live on Rottnest Island.")
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    here("assistants", "edit", "Bot", "--tools", '[{"type": "file_search"}]')
    images = ["--image", str(picture), "--image", "https://example.org/a.png"]
    result = here.json("ask", "Bot", "Where do quokkas live?", "--attach", str(note), *images)
    assert result["messages"][0]["citations"][0]["label"] == "[1] note.md"
    here("ask", "Bot", "Where?", "--attach", str(tmp_path / "none.md"), code=1)
    here("ask", "Bot", "Where?", "--attach", str(tmp_path), code=1)
    assert "is a folder" in here.err


def test_in_and_out(here: Here, bot: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    assert here("pull", str(folder)) == "write bot.md (Bot)\n"
    file = folder / "bot.md"
    file.write_text(file.read_text().replace("kind", "brief"))
    (folder / "new.md").write_text(f"---\nname: New\nmodel: {MODEL}\n---\n\nHi\n")
    assert here.json("push", str(folder), "--dry-run")["changes"][0]["fields"] == ["instructions"]
    assert "create new.md" in here("push", str(folder))
    (folder / "new.md").unlink()
    here("push", str(folder), "--delete")
    here("assistants", "edit", "Bot", "--instructions", "Be there")
    file.write_text(file.read_text().replace("brief", "here"))
    here("pull", str(folder), code=1)
    here("pull", str(folder), "--overwrite", "bot.md")
    assert "Be there" in file.read_text()
    assert here.json("import", str(folder))["files"][0]["result"] == "known"
    for form in (["--format", "json"], ["--format", "code"], ["--format", "code", "--target", "chat"]):
        assert "demo-fast" in here("export", "Bot", *form)


def test_doctor(here: Here, bot: str) -> None:
    assert "All in order" in here("doctor")
    assert here.json("doctor", "--offline")["ok"]


@pytest.mark.parametrize("arguments", [["ask", "Nobody", "Hi"], ["threads", "show", "thread_x"], ["export", "Nobody"]])
def test_failures(here: Here, arguments: list[str]) -> None:
    assert here.json(*arguments, code=1)["error"]["kind"] == "missing"
    here("assistants", "list", "--server", "elsewhere", code=1)
    assert "elsewhere" in here.err


@pytest.mark.parametrize("wrong", ["..", "", "../assistants", "a/b?x", "\udcff"])
def test_an_id_names_no_other_path(here: Here, bot: str, wrong: str) -> None:
    for arguments in (["threads", "export", wrong], ["threads", "delete", wrong, "--yes"]):
        error = here.json(*arguments, code=1)["error"]
        assert (error["kind"], "is no id" in error["message"]) == ("invalid", True)
    assert "is no id" in here.json("ask", "Bot", "Hi", "--thread", wrong, code=1)["error"]["message"]


def test_what_is_no_text_is_said_to_be_none(here: Here, bot: str) -> None:
    here("ask", "Bot", "a\udcffb", code=1)
    assert "no characters" in here.err
    here("assistants", "edit", "Bot", "--name", "\udcff", code=2)
    assert "half a character" in here.err


def test_values_that_are_too_much(here: Here, bot: str, tmp_path: Path) -> None:
    deep, long, empty = (tmp_path / name for name in ("deep.json", "long.json", "empty.json"))
    deep.write_text("[" * 100_000)
    long.write_text("1" * 5_000)
    empty.write_text("[]")
    here("assistants", "edit", "Bot", "--tools", f"@{deep}", code=2)
    here("ask", "--tool-outputs", str(deep), code=2)
    here("assistants", "restore", "Bot", "9" * 20, code=2)
    here("ask", "Bot", "Hi", "--timeout", "nan", code=2)
    files = here.json("import", *map(str, (deep, long, empty)), code=1)["files"]
    assert [row["why"] for row in files] == [
        "Nested too deep.",
        "A number in it is too long to be read.",
        "It is empty.",
    ]


def test_a_renamed_file_and_what_overwrite_takes(here: Here, bot: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    here("pull", str(folder))
    (folder / "bot.md").rename(folder / "first.md")
    assert here("push", str(folder), "--delete") == ""
    (folder / "first.md").write_text((folder / "first.md").read_text().replace("kind", "brief"))
    here("assistants", "edit", "Bot", "--instructions", "Be there")
    assert here.json("push", str(folder), code=1)["changes"][0]["collision"]
    here("push", str(folder), "--overwrite", "bot.md", code=2)
    assert "has no such assistant" in here.err
    assert here.json("push", str(folder), "--overwrite", str(folder / "first.md"))["changes"][0]["id"] == bot
    assert here.json("assistants", "show", bot)["instructions"] == "Be brief"


def test_a_damaged_workspace_is_told_instead_of_opening_the_app(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "is_terminal", lambda stream: True)
    here.home.mkdir(parents=True, exist_ok=True)
    (here.home / "workspace.sqlite3").write_bytes(b"this is no database" * 100)
    here(code=1)
    assert "workspace.sqlite3 cannot be opened" in here.err
    assert "playground-tui doctor" in here.err
    assert "unexpected" not in here.err


async def test_a_signal_asks_to_stop(here: Here) -> None:
    interrupts = Interrupts()
    signal.raise_signal(signal.SIGTERM)
    await interrupts.wait()
    assert interrupts.code == 143
