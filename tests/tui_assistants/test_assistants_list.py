"""The list of assistants: sorted, compared, deleted and brought back, exported, imported, copied between servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.server import ScriptedServer
from tests.tui_assistants.conftest import Bench, OpenBench
from tests.workspace.world import World


def put_others(world: World) -> None:
    world.server.put(name="Zebra", model="a/one", instructions="Stripes.")
    world.server.put(name="apple", model="demo/demo", instructions="Fruit.")


async def open_list(at: Bench) -> None:
    await at.press("ctrl+o")
    await at.sees("Zebra", "apple")


def order(at: Bench) -> list[str]:
    rows = at.text().split("\n")
    found = [
        (row, name) for name in ("Zebra", "apple", "Support bot") for row, line in enumerate(rows[4:]) if name in line
    ]
    return [name for _, name in sorted(found)]


async def test_sorting_turns_through_the_orders(bench: OpenBench, world: World) -> None:
    put_others(world)
    async with bench() as at:
        await open_list(at)
        assert order(at)[0] == "Support bot"
        await at.press("f4")
        await at.sees("Sorted by name")
        assert order(at) == ["apple", "Support bot", "Zebra"]
        await at.press("f4")
        await at.sees("Sorted by model")
        assert order(at)[0] == "Zebra"
        await at.press("f4", "f4")
        assert order(at)[0] == "Support bot"


async def test_a_deletion_is_undone_in_the_same_session(bench: OpenBench, world: World) -> None:
    put_others(world)
    async with bench() as at:
        await open_list(at)
        await at.type("zebra")
        await at.press("f8", "d")
        await at.until(lambda: "Zebra" not in [doc["name"] for doc in world.server.assistants.values()])
        await at.until(lambda: any("ctrl+z in this list brings it back" in notice for notice in at.notices()))
        await at.press("escape")
        await at.press("ctrl+o")
        await at.press("ctrl+z")
        await at.until(lambda: "Zebra" in [doc["name"] for doc in world.server.assistants.values()])


async def test_the_open_one_is_not_compared_with_itself(bench: OpenBench, world: World) -> None:
    put_others(world)
    async with bench() as at:
        await open_list(at)
        await at.press("f6")
        await at.until(lambda: any("Support bot is the open one: mark another" in notice for notice in at.notices()))
        await at.sees("Zebra", "apple")


@pytest.mark.slow
async def test_two_assistants_are_compared(bench: OpenBench, world: World) -> None:
    put_others(world)
    async with bench() as at:
        await open_list(at)
        await at.type("zebra")
        await at.press("f6")
        await at.sees("Compare", "Stripes.", "Be kind.", "Instructions", "Temperature")
        await at.press("escape", "escape")
        assert at.app.screen is at.main


async def test_an_assistant_is_exported_and_never_written_over_unasked(
    bench: OpenBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with bench() as at:
        await at.run("export")
        await at.press("enter")
        file = tmp_path / "support-bot.md"
        await at.until(file.exists)
        assert "Be kind." in file.read_text("utf-8")
        file.write_text("mine")
        await at.run("export")
        await at.press("enter")
        await at.sees("is there already")
        await at.press("escape")
        assert file.read_text("utf-8") == "mine"


async def test_an_import_reports_first_and_then_takes(bench: OpenBench, tmp_path: Path, world: World) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    old = {
        "id": "asst_old",
        "object": "assistant",
        "name": "Old bot",
        "model": "gpt-4-retired",
        "tools": [{"type": "retrieval"}],
        "file_ids": ["file_1"],
    }
    (folder / "assistant.json").write_text(json.dumps(old))
    (folder / "broken.json").write_text("{")
    async with bench() as at:
        await at.run("import")
        await at.type(str(folder))
        await at.press("enter")
        await at.sees("+ Old bot", "retrieval is called file_search", "left out: file_ids", "broken.json", "Not JSON")
        await at.sees("no provider lists gpt-4-retired; f2 maps it")
        assert world.server.creates == []
        await at.press("f2")
        await at.sees("In place of gpt-4-retired")
        await at.sees("demo/demo")
        await at.press("enter")
        await at.until(lambda: at.workspace.settings.current.aliases == {"gpt-4-retired": "demo/demo"})
        await at.until(lambda: "no provider lists" not in at.text())
        await at.press("enter")
        await at.sees("✓ Old bot is on the server.")
        assert world.server.creates[-1]["tools"] == [{"type": "file_search"}]
        await at.press("escape")
        assert at.app.screen is at.main


@pytest.mark.slow
async def test_a_push_shows_its_plan_and_collisions_are_left_alone(bench: OpenBench, world: World) -> None:
    other = ScriptedServer()
    other.put(name="Support bot", model="demo/demo", instructions="Be rude.")
    other.put(name="Twin", model="m", instructions="1")
    other.put(name="Twin", model="m", instructions="2")
    world.server.put(name="Twin", model="m", instructions="mine")
    world.server.put(name="Fresh", model="m", tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}})
    here = world.server

    async with bench() as at:
        at.workspace._transports = lambda server: other if server.id == "work" else here
        await at.run("servers")
        await at.sees("Push this assistant to Work", "Pull all assistants from Work")
        await at.press("enter")
        await at.sees("Push: local → Work", "1 of 1 would change", "Be rude.", "Be kind.")
        assert other.saves == []
        await at.press("ctrl+s")
        await at.until(lambda: other.saves)
        assert other.saves[-1]["instructions"] == "Be kind."
        await at.sees("✓ 1 changed")
        await at.press("escape")
        await at.run("servers")
        await at.press("down", "enter")
        await at.sees("Pull: Work → local", "2 assistants are called Twin", "Nothing would change")
        await at.press("escape")
        first = next(iter(other.assistants))
        other.change(first, name="Renamed there")
        await at.run("servers")
        await at.press("down", "enter")
        await at.sees("Pull: Work → local", "1 of 3 would change", "~ Renamed there")
