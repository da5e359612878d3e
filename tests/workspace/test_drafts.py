"""Nothing typed is lost: what is on disk when, and what the next start finds."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from playground_tui.workspace.store import Connection, Database
from tests.workspace.world import World, quiet, saved, until, values_on_disk


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


async def on_disk(world: World, workspace: Any) -> dict[str, Any]:
    workspace.store.flush()
    return values_on_disk(world, workspace)


async def test_the_first_edit_starts_a_timer_that_later_ones_do_not_push_back(world: World) -> None:
    async with world.editing() as workspace:
        await world.clock.advance(10)
        workspace.editor.edit("name", "a")
        await world.clock.advance(0.1)
        workspace.editor.edit("name", "ab")
        assert (await on_disk(world, workspace))["name"] == "Support bot"
        await world.clock.advance(0.05)
        assert (await on_disk(world, workspace))["name"] == "ab"
        workspace.editor.edit("name", "abc")
        await world.clock.advance(0.15)
        assert (await on_disk(world, workspace))["name"] == "abc"


async def test_fields_in_error_are_kept_as_typed(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("temperature", 9)
        workspace.editor.edit_raw("metadata", "{half", "It must be JSON.")
        workspace.flush_now()
    again = world.open()
    draft = again.boot.draft
    assert (draft.raw["temperature"].text, draft.values["temperature"]) == ("9", 0.2)
    assert draft.raw["metadata"].text == "{half"
    assert again.boot.save_state.phase == "unsaved"
    await again.close()


async def test_flush_now_is_synchronous_and_idempotent(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("name", "typed just now")
        workspace.flush_now()
        assert values_on_disk(world, workspace)["name"] == "typed just now"
        workspace.flush_now()
        await workspace.close()
        workspace.flush_now()


async def test_a_field_saved_needs_no_row_of_its_own(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("temperature", 0.5)
        await workspace.editor.save()
        workspace.flush_now()
        rows = workspace.store.read_now(lambda conn: conn.execute("SELECT count(*) FROM draft_fields").fetchone())
        assert rows == (0,)


async def test_the_next_start_says_what_it_restored_and_saves_it(world: World) -> None:
    workspace = world.open()
    await workspace.start()
    await workspace.editor.save()
    workspace.editor.edit("instructions", "Typed before the crash.")
    workspace.editor.edit("temperature", 0.4)
    await world.clock.advance(0.15)
    workspace.store.flush()
    again = world.open()
    assert again.boot.notices == ("Restored unsaved edits to Instructions and Temperature of Untitled 1.",)
    assert again.boot.draft.values["instructions"] == "Typed before the crash."
    assert again.boot.save_state.phase == "unsaved"
    await again.start()
    await world.clock.advance(3)
    await saved(again)
    assert world.server.assistants[again.editor.draft.value.assistant_id or ""]["temperature"] == 0.4
    await workspace.close()
    await again.close()


async def test_what_was_left_in_good_order_is_not_announced(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.set_paused(True)
        workspace.editor.edit("temperature", 0.4)
    again = world.open()
    assert again.boot.notices == ()
    assert again.boot.draft.values["temperature"] == 0.4
    await again.close()


async def test_a_suggested_model_is_no_edit_of_the_persons(world: World) -> None:
    workspace = world.open()
    await workspace.start()
    assert workspace.editor.draft.value.values["model"] == "demo/demo"
    workspace.store.flush()
    again = world.open()
    assert again.boot.notices == ()
    assert again.boot.draft.values["model"] == "demo/demo"
    await workspace.close()
    await again.close()


async def test_edits_of_an_assistant_left_behind_offline_are_saved_after_a_restart(world: World) -> None:
    other = world.server.put(name="Other")
    async with world.editing() as workspace:
        first = workspace.editor.draft.value.assistant_id or ""
        await workspace.assistants.refresh()
        world.server.down = True
        workspace.editor.edit("temperature", 0.4)
        await workspace.open_assistant(other["id"])
        await quiet(workspace)
    world.server.down = False
    async with world.started() as again:
        assert again.editor.draft.value.assistant_id == other["id"]
        await world.clock.advance(3)
        await until(lambda: world.server.assistants[first]["temperature"] == 0.4)


async def test_two_apps_on_one_home_see_each_others_edits(world: World) -> None:
    async with world.editing() as one:
        async with world.started() as two:
            assert two.editor.draft.value.id == one.editor.draft.value.id
            one.editor.edit("name", "from one")
            two.editor.edit("temperature", 0.8)
            one.flush_now()
            two.flush_now()
            await two.refresh()
            assert two.editor.draft.value.values["name"] == "from one"
            assert two.editor.draft.value.values["temperature"] == 0.8
            await one.refresh()
            assert one.editor.draft.value.values["temperature"] == 0.8
            await world.clock.advance(3)
            await saved(one)
            await saved(two)
            doc = world.server.assistants[one.editor.draft.value.assistant_id or ""]
            assert (doc["name"], doc["temperature"]) == ("from one", 0.8)


async def test_of_two_writes_to_one_field_the_later_stands(world: World) -> None:
    async with world.editing() as one:
        async with world.started() as two:
            one.editor.edit("name", "from one")
            one.flush_now()
            two.editor.edit("name", "from two")
            two.flush_now()
            await one.refresh()
            assert one.editor.draft.value.values["name"] == "from two"


async def test_what_is_not_on_disk_yet_is_not_overwritten_by_a_rereading(world: World) -> None:
    async with world.editing() as one:
        async with world.started() as two:
            two.editor.edit("name", "from two")
            two.flush_now()
            one.editor.edit("name", "being typed")
            await one.refresh()
            assert one.editor.draft.value.values["name"] == "being typed"


async def test_a_disk_that_refuses_is_told_and_tried_again(world: World) -> None:
    async with world.editing() as workspace:
        refusing = sqlite3.connect(world.paths.workspace_db)
        refusing.execute(
            "CREATE TRIGGER full BEFORE INSERT ON draft_fields BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        refusing.commit()
        workspace.editor.edit("name", "kept in memory")
        await world.clock.advance(0.15)
        await until(lambda: any(n.failure and n.failure.kind == "storage" for n in world.notices))
        refusing.execute("DROP TRIGGER full")
        refusing.commit()
        refusing.close()
        await world.clock.advance(2)
        await until(lambda: values_on_disk(world, workspace)["name"] == "kept in memory")


async def test_a_new_draft_nobody_wrote_into_leaves_no_trace(world: World) -> None:
    other = world.server.put(name="Other")
    async with world.started() as workspace:
        untouched = workspace.editor.draft.value.id
        await workspace.open_assistant(other["id"])
        await workspace.new_assistant()
        workspace.editor.edit("name", "Written into")
        written = workspace.editor.draft.value.id
        await workspace.open_assistant(other["id"])
        await quiet(workspace)
        rows = {row.id: row for row in workspace.assistants.listing.value.rows}
        assert untouched not in rows
        assert rows[written].is_draft
        assert rows[written].name == "Written into"
        await workspace.open_assistant(written)
        assert workspace.editor.draft.value.values["name"] == "Written into"


TYPIST = """
import asyncio, sys
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.workspace import Workspace
from tests.support.server import ScriptedServer
import time

async def main():
    paths = find_paths(sys.argv[1])
    server = ScriptedServer()
    server.down = True
    workspace = Workspace(paths, SettingsStore(paths), KeyRing({}), environ={}, transports=lambda _: server)
    text = ""
    number = 0
    while True:
        number += 1
        text += f"word{number} "
        workspace.editor.edit("instructions", text)
        workspace.editor.edit("temperature", number % 20 / 10)
        print(number, time.monotonic(), flush=True)
        await asyncio.sleep(0.004)

asyncio.run(main())
"""


@pytest.mark.process
@pytest.mark.parametrize("typed", [30, 75, 120])
async def test_after_kill_9_everything_older_than_250_ms_is_there(world: World, typed: int) -> None:
    """The process tells of each edit as it is made; what it told of more than 250 ms before its end must be there."""
    world.settings()
    process = subprocess.Popen(
        [sys.executable, "-c", TYPIST, str(world.home)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    edits = [process.stdout.readline().split() for _ in range(typed)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    edits += [line.split() for line in rest.splitlines() if line.count(" ") == 1]
    end = float(edits[-1][1])
    old_enough = max((int(number) for number, at in edits if end - float(at) > 0.25), default=0)
    again = world.open()
    words = str(again.boot.draft.values["instructions"]).split()
    assert len(words) >= old_enough
    assert words == [f"word{number}" for number in range(1, len(words) + 1)] or not old_enough
    if old_enough:
        assert again.boot.notices == ("Restored unsaved edits to Instructions and Temperature of a new assistant.",)
    await again.close()


def test_stored_values_are_plain_json(tmp_path: Path) -> None:
    from playground_tui.workspace.store import drafts as table
    from playground_tui.workspace.values import Draft

    db = Database(tmp_path / "w.sqlite3")
    values = {"instructions": "日本語 👩‍👩‍👧 שלום [b]not markup[/b] \x00", "metadata": {"k": "v"}}
    draft = Draft("draft_1", "local", None, values)

    def write(conn: Connection) -> None:
        table.insert(conn, draft, 1.0)
        table.insert(conn, draft, 2.0)

    db.submit(write).result()
    stored = db.read_now(lambda conn: table.load(conn, "draft_1"))
    assert stored is not None
    assert json.loads(json.dumps(stored.draft.values)) == values
    assert stored.created_at == 1.0
    db.close()


async def test_what_another_app_types_is_seen_within_seconds_and_saved_by_that_one(world: World) -> None:
    async with world.editing() as first:
        second = world.open()
        await second.start()
        assert second.editor.draft.value.id == first.editor.draft.value.id
        first.editor.edit("name", "Typed over there")
        await world.clock.advance(0.25)
        first.store.flush()
        await world.clock.advance(2)
        await until(lambda: second.editor.draft.value.values["name"] == "Typed over there")
        assert second.editor.save_state.value.phase == "unsaved"
        await world.clock.advance(1)
        await saved(first)
        await world.clock.advance(2)
        await until(lambda: second.editor.save_state.value.phase == "saved")
        assert world.server.saves == [{"name": "Typed over there"}]
        await second.close()
