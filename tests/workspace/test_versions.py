from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.versions import VersionRow
from tests.workspace.world import World, quiet, saved


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


async def versions(workspace: object) -> list[VersionRow]:
    editor = workspace.editor  # type: ignore[attr-defined]
    return await workspace.versions.listing(editor.draft.value.id)  # type: ignore[attr-defined]


async def autosave(world: World, workspace: object, **values: object) -> None:
    for name, value in values.items():
        workspace.editor.edit(name, value)  # type: ignore[attr-defined]
    await world.clock.advance(3)
    await saved(workspace)  # type: ignore[arg-type]
    await quiet(workspace)  # type: ignore[arg-type]


async def test_auto_saves_fold_into_one_open_version(world: World) -> None:
    async with world.editing() as workspace:
        await autosave(world, workspace, temperature=0.3)
        await autosave(world, workspace, temperature=0.4)
        await autosave(world, workspace, name="Renamed")
        found = await versions(workspace)
        assert [(v.number, v.changed, v.closed_at is None) for v in found] == [
            (2, ("name", "temperature"), True),
            (1, (), False),
        ]
        first = await workspace.versions.body(workspace.editor.draft.value.id, 1)
        assert first is not None
        assert first["temperature"] == 0.2


async def test_it_closes_at_an_explicit_save_a_run_and_after_ten_minutes(world: World) -> None:
    async with world.editing() as workspace:
        await autosave(world, workspace, temperature=0.3)
        await workspace.editor.save()
        await autosave(world, workspace, temperature=0.4)
        assert workspace.editor.version() == 3
        await autosave(world, workspace, temperature=0.5)
        await world.clock.advance(600)
        await autosave(world, workspace, temperature=0.6)
        assert [v.number for v in await versions(workspace)] == [5, 4, 3, 2, 1]
        assert workspace.editor.version() == 5
        assert workspace.editor.version() == 5


async def test_a_run_on_an_assistant_never_saved_here_has_a_version_too(world: World) -> None:
    async with world.editing() as workspace:
        assert workspace.editor.version() == 1
        workspace.store.flush()
        body = await workspace.versions.body(workspace.editor.draft.value.id, 1)
        assert body is not None
        assert body["name"] == "Support bot"


async def test_a_label_closes_and_moves(world: World) -> None:
    async with world.editing() as workspace:
        draft_id = workspace.editor.draft.value.id
        await autosave(world, workspace, temperature=0.3)
        await workspace.versions.label(draft_id, 2, " prod ")
        await workspace.versions.note(draft_id, 2, "went out on Friday")
        await autosave(world, workspace, temperature=0.4)
        await workspace.versions.label(draft_id, 3, "prod")
        found = {v.number: v for v in await versions(workspace)}
        assert (found[2].label, found[2].note, found[3].label) == ("", "went out on Friday", "prod")
        await workspace.versions.label(draft_id, 3, "")
        assert {v.label for v in await versions(workspace)} == {""}


async def test_a_version_is_restored_as_a_new_one(world: World) -> None:
    async with world.editing() as workspace:
        await autosave(world, workspace, temperature=None, top_p=0.5, instructions="Second.")
        await workspace.editor.restore(1)
        draft = workspace.editor.draft.value
        assert draft.values["instructions"] == "Be kind."
        assert draft.values["temperature"] == 0.2
        assert "top_p" not in draft.values
        doc = world.server.assistants[draft.assistant_id or ""]
        assert (doc["temperature"], doc["top_p"]) == (0.2, None)
        assert [v.number for v in await versions(workspace)] == [3, 2, 1]
        with pytest.raises(FailureError):
            await workspace.editor.restore(99)


async def test_versions_go_on_when_the_assistant_is_created_again(world: World) -> None:
    async with world.editing() as workspace:
        await autosave(world, workspace, temperature=0.3)
        del world.server.assistants[workspace.editor.draft.value.assistant_id or ""]
        workspace.editor.edit("temperature", 0.4)
        await workspace.editor.save()
        await workspace.editor.save()
        assert workspace.editor.save_state.value.phase == "saved"
        assert [v.number for v in await versions(workspace)] == [2, 1]


async def test_a_long_life_stays_small(world: World) -> None:
    """200 versions of 20,000 characters that differ in a word: compressed, they are a fraction of their text."""
    text = "You are a support bot. Answer briefly and kindly. " * 400
    async with world.editing(instructions=text) as workspace:
        draft_id = workspace.editor.draft.value.id
        for number in range(200):
            await workspace.versions.keep(draft_id, {"instructions": f"{text}{number}"}, "imported")
        size = workspace.store.read_now(lambda conn: conn.execute("SELECT sum(length(body)) FROM versions").fetchone())
        assert size[0] < 200 * len(text) / 20


@pytest.mark.slow
async def test_ten_thousand_saves_fold_into_few_versions(world: World) -> None:
    """A save every six seconds for most of a day: one version for each ten minutes, all of them small."""
    async with world.editing() as workspace:
        draft_id, versions = workspace.editor.draft.value.id, workspace.versions
        text = "You are a support bot. Answer briefly and kindly. " * 40
        for number in range(10_000):
            world.clock._elapsed += 6
            await versions.record(draft_id, {"model": "m", "instructions": f"{text}{number}"})
        rows = await versions.listing(draft_id)
        assert len(rows) <= 10_000 * 6 / 600 + 2
        assert (await versions.body(draft_id, rows[0].number) or {})["instructions"].endswith("9999")
        assert all(row.changed == ("instructions",) for row in rows[:-2])
        size = workspace.store.read_now(lambda conn: conn.execute("SELECT sum(length(body)) FROM versions").fetchone())
        assert size[0] < 100_000
