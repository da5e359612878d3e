"""Hostile text in every place of a message: nothing reaches the terminal but text, and nothing raises."""

from __future__ import annotations

import io
import re

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from playground_tui.workspace.values import ChatMessage, Citation, ReplyFacts, RunView, ToolCallView
from tests.chat_view.conftest import AT, ChatApp

ATTACKS = {
    "title": "\x1b]0;owned\x07",
    "colour": "\x1b[31m",
    "c1": "\x9b31m\x9d0;owned\x9c",
    "clipboard": "\x1b]52;c;b3duZWQ=\x1b\\",
    "markup": "[@click=app.quit]click[/] [link=http://evil]x[/link]",
    "bidirectional": "\u202eevil\u202c \u2066x\u2069",
    "surrogate": "\ud800 \udfff",
    "zero width": "a\u200b\u2060\ufeffb",
    "marks": "a" + "\u0301" * 500,
    "nul": "\x00\x08\x7f",
    "lines": "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g",
    "deep": ">" * 500 + " x\n" + "- " * 300 + "y\n" + "[" * 3_000,
    "hyperlink": "[x](http://a.b/\x1b]8;;evil\x1b\\) <http://a.b/\x07>",
}
OWN = re.compile(
    r"\x1b\[[0-9;?<>=]*[a-zA-Z$]"  # styles, cursor, modes: all that Textual itself sends
    r"|\x1b[=>]|\x1bP=[12]s\x1b\\|\x1b\]22;[a-z]*\x07"
)


class Recorder(HeadlessDriver):
    written = io.StringIO()
    is_headless = False  # so that the app paints to it

    def write(self, data: str) -> None:
        Recorder.written.write(data)


def attacked(attack: str) -> list[ChatMessage]:
    call = ToolCallView("call", "function", attack, attack, attack, True, 1.0)
    citation = Citation("【1】", attack, attack)
    facts = ReplyFacts(attack, 1, 1.0)
    table = f"| {attack} |\n|--|\n| {attack} |"
    text = f"{attack}\n\n```{attack.split(chr(10))[0]}\n{attack}\n```\n\n{table}\n\n【1】 `{attack}`"
    return [
        ChatMessage("m1", "user", attack, AT, author=attack, remark=attack),
        ChatMessage(
            "m2", "assistant", text, AT, "failed", attack, "run", (call,), (citation,), note=attack, facts=facts
        ),
    ]


@pytest.mark.parametrize("name", ATTACKS)
async def test_no_sequence_reaches_the_terminal(name: str) -> None:
    attack = ATTACKS[name]
    app = ChatApp()
    app.driver_class = Recorder
    Recorder.written = io.StringIO()
    async with app.run_test(size=(50, 60), headless=False) as pilot:
        app.view.show(attacked(attack))
        app.view.set_waiting(RunView("tool", what=attack, since=AT))
        await pilot.pause()
        for key in ("home", "left", "left", "left", "pagedown", "end"):
            await pilot.press(key)
        app.view.find(attack[:20])
        await pilot.pause()
    written = Recorder.written.getvalue()
    assert "Failed" in written
    rest = OWN.sub("", written)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", rest)


async def test_a_megabyte_in_one_line(app: ChatApp) -> None:
    async with app.run_test(size=(60, 14)) as pilot:
        app.view.show(
            [ChatMessage("m", "assistant", "x" * 1_000_000, AT), ChatMessage("u", "user", "y " * 500_000, AT)]
        )
        await pilot.pause()
        await pilot.press("pageup", "home", "pagedown", "end")
        assert app.view.following
