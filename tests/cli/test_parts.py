"""The parts of the command line and of folders that need no process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground_tui.cli.answers import read_answers
from playground_tui.cli.exits import CommandFailed
from playground_tui.cli.harmless import harmless, harmless_json, one_line
from playground_tui.cli.output import Out
from playground_tui.cli.reply import ReplyWriter, parsed
from playground_tui.workspace.clock import SystemClock
from playground_tui.workspace.exchange.folder import FoundFile, Known, in_order, match, read_folder
from playground_tui.workspace.values import Added, Changed, ChatMessage, Grew


@given(st.text())
def test_no_control_reaches_a_terminal(text: str) -> None:
    shown = harmless(text)
    assert all(char in "\n\t" or (char >= " " and not "\x7f" <= char < "\xa0") for char in shown)
    assert "\n" not in one_line(text)
    encoded = harmless_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(encoded) == text
    assert not any("\x7f" <= char < "\xa0" for char in encoded)


@pytest.mark.parametrize("text", ["NaN", "{", "", "[" * 100_000])
def test_what_is_no_json_is_not_parsed(text: str) -> None:
    assert parsed(text) == {}


def message(message_id: str, text: str) -> ChatMessage:
    return ChatMessage(message_id, "assistant", text, SystemClock().now())


def test_a_stream_that_begins_again_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    writer = ReplyWriter(Out({}))
    writer.take([Added(message("local_1", "")), Grew("local_1", "Hel"), Grew("local_1", "lo")])
    writer.take([Changed("local_1", message("msg_1", "")), Grew("msg_1", "Hello"), Grew("msg_1", " you")])
    writer.take([Changed("msg_1", message("msg_1", "Hello you")), Added(message("msg_2", "More"))])
    writer.end()
    assert capsys.readouterr().out == "Hello you\n\nMore\n"


@pytest.mark.parametrize(
    "data",
    [
        {"thread": "thread_1", "run": "run_1", "calls": [{"id": "a", "output": {"x": 1}}, {"id": "b", "output": None}]},
        {"thread": "thread_1", "run": "run_1", "tool_calls": [{"id": "a", "output": '{"x": 1}'}]},
        {"thread": "thread_1", "run": "run_1", "tool_outputs": [{"tool_call_id": "a", "output": '{"x": 1}'}]},
        {"thread": "thread_1", "run": "run_1", "a": {"x": 1}},
    ],
)
def test_outputs_in_each_shape(tmp_path: Path, data: dict[str, Any]) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps(data))
    answers = read_answers(str(file), None)
    assert (answers.thread, answers.run, answers.outputs) == ("thread_1", "run_1", {"a": '{"x": 1}'})
    assert answers.complete([("a", "f")]) == {"a": '{"x": 1}'}
    with pytest.raises(CommandFailed, match="An output is missing for g"):
        answers.complete([("a", "f"), ("b", "g")])


@pytest.mark.parametrize("text", ["[]", "{", '{"calls": []}'])
def test_outputs_that_make_no_sense(tmp_path: Path, text: str) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(text)
    with pytest.raises(CommandFailed):
        read_answers(str(file), None)


# -- folders -----------------------------------------------------------------------------------------------------------


def states(files: list[FoundFile], docs: list[dict[str, Any]], known: dict[str, Known]) -> dict[str, str]:
    return {pair.file: pair.state for pair in match(files, docs, known)}


def test_who_changed_what() -> None:
    base = {"name": "Bot", "model": "m"}
    here, there = {**base, "top_p": 1}, {**base, "temperature": 1}
    known = {"bot.md": Known("asst_1", base)}
    doc = {"id": "asst_1"}
    assert states([FoundFile("bot.md", base)], [{**doc, **base}], known) == {"bot.md": "same"}
    assert states([FoundFile("bot.md", here)], [{**doc, **base}], known) == {"bot.md": "here"}
    assert states([FoundFile("bot.md", base)], [{**doc, **there}], known) == {"bot.md": "there"}
    assert states([FoundFile("bot.md", here)], [{**doc, **there}], known) == {"bot.md": "both"}
    assert states([FoundFile("bot.md", here)], [{**doc, **here}], known) == {"bot.md": "same"}
    assert states([], [{**doc, **base}], known) == {"bot.md": "gone_here"}
    assert states([FoundFile("bot.md", base)], [], known) == {"bot.md": "gone_there"}
    assert states([FoundFile("bot.md", base)], [{**doc, **there}], {}) == {"bot.md": "both"}
    assert states([FoundFile("bot.md", None, "broken")], [{**doc, **base}], known) == {"bot.md": "unreadable"}


def test_a_renamed_file_is_still_its_assistant() -> None:
    base, other = {"name": "Bot", "model": "m"}, {"name": "Other", "model": "m"}
    docs = [{"id": "asst_1", **base}, {"id": "asst_2", **other}]
    known = {"bot.md": Known("asst_1", base), "other.md": Known("asst_2", other)}
    edited = {**other, "top_p": 1}
    pairs = match([FoundFile("first.md", base), FoundFile("second.md", edited)], docs, known)
    assert [(pair.file, pair.id, pair.state, pair.was) for pair in pairs] == [
        ("first.md", "asst_1", "same", "bot.md"),
        ("second.md", "asst_2", "here", "other.md"),
    ]
    assert states([FoundFile("first.md", base)], docs[1:], known) == {"first.md": "gone_there", "other.md": "gone_here"}
    copies = match([FoundFile("a.md", base), FoundFile("b.md", base)], docs[:1], known)
    assert [(pair.file, pair.state) for pair in copies] == [("a.md", "same"), ("b.md", "only_here")]


def test_a_name_that_is_there_twice_matches_nothing() -> None:
    bot = {"name": "Bot", "model": "m"}
    docs = [{"id": "asst_1", **bot}, {"id": "asst_2", **bot}]
    assert states([FoundFile("bot.md", bot)], docs, {}) == {
        "bot.md": "only_here",
        "bot-2.md": "only_there",
        "bot-3.md": "only_there",
    }


@given(st.lists(st.text(max_size=300), max_size=5))
def test_no_name_becomes_a_path(names: list[str]) -> None:
    pairs = match([], [{"id": f"asst_{n}", "name": name, "model": "m"} for n, name in enumerate(names)], {})
    files = [pair.file for pair in pairs]
    assert len({file.lower() for file in files}) == len(names)
    assert all(Path(file).name == file and file.endswith(".md") and len(file) < 80 for file in files)


def test_what_did_not_change_keeps_its_order() -> None:
    old = {"tools": [{"b": 1, "a": 2}], "name": "x"}
    new = {"name": "y", "tools": [{"a": 2, "b": 1, "c": 3}], "model": "m"}
    assert json.dumps(in_order(new, old)) == json.dumps(
        {"tools": [{"b": 1, "a": 2, "c": 3}], "name": "y", "model": "m"}
    )


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Read me")
    (tmp_path / "data.csv").write_text("a,b")
    (tmp_path / ".hidden.md").write_text("---\nname: x\n---\n")
    (tmp_path / "bot.md").write_text("---\nname: Bot\n---\n")
    assert read_folder(tmp_path) == [FoundFile("bot.md", {"name": "Bot"})]
    assert read_folder(tmp_path / "none") == []
