"""Versions on the screen: listed, compared, labelled, restored."""

from __future__ import annotations

import pytest

from playground_tui.tui.versions.diff_screen import DiffScreen
from playground_tui.tui.versions.screen import VersionsScreen
from playground_tui.tui.versions.words import note_words
from playground_tui.workspace.versions import VersionRow
from tests.tui_assistants.conftest import Bench, OpenBench


async def make_versions(bench: Bench) -> None:
    """Three: as it began, another text, another temperature and text."""
    editor = bench.workspace.editor
    editor.edit("instructions", "Be kind and brief.\nNever promise a date.")
    await editor.save()
    await bench.advance(60)
    editor.edit("temperature", 1.0)
    editor.edit("instructions", "Be kind and precise.\nNever promise a date.")
    await editor.save()
    await bench.pilot.pause()


async def test_versions_are_listed_with_time_and_changed_fields(bench: OpenBench) -> None:
    async with bench() as at:
        await make_versions(at)
        await at.press("f8")
        await at.sees("Versions of Support bot", "3  14:01", "Instructions, Temperature", "2  14:00", "as it began")
        await at.sees("version 2", "version 3", "brief", "precise")


@pytest.mark.slow
async def test_an_empty_list_says_what_it_is_for(bench: OpenBench) -> None:
    async with bench() as at:
        await at.press("ctrl+n", "f8")
        await at.sees("Versions will be listed here")
        await at.press("escape")
        assert at.app.screen is at.main


async def test_a_version_is_restored_as_a_new_one(bench: OpenBench) -> None:
    async with bench() as at:
        await make_versions(at)
        await at.press("f8")
        await at.sees("as it began")
        await at.press("end", "r")
        await at.until(lambda: at.workspace.editor.draft.value.values["instructions"] == "Be kind.")
        await at.until(lambda: at.world.server.saves[-1] == {"instructions": "Be kind.", "temperature": 0.2})
        rows = await at.workspace.versions.listing(at.workspace.editor.draft.value.id)
        assert [row.number for row in rows] == [4, 3, 2, 1]
        assert any("Version 1 is back" in notice for notice in at.notices())


@pytest.mark.slow
async def test_labels_and_notes_stand_in_the_list(bench: OpenBench) -> None:
    async with bench() as at:
        await make_versions(at)
        await at.press("f8")
        await at.sees("as it began")
        await at.press("l", *"prod", "enter")
        await at.sees("prod")
        await at.press("n", *"shipped", "enter")
        await at.sees("shipped")
        await at.press("down", "l", *"prod", "enter")
        rows = at.workspace.versions
        await at.until(lambda: at.text().count("prod") == 1)
        labels = {row.number: row.label for row in await rows.listing(at.workspace.editor.draft.value.id)}
        assert labels == {3: "", 2: "prod", 1: ""}


@pytest.mark.slow
async def test_any_two_versions_and_the_form_are_compared(bench: OpenBench) -> None:
    async with bench() as at:
        await make_versions(at)
        at.workspace.editor.edit("description", "Only in the form")
        await at.press("f8")
        await at.sees("as it began")
        await at.press("end", "m", "home")
        await at.sees("version 1", "◆", "version 3")
        await at.press("f")
        await at.sees("the form now", "Only in the form")
        await at.press("b")
        await at.sees("version 2")


@pytest.mark.slow
async def test_the_mouse_does_it_too_at_80_columns(bench: OpenBench) -> None:
    async with bench(80, 24) as at:
        await make_versions(at)
        await at.press("f8")
        await at.sees("as it began")
        await at.click("as it began")
        await at.click("r restore")
        await at.until(lambda: at.workspace.editor.draft.value.values["instructions"] == "Be kind.")
        assert not isinstance(at.app.screen, VersionsScreen)


async def test_a_change_from_elsewhere_can_be_looked_at_and_undone(bench: OpenBench) -> None:
    async with bench() as at:
        editor, server = at.workspace.editor, at.world.server
        assistant_id = editor.draft.value.assistant_id or ""
        server.change(assistant_id, description="theirs", instructions="theirs too")
        editor.edit("instructions", "mine")
        await at.advance(3)
        assert any("changed elsewhere" in notice for notice in at.notices())
        await at.click("! changed elsewhere")
        screen = at.app.screen
        assert isinstance(screen, DiffScreen)
        await at.sees("Description: not edited here", "Instructions: edited on both sides", "theirs too", "mine")
        await at.press("left", "enter")
        await at.until(lambda: editor.draft.value.values["instructions"] == "theirs too")
        assert "description" not in editor.draft.value.values
        await at.advance(3)
        assert server.assistants[assistant_id]["instructions"] == "theirs too"
        assert server.assistants[assistant_id]["description"] is None
        await at.run("show_outside")
        assert any("Nothing was changed elsewhere" in notice for notice in at.notices())


def test_where_a_version_comes_from_is_not_what_is_cut_off() -> None:
    version = VersionRow(3, 0.0, 0.0, None, "elsewhere", ("instructions", "model"), "", "theirs")
    assert note_words(version) == "“theirs” · changed elsewhere · Instructions, Model"
