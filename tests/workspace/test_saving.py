"""Every save state, with a clock moved by hand and a server that does as it is told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.values import RawEdit
from tests.support.clock import settle
from tests.workspace.world import World, quiet, saved, until, values_on_disk


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def phase(workspace: object) -> str:
    return workspace.editor.save_state.value.phase  # type: ignore[attr-defined]


async def test_a_new_assistant_stays_here_until_it_is_asked_for(world: World) -> None:
    async with world.started() as workspace:
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(60)
        assert phase(workspace) == "new"
        assert world.server.creates == []
        await workspace.editor.save()
        assert phase(workspace) == "saved"
        values = workspace.editor.draft.value.values
        sent = {"name": "Untitled 1", "instructions": values["instructions"], "model": "demo/demo", "temperature": 0.5}
        assert world.server.creates == [sent]
        assert workspace.editor.save_state.value.at == world.clock.now()


async def test_an_empty_name_becomes_untitled(world: World) -> None:
    world.server.put(name="Untitled 1")
    async with world.started() as workspace:
        workspace.editor.edit("name", "  ")
        await workspace.editor.save()
        assert world.server.creates[0]["name"] == "Untitled 2"
        assert workspace.editor.draft.value.values["name"] == "Untitled 2"


async def test_a_name_is_given_once_the_server_has_said_which_are_taken(world: World) -> None:
    """On a first start the cache is empty."""
    world.server.put(name="Untitled 1")
    listing = world.server.hold("GET /v1/assistants")
    workspace = world.open()
    starting = asyncio.create_task(workspace.start())
    await listing.arrived.wait()
    saving = asyncio.create_task(workspace.editor.save())
    await until(lambda: phase(workspace) == "saving")
    await settle()
    listing.open()
    await asyncio.gather(starting, saving)
    assert [body["name"] for body in world.server.creates] == ["Untitled 2"]
    await workspace.close()


async def test_a_list_that_does_not_come_holds_no_creation_back(world: World) -> None:
    world.server.refuse("GET /v1/assistants", 405, times=9)
    async with world.started() as workspace:
        await workspace.editor.save()
        assert [body["name"] for body in world.server.creates] == ["Untitled 1"]


async def test_only_changed_fields_go_three_seconds_after_the_last_edit(world: World) -> None:
    async with world.editing() as workspace:
        assert phase(workspace) == "saved"
        workspace.editor.edit("temperature", 0.5)
        assert phase(workspace) == "unsaved"
        await world.clock.advance(2.9)
        workspace.editor.edit("temperature", 0.7)
        await world.clock.advance(2.9)
        assert world.server.calls == []
        await world.clock.advance(0.2)
        await saved(workspace)
        assert world.server.saves == [{"temperature": 0.7}]
        await world.clock.advance(60)
        assert world.server.saves == [{"temperature": 0.7}]


async def test_the_delay_is_a_setting(world: World) -> None:
    world.settings("default_provider: demo\nautosave_delay: 1\n")
    async with world.editing() as workspace:
        workspace.editor.edit("name", "Other")
        await world.clock.advance(1)
        await saved(workspace)
        assert world.server.saves == [{"name": "Other"}]


async def test_clearing_sends_null(world: World) -> None:
    async with world.editing(tools=[{"type": "file_search"}]) as workspace:
        workspace.editor.edit("temperature", None)
        workspace.editor.edit("tools", None)
        await workspace.editor.save()
        assert world.server.saves == [{"temperature": None, "tools": []}]
        assert "temperature" not in workspace.editor.draft.value.values


async def test_an_edit_taken_back_needs_no_save(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("temperature", 0.5)
        workspace.editor.edit("temperature", 0.2)
        assert phase(workspace) == "saved"
        await world.clock.advance(10)
        assert world.server.calls == []


async def test_edits_made_while_saving_go_in_the_next(world: World) -> None:
    async with world.editing() as workspace:
        gate = world.server.hold("POST /v1/assistants/")
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await gate.arrived.wait()
        assert phase(workspace) == "saving"
        workspace.editor.edit("temperature", 0.6)
        workspace.editor.edit("name", "Later")
        await world.clock.advance(30)
        assert len(world.server.saves) == 1
        gate.open()
        await until(lambda: len(world.server.saves) == 2)
        await saved(workspace)
        assert world.server.saves == [{"temperature": 0.5}, {"name": "Later", "temperature": 0.6}]


async def test_an_edit_while_saving_waits_for_its_own_time(world: World) -> None:
    async with world.editing() as workspace:
        gate = world.server.hold("POST /v1/assistants/")
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await gate.arrived.wait()
        workspace.editor.edit("temperature", 0.6)
        gate.open()
        await until(lambda: phase(workspace) == "unsaved")
        assert len(world.server.saves) == 1
        await world.clock.advance(3)
        await saved(workspace)
        assert world.server.saves[1] == {"temperature": 0.6}


async def test_a_failing_server_is_tried_again_with_growing_waits(world: World) -> None:
    async with world.editing() as workspace:
        world.server.refuse("POST /v1/assistants/", 500, "broken", times=2)
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await until(lambda: phase(workspace) == "failed")
        state = workspace.editor.save_state.value
        assert state.failure is not None
        assert state.failure.kind == "server"
        assert state.failure.kept
        assert state.retry_at is not None
        assert (state.retry_at - world.clock.now()).total_seconds() == 2
        await world.clock.advance(2)
        await until(lambda: len(world.server.saves) == 2 and phase(workspace) == "failed")
        again = workspace.editor.save_state.value.retry_at
        assert again is not None
        assert (again - world.clock.now()).total_seconds() == 4
        await world.clock.advance(4)
        await saved(workspace)
        assert workspace.editor.save_state.value.failure is None
        assert world.server.saves[2] == {"temperature": 0.5}


async def test_a_rate_limit_says_when(world: World) -> None:
    async with world.editing() as workspace:
        world.server.refuse("POST /v1/assistants/", 429, "slow down", headers={"Retry-After": "17"})
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await until(lambda: phase(workspace) == "failed")
        assert world.clock.waiting[-1] == 17 or 17 in world.clock.waiting
        await world.clock.advance(17)
        await saved(workspace)


async def test_offline_edits_are_kept_and_saved_when_another_call_gets_through(world: World) -> None:
    async with world.editing() as workspace:
        world.server.down = True
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await until(lambda: phase(workspace) == "offline")
        assert workspace.connection.value.phase == "offline"
        workspace.editor.edit("name", "Typed offline")
        assert phase(workspace) == "offline"
        await world.clock.advance(0.2)
        workspace.store.flush()
        assert values_on_disk(world, workspace)["name"] == "Typed offline"
        world.server.down = False
        await workspace.models.refresh()
        await saved(workspace)
        assert world.server.saves == [{"name": "Typed offline", "temperature": 0.5}]
        assert workspace.connection.value.phase == "ready"


async def test_a_server_that_is_away_is_asked_until_it_is_back(world: World) -> None:
    async with world.editing() as workspace:
        world.server.down = True
        await workspace.models.refresh()
        assert workspace.connection.value.phase == "offline"
        await world.clock.advance(5)
        await quiet(workspace)
        assert workspace.connection.value.phase == "offline"
        world.server.down = False
        await world.clock.advance(10)
        await until(lambda: workspace.connection.value.phase == "ready")


async def test_a_refused_key_waits_for_the_next_edit(world: World) -> None:
    async with world.editing() as workspace:
        world.server.refuse("GET /v1/assistants/", 401)
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await until(lambda: phase(workspace) == "failed")
        state = workspace.editor.save_state.value
        assert state.retry_at is None
        assert state.failure is not None
        assert state.failure.kind == "key"
        assert workspace.connection.value.phase == "refused"
        await world.clock.advance(300)
        assert world.server.saves == []
        workspace.editor.edit("temperature", 0.6)
        assert phase(workspace) == "unsaved"
        await world.clock.advance(3)
        await saved(workspace)
        assert world.server.saves == [{"temperature": 0.6}]


async def test_a_wrong_value_is_held_back_and_the_others_are_saved(world: World) -> None:
    async with world.editing() as workspace:
        problem = workspace.editor.edit("temperature", 7)
        assert problem is not None
        workspace.editor.edit_raw("metadata", "{broken", "It must be JSON.")
        workspace.editor.edit("name", "Fine")
        await world.clock.advance(3)
        await until(lambda: world.server.saves)
        await quiet(workspace)
        assert world.server.saves == [{"name": "Fine"}]
        draft = workspace.editor.draft.value
        assert draft.raw["temperature"] == RawEdit("7", "A number from 0 to 2.")
        assert draft.values["temperature"] == 0.2
        assert phase(workspace) == "unsaved"
        workspace.editor.edit("temperature", 1.5)
        assert "temperature" not in workspace.editor.draft.value.raw
        await world.clock.advance(3)
        await until(lambda: len(world.server.saves) == 2)
        assert world.server.saves[1] == {"temperature": 1.5}


async def test_half_a_character_holds_back_its_field_only_and_survives_a_restart(world: World) -> None:
    tools = [{"type": "function", "function": {"name": "f", "description": "\ud800"}}]
    async with world.editing() as workspace:
        assert workspace.editor.edit("tools", tools)
        assert workspace.editor.edit("instructions", "\udfff")
        workspace.editor.edit("name", "Fine")
        await world.clock.advance(3)
        await until(lambda: world.server.saves)
        await quiet(workspace)
        assert world.server.saves == [{"name": "Fine"}]
    raw = world.open().boot.draft.raw
    assert json.loads(raw["tools"].text) == tools
    assert raw["instructions"].text == "\udfff"


async def test_a_create_waits_for_every_field(world: World) -> None:
    async with world.started() as workspace:
        workspace.editor.edit("top_p", 3)
        await workspace.editor.save()
        state = workspace.editor.save_state.value
        assert (state.phase, state.failure and state.failure.field) == ("failed", "top_p")
        with pytest.raises(FailureError) as caught:
            await workspace.editor.ensure_created()
        assert caught.value.failure.field == "top_p"
        assert world.server.creates == []
        workspace.editor.edit("top_p", None)
        assert phase(workspace) == "new"
        assert await workspace.editor.ensure_created() in world.server.assistants


async def test_a_value_the_server_refuses_is_marked_and_only_it_is_held_back(world: World) -> None:
    async with world.editing() as workspace:
        world.server.refuse("POST /v1/assistants/", 400, "Unsupported value", param="temperature")
        workspace.editor.edit("temperature", 0.9)
        workspace.editor.edit("name", "Fine")
        await world.clock.advance(3)
        await until(lambda: len(world.server.saves) == 2)
        await quiet(workspace)
        assert world.server.saves[1] == {"name": "Fine"}
        raw = workspace.editor.draft.value.raw["temperature"]
        assert raw.text == "0.9"
        assert "Unsupported value" in raw.advice
        await world.clock.advance(60)
        assert len(world.server.saves) == 2
        workspace.editor.edit("temperature", None)
        await world.clock.advance(3)
        await saved(workspace)
        assert world.server.saves[2] == {"temperature": None}


async def test_a_create_refused_for_a_field_marks_it(world: World) -> None:
    async with world.started() as workspace:
        world.server.refuse("POST /v1/assistants", 400, "The model does not exist", param="model")
        await workspace.editor.save()
        assert phase(workspace) == "failed"
        assert "model" in workspace.editor.draft.value.raw
        workspace.editor.edit("model", "demo/other")
        await workspace.editor.save()
        assert phase(workspace) == "saved"


async def test_paused_edits_go_along_with_runs_and_are_not_stored(world: World) -> None:
    async with world.editing(tools=[{"type": "file_search"}]) as workspace:
        assert workspace.editor.run_overrides() == {}
        workspace.editor.set_paused(True)
        assert workspace.editor.save_state.value.paused
        workspace.editor.edit("temperature", 0.9)
        workspace.editor.edit("name", "Not for runs")
        workspace.editor.edit("instructions", None)
        workspace.editor.edit("tools", None)
        await world.clock.advance(60)
        assert await workspace.editor.ensure_created() == workspace.editor.draft.value.assistant_id
        assert world.server.saves == []
        assert workspace.editor.run_overrides() == {"temperature": 0.9, "instructions": "", "tools": []}
        workspace.editor.set_paused(False)
        await world.clock.advance(3)
        await saved(workspace)
        assert workspace.editor.run_overrides() == {}
        assert world.server.saves[0]["temperature"] == 0.9


async def test_a_pause_lasts_over_a_restart(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.set_paused(True)
        workspace.editor.edit("temperature", 0.9)
    async with world.started() as workspace:
        assert workspace.editor.save_state.value.paused
        await world.clock.advance(60)
        assert workspace.editor.draft.value.values["temperature"] == 0.9
        assert world.server.saves == []
        workspace.editor.set_paused(False)
        await world.clock.advance(3)
        await saved(workspace)
        assert world.server.saves == [{"temperature": 0.9}]
    async with world.started() as workspace:
        assert not workspace.editor.save_state.value.paused


async def test_an_explicit_save_works_while_paused(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.set_paused(True)
        workspace.editor.edit("temperature", 0.9)
        await workspace.editor.save()
        assert world.server.saves == [{"temperature": 0.9}]
        assert workspace.editor.save_state.value.paused


async def test_sending_first_saves_pending_edits(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("temperature", 0.9)
        await workspace.editor.ensure_created()
        assert world.server.saves == [{"temperature": 0.9}]
        world.server.down = True
        workspace.editor.edit("temperature", 1.0)
        with pytest.raises(FailureError) as caught:
            await workspace.editor.ensure_created()
        assert caught.value.failure.kind == "offline"


async def test_another_assistant_opened_meanwhile_does_not_stop_the_save(world: World) -> None:
    other = world.server.put(name="Other")
    async with world.editing() as workspace:
        first = workspace.editor.draft.value.assistant_id
        workspace.editor.edit("temperature", 0.9)
        await workspace.open_assistant(other["id"])
        assert workspace.editor.draft.value.values["name"] == "Other"
        await until(lambda: world.server.saves)
        assert world.server.assistants[first or ""]["temperature"] == 0.9
        assert phase(workspace) == "saved"


async def test_closing_saves_what_can_be_saved(world: World) -> None:
    async with world.editing() as workspace:
        workspace.editor.edit("temperature", 0.9)
        await workspace.close()
        assert world.server.saves == [{"temperature": 0.9}]
