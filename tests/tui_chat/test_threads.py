from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from playground_tui.tui.threads.metadata import from_lines, to_lines
from playground_tui.workspace.values import AssistantListing, AssistantRow, ThreadListing, ThreadRow
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import Open
from tests.tui.test_main_flow import main


@pytest.fixture
def listed(workspace: FakeWorkspace) -> FakeWorkspace:
    now = workspace.clock.now()
    old = (now - timedelta(days=90)).timestamp()
    rows = (
        ThreadRow("thread_1", "Refund questions", used_at=now.timestamp(), preview="What?"),
        ThreadRow("thread_2", "Trip to Rome", used_at=old, preview="Where?"),
        ThreadRow("thread_3", "Old drafts", used_at=old, has_unsent=True, preview="Well"),
        ThreadRow("thread_4", "Recipes", used_at=old, preview="How?"),
    )
    workspace.threads.listing.set(ThreadListing(rows))
    workspace.threads.snippets["thread_4"] = "a cake for the Rome party"
    return workspace


async def test_a_search_shows_where_the_words_stand(open_app: Open, listed: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", *"Rome")
        await opened.until(lambda: "a cake for the Rome party" in opened.text())
        assert "Trip to Rome" in opened.text()
        assert "Refund" not in "\n".join(opened.text().split("\n")[4:])
        await opened.press("down", "enter")
        await opened.until(lambda: listed.calls.of("open_thread") == [("thread_4",)])


@pytest.mark.slow
async def test_a_deleted_thread_is_brought_back(open_app: Open, listed: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", "down", "f8")
        await opened.until(lambda: listed.calls.of("discard") == [("thread_2",)])
        await opened.until(lambda: any("brings back" in notice for notice in opened.notices()))
        await opened.press("f9")
        await opened.until(lambda: listed.calls.of("restore") == [("thread_2",)])


async def test_many_are_cleaned_up_but_none_with_unsent_text(open_app: Open, listed: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", "f5", "u")
        await opened.until(lambda: "✓ 2 marked" in opened.text())
        await opened.press("f8")
        await opened.until(lambda: listed.calls.of("discard") == [("thread_2", "thread_4")])


@pytest.mark.slow
async def test_the_threads_of_one_assistant_and_of_those_that_are_gone_are_marked(
    open_app: Open, listed: FakeWorkspace
) -> None:
    mine = AssistantListing((AssistantRow("asst_1", "Support bot", "demo/demo"),), "server")
    listed.assistants.listing.set(mine)
    owners = ("asst_1", "asst_gone", "asst_1", "asst_1")
    rows = zip(listed.threads.listing.value.rows, owners, strict=True)
    listed.threads.listing.set(ThreadListing(tuple(replace(row, assistant_id=owner) for row, owner in rows)))
    async with open_app() as opened:
        await opened.press("ctrl+r", "f5")
        await opened.until(lambda: "Of Support bot" in opened.text())
        await opened.press("a")
        await opened.until(lambda: "✓ 2 marked" in opened.text())  # not the one with unsent text
        await opened.press("f5", "g")
        await opened.until(lambda: "✓ 1 marked" in opened.text())
        await opened.press("f8")
        await opened.until(lambda: listed.calls.of("discard") == [("thread_2",)])


async def test_no_assistant_counts_as_gone_while_the_list_is_not_the_servers(
    open_app: Open, listed: FakeWorkspace
) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", "f5")
        await opened.until(lambda: "Unused for 30 days" in opened.text())
        assert "that are gone" not in opened.text()


@pytest.mark.slow
async def test_marked_threads_go_into_one_data_set(open_app: Open, listed: FakeWorkspace, tmp_path: Path) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", "f6", "f6")
        assert "✓ 2 marked" in opened.text()
        await opened.press("f7", "home", *f"{tmp_path}/")
        await opened.press("end", "enter")
        file = tmp_path / "threads.jsonl"
        await opened.until(file.exists)
        assert file.read_text() == "thread_1 as jsonl\nthread_2 as jsonl\n"
        assert listed.calls.of("export")[0] == ("thread_1", "jsonl", "Be kind.")


@pytest.mark.slow
async def test_one_thread_is_exported_to_markdown(open_app: Open, listed: FakeWorkspace, tmp_path: Path) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", "f7", "home", *f"{tmp_path}/", "enter")
        await opened.until((tmp_path / "refund-questions.md").exists)


async def test_metadata_is_edited_as_lines(open_app: Open, listed: FakeWorkspace) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+r", "f4")
        await opened.until(lambda: "team: billing" in opened.text())
        await opened.press("enter", *"state: open", "ctrl+s")
        await opened.until(lambda: listed.calls.of("set_metadata"))
        [(thread_id, metadata)] = listed.calls.of("set_metadata")
        assert thread_id == "thread_1"
        assert metadata == {"title": "Refund questions", "team": "billing", "state": "open"}


async def test_the_list_fits_in_80_by_24(open_app: Open, listed: FakeWorkspace) -> None:
    async with open_app(80, 24) as opened:
        await opened.press("ctrl+r")
        for words in ("Refund questions", "f10 import", "esc close"):
            assert words in opened.text()


async def test_the_open_thread_is_deleted_at_once_with_undo(open_app: Open, listed: FakeWorkspace) -> None:
    listed.conversation.value.become(thread_id="thread_1", title="Refund questions")
    async with open_app() as opened:
        await main(opened).run_action("delete_thread")
        await opened.until(lambda: listed.calls.of("discard") == [("thread_1",)])


def test_lines_and_metadata() -> None:
    assert from_lines("a: b: c\n\n d :\n") == {"a": "b: c", "d": ""}
    assert to_lines({"a": "b"}) == "a: b"
