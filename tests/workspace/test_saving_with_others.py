"""Saves that meet somebody else: changes made elsewhere, answers that were lost, servers with ideas of their own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import httpx2
import pytest

from playground_tui.workspace.saving import SHOWN
from tests.workspace.world import World, quiet, saved, until


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def phase(workspace: object) -> str:
    return workspace.editor.save_state.value.phase  # type: ignore[attr-defined]


async def test_fields_changed_elsewhere_are_taken_over(world: World) -> None:
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        world.server.change(assistant_id, instructions="Changed elsewhere.")
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await saved(workspace)
        state = workspace.editor.save_state.value
        assert (state.phase, state.fields) == ("changed_elsewhere", ("instructions",))
        assert workspace.editor.draft.value.values["instructions"] == "Changed elsewhere."
        assert world.server.saves == [{"temperature": 0.5}]
        assert f"Instructions changed elsewhere; taken over. {SHOWN}" in world.texts()
        workspace.editor.edit("temperature", 0.6)
        assert phase(workspace) == "unsaved"


async def test_where_both_sides_edited_this_side_wins_and_theirs_is_a_version(world: World) -> None:
    async with world.editing() as workspace:
        draft = workspace.editor.draft.value
        world.server.change(draft.assistant_id or "", instructions="Theirs.")
        workspace.editor.edit("instructions", "Mine.")
        await world.clock.advance(3)
        await saved(workspace)
        assert world.server.saves == [{"instructions": "Mine."}]
        assert world.server.assistants[draft.assistant_id or ""]["instructions"] == "Mine."
        versions = await workspace.versions.listing(draft.id)
        theirs = next(version for version in versions if version.source == "elsewhere")
        body = await workspace.versions.body(draft.id, theirs.number)
        assert body is not None
        assert body["instructions"] == "Theirs."
        expected = f"Instructions changed elsewhere too: yours stands, theirs is version {theirs.number}. {SHOWN}"
        assert expected in world.texts()


async def test_a_change_between_reading_and_saving_is_seen_in_the_answer(world: World) -> None:
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        world.server.after(f"GET /v1/assistants/{assistant_id}", lambda: world.server.change(assistant_id, name="New"))
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await saved(workspace)
        assert workspace.editor.draft.value.values["name"] == "New"
        assert workspace.editor.save_state.value.fields == ("name",)


async def test_an_assistant_gone_on_the_server_is_kept_and_can_be_created_again(world: World) -> None:
    async with world.editing() as workspace:
        gone = workspace.editor.draft.value.assistant_id or ""
        del world.server.assistants[gone]
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await until(lambda: phase(workspace) == "failed")
        failure = workspace.editor.save_state.value.failure
        assert failure is not None
        assert failure.kind == "missing"
        assert "create it again" in failure.next
        assert workspace.editor.draft.value.assistant_id is None
        assert gone not in {row.id for row in workspace.assistants.listing.value.rows}
        await workspace.editor.save()
        assert phase(workspace) == "saved"
        created = world.server.creates[0]
        assert (created["name"], created["temperature"]) == ("Support bot", 0.5)


async def test_a_creation_whose_answer_is_lost_is_not_repeated(world: World) -> None:
    async with world.started() as workspace:
        world.server.lose_answer("POST /v1/assistants")
        await workspace.editor.save()
        assert phase(workspace) == "failed"
        workspace.editor.edit("temperature", 0.5)
        assert len(world.server.assistants) == 1
        await world.clock.advance(2)
        await until(lambda: phase(workspace) == "unsaved")
        await world.clock.advance(3)
        await saved(workspace)
        assert len(world.server.creates) == 1
        assert world.server.saves == [{"temperature": 0.5}]
        assert len(world.server.assistants) == 1


async def test_a_lost_creation_is_found_after_a_restart(world: World) -> None:
    workspace = world.open()
    await workspace.start()
    world.server.lose_answer("POST /v1/assistants")
    await workspace.editor.save()
    await workspace.close()
    async with world.started() as again:
        assert again.editor.draft.value.assistant_id is None
        await again.editor.save()
        assert len(world.server.creates) == 1
        assert again.editor.draft.value.assistant_id in world.server.assistants


async def test_a_creation_that_never_arrived_is_repeated(world: World) -> None:
    world.server.put(name="Untitled 1", instructions="another one of this name")
    async with world.started() as workspace:
        world.server.down = True
        await workspace.editor.save()
        assert phase(workspace) == "offline"
        world.server.down = False
        await world.clock.advance(5)
        await saved(workspace)
        assert len(world.server.assistants) == 2


async def test_a_server_that_answers_with_other_values_is_believed_once(world: World) -> None:
    """Servers normalise: what they store is what the form shows, and it is not sent for ever."""
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""

        def normalise() -> None:
            tools = [{"type": "file_search", "file_search": {"ranking_options": {"score_threshold": 0}}}]
            world.server.change(assistant_id, tools=tools)

        world.server.after("POST /v1/assistants/", normalise)
        workspace.editor.edit("tools", [{"type": "file_search"}])
        await workspace.editor.save()
        await workspace.editor.refresh()
        assert phase(workspace) in ("saved", "changed_elsewhere")
        assert "file_search" in workspace.editor.draft.value.values["tools"][0]
        await world.clock.advance(30)
        assert len(world.server.saves) == 1


async def test_an_edit_taken_back_after_a_lost_answer_is_sent(world: World) -> None:
    """The server may have the value that was taken back: what it said before the lost save no longer counts."""
    async with world.editing() as workspace:
        world.server.lose_answer("POST /v1/assistants/")
        workspace.editor.edit("temperature", 0.9)
        await world.clock.advance(3)
        await until(lambda: phase(workspace) == "failed")
        workspace.editor.edit("temperature", 0.2)
        workspace.flush_now()
    again = world.open()
    await again.start()
    await again.editor.save()
    assert again.editor.draft.value.values["temperature"] == 0.2
    assert world.server.assistants[again.editor.draft.value.assistant_id or ""]["temperature"] == 0.2
    assert world.texts() == []
    await again.close()


async def test_a_draft_that_another_app_has_created_is_not_created_again(world: World) -> None:
    async with world.started() as first:
        second = world.open()
        await second.start()
        assert second.editor.draft.value.id == first.editor.draft.value.id
        await first.editor.save()
        second.editor.edit("temperature", 0.9)
        await second.editor.save()
        assert len(world.server.assistants) == 1
        assert world.server.saves == [{"temperature": 0.9}]
        assert second.editor.save_state.value.phase == "saved"
        await second.close()


async def test_a_creation_of_another_app_that_got_no_answer_is_found(world: World) -> None:
    async with world.started() as first:
        second = world.open()
        await second.start()
        world.server.lose_answer("POST /v1/assistants")
        await first.editor.save()
        assert phase(first) == "failed"
        await second.editor.save()
        assert phase(second) == "saved"
        assert len(world.server.creates) == 1
        await second.close()


def ordered(*names: str) -> list[dict[str, object]]:
    properties = {name: {"type": "string"} for name in names}
    return [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": properties}}}]


def names_in(tools: object) -> list[str]:
    return list(tools[0]["function"]["parameters"]["properties"])  # type: ignore[index]


async def test_the_order_of_parameters_is_saved_and_survives_a_restart(world: World) -> None:
    async with world.editing(tools=ordered("b", "a")) as workspace:
        workspace.editor.edit("tools", ordered("a", "b"))
        await world.clock.advance(3)
        await saved(workspace)
        assert [names_in(body["tools"]) for body in world.server.saves] == [["a", "b"]]
        workspace.editor.edit("tools", ordered("b", "a"))
        await world.clock.advance(0.25)
    again = world.open()
    assert names_in(again.editor.draft.value.values["tools"]) == ["b", "a"]
    await again.close()


async def test_a_server_that_orders_keys_its_own_way_starts_no_endless_saving(world: World) -> None:
    async with world.editing(tools=ordered("a", "b")) as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        sort = partial(world.server.change, assistant_id, tools=ordered("a", "b"))
        world.server.after(f"POST /v1/assistants/{assistant_id}", sort)
        workspace.editor.edit("tools", ordered("b", "a"))
        await world.clock.advance(3)
        await saved(workspace)
        await workspace.refresh()
        await world.clock.advance(60)
        assert len(world.server.saves) == 1
        assert names_in(workspace.editor.draft.value.values["tools"]) == ["b", "a"]
        assert workspace.editor.save_state.value.phase == "saved"


def with_defaults(world: World, assistant_id: str) -> None:
    """As servers do: what was left out is filled in."""
    tools = [{"type": "function", "function": {"name": "f", "strict": False}}]
    world.server.change(assistant_id, tools=tools)


async def test_what_the_server_added_defaults_to_is_saved_and_not_restored(world: World) -> None:
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        doc = {**world.server.assistants[assistant_id]}
        doc["tools"] = [{"type": "function", "function": {"name": "f", "strict": False}}]
        world.server.answer("POST /v1/assistants/", httpx2.Response(200, json=doc))
        workspace.editor.edit("tools", [{"type": "function", "function": {"name": "f"}}])
        await world.clock.advance(3)
        await saved(workspace)
        assert workspace.editor.draft.value.values["tools"] == doc["tools"]
        workspace.store.flush()
        assert workspace.store.read_now(lambda conn: conn.execute("SELECT field FROM draft_fields").fetchall()) == []


async def test_a_lost_answer_with_defaults_added_is_no_change_by_somebody_else(world: World) -> None:
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        world.server.lose_answer("POST /v1/assistants/")
        workspace.editor.edit("tools", [{"type": "function", "function": {"name": "f"}}])
        await workspace.editor.save()
        with_defaults(world, assistant_id)
        await workspace.editor.save()
        assert workspace.editor.save_state.value.phase == "saved"
        assert workspace.editor.outside.value is None
        assert len(world.server.saves) == 1
        workspace.store.flush()
        assert workspace.store.read_now(lambda conn: conn.execute("SELECT field FROM draft_fields").fetchall()) == []


async def test_a_server_that_vanishes_in_the_middle_of_a_save_gets_it_later(world: World) -> None:
    async with world.editing() as workspace:
        gate = world.server.hold("POST /v1/assistants/")
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await gate.arrived.wait()
        assert phase(workspace) == "saving"
        world.server.down = True
        gate.open()
        await until(lambda: phase(workspace) == "offline")
        world.server.down = False
        await world.clock.advance(5)
        await saved(workspace)
        assert next(iter(world.server.assistants.values()))["temperature"] == 0.5


async def test_an_answer_that_comes_after_somebody_elses_change_takes_nothing_back(world: World) -> None:
    async with world.editing() as workspace:
        assistant_id = workspace.editor.draft.value.assistant_id or ""
        gate = world.server.hold_answer("POST /v1/assistants/")
        workspace.editor.edit("temperature", 0.5)
        await world.clock.advance(3)
        await gate.arrived.wait()
        world.server.change(assistant_id, description="newer than the answer under way")
        await workspace.assistants.refresh()
        gate.open()
        await saved(workspace)
        await workspace.refresh()
        await quiet(workspace)
        values = workspace.editor.draft.value.values
        assert (values["temperature"], values["description"]) == (0.5, "newer than the answer under way")
        assert len(world.server.saves) == 1
