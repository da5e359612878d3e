from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest

from playground_tui.tui.screens.assistants import AssistantsScreen
from playground_tui.tui.screens.main import MainScreen
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import RowList
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.values import (
    AssistantListing,
    AssistantRow,
    ModelListing,
    ModelRow,
    ThreadListing,
    ThreadRow,
)
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open, Opened
from tests.tui.test_main_flow import main

ROWS = (
    AssistantRow("asst_1", "Support bot", "demo/demo", "Answers billing questions"),
    AssistantRow("asst_2", "Translator", "openai/gpt-6-astra", unsaved=True),
    AssistantRow("draft_3", "", "demo/demo", instructions="Write haiku about [b]rain[/b]", is_draft=True),
)
THREADS = (
    ThreadRow("thread_1", "Refund questions", preview="What is the refund policy?"),
    ThreadRow("thread_2", "Trip to Rome", has_unsent=True),
)


def picker(opened: Opened) -> PickScreen:
    screen = opened.app.screen
    assert isinstance(screen, PickScreen)
    return screen


async def test_an_empty_list_says_what_it_is_for_and_which_key_fills_it(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+o")
        assert "ctrl+n" in opened.text()
        await opened.press("escape", "ctrl+r")
        assert "The first message" in opened.text()


async def test_assistants_are_found_and_opened_by_keys(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    async with open_app() as opened:
        await opened.press("ctrl+o")
        for words in ("● Support bot", "Translator · unsaved", "New assistant · draft", "[b]rain[/b]"):
            assert words in opened.text()
        await opened.press(*"trans", "enter")
        assert workspace.calls.of("open_assistant") == [("asst_2",)]
        assert main(opened).focused is main(opened).chat.box


@pytest.mark.slow
async def test_a_click_marks_and_a_second_one_opens(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    async with open_app() as opened:
        await opened.press("ctrl+o")
        await opened.click_text("Translator")
        assert picker(opened).rows.row.id == "asst_2"  # type: ignore[union-attr]
        await opened.click_text("Translator")
        assert workspace.calls.of("open_assistant") == [("asst_2",)]


async def test_delete_asks_first_and_esc_or_keep_keeps(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    async with open_app() as opened:
        await opened.press("ctrl+o", "down", "f8")
        assert "Delete “Translator" in opened.text()
        await opened.press("escape", "f8", "enter")
        assert workspace.calls.of("delete_assistant") == []
        await opened.press("f8", "left", "enter")
        await opened.until(lambda: workspace.calls.of("delete_assistant") == [("asst_2",)])
        await opened.until(lambda: "asst_2" not in [row.id for row in picker(opened).rows.rows])


@pytest.mark.slow
async def test_delete_by_mouse(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    async with open_app() as opened:
        await opened.press("ctrl+o")
        await opened.click_text("f8 delete")
        await opened.click("#delete")
        await opened.until(lambda: workspace.calls.of("delete_assistant") == [("asst_1",)])


async def test_duplicate_opens_the_copy(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    async with open_app() as opened:
        await opened.press("ctrl+o", "f5")
        await opened.until(lambda: workspace.calls.of("open_assistant") == [("asst_1_copy",)])


async def test_new_from_the_list(open_app: Open, workspace: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+o", "ctrl+n")
        await opened.until(lambda: "new_assistant" in workspace.calls.names())
        assert isinstance(opened.app.screen, MainScreen)


async def test_a_list_that_could_not_be_refreshed_says_so_and_stays(open_app: Open, workspace: FakeWorkspace) -> None:
    failure = Failure("offline", "The server was not reached.", "This list is the one kept here.")
    workspace.assistants.listing.set(AssistantListing(ROWS, failure=failure))
    async with open_app() as opened:
        await opened.press("ctrl+o")
        assert "! The server was not reached. This list is the one kept here." in opened.text()
        assert "Translator" in opened.text()


async def test_ten_thousand_rows_are_drawn_only_where_seen(open_app: Open, workspace: FakeWorkspace) -> None:
    rows = tuple(AssistantRow(f"asst_{n}", f"Bot {n}", "demo/demo") for n in range(10_000))
    workspace.assistants.listing.set(AssistantListing(rows))
    drawn = []
    original = AssistantsScreen._row

    class Counting(AssistantsScreen):
        def _row(self, item):  # type: ignore[no-untyped-def]
            drawn.append(item.id)
            return original(self, item)

    async with open_app() as opened:
        opened.app.push_screen(Counting(workspace, main(opened)))  # type: ignore[arg-type]
        await opened.pilot.pause()
        await opened.press("9", "9", "9", "9")
        assert "Bot 9999" in opened.text()
        assert len(set(drawn)) < 500


async def test_a_listing_that_changes_while_its_list_closes_is_nobodys_failure(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    heard = []

    class Late(AssistantsScreen):
        def on_unmount(self) -> None:
            workspace.assistants.listing.set(AssistantListing(ROWS[:1]))
            heard.append(True)

    async with open_app() as opened:
        opened.app.push_screen(Late(workspace, main(opened)))  # type: ignore[arg-type]
        await opened.pilot.pause()
        await opened.press("escape")
        await opened.until(lambda: heard)


async def test_a_closed_list_is_let_go_with_what_it_drew(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.assistants.listing.set(AssistantListing(ROWS))
    async with open_app() as opened:
        await opened.press("ctrl+o")
        rows = weakref.ref(opened.app.screen.query_one(RowList))
        drawn = weakref.ref(opened.app.screen.query_one(RowList)._styles_cache)
        await opened.press("escape")
        await opened.until(lambda: (found := rows()) is None or not found.is_running)
        gc.collect()
        assert drawn() is None


async def test_threads_are_searched_and_resumed(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.threads.listing.set(ThreadListing(THREADS))
    async with open_app() as opened:
        await opened.press("ctrl+r")
        assert "Trip to Rome · unsent text" in opened.text()
        await opened.press(*"rome", "enter")
        assert workspace.calls.of("open_thread") == [("thread_2",)]


async def test_threads_are_renamed_and_deleted(open_app: Open, workspace: FakeWorkspace) -> None:
    workspace.threads.listing.set(ThreadListing(THREADS))
    async with open_app() as opened:
        await opened.press("ctrl+r", "f2", "end", "!", "enter")
        await opened.until(lambda: workspace.calls.of("rename_thread") == [("thread_1", "Refund questions!")])
        await opened.until(lambda: "Refund questions!" in opened.text())
        await opened.press("f8")
        await opened.until(lambda: workspace.calls.of("discard") == [("thread_1",)])


async def test_models_are_grouped_searched_and_any_name_is_taken(open_app: Open, workspace: FakeWorkspace) -> None:
    rows = (
        ModelRow("demo/demo", "demo"),
        ModelRow("openai/gpt-6-astra", "openai"),
        ModelRow("openai/embed", "openai", True),
    )
    workspace.models.listing.set(ModelListing(rows, {"ollama": Failure("offline", "Ollama was not reached.")}))
    async with open_app() as opened:
        await opened.press("f2")
        assert "● demo/demo" in opened.text()
        assert "openai/embed" not in opened.text()
        assert "! Ollama was not reached." in opened.text()
        await opened.press("f2")
        assert "openai/embed" in opened.text()
        await opened.press(*"astra", "enter")
        assert workspace.calls.of("edit") == [("model", "openai/gpt-6-astra")]
        await opened.press("f2", *"my/own", "enter")
        assert workspace.calls.of("edit")[-1] == ("model", "my/own")


async def test_a_heading_cannot_be_chosen(open_app: Open) -> None:
    async with open_app() as opened:
        await opened.press("f2", "home", "pageup", "up")
        rows = picker(opened).rows
        assert rows.row is not None
        assert not rows.row.heading


async def test_the_connection_names_server_state_and_providers(open_app: Open, workspace: FakeWorkspace) -> None:
    state = replace(workspace.connection.value, notice="No model is connected; this is the demo.")
    workspace.connection.set(state)
    async with open_app() as opened:
        await opened.press("f3")
        for words in ("● local", "● connected", "demo", "No model is connected"):
            assert words in opened.text()
        await opened.press("enter")
        assert workspace.calls.of("use_server") == [("local",)]


async def test_a_server_that_is_away_is_told_before_the_first_message_and_asked_again(
    open_app: Open, workspace: FakeWorkspace
) -> None:
    failure = Failure("offline", "Work was not reached.")
    workspace.connection.set(replace(workspace.connection.value, phase="offline", failure=failure))
    workspace.models.listing.set(ModelListing((), {"work": failure}))
    async with open_app() as opened:
        await opened.until(lambda: "! Work was not reached." in opened.text())
        await opened.press("f2")
        assert "work: Work" not in opened.text()
        await opened.until(lambda: ("refresh_models",) in workspace.calls)
