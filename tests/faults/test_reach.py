"""What comes from files, servers and arguments runs no code, reads no file, reaches no other address and writes
nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.stage import PATIENCE, Stage
from tests.faults.test_hostile import EVIL, Trap, assert_harmless
from tests.faults.test_hostile import trap as trap
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say
from tests.tui.test_process import ROOT, UNWANTED

TAG = "!!python/object/apply:os.mkdir [{}]"


def command(stage: Stage, *arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(UNWANTED)}
    environ |= {"PLAYGROUND_TUI_HOME": str(stage.folder), "TMPDIR": str(stage.temporary)}
    words = [sys.executable, "-m", "playground_tui", *arguments]
    done = subprocess.run(words, cwd=ROOT, env=environ, input=given.encode(), capture_output=True, timeout=120)
    assert b"Traceback" not in done.stderr
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    return done


@pytest.mark.parametrize("place", ["name", *(pytest.param(p, marks=pytest.mark.slow) for p in ("metadata", "tools"))])
def test_a_tag_in_an_assistant_file_is_refused(stage: Stage, tmp_path: Path, place: str) -> None:
    made = tmp_path / "made"
    file = tmp_path / "evil.md"
    file.write_text(f"---\nname: Bot\nmodel: demo/demo\n{place}: {TAG.format(made)}\n---\nHello\n")
    done = command(stage, "import", str(file))
    assert done.returncode == 1
    assert b"evil.md" in done.stdout + done.stderr
    assert not made.exists()


@pytest.mark.slow
def test_tags_in_settings_keys_and_themes_are_refused_and_told(stage: Stage, tmp_path: Path) -> None:
    made = tmp_path / "made"
    tag = TAG.format(made)
    (stage.folder / "themes").mkdir(parents=True)
    for name in ("evil.yaml", "evil.json", "evil.toml"):
        (stage.folder / "themes" / name).write_text(f"name: {tag}\nprimary: {tag}\n")
    stage.settings(more=f"theme: {tag}\nkeys: {{thread.new: {tag}}}\nkeymap: {tag}\n")
    program = stage.open("settings.yaml")
    program.leave()
    assert not made.exists()
    assert b"settings.yaml" in command(stage, "assistants", "list").stderr
    assert not made.exists()


@pytest.mark.slow
def test_references_in_schemas_are_not_followed(
    stage: Stage, tmp_path: Path, endpoint: ScriptedEndpoint, trap: Trap
) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"type": "object", "description": "TOPSECRET"}')
    stage.settings(endpoint.base_url)
    for number, address in enumerate((f"{trap.base_url}/schema.json", secret.as_uri(), "/etc/passwd")):
        schema = {"type": "object", "properties": {"a": {"$ref": address}}, "$schema": address, "$id": address}
        tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
        form = {"type": "json_schema", "json_schema": {"name": "s", "schema": schema}}
        body = {"name": f"Bot {number}", "model": "scripted/scripted-model", "tools": [tool], "response_format": form}
        file = tmp_path / f"bot-{number}.json"
        file.write_text(json.dumps(body))
        endpoint.queue(Say('{"a": 1}'))
        command(stage, "import", str(file))
        assert command(stage, "ask", f"Bot {number}", "hello").stdout.strip() == b'{"a": 1}'
    assert all("TOPSECRET" not in json.dumps(call.body) for call in endpoint.posts)
    program = stage.start("--assistant", "Bot 1")
    program.until("Bot 1", "[x] Functions", timeout=PATIENCE)
    program.leave()
    assert "TOPSECRET" not in program.shown()


@pytest.mark.slow
def test_pictures_and_links_of_a_reply_are_not_read(
    stage: Stage, tmp_path: Path, endpoint: ScriptedEndpoint, trap: Trap
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    address = trap.base_url
    endpoint.default = Say(
        f"![a]({secret}) ![b]({secret.as_uri()}) ![c]({address}/c.png)\n\n[d]: {secret.as_uri()}\n\n"
        f"<img src='{address}/e.png'><iframe src='{secret.as_uri()}'></iframe>"
        f"\n\n.. include:: {secret}\n\n@{secret}\n\nEND"
    )
    stage.settings(endpoint.base_url)
    program = stage.open()
    program.write("show me\r")
    program.until("END", timeout=PATIENCE)
    program.leave()
    assert "TOPSECRET" not in program.shown()
    assert b"TOPSECRET" not in command(stage, "ask", "Untitled 1", "show me").stdout


@pytest.mark.slow
def test_hostile_names_stay_inside_the_folder_of_a_pull(stage: Stage, tmp_path: Path) -> None:
    stage.settings()
    folder, given = tmp_path / "deep" / "er" / "folder", []
    for number, name in enumerate(("../../outside", "/outside", "..", EVIL, "con", "a" * 250, "\u202etxt.exe")):
        given.append(tmp_path / f"bot-{number}.json")
        given[-1].write_text(json.dumps({"name": name, "model": "demo/demo", "instructions": f"Hello {number}"}))
    assert command(stage, "import", *map(str, given)).returncode == 0
    folder.mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    assert command(stage, "pull", str(folder)).returncode == 0
    written = {path for path in tmp_path.rglob("*") if path not in before and stage.folder not in path.parents}
    files = {path for path in written if path.is_file()}
    assert len(files) >= len(given)
    assert all(folder in path.parents for path in files)
    assert all(path.name.isprintable() for path in files)


def test_hostile_names_of_files_are_shown_harmless(stage: Stage, tmp_path: Path) -> None:
    stage.settings()
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("\x1b[2J\x07\x9b31m.json", "\u202egnp.md", "[red]x.json", "new\nline.json"):
        (folder / name).write_text("no assistant")
    done = command(stage, "import", str(folder))
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count(b"!") >= 3


@pytest.mark.slow
def test_a_huge_line_is_answered_or_refused_in_a_sentence(stage: Stage, tmp_path: Path) -> None:
    stage.settings()
    bot = tmp_path / "bot.json"
    bot.write_text(json.dumps({"name": "Bot", "model": "demo/demo"}))
    command(stage, "import", str(bot))
    assert command(stage, "ask", "Bot", given="x" * 100_000).returncode == 0
    assert len(command(stage, "ask", "Bot", given="x" * 5_000_000).stderr) < 2_000
    unknown = command(stage, "assistants", "show", "x" * 100_000)
    assert unknown.returncode == 1
    assert len(unknown.stderr) < 2_000
