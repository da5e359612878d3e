"""What a long life keeps of an assistant's versions, and what it lets go."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.workspace.store import Connection
from playground_tui.workspace.store.runs import RunRecord, put_run
from playground_tui.workspace.thinning import DAY
from playground_tui.workspace.versions import Versions
from tests.workspace.world import World, quiet, saved


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


class Life:
    def __init__(self, world: World, versions: Versions, draft_id: str) -> None:
        self.world, self.versions, self.draft_id = world, versions, draft_id

    async def save(self, **values: object) -> int:
        number = await self.versions.record(self.draft_id, {"model": "m", **values})
        await self.versions.close(self.draft_id)
        return number

    async def numbers(self) -> list[int]:
        return [row.number for row in reversed(await self.versions.listing(self.draft_id))]

    def later(self, days: float) -> None:
        self.world.clock._elapsed += days * DAY


async def test_after_a_month_the_last_of_each_day_stays(world: World) -> None:
    async with world.editing() as workspace:
        life = Life(world, workspace.versions, workspace.editor.draft.value.id)
        for day in range(3):
            for hour in range(4):
                await life.save(name=f"{day}", instructions=f"{day} {hour}", top_p=hour / 10)
                life.later(1 / 24)
            life.later(1 - 4 / 24)
        assert len(await life.numbers()) == 12
        life.later(30)
        await life.save(name="now")
        # the clock starts at 14:00 UTC: all four of a day are of that day; the first of all stays too
        assert await life.numbers() == [1, 4, 8, 12, 13]
        found = {row.number: row.changed for row in await workspace.versions.listing(life.draft_id)}
        assert found[4] == ("instructions", "top_p")
        assert found[8] == ("instructions", "name")
        assert (await workspace.versions.body(life.draft_id, 8) or {})["instructions"] == "1 3"


async def test_what_something_points_to_stays(world: World) -> None:
    async with world.editing() as workspace:
        life = Life(world, workspace.versions, workspace.editor.draft.value.id)
        for number in range(8):
            await life.save(instructions=str(number))
        await workspace.versions.label(life.draft_id, 2, "prod")
        await workspace.versions.note(life.draft_id, 3, "the kind one")
        await workspace.versions.keep(life.draft_id, {"instructions": "theirs"}, "elsewhere")

        def answered(conn: Connection) -> None:
            put_run(conn, "local", RunRecord("run_1", "thread_1", 5, {}, 0.0))
            put_run(conn, "work", RunRecord("run_2", "thread_2", 6, {}, 0.0))

        await workspace.store.write(answered)
        life.later(40)
        await life.save(instructions="now")
        # 8: the last saved one of its day; 6 answered on another server only
        assert await life.numbers() == [1, 2, 3, 5, 8, 9, 10]


async def test_after_a_year_the_last_of_each_thirty_days_stays(world: World) -> None:
    async with world.editing() as workspace:
        life = Life(world, workspace.versions, workspace.editor.draft.value.id)
        for day in range(90):
            await life.save(instructions=str(day))
            life.later(1)
        life.later(500)
        await life.save(instructions="now")
        assert len(await life.numbers()) <= 1 + 4 + 1


async def test_a_young_life_keeps_everything(world: World) -> None:
    async with world.editing() as workspace:
        life = Life(world, workspace.versions, workspace.editor.draft.value.id)
        for day in range(29):
            await life.save(instructions=str(day))
            await life.save(instructions=f"{day} again")
            life.later(1)
        assert len(await life.numbers()) == 58


async def test_a_restored_version_says_so_and_stands_alone(world: World) -> None:
    async with world.editing(instructions="First.") as workspace:
        editor = workspace.editor
        draft_id = editor.draft.value.id
        editor.edit("instructions", "Second.")
        await editor.save()
        await editor.restore(1)
        editor.edit("temperature", 0.7)
        await world.clock.advance(3)
        await saved(workspace)
        await quiet(workspace)
        rows = await workspace.versions.listing(draft_id)
        assert [(row.number, row.source) for row in rows] == [
            (4, "saved"),
            (3, "restored"),
            (2, "saved"),
            (1, "elsewhere"),
        ]
        assert (await workspace.versions.body(draft_id, 3) or {})["instructions"] == "First."
        assert rows[0].changed == ("temperature",)


async def test_restoring_the_same_again_leaves_no_mark(world: World) -> None:
    async with world.editing() as workspace:
        editor = workspace.editor
        editor.edit("temperature", 0.7)
        await editor.save()
        await editor.restore(2)
        editor.edit("temperature", 0.8)
        await editor.save()
        rows = await workspace.versions.listing(editor.draft.value.id)
        assert rows[0].source == "saved"


async def test_restored_while_nobody_answers_is_known_after_a_restart(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("temperature", 0.7)
        await workspace.editor.save()
        world.server.down = True
        await workspace.editor.restore(1)
        assert workspace.editor.save_state.value.phase == "offline"
    world.server.down = False
    again = world.open()
    await again.start()
    await again.editor.save()
    rows = await again.versions.listing(again.editor.draft.value.id)
    assert rows[0].source == "restored"
    await again.close()


async def test_what_the_form_held_before_a_restore_is_a_version_too(world: World) -> None:
    async with world.editing(instructions="First.") as workspace:
        editor = workspace.editor
        editor.edit("instructions", "Second.")
        await editor.save()
        editor.edit("instructions", "Typed a moment ago.")
        await editor.restore(1)
        draft_id = editor.draft.value.id
        rows = await workspace.versions.listing(draft_id)
        bodies = [(await workspace.versions.body(draft_id, row.number) or {})["instructions"] for row in rows]
        assert bodies == ["First.", "Typed a moment ago.", "Second.", "First."]
