"""The instructions: exact text, undo, count, search, zoom, the person's own editor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.document._document import EditResult
from textual.document._syntax_aware_document import SyntaxAwareDocument

from playground_tui.tui.config.editor import HIGHLIGHT_CHARACTERS, Editor
from playground_tui.tui.config.find_bar import FindBar
from playground_tui.workspace.values import RawEdit
from tests.support.config_demo import SAMPLE, make_draft
from tests.tui_config.conftest import Stage, Staged


async def test_the_count_is_of_characters(staged: Staged) -> None:
    async with staged(make_draft(instructions="日本🙂")) as stage:
        assert "3 / 256,000" in stage.picture()


async def test_ctrl_home_and_end_go_to_the_ends_of_the_text(staged: Staged) -> None:
    async with staged(make_draft(instructions="one\ntwo")) as stage:
        await stage.go_to("instructions")
        await stage.press("ctrl+end", "x", "ctrl+home", "y")
        assert stage.told("instructions")[-1] == "yone\ntwox"
        await stage.press("ctrl+shift+end", "z")
        assert stage.told("instructions")[-1] == "yz"


async def test_too_much_is_marked_and_kept(staged: Staged) -> None:
    text = ("x" * 99 + "\n") * 2_560
    async with staged(make_draft(instructions=text)) as stage:
        await stage.go_to("instructions")
        await stage.type("y")
        assert stage.told("instructions") == ["!y" + text]
        assert "At most 256,000 characters" in stage.picture()


async def test_line_ends_and_odd_separators_survive_an_edit(staged: Staged) -> None:
    text = "a\r\nb\u2028c\x0cd\r\n"
    async with staged(make_draft(instructions=text)) as stage:
        await stage.go_to("instructions")
        await stage.type("!")
        assert stage.told("instructions") == ["!" + text]


async def test_undo_goes_on_across_saves_but_not_across_assistants(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        await stage.go_to("instructions")
        await stage.type("ab")
        stage.app.show(replace(stage.app.draft, assistant_id="asst_1", base=stage.app.draft.values))
        await stage.press("ctrl+z")
        assert stage.told("instructions")[-1] == SAMPLE.values["instructions"]
        stage.app.show(make_draft(id="other", instructions="theirs"))
        await stage.pilot.pause()
        await stage.press("ctrl+z")
        assert stage.instructions.text == "theirs"


async def test_a_change_from_elsewhere_can_be_undone(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        await stage.go_to("instructions")
        stage.app.show(replace(SAMPLE, values={**SAMPLE.values, "instructions": "from elsewhere"}, revision=7))
        await stage.pilot.pause()
        assert stage.instructions.text == "from elsewhere"
        await stage.press("ctrl+z")
        assert stage.instructions.text == SAMPLE.values["instructions"]
        assert stage.told("instructions") == [SAMPLE.values["instructions"]]


async def test_tab_leaves_and_pane_keys_are_left_alone(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        await stage.go_to("instructions")
        await stage.press("f6", "f7")
        assert stage.instructions.selected_text == ""
        await stage.press("tab")
        assert stage.app.focused is stage.control("model")
        assert stage.said == []


async def coloured(stage: Stage) -> None:
    """The colours come a moment after the first frame."""
    while stage.instructions.language != "markdown":
        await stage.pilot.pause(0.02)


async def test_markdown_is_highlighted_until_it_is_too_large(staged: Staged) -> None:
    async with staged(make_draft(instructions="# Title")) as stage:
        editor = stage.instructions
        assert isinstance(editor, Editor)
        await coloured(stage)
        stage.app.show(make_draft(instructions=("x" * 79 + "\n") * (HIGHLIGHT_CHARACTERS // 80 + 1)))
        await stage.pilot.pause()
        assert editor.language is None
        assert "too large to colour" in stage.picture()
        await stage.go_to("instructions")
        await stage.press("ctrl+z")
        assert editor.language == "markdown"


async def test_a_large_paste_comes_in_whole(staged: Staged) -> None:
    text = "line of a paste\r" * 2_000
    async with staged() as stage:
        await stage.go_to("instructions")
        stage.instructions.post_message(events.Paste(text))
        await stage.type("z")
        assert stage.told("instructions")[-1] == text.replace("\r", "\n") + "z"


async def test_a_paste_beyond_highlighting_is_never_parsed(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    replace_range = SyntaxAwareDocument.replace_range

    def counted(document: SyntaxAwareDocument, start: tuple[int, int], end: tuple[int, int], text: str) -> EditResult:
        parsed.append(len(text))
        return replace_range(document, start, end, text)

    monkeypatch.setattr(SyntaxAwareDocument, "replace_range", counted)
    async with staged(make_draft(instructions="")) as stage:
        await coloured(stage)
        stage.instructions.post_message(events.Paste("short"))
        stage.instructions.post_message(events.Paste("line of a paste\r" * 5_000))
        stage.instructions.post_message(events.Key("x", "x"))
        await stage.type("z")
        assert stage.instructions.text.endswith("xz")
        assert parsed == [5]


async def test_find_goes_from_hit_to_hit(staged: Staged) -> None:
    async with staged(make_draft(instructions="One two\ntwo ONE\none")) as stage:
        await stage.go_to("instructions")
        await stage.press("ctrl+f")
        await stage.pilot.pause()
        await stage.type("one")
        assert stage.instructions.selected_text == "One"
        await stage.press("enter")
        assert stage.instructions.selection.start == (1, 4)
        assert "2 of 3" in stage.picture()
        await stage.press("up", "up")
        assert stage.instructions.selection.start == (2, 0)
        await stage.press("x")
        assert "none" in stage.picture()
        await stage.press("escape")
        assert stage.app.focused is stage.instructions
        assert not stage.pane.query_one(FindBar).display
        assert stage.said == []


async def test_zoom_shows_nothing_else_with_the_same_cursor(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        await stage.go_to("instructions")
        stage.instructions.move_cursor((2, 4))
        before = stage.instructions.size.height
        await stage.press("f4")
        assert "Temperature" not in stage.picture()
        assert stage.instructions.size.height > before
        await stage.type("x")
        await stage.press("f4")
        assert "Temperature" in stage.picture()
        assert stage.instructions.cursor_location == (2, 5)


async def test_the_zoomed_text_keeps_its_own_sentence_only(staged: Staged) -> None:
    raw = {"temperature": RawEdit("2.5", "A number from 0 to 2."), "instructions": RawEdit("x", "At most 256,000.")}
    async with staged(replace(SAMPLE, raw=raw)) as stage:
        assert "A number from 0 to 2." in stage.picture()
        await stage.go_to("instructions")
        await stage.press("f4")
        assert "A number from 0 to 2." not in stage.picture()
        assert "! At most 256,000." in stage.picture()
        await stage.type("y")
        assert "! At most 256,000." not in stage.picture()


async def test_the_zoom_sign_is_for_the_mouse(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        field = stage.control("instructions")
        await stage.pilot.click(field, offset=(field.outer_size.width - 2, 0))
        await stage.pilot.pause()
        assert stage.pane.has_class("-zoomed")


async def test_a_click_on_the_label_leads_into_the_text(staged: Staged) -> None:
    async with staged(SAMPLE) as stage:
        for name in ("name", "instructions"):
            await stage.pilot.click(stage.control(name), offset=(2, 0))
            await stage.pilot.pause()
            focused = stage.app.focused
            assert focused is not None
            assert stage.control(name) in focused.ancestors
        assert not stage.pane.has_class("-zoomed")


async def _edit_outside(stage: Stage, monkeypatch: pytest.MonkeyPatch, result: str, status: int = 0) -> None:
    def run(command: Sequence[str]) -> int:
        Path(command[-1]).write_text(result, encoding="utf-8")
        return status

    monkeypatch.setenv("VISUAL", "fake")
    stage.control("instructions").run_outside = run
    await stage.go_to("instructions")
    await stage.press("shift+f4")


async def test_the_own_editor_makes_one_edit(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged(SAMPLE) as stage:
        await _edit_outside(stage, monkeypatch, "from outside")
        assert stage.told("instructions") == ["from outside"]
        await stage.press("ctrl+z")
        assert stage.told("instructions")[-1] == SAMPLE.values["instructions"]


async def test_what_was_typed_has_arrived_before_the_own_editor_opens(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with staged(make_draft(instructions="a")) as stage:
        await stage.go_to("instructions")
        await stage.press("end", "b")
        await _edit_outside(stage, monkeypatch, "abc")
        assert stage.app.kept_before_outside == "ab"
        assert stage.told("instructions") == ["ab", "abc"]


async def test_the_own_editor_may_give_up(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    async with staged(SAMPLE) as stage:
        await _edit_outside(stage, monkeypatch, "half", status=1)
        assert stage.said == []
        assert stage.instructions.text == SAMPLE.values["instructions"]
