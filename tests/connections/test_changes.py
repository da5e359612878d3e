"""Changes take effect at once: no restart, whoever makes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from playground_tui.settings.model import Provider, Server
from playground_tui.workspace.clock import BEAT
from playground_tui.workspace.connections.values import Entry
from playground_tui.workspace.failures import FailureError
from playground_tui.workspace.workspace import Workspace
from tests.connections.conftest import House, MemoryKeyring
from tests.support.endpoint import ScriptedEndpoint
from tests.support.wait import wait_until
from tests.workspace.world import World

KEY = "planted-key-0123456789"
WORK = Entry("servers", "work")
MINE = Entry("providers", "mine")


def models(workspace: Workspace) -> list[str]:
    return [row.id for row in workspace.models.listing.value.rows]


async def test_a_provider_added_now_answers_now(house: House, endpoint: ScriptedEndpoint) -> None:
    async with house.started() as workspace:
        assert "mine/scripted-model" not in models(workspace)
        await workspace.connections.put(Provider("mine", "chat", endpoint.base_url))
        assert "mine/scripted-model" in models(workspace)
        workspace.editor.edit("model", "mine/scripted-model")
        await workspace.conversation.value.send("Hello")
        await workspace.conversation.value.wait_idle()
        assert workspace.conversation.value.messages[-1].text == "You said: Hello"


async def test_the_first_provider_becomes_the_default_and_the_notice_goes(
    house: House, endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.settings("")
    monkeypatch.setattr("playground_tui.settings.detect.presets", dict)
    async with house.started() as workspace:
        assert "demo answers" in workspace.connection.value.notice
        await workspace.connections.put(Provider("mine", "chat", endpoint.base_url, default_model="m"))
        assert workspace.connection.value.notice == ""
        assert workspace.settings.current.default_provider == "mine"
        assert workspace.connections.state.value.settings.default_provider == "mine"


async def test_what_a_first_start_chose_stays_in_force_beside_the_first_own_provider(
    house: House, endpoint: ScriptedEndpoint
) -> None:
    house.settings("")
    house.environ |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": endpoint.base_url}
    async with house.started() as workspace:
        assert workspace.connections.state.value.implied == "openai"
        await workspace.connections.put(Provider("other", "chat", endpoint.base_url))
        current = workspace.settings.current
        assert {p.id for p in current.providers} == {"openai", "other", "demo"}
        assert current.default_provider == "openai"
        assert current.provider("openai").base_url == endpoint.base_url  # type: ignore[union-attr]
        assert KEY not in house.paths.settings_file.read_text()


async def test_an_edited_first_start_provider_is_used_as_edited(house: House, endpoint: ScriptedEndpoint) -> None:
    house.settings("providers:\n  mine: {kind: chat, base_url: 'http://127.0.0.1:9/v1'}\n")
    async with house.started() as workspace:
        await workspace.connections.put(Provider("mine", "chat", endpoint.base_url))
        assert workspace.effective_settings().provider("mine").base_url == endpoint.base_url  # type: ignore[union-attr]
        assert "mine/scripted-model" in models(workspace)


async def test_removed_is_gone_and_comments_stay(house: House, endpoint: ScriptedEndpoint) -> None:
    house.settings(
        f"# mine\ndefault_provider: mine\nproviders:\n  mine: {{kind: chat, base_url: {endpoint.base_url}}}\n"
    )
    async with house.started() as workspace:
        assert "mine/scripted-model" in models(workspace)
        await workspace.connections.remove(MINE)
        assert "mine/scripted-model" not in models(workspace)
        assert workspace.settings.current.default_provider == ""
        assert "# mine" in house.paths.settings_file.read_text()


async def test_a_session_key_is_used_at_once_and_never_written(house: House, endpoint: ScriptedEndpoint) -> None:
    endpoint.key = KEY
    house.settings(
        f"default_provider: mine\nproviders:\n  mine: {{kind: chat, base_url: {endpoint.base_url}, key: session}}\n"
    )
    async with house.started() as workspace:
        assert "Connections" in workspace.models.listing.value.failures["mine"].what
        await workspace.connections.give_session_key(MINE, KEY)
        assert "mine/scripted-model" in models(workspace)
        assert workspace.connections.state.value.session_keys == {MINE}
        await workspace.connections.give_session_key(MINE, "")
        assert workspace.connections.state.value.session_keys == frozenset()
    assert not _found(house.paths.data, KEY)


async def test_a_key_goes_into_the_system_keyring(
    house: House, endpoint: ScriptedEndpoint, system_keyring: MemoryKeyring
) -> None:
    endpoint.key = KEY
    house.settings(f"default_provider: mine\nproviders:\n  mine: {{kind: chat, base_url: {endpoint.base_url}}}\n")
    async with house.started() as workspace:
        await workspace.connections.store_key(MINE, KEY)
        assert workspace.settings.current.provider("mine").key == "keyring:mine"  # type: ignore[union-attr]
        assert system_keyring.kept == {("playground-tui", "mine"): KEY}
        assert "mine/scripted-model" in models(workspace)
        system_keyring.locked = True
        with pytest.raises(FailureError, match="did not take the key"):
            await workspace.connections.store_key(MINE, KEY)
    assert not _found(house.paths.data, KEY)


async def test_aliases_defaults_and_default_models(house: House, endpoint: ScriptedEndpoint) -> None:
    async with house.started() as workspace:
        connections = workspace.connections
        await connections.put(Provider("mine", "chat", endpoint.base_url))
        await connections.set_default_model("mine", "scripted-model")
        await connections.set_default(MINE)
        await connections.put_alias("gpt-4", "mine/scripted-model")
        current = workspace.settings.current
        assert current.default_provider == "mine"
        assert current.provider("mine").default_model == "scripted-model"  # type: ignore[union-attr]
        assert current.aliases == {"gpt-4": "mine/scripted-model"}
        workspace.editor.edit("model", "gpt-4")
        await workspace.conversation.value.send("Hello")
        await workspace.conversation.value.wait_idle()
        assert endpoint.posts[-1].body["model"] == "scripted-model"
        await connections.put_alias("gpt-4", "")
        assert workspace.settings.current.aliases == {}


async def test_a_file_that_is_no_yaml_is_left_alone(house: House) -> None:
    async with house.started() as workspace:
        house.settings("providers: [")
        with pytest.raises(FailureError, match="line 1"):
            await workspace.connections.put(Server("work", "http://127.0.0.1:9/v1"))
        assert house.paths.settings_file.read_text() == "providers: ["
        await workspace.connections.take_up()
        assert [problem.line for problem in workspace.connections.state.value.problems] == [1]


# -- servers, on a scripted one and a scripted clock -----------------------------------------------------------------


async def test_the_file_is_looked_at_every_few_seconds(tmp_path: Path) -> None:
    world = World(tmp_path / "home")
    async with world.started() as workspace:
        world.settings("default_provider: demo\nservers:\n  new: {base_url: 'https://new.example/v1'}\n")
        await world.clock.advance(BEAT)
        await wait_until(lambda: workspace.connections.state.value.settings.server("new"))
        world.settings("default_provider: demo\nservers:\n  new: {base_url: nonsense}\n")
        await world.clock.advance(BEAT)
        await wait_until(lambda: workspace.connections.state.value.problems)
        assert "line 3" in str(workspace.connections.state.value.problems[0])


async def test_a_changed_server_is_connected_anew(tmp_path: Path) -> None:
    world = World(tmp_path / "home")
    async with world.started("work") as workspace:
        work = workspace.settings.current.server("work")
        assert work is not None
        await workspace.connections.put(replace(work, headers={"x-team": "blue"}))
        assert world.server.calls[-1].headers["x-team"] == "blue"
        await workspace.connections.give_session_key(WORK, KEY)
        assert world.server.calls[-1].headers["authorization"] == f"Bearer {KEY}"
        await workspace.connections.remove(WORK)
        assert workspace.connection.server.id == "local"


async def test_provider_and_server_of_one_name_share_no_session_key(tmp_path: Path) -> None:
    world = World(tmp_path / "home")
    async with world.started("work") as workspace:
        await workspace.connections.give_session_key(Entry("providers", "work"), KEY)
        await workspace.use_server("work")
        assert all(KEY not in str(call.headers) for call in world.server.calls)


async def test_a_rotated_key_is_fetched_again_after_a_401(tmp_path: Path) -> None:
    world = World(tmp_path / "home")
    kept = tmp_path / "key"
    kept.write_text("first-key-000000")
    world.settings(
        f"default_provider: demo\nservers:\n  work: {{base_url: 'https://w.example/v1', key: 'command:cat {kept}'}}\n"
    )
    async with world.started("work") as workspace:
        assert world.server.calls[-1].headers["authorization"] == "Bearer first-key-000000"
        kept.write_text("second-key-111111")
        world.server.refuse("GET", 401)
        await workspace.assistants.refresh()
        assert workspace.connection.value.phase == "refused"
        await workspace.assistants.refresh()
        assert world.server.calls[-1].headers["authorization"] == "Bearer second-key-111111"
        assert workspace.connection.value.phase == "ready"


def _found(folder: Path, key: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


async def test_a_rotated_key_of_a_provider_is_used_within_the_same_run(
    house: House, endpoint: ScriptedEndpoint, tmp_path: Path
) -> None:
    kept = tmp_path / "key"
    kept.write_text("first-key-000000")
    endpoint.key = "first-key-000000"
    entry = f"{{kind: chat, base_url: '{endpoint.base_url}', key: 'command:cat {kept}', default_model: m}}"
    house.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n")
    async with house.started() as workspace:
        conversation = workspace.conversation.value
        await conversation.send("one")
        await conversation.wait_idle()
        kept.write_text("second-key-111111")
        endpoint.key = "second-key-111111"
        await conversation.send("two")
        await conversation.wait_idle()
        assert conversation.state.value.failure is None
        assert [m.text for m in conversation.messages][-1] == "You said: two"
        endpoint.key = "a key that nobody has"
        await conversation.send("three")
        await conversation.wait_idle()
        failure = conversation.state.value.failure
        assert failure is not None
        assert failure.kind == "key"
        assert "the key command cat" in failure.what
