from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from playground_tui.workspace.assistants import Assistants
from playground_tui.workspace.cache import AssistantCache
from playground_tui.workspace.failures import FailureError
from tests.support.clock import settle
from tests.workspace.world import World, quiet, saved, until


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


async def test_all_pages_are_listed_and_the_list_opens_offline(world: World) -> None:
    for number in range(250):
        world.server.put(name=f"Bot {number}")
    async with world.started() as workspace:
        listing = workspace.assistants.listing.value
        assert (len(listing.rows), listing.source) == (251, "server")
        assert len(world.server.sent("GET /v1/assistants")) == 3
    world.server.down = True
    async with world.started() as offline:
        listing = offline.assistants.listing.value
        assert (len(listing.rows), listing.source) == (251, "cache")
        assert listing.failure is not None
        assert listing.failure.kind == "offline"
        await offline.open_assistant("asst_00007")
        assert offline.editor.draft.value.values["name"] == "Bot 6"


async def test_a_server_that_ignores_the_cursor_does_not_loop(world: World) -> None:
    page = {"object": "list", "data": [world.server.put(name="Only")], "has_more": True}
    world.server.answer("GET /v1/assistants", httpx2.Response(200, json=page), times=5)
    async with world.started() as workspace:
        names = [row.name for row in workspace.assistants.listing.value.rows if not row.is_draft]
        assert names == ["Only"]


async def test_search_finds_every_word_in_any_field(world: World) -> None:
    world.server.put(name="Billing", description="About refunds", instructions="ÜBER alles", model="demo/fast")
    world.server.put(name="Support", instructions="Answer about billing.")
    async with world.started() as workspace:
        search = workspace.assistants.search

        def names(text: str) -> list[str]:
            return [row.name for row in search(text) if not row.is_draft]

        assert sorted(names("billing")) == ["Billing", "Support"]
        assert names("BILLING refund") == ["Billing"]
        assert names("über") == ["Billing"]
        assert names("demo/fast") == ["Billing"]
        assert names("nothing of this") == []
        assert len(names("")) == 2


async def test_a_duplicate_has_the_unsaved_edits_too(world: World) -> None:
    async with world.editing(tools=[{"type": "file_search"}]) as workspace:
        workspace.editor.set_paused(True)
        workspace.editor.edit("temperature", 0.9)
        copied = await workspace.assistants.duplicate(workspace.editor.draft.value.assistant_id or "")
        doc = world.server.assistants[copied]
        assert (doc["name"], doc["temperature"], doc["tools"]) == (
            "Support bot (copy)",
            0.9,
            [{"type": "file_search"}],
        )
        again = await workspace.assistants.duplicate(copied)
        assert world.server.assistants[again]["name"] == "Support bot (copy 2)"
        assert copied in {row.id for row in workspace.assistants.listing.value.rows}
        await workspace.open_assistant(copied)
        assert workspace.editor.draft.value.assistant_id == copied


async def test_deleting_the_open_assistant_shows_the_one_before_and_can_be_undone(world: World) -> None:
    other = world.server.put(name="Other")
    async with world.started() as workspace:
        await workspace.open_assistant(other["id"])
        await workspace.new_assistant()
        workspace.editor.edit("name", "Doomed")
        await workspace.editor.save()
        doomed = workspace.editor.draft.value.assistant_id or ""
        workspace.editor.edit("temperature", 0.4)
        await workspace.assistants.delete(doomed)
        await quiet(workspace)
        assert doomed not in world.server.assistants
        assert doomed not in {row.id for row in workspace.assistants.listing.value.rows}
        assert workspace.editor.draft.value.assistant_id == other["id"]
        back = await workspace.assistants.undo_delete(doomed)
        doc = world.server.assistants[back]
        assert (doc["name"], doc["temperature"]) == ("Doomed", 0.4)
        assert back in {row.id for row in workspace.assistants.listing.value.rows}
        await workspace.open_assistant(back)
        versions = await workspace.versions.listing(workspace.editor.draft.value.id)
        assert versions
        with pytest.raises(FailureError):
            await workspace.assistants.undo_delete(doomed)


async def test_deleting_a_draft_needs_no_server_and_the_last_one_leaves_a_new_one(world: World) -> None:
    async with world.started() as workspace:
        workspace.editor.edit("name", "Draft")
        draft_id = workspace.editor.draft.value.id
        world.server.down = True
        await workspace.assistants.delete(draft_id)
        assert workspace.editor.draft.value.id != draft_id
        assert workspace.editor.save_state.value.phase == "new"
        await workspace.assistants.undo_delete(draft_id)
        await workspace.open_assistant(draft_id)
        assert workspace.editor.draft.value.values["name"] == "Draft"


async def test_a_delete_that_fails_removes_nothing(world: World) -> None:
    async with world.editing() as workspace:
        doomed = workspace.editor.draft.value.assistant_id or ""
        world.server.down = True
        with pytest.raises(FailureError) as caught:
            await workspace.assistants.delete(doomed)
        assert caught.value.failure.kind == "offline"
        assert workspace.editor.draft.value.assistant_id == doomed
        world.server.down = False
        workspace.editor.edit("temperature", 0.9)
        await world.clock.advance(3)
        await saved(workspace)


async def test_one_gone_already_counts_as_deleted(world: World) -> None:
    async with world.editing() as workspace:
        doomed = workspace.editor.draft.value.assistant_id or ""
        del world.server.assistants[doomed]
        await workspace.assistants.delete(doomed)
        assert workspace.editor.draft.value.assistant_id is None


async def test_a_list_asked_for_before_a_save_does_not_undo_it(world: World) -> None:
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        gate = world.server.hold_answer("GET /v1/assistants")
        refreshing = asyncio.create_task(workspace.assistants.refresh())
        await gate.arrived.wait()
        workspace.editor.edit("name", "Saved meanwhile")
        await workspace.editor.save()
        doomed = await workspace.assistants.duplicate(assistant_id)
        await workspace.assistants.delete(doomed)
        gate.open()
        await refreshing
        names = {row.id: row.name for row in workspace.assistants.listing.value.rows if not row.is_draft}
        assert names == {assistant_id: "Saved meanwhile"}


async def test_a_list_that_is_opened_while_the_app_starts_is_filled_all_the_same(world: World) -> None:
    world.server.put(name="Of the server")
    workspace = world.open()
    gate = world.server.hold_answer("GET /v1/assistants")
    early = asyncio.create_task(workspace.assistants.refresh())
    starting = asyncio.create_task(workspace.start())
    await gate.arrived.wait()
    await until(lambda: world.server.sent("GET /v1/models"))
    gate.open()
    await asyncio.gather(early, starting)
    assert "Of the server" in {row.name for row in workspace.assistants.listing.value.rows}
    await workspace.close()


@pytest.mark.parametrize("late", ["read", "rows"])
async def test_an_old_cache_read_late_does_not_undo_the_servers_list(
    world: World, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.started() as workspace:
        assistants, gate, arrived = workspace.assistants, asyncio.Event(), asyncio.Event()
        what = (AssistantCache, "read") if late == "read" else (Assistants, "_build")
        real = getattr(*what)

        async def slow(*arguments: Any, **options: Any) -> Any:
            monkeypatch.undo()
            if late == "rows":
                to_thread = asyncio.to_thread

                async def slow_thread(*given: Any) -> Any:
                    monkeypatch.undo()
                    found = await to_thread(*given)
                    arrived.set()
                    await gate.wait()
                    return found

                monkeypatch.setattr(asyncio, "to_thread", slow_thread)
                return await real(*arguments, **options)
            found = await real(*arguments, **options)
            arrived.set()
            await gate.wait()
            return found

        monkeypatch.setattr(*what, slow)
        rereading = asyncio.create_task(assistants.reread())
        await arrived.wait()
        world.server.put(name="Listed meanwhile")
        await assistants.refresh()
        gate.set()
        await rereading
        assert "Listed meanwhile" in {row.name for row in assistants.listing.value.rows}


async def test_a_save_elsewhere_on_this_home_is_seen_on_a_rereading(world: World) -> None:
    async with world.editing() as one:
        async with world.started() as two:
            one.editor.edit("name", "Renamed in one")
            await one.editor.save()
            await two.refresh()
            await until(lambda: two.editor.draft.value.values["name"] == "Renamed in one")
            assert "Renamed in one" in {row.name for row in two.assistants.listing.value.rows}


async def test_a_damaged_cache_is_rebuilt_from_the_server(world: World) -> None:
    world.server.put(name="Kept by the server")
    async with world.started():
        pass
    (file,) = world.paths.cache.glob("assistants-*.json")
    file.write_bytes(b'{"assistants": {\ntorn')
    async with world.started() as workspace:
        assert "Kept by the server" in {row.name for row in workspace.assistants.listing.value.rows}
    assert list(world.paths.cache.glob("*.damaged-*"))
    world.server.down = True
    async with world.started() as offline:
        assert "Kept by the server" in {row.name for row in offline.assistants.listing.value.rows}


async def test_odd_documents_never_break_the_list(world: World) -> None:
    world.server.assistants["odd"] = {"id": "odd", "created_at": "2026-01-02T03:04:05Z", "name": 7, "tools": None}
    world.server.assistants["bare"] = {"id": "bare"}
    async with world.started() as workspace:
        rows = {row.id: row for row in workspace.assistants.listing.value.rows}
        assert rows["odd"].created_at == 1767323045
        assert rows["bare"].name == ""
        await workspace.open_assistant("bare")
        workspace.editor.edit("name", "Given here")
        await workspace.editor.save()
        assert world.server.assistants["bare"]["name"] == "Given here"


async def test_opening_one_that_is_nowhere_is_a_failure(world: World) -> None:
    async with world.started() as workspace:
        before = workspace.editor.draft.value
        with pytest.raises(FailureError) as caught:
            await workspace.open_assistant("asst_nowhere")
        assert caught.value.failure.kind == "missing"
        assert workspace.editor.draft.value == before


async def test_one_save_among_ten_thousand_makes_one_row_anew(world: World) -> None:
    """Counts work: rows and search texts of all the others are the same objects as before."""
    for number in range(10_000):
        world.server.put(name=f"Bot {number}", instructions="Be kind. " * 10)
    async with world.started() as workspace:
        assistants: Assistants = workspace.assistants
        await workspace.open_assistant("asst_00005")
        await quiet(workspace)
        before = {row.id: row for row in assistants.listing.value.rows}
        texts = dict(assistants._haystacks)
        workspace.editor.edit("name", "Renamed")
        await workspace.editor.save()
        await settle()
        rows = {row.id: row for row in assistants.listing.value.rows}
        assert rows["asst_00005"].name == "Renamed"
        assert [row_id for row_id, row in rows.items() if before.get(row_id) is not row] == ["asst_00005"]
        changed = [row_id for row_id, text in assistants._haystacks.items() if texts.get(row_id) is not text]
        assert changed == ["asst_00005"]
        assert [row.id for row in assistants.search("renamed")] == ["asst_00005"]
