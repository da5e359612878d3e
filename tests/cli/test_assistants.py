from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench.watched import Watched
from tests.cli.conftest import COMMAND, PATIENCE, ROOT, Cli
from tests.support.terminal import read_to_the_end

pytestmark = pytest.mark.process
MODEL = "demo/demo-fast"


@pytest.fixture
def bot(cli: Cli) -> str:
    done = cli("assistants", "new", "--name", "Bot", "--instructions", "Be kind", "--model", MODEL)
    assert (done.code, done.err) == (0, "")
    return done.out.strip()


def test_listing(cli: Cli, bot: str) -> None:
    assert cli("assistants", "list").out == f"{bot}\tBot\t{MODEL}\n"
    found = cli("assistants", "list", "--json").json
    assert (found["server"], found["source"]) == ("local", "server")
    row = {"name": "Bot", "model": MODEL, "description": "", "draft": False, "unsaved": False}
    assert found["assistants"] == [{"id": bot, "created_at": found["assistants"][0]["created_at"], **row}]
    assert cli("assistants", "list", "--search", "kind").out != ""
    assert cli("assistants", "list", "--search", "unkind").out == ""


def test_what_came_from_elsewhere_is_listed(cli: Cli, bot: str) -> None:
    """The cache is only believed while nobody else wrote to the service."""
    cli("assistants", "list")
    other = Cli(cli.home)
    (cli.home / "cache" / "assistants-local.json").rename(cli.home / "aside")
    other("assistants", "new", "--name", "Second", "--model", MODEL)
    (cli.home / "aside").rename(cli.home / "cache" / "assistants-local.json")
    assert cli("assistants", "list", "--cached").out.count("\n") == 1
    assert cli("assistants", "list").out.count("\n") == 2


def test_editing_makes_versions_and_restoring_brings_one_back(cli: Cli, bot: str) -> None:
    done = cli("assistants", "edit", "bot", "--temperature", "0.4", "--set", 'metadata={"a": "b"}')
    assert (done.code, done.err) == (0, "Changed temperature, metadata.\n")
    assert cli("assistants", "edit", bot, "--unset", "temperature", "--json").json["changed"] == ["temperature"]
    versions = cli("assistants", "versions", "Bot", "--json").json["versions"]
    assert [(v["number"], v["changed"]) for v in versions] == [
        (3, ["temperature"]),
        (2, ["metadata", "temperature"]),
        (1, []),
    ]
    assert cli("assistants", "diff", "Bot", "--from", "1", "--to", "2").out.startswith("temperature:\n  + 0.4")
    assert cli("assistants", "restore", "Bot", "2").err == "Changed temperature.\n"
    assert cli("assistants", "versions", "Bot", "--json").json["versions"][0]["source"] == "restored"
    assert cli("assistants", "show", "Bot", "--field", "temperature").out == "0.4\n"
    assert cli("assistants", "show", "Bot", "--version", "1", "--json").json["version"] == 1
    labelled = cli("assistants", "versions", "Bot", "--number", "1", "--label", "prod", "--json").json["versions"]
    assert labelled[-1]["label"] == "prod"
    assert cli("assistants", "restore", "Bot", "99").code == 1


def test_a_copy_and_its_deletion(cli: Cli, bot: str) -> None:
    copied = cli("assistants", "copy", "Bot").out.strip()
    assert cli("assistants", "diff", "Bot", copied).out == "name:\n  - Bot\n  + Bot (copy)\n"
    refused = cli("assistants", "delete", copied)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert cli("assistants", "delete", copied, "Nobody", "--yes").code == 1
    assert cli("assistants", "delete", copied, "--yes", "--json").json == {"deleted": [copied]}
    assert cli("assistants", "list").out.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(
    ("keys", "code", "left"), [("y\n", 0, 0), pytest.param("n\n", 1, 1, marks=pytest.mark.slow), ("\x03", 130, 1)]
)
def test_deleting_asks_on_a_terminal(cli: Cli, bot: str, keys: str, code: int, left: int) -> None:
    """One ctrl+c is enough: the question is asked within a loop that only notes it."""
    watched = Watched([*COMMAND, "assistants", "delete", "Bot"], cli.environ, folder=str(ROOT))
    watched.until("Delete Bot? [y/N]", timeout=PATIENCE)
    watched.write(keys)
    assert read_to_the_end(watched, PATIENCE) == code
    assert cli("assistants", "list").out.count("\n") == left


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_in_the_editor_is_the_editors_own(cli: Cli, bot: str, tmp_path: Path) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text("trap '' INT\necho editing\nread line\nsed -i.old s/kind/brief/ \"$1\"\n")
    environ = cli.environ | {"EDITOR": f"sh {editor}"}
    watched = Watched([*COMMAND, "assistants", "edit", "Bot"], environ, folder=str(ROOT))
    watched.until("editing", timeout=PATIENCE)
    watched.write("\x03\n")
    assert read_to_the_end(watched, PATIENCE) == 0
    assert cli("assistants", "show", "Bot", "--field", "instructions").out == "Be brief\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_what_was_written_in_the_editor_is_kept_when_it_is_refused(cli: Cli, bot: str, tmp_path: Path) -> None:
    environ = cli.environ | {"EDITOR": "sed -i.old s/^model:/colour:/", "TMPDIR": str(tmp_path)}
    watched = Watched([*COMMAND, "assistants", "edit", "Bot"], environ, folder=str(ROOT))
    assert read_to_the_end(watched, PATIENCE) == 1
    assert "What you wrote is kept in" in watched.shown()
    (kept,) = tmp_path.glob("assistant-*.md")
    assert "colour: " in kept.read_text()


def test_several_of_one_name_are_told_apart_by_their_ids(cli: Cli, bot: str) -> None:
    other = cli("assistants", "copy", "Bot", "--name", "bot").out.strip()
    assert cli("assistants", "show", "Bot", "--field", "name").out == "Bot\n"
    done = cli("assistants", "show", "BOT")
    assert (done.code, bot in done.err, other in done.err) == (1, True, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["new", "--temperature", "9", "--model", "m"], "temperature"),
        (["new", "--set", "colour=1", "--model", "m"], "FIELD=VALUE"),
        (["edit", "Bot"], "Say what to change"),
        (["edit", "Bot", "--unset", "model"], "always has a model"),
        (["edit", "Bot", "--unset", "colour"], "not a field"),
        (["diff", "Bot"], "another assistant"),
        (["versions", "Bot", "--label", "x"], "--number"),
        (["list", "--colour"], "No such option"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage(cli: Cli, arguments: list[str], says: str) -> None:
    done = cli("assistants", *arguments)
    assert (done.code, done.out, says in done.err) == (2, "", True), done.err


def test_a_failure_as_json(cli: Cli) -> None:
    done = cli("assistants", "show", "Nobody", "--json")
    assert done.code == 1
    assert done.json["error"]["kind"] == "missing"
    assert set(done.json["error"]) == {"kind", "message", "field", "retry_after"}


def test_from_a_file_and_standard_input(cli: Cli, bot: str) -> None:
    text = cli("export", "Bot").out
    assert text == f"---\nname: Bot\nmodel: {MODEL}\n---\n\nBe kind\n"
    made = cli("assistants", "new", "--file", "-", "--name", "Other", stdin=text).out.strip()
    assert cli("assistants", "show", made, "--field", "instructions").out == "Be kind\n"
    assert cli("assistants", "edit", "Other", "--file", "-", stdin='{"name": "Third", "model": "m"}').code == 0
    assert cli("assistants", "show", made, "--json").json["name"] == "Third"


def test_threads_are_the_apps(cli: Cli, bot: str) -> None:
    thread = cli("ask", "Bot", "Hello", "--json").json["thread"]
    listed = cli("threads", "list", "--json").json
    assert [(row["id"], row["title"], row["assistant"]) for row in listed["threads"]] == [(thread, "Hello", bot)]
    assert cli("threads", "list").out.startswith(f"{thread}\t")
    assert "## You" in cli("threads", "show", thread).out
    assert len(cli("threads", "show", thread, "--last", "1", "--json").json["messages"]) == 1
    line = json.loads(cli("threads", "export", thread, "--format", "jsonl").out)
    assert [turn["role"] for turn in line["messages"]] == ["user", "assistant"]
    assert cli("threads", "delete", thread).code == 2
    assert cli("threads", "delete", thread, "--yes").code == 0
    assert cli("threads", "list").out == ""
    assert cli("threads", "show", thread).code == 1
