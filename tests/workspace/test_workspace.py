"""Opening, servers, models, first start, and what the rest of the program may rely on before the first frame."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing, server_owner
from playground_tui.settings.model import Provider, Settings
from playground_tui.settings.paths import Paths
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.models import not_for_chat
from playground_tui.workspace.workspace import Workspace
from tests.support.server import ScriptedServer
from tests.workspace.world import World, quiet, until


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home")


def test_nothing_heavy_is_imported_before_the_first_frame(tmp_path: Path) -> None:
    code = """
import os, sys
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.workspace import Workspace
paths = find_paths(sys.argv[1])
Workspace(paths, SettingsStore(paths), KeyRing({}), environ={"OPENAI_API_KEY": "x"})
heavy = ["openai", "httpx2", "pydantic", "starlette", "tinydb", "yaml", "platformdirs", "filelock", "textual"]
print(",".join(name for name in heavy if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


async def test_a_first_start_has_an_assistant_that_works_as_it_is(world: World) -> None:
    workspace = world.open()
    boot = workspace.boot
    assert boot.save_state.phase == "new"
    assert "name" not in boot.draft.values
    assert boot.draft.values["instructions"]
    assert "model" not in boot.draft.values
    assert (boot.thread_id, boot.unsent, boot.notices) == (None, "", ())
    await workspace.start()
    assert workspace.editor.draft.value.values["model"] == "demo/demo"
    assert workspace.connection.value.phase == "ready"
    assert "demo" in workspace.connection.value.notice
    await workspace.close()


async def test_a_model_the_person_chose_is_not_replaced_and_is_remembered(world: World) -> None:
    async with world.started() as workspace:
        workspace.editor.edit("model", "demo/slow")
        await workspace.editor.ensure_created()
        await workspace.new_assistant()
        assert workspace.editor.draft.value.values["model"] == "demo/slow"


async def test_the_environments_key_decides_the_provider(world: World) -> None:
    world.settings("{}\n")
    world.environ["OPENAI_API_KEY"] = "sk-env-0123456789"
    async with world.started() as workspace:
        settings = workspace.effective_settings()
        assert settings.default_provider == "openai"
        assert str(workspace.editor.draft.value.values["model"]).startswith("openai/")
        assert workspace.connection.value.notice == ""


async def test_sending_at_once_waits_for_the_choice_of_a_model(world: World) -> None:
    workspace = world.open()
    workspace.connection.open()
    assert await workspace.editor.ensure_created() in world.server.assistants
    assert world.server.creates[0]["model"] == "demo/demo"
    await workspace.close()


async def test_without_any_model_the_sentence_names_the_field(world: World) -> None:
    async with world.started("work") as workspace:
        with pytest.raises(FailureError) as caught:
            await workspace.editor.ensure_created()
        assert caught.value.failure.field == "model"


async def test_models_are_listed_and_silent_providers_say_why(world: World) -> None:
    world.settings(
        "default_provider: demo\nproviders:\n  cloud: {kind: chat, base_url: 'https://c/v1', key: 'env:NO_SUCH_KEY'}\n"
        "  box: {kind: chat, base_url: 'http://localhost:1/v1'}\n"
    )
    ids = ["demo/demo", "demo/text-embedding-3", "meta-llama/Llama-3", 7, "demo/demo"]
    world.server.models = [{"id": name} for name in ids]
    async with world.started() as workspace:
        listing = workspace.models.listing.value
        rows = [(row.id, row.provider, row.hidden) for row in listing.rows]
        assert rows == [
            ("demo/demo", "demo", False),
            ("demo/text-embedding-3", "demo", True),
            ("meta-llama/Llama-3", "local", False),
        ]
        assert "NO_SUCH_KEY" in listing.failures["cloud"].what
        assert listing.failures["box"].kind == "server"
        world.server.down = True
        await workspace.models.refresh()
        assert workspace.models.listing.value.failures["local"].kind == "offline"
        assert len(workspace.models.listing.value.rows) == 3


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("text-embedding-3-small", True),
        ("whisper-1", True),
        ("gpt-4o-audio-preview", True),
        ("dall-e-3", True),
        ("gpt-image-1", True),
        ("omni-moderation-latest", True),
        ("gpt-6-astra", False),
        ("llama3:8b", False),
        ("claude-opus", False),
    ],
)
def test_models_that_cannot_chat_are_told_by_their_names(name: str, hidden: bool) -> None:
    assert not_for_chat(name) is hidden


async def test_each_server_has_its_own_assistants_and_the_last_one_is_opened_again(world: World) -> None:
    async with world.started() as workspace:
        workspace.editor.edit("name", "On local")
        await workspace.editor.save()
        local_id = workspace.editor.draft.value.id
        world.server = ScriptedServer()
        remote = world.server.put(name="On work")
        await workspace.use_server("work")
        assert workspace.connection.value.server == "work"
        assert workspace.connection.value.title == "Work"
        assert workspace.editor.draft.value.server == "work"
        assert {row.name for row in workspace.assistants.listing.value.rows if not row.is_draft} == {"On work"}
        await workspace.open_assistant(remote["id"])
        await workspace.use_server("local")
        assert workspace.editor.draft.value.id == local_id
        await workspace.use_server("work")
        with pytest.raises(FailureError):
            await workspace.use_server("nowhere")
    again = world.open(server=None)
    assert again.connection.value.server == "work"
    assert again.boot.draft.values["name"] == "On work"
    await again.close()


async def test_a_server_that_left_the_settings_is_told(world: World) -> None:
    async with world.started("work"):
        pass
    async with world.started() as workspace:
        await workspace.use_server("work")
    world.settings("{}\n")
    again = world.open(server=None)
    assert again.connection.value.server == "local"
    assert again.boot.notices == ("No server work is in the settings; this is the local one.",)
    await again.close()


async def test_a_missing_key_says_which_and_a_given_one_helps(world: World) -> None:
    world.environ.clear()
    async with world.started("work") as workspace:
        state = workspace.connection.value
        assert state.phase == "refused"
        assert state.failure is not None
        assert "WORK_KEY" in state.failure.what
        workspace.editor.edit("model", "m")
        await workspace.editor.save()
        assert workspace.editor.save_state.value.failure is not None
        assert workspace.editor.save_state.value.failure.kind == "key"
        workspace.keys.set_session(server_owner("work"), "sk-session-0123456789")
        await workspace.use_server("work")
        assert workspace.connection.value.phase == "ready"
        assert world.server.calls[-1].headers["authorization"] == "Bearer sk-session-0123456789"


async def test_a_refused_key_shows_in_the_connection(world: World) -> None:
    world.server.refuse("GET", 401, times=50)
    async with world.started("work") as workspace:
        state = workspace.connection.value
        assert state.phase == "refused"
        assert state.failure is not None
        assert state.failure.what == "Work refused the key in the environment variable WORK_KEY."


async def test_the_retired_api_is_named_in_the_connection(world: World) -> None:
    world.settings("servers:\n  openai: {base_url: 'https://api.openai.com/v1'}\n")
    world.server.answer("/assistants", httpx2.Response(404, json={"error": {"message": "Not found"}}), times=50)
    async with world.started("openai") as workspace:
        assert workspace.assistants.listing.value.failure is not None
        assert workspace.assistants.listing.value.failure.kind == "retired"


async def test_what_a_server_lacks_is_remembered(world: World) -> None:
    async with world.started() as workspace:
        workspace.connection.lack("cancel")
        assert "cancel" in workspace.connection.value.lacking


async def test_run_settings_are_kept_per_assistant_and_go_along(world: World) -> None:
    other = world.server.put(name="Other")
    async with world.editing() as workspace:
        mine = workspace.editor.draft.value.assistant_id or ""
        assert workspace.editor.edit_run_setting("max_completion_tokens", 512) is None
        problem = workspace.editor.edit_run_setting("max_prompt_tokens", 1)
        assert problem is not None
        workspace.editor.edit_run_setting("parallel_tool_calls", False)
        workspace.editor.edit_run_setting("parallel_tool_calls", None)
        assert workspace.editor.run_overrides() == {"max_completion_tokens": 512}
        workspace.store.flush()
        await workspace.open_assistant(other["id"])
        assert workspace.editor.run_overrides() == {}
        await workspace.open_assistant(mine)
        settings = workspace.editor.run_settings.value
        assert settings.values == {"max_completion_tokens": 512}
        assert settings.raw["max_prompt_tokens"].text == "1"
        assert world.server.saves == []


class FakeCarried:
    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.stopped = 0.0

    def transport(self) -> httpx2.AsyncBaseTransport:
        return self.server

    def stop(self, timeout: float) -> None:
        self.stopped = timeout


async def test_the_carried_service_is_started_once_and_gets_live_settings_and_keys(world: World) -> None:
    started: list[Any] = []
    carried = FakeCarried(world.server)

    def start(paths: Paths, settings: Any, key: Any, key_refused: Any) -> FakeCarried:
        started.append((paths, settings, key))
        return carried

    world.settings("providers:\n  cloud: {kind: chat, base_url: 'https://c/v1', key: 'env:CLOUD'}\n")
    keys = KeyRing({"CLOUD": "sk-cloud-0123456789"})
    workspace = Workspace(
        world.paths, SettingsStore(world.paths), keys, clock=world.clock, environ={}, start_carried=start
    )
    assert started == []
    await workspace.start()
    await workspace.use_server("local")
    assert len(started) == 1
    _, settings, key = started[0]
    now: Settings = settings()
    assert now.default_provider == "cloud"
    assert key(Provider("cloud", "chat", key="env:CLOUD")) == "sk-cloud-0123456789"
    await workspace.close()
    assert carried.stopped > 0
    await workspace.close()


async def test_closing_before_starting_and_in_the_middle_is_fine(world: World) -> None:
    workspace = world.open()
    workspace.editor.edit("name", "typed")
    await workspace.close()
    gate = world.server.hold("GET")
    again = world.open()
    import asyncio

    starting = asyncio.create_task(again.start())
    await gate.arrived.wait()
    assert again.boot.draft.values["name"] == "typed"
    await again.close()
    gate.open()
    await asyncio.gather(starting, return_exceptions=True)


async def test_settings_changed_outside_are_taken_up_on_focus(world: World) -> None:
    async with world.editing() as workspace:
        world.settings("default_provider: demo\nautosave_delay: 1\n")
        await workspace.refresh()
        await quiet(workspace)
        workspace.editor.edit("name", "Sooner")
        await world.clock.advance(1)
        await until(lambda: world.server.saves == [{"name": "Sooner"}])


async def test_keys_and_contents_are_in_no_file_but_where_they_belong(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "playground_tui")
    async with world.started("work") as workspace:
        workspace.editor.edit("instructions", "a person's very secret words")
        workspace.editor.edit("model", "m")
        world.server.refuse("POST", 500, "failed for sk-work-0123456789")
        await workspace.editor.save()
        failure = workspace.editor.save_state.value.failure
        assert "sk-work" not in repr(failure)
    assert "secret words" not in caplog.text
    for file in world.home.rglob("*"):
        if file.is_file():
            assert b"sk-work-0123456789" not in file.read_bytes()
