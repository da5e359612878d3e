"""Rows of the editors that are taken from the ones drawn before, and colours that come later, look as Textual would
draw them anew."""

from __future__ import annotations

import random

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from playground_tui.tui.config import late_colours
from playground_tui.tui.config.editor import Editor
from playground_tui.tui.widgets.kept_rows import KeptRows
from playground_tui.tui.widgets.message_box import MessageBox

PIECES = (
    "x",
    " ",
    "**bold** ",
    "\n",
    "# Title\n",
    "\n\n",
    "- one\n",
    "`code` ",
    "日本 ",
    "é",
    "(a) ",
    "```\n",
    "\t",
    "word " * 9,
)
KEYS = (
    "left",
    "right",
    "up",
    "down",
    "home",
    "end",
    "backspace",
    "delete",
    "enter",
    "shift+left",
    "shift+down",
    "ctrl+z",
)


class OneEditor(App[None]):
    CSS = "Editor { width: 40; height: 12; } MessageBox { width: 40; height: 6; }"

    def __init__(self, editor: TextArea) -> None:
        super().__init__()
        self.editor = editor

    def compose(self) -> ComposeResult:
        yield self.editor


def drawn_anew(editor: TextArea) -> list[Strip]:
    """What Textual draws, from nothing that was kept."""
    return [TextArea._render_line(editor, y) for y in range(editor.size.height)]


def shown(editor: TextArea) -> list[Strip]:
    return [editor.render_line(y) for y in range(editor.size.height)]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["markdown", "json", "message"])
async def test_kept_rows_look_as_if_drawn_anew(kind: str, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    editor = MessageBox() if kind == "message" else Editor("", highlight=kind)
    app = OneEditor(editor)
    async with app.run_test(size=(60, 20)) as pilot:
        editor.focus()
        editor.load_text("".join(chance.choices(PIECES, k=60)))
        await pilot.pause(0.2)
        assert isinstance(editor, KeptRows)
        for _ in range(25):
            if chance.random() < 0.5:
                editor.replace(chance.choice(PIECES), *editor.selection, maintain_selection_offset=False)
                await pilot.pause()
            else:
                await pilot.press(chance.choice(KEYS))
            if editor.text:
                assert shown(editor) == drawn_anew(editor)
        app.theme = "textual-light"
        app.set_focus(None)
        await pilot.pause()
        if editor.text:
            assert shown(editor) == drawn_anew(editor)


async def test_a_key_draws_only_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor("\n".join(f"line {n} of the *text*" for n in range(100)), highlight="markdown")
    app = OneEditor(editor)
    async with app.run_test(size=(60, 20)) as pilot:
        editor.focus()
        editor.move_cursor((5, 3))
        await pilot.pause(0.3)
        await pilot.press("x")
        drawn = []
        draw = TextArea._render_line
        monkeypatch.setattr(TextArea, "_render_line", lambda self, y: (drawn.append(y), draw(self, y))[1])
        await pilot.press("x")
        assert drawn == [5]


async def test_a_long_text_gets_its_colours_once_no_key_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_colours, "AT_ONCE", 100)
    lines = [f"plain words {n}" for n in range(40)]
    editor, anew = Editor("", highlight="markdown"), Editor("", highlight="markdown")
    app = OneEditor(editor)
    async with app.run_test(size=(60, 20)) as pilot:
        editor.open_text("\n\n".join(lines))
        editor.focus()
        await pilot.pause(0.3)
        await pilot.press("#", "space")
        await pilot.pause(0.5)
        strips = shown(editor)
    async with OneEditor(anew).run_test(size=(60, 20)) as pilot:
        anew.open_text("# " + "\n\n".join(lines))
        anew.focus()
        anew.selection = Selection.cursor((0, 2))
        await pilot.pause(0.3)
        assert shown(anew) == strips
        anew.open_text("\n\n".join(lines))
        assert shown(anew) != strips


async def test_only_drawn_rows_are_asked_for_their_colours() -> None:
    editor = Editor("", highlight="markdown")
    async with OneEditor(editor).run_test(size=(60, 20)) as pilot:
        editor.focus()
        editor.open_text("\n".join(f"# {n}" for n in range(1_000)))
        await pilot.pause(0.3)
        asked = []
        query = editor.document.query_syntax_tree
        editor.document.query_syntax_tree = lambda *args: (asked.append(args[1:]), query(*args))[1]  # type: ignore[method-assign]
        await pilot.press("x")
        assert asked == [((0, 0), (late_colours.BLOCK, 0))]
