"""export, import, pull and push."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import PLANTED, Cli

pytestmark = pytest.mark.process
MODEL = "demo/demo-fast"


@pytest.fixture
def bot(cli: Cli) -> str:
    return cli("assistants", "new", "--name", "Bot", "--instructions", "Be kind\nalways", "--model", MODEL).out.strip()


@pytest.fixture
def folder(cli: Cli, bot: str, tmp_path: Path) -> Path:
    """Pulled once."""
    made = tmp_path / "assistants"
    assert cli("pull", str(made)).code == 0
    return made


def test_code_names_the_key_and_never_holds_it(cli: Cli, scripted: str) -> None:
    cli("assistants", "new", "--name", "Bot", "--model", scripted)
    for target in ("responses", "chat"):
        for language in ("python", "curl"):
            done = cli("export", "Bot", "--format", "code", "--target", target, "--language", language)
            assert done.code == 0
            assert "SCRIPTED_KEY" in done.out
            assert "scripted-model" in done.out
            assert PLANTED not in done.out


def test_a_file_is_never_written_over(cli: Cli, bot: str, tmp_path: Path) -> None:
    file = tmp_path / "bot.md"
    assert cli("export", "Bot", "-o", str(file)).code == 0
    file.write_text("mine")
    done = cli("export", "Bot", "-o", str(file))
    assert (done.code, file.read_text()) == (1, "mine")
    assert cli("export", "Bot", "-o", "/no/such/folder/bot.md").code == 1


def test_import_reports_every_file(cli: Cli, bot: str, tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(cli("export", "Bot", "--json").out)
    (tmp_path / "new.md").write_text(f"---\nname: New\nmodel: {MODEL}\ncolour: red\n---\n\nHi\n")
    (tmp_path / "thread.json").write_text(json.dumps({"messages": [{"role": "user", "content": "Hello"}]}))
    (tmp_path / "broken.json").write_text("{")
    names = [str(tmp_path / name) for name in ("known.json", "new.md", "thread.json", "broken.json")]
    for dry in (["--dry-run"], []):
        done = cli("import", *names, "--json", *dry)
        assert done.code == 1
        rows = {row["source"]: row for row in done.json["files"]}
        assert {name: row["result"] for name, row in rows.items()} == {
            "known.json": "known",
            "new.md": "taken",
            "thread.json": "taken",
            "broken.json": "refused",
        }
        assert rows["new.md"]["not_taken"] == ["colour: not a field of an assistant."]
        assert (rows["new.md"]["id"] is None) == bool(dry)
    assert cli("import", names[0], names[1]).code == 0
    assert cli("assistants", "list").out.count("\n") == 2
    assert cli("threads", "list").out.count("\tHello\n") == 1


LINES = "".join(json.dumps({"name": name, "model": MODEL}) + "\n" for name in ("One", "Two"))
TALK = "".join(json.dumps({"role": role, "content": "Hello"}) + "\n" for role in ("user", "assistant"))


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("<html>\n502 Bad Gateway\n", 1, "neither JSON nor Markdown with front matter"),
        ("", 1, "It is empty."),
        ("{", 1, "Not JSON"),
        (f"---\nname: New\nmodel: {MODEL}\n---\n\nHi\n", 0, "+ standard input: assistant New asst_"),
        (LINES, 0, "+ standard input#2: assistant Two asst_"),
        (TALK, 0, "+ standard input: thread Hello thread_"),
    ],
)
def test_standard_input_is_taken_in_as_what_it_says_it_is(cli: Cli, text: str, code: int, says: str) -> None:
    done = cli("import", "-", stdin=text)
    assert (done.code, done.err) == (code, "")
    assert says in done.out
    assert cli("assistants", "list").out.count("asst_") == done.out.count("asst_")


def test_a_text_that_became_instructions_is_said_to_be_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bare.md").write_text("Be kind.\n")
    done = cli("import", str(tmp_path / "bare.md"), "--model", MODEL, "--json")
    assert done.json["files"][0]["changed"] == [
        "There is no front matter: the whole text was taken as the instructions."
    ]


def test_one_changed_field_is_a_diff_of_one_line(cli: Cli, folder: Path) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]
    cli(
        "assistants", "edit", "Bot", "--temperature", "0.5", "--tools", json.dumps(tools), "--set", 'metadata={"z":"1"}'
    )
    cli("pull", str(folder))
    before = (folder / "bot.md").read_text().splitlines()
    cli("assistants", "edit", "Bot", "--temperature", "0.6")
    assert cli("pull", str(folder)).code == 0
    after = (folder / "bot.md").read_text().splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [("temperature: 0.5", "temperature: 0.6")]


def test_nothing_to_do_changes_no_file(cli: Cli, folder: Path) -> None:
    stamp = (folder / "bot.md").stat().st_mtime_ns
    assert cli("pull", str(folder)).out == ""
    assert cli("push", str(folder)).out == ""
    assert (folder / "bot.md").stat().st_mtime_ns == stamp


def test_push_shows_the_diff_and_sends_only_what_changed(cli: Cli, folder: Path) -> None:
    file = folder / "bot.md"
    file.write_text(file.read_text().replace("always", "sometimes"))
    shown = "update bot.md (Bot)\n  instructions:\n    - always\n    + sometimes\n"
    assert cli("push", str(folder), "--dry-run").out == shown
    assert cli("assistants", "show", "Bot", "--field", "instructions").out == "Be kind\nalways\n"
    assert "left" in cli("pull", str(folder)).out
    assert "sometimes" in file.read_text()
    assert cli("push", str(folder)).out == shown
    assert cli("assistants", "show", "Bot", "--field", "instructions").out == "Be kind\nsometimes\n"


def test_a_collision_is_overwritten_on_neither_side(cli: Cli, folder: Path) -> None:
    file = folder / "bot.md"
    mine = file.read_text().replace("always", "sometimes")
    file.write_text(mine)
    cli("assistants", "edit", "Bot", "--instructions", "Be brief")
    for command in ("pull", "push"):
        done = cli(command, str(folder))
        assert (done.code, done.out.startswith("collision bot.md")) == (1, True)
        assert file.read_text() == mine
        assert cli("assistants", "show", "Bot", "--field", "instructions").out == "Be brief\n"
    assert cli("push", str(folder), "--overwrite", "bot.md").code == 0
    assert cli("assistants", "show", "Bot", "--field", "instructions").out == "Be kind\nsometimes\n"


def test_new_files_and_removed_ones(cli: Cli, folder: Path) -> None:
    (folder / "second.json").write_text(json.dumps({"name": "Second", "model": MODEL}))
    (folder / "README.md").write_text("# Not an assistant\n")
    (folder / "broken.md").write_text("---\nname: [\n---\n")
    done = cli("push", str(folder), "--json")
    assert done.code == 1  # the broken one
    assert {(c["file"], c["action"], c["collision"]) for c in done.json["changes"]} == {
        ("second.json", "create", False),
        ("broken.md", None, True),
    }
    (folder / "broken.md").unlink()
    (folder / "second.json").unlink()
    assert "left second.json" in cli("push", str(folder)).out
    assert cli("push", str(folder), "--delete").out == "delete second.json (Second): its file was removed here\n"
    assert cli("assistants", "list").out.count("\n") == 1
    cli("assistants", "delete", "Bot", "--yes")
    assert "left bot.md" in cli("pull", str(folder)).out
    assert cli("pull", str(folder), "--delete").code == 0
    assert [path.name for path in folder.iterdir()] == ["README.md"]


def test_a_folder_that_is_gone_deletes_nothing(cli: Cli, folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    done = cli("push", str(folder), "--delete")
    assert (done.code, done.out) == (2, "")
    assert f"There is no folder {folder}. Nothing was sent" in done.err
    assert cli("assistants", "show", "Bot").code == 0


def test_a_folder_that_is_new_here_is_matched_by_name(cli: Cli, folder: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["cp", "-r", str(folder), str(clone)], check=True)
    assert cli("push", str(clone)).out == ""
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", str(folder), str(other)], check=True)
    (other / "bot.md").write_text((other / "bot.md").read_text().replace("always", "never"))
    assert cli("push", str(other)).code == 1


def test_a_folder_that_cannot_be_written(cli: Cli, bot: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = cli("pull", str(tmp_path / "file" / "folder"))
    assert (done.code, "Traceback" in done.err) == (1, False)
