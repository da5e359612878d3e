"""One suite for the whole workspace: the same tests against the carried service, against it over HTTP, and (in the slow
round) against the program's own `serve` as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import find_paths
from playground_tui.workspace.workspace import Workspace
from tests.remote.conftest import saved, say, state_of
from tests.support.remote_server import RemoteServer
from tests.support.wait import wait_until

KEY = "suite-key-0123456789"
PROVIDERS = """\
autosave_delay: 0.2
default_provider: demo
providers:
  demo: {kind: demo, default_model: demo, extra_body: {tokens_per_second: 0}}
  paced: {kind: demo, default_model: demo, extra_body: {tokens_per_second: 100}}
"""
FUNCTION = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
Start = Callable[[], Any]


SERVE = pytest.param("serve", marks=[pytest.mark.slow, pytest.mark.process])


@pytest.fixture(params=["carried", "http", SERVE])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Opens a started workspace; each time the same home and server."""
    paths = find_paths(tmp_path / "home")
    paths.make()
    server = "local" if request.param == "carried" else "remote"

    @asynccontextmanager
    async def started() -> AsyncIterator[Workspace]:
        environ = {"REMOTE_KEY": KEY}
        settings, keys = SettingsStore(paths), KeyRing(environ)
        workspace = Workspace(paths, settings, keys, server=server, environ=environ)
        try:
            await workspace.start()
            yield workspace
        finally:
            await workspace.close()

    paths.settings_file.write_text(PROVIDERS)
    if server == "local":
        yield started
        return
    with _far(request.param, tmp_path / "remote") as base_url:
        entry = f"servers:\n  remote: {{base_url: '{base_url}', key: 'env:REMOTE_KEY'}}\n"
        paths.settings_file.write_text(PROVIDERS + entry)
        yield started


@contextmanager
def _far(kind: str, home: Path) -> Iterator[str]:
    """The base URL of a service elsewhere."""
    if kind == "http":
        with RemoteServer(home, key=KEY) as remote:
            yield remote.base_url
        return
    home.mkdir()
    (home / "settings.yaml").write_text(PROVIDERS)
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")}
    environ |= {"PLAYGROUND_TUI_HOME": str(home), "PLAYGROUND_TUI_API_KEY": KEY}
    command = [sys.executable, "-m", "playground_tui", "serve", "--port", "0", "--quiet"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(30) in (0, 143)


async def make(workspace: Workspace, **values: Any) -> str:
    for name, value in {"name": "Bot", "model": "demo/demo-fast", **values}.items():
        workspace.editor.edit(name, value)
    await workspace.editor.save()
    assert workspace.editor.save_state.value.failure is None
    return workspace.editor.draft.value.assistant_id or ""


async def served(workspace: Workspace, assistant_id: str) -> Any:
    """The assistant as the server has it."""
    return await (await workspace.api()).beta.assistants.retrieve(assistant_id)


async def test_every_field_is_created_changed_and_cleared(start: Start) -> None:
    async with start() as workspace:
        fields = {
            "description": "Answers.",
            "instructions": "Be kind. 👩‍👩‍👧",
            "temperature": 0.35,
            "top_p": 0.5,
            "tools": [{"type": "file_search"}, FUNCTION],
            "response_format": {"type": "json_object"},
            "reasoning_effort": "low",
            "metadata": {"team": "blue"},
        }
        made = await served(workspace, await make(workspace, **fields))
        assert made.description == "Answers."
        assert made.temperature == 0.35
        assert [tool.type for tool in made.tools] == ["file_search", "function"]
        for name in fields:
            workspace.editor.edit(name, None)
        await saved(workspace)
        cleared = await served(workspace, made.id)
        assert (cleared.description, cleared.temperature, cleared.top_p) == (None, None, None)
        assert cleared.tools == []
        assert workspace.editor.draft.value.changed == ()


async def test_a_wrong_value_is_held_back_alone(start: Start) -> None:
    async with start() as workspace:
        assistant_id = await make(workspace, temperature=0.5)
        assert workspace.editor.edit("temperature", 9) is not None
        workspace.editor.edit("name", "Other")
        await wait_until(lambda: not workspace.editor.busy and workspace.editor.draft.value.base["name"] == "Other")
        assert (await served(workspace, assistant_id)).temperature == 0.5
        assert "temperature" in workspace.editor.draft.value.raw


async def test_changed_elsewhere_is_taken_over(start: Start) -> None:
    async with start() as workspace:
        assistant_id = await make(workspace, instructions="old")
        client = await workspace.api()
        await client.beta.assistants.update(assistant_id, description="from elsewhere", instructions="theirs")
        workspace.editor.edit("instructions", "mine")
        await wait_until(lambda: workspace.editor.draft.value.base.get("instructions") == "mine")
        await wait_until(lambda: not workspace.editor.busy)
        assert workspace.editor.draft.value.values["description"] == "from elsewhere"
        assert (await served(workspace, assistant_id)).instructions == "mine"


async def test_lists_duplicate_and_delete(start: Start) -> None:
    async with start() as workspace:
        first = await make(workspace, instructions="Refunds only.")
        copy = await workspace.assistants.duplicate(first)
        await workspace.assistants.refresh()
        assert {row.id for row in workspace.assistants.listing.value.rows} == {first, copy}
        assert {row.id for row in workspace.assistants.search("refunds")} == {first, copy}
        await workspace.assistants.delete(copy)
        await workspace.assistants.refresh()
        assert [row.id for row in workspace.assistants.listing.value.rows] == [first]
        assert any(row.id.endswith("demo-fast") for row in workspace.models.listing.value.rows)


async def test_the_next_start_finds_everything(start: Start) -> None:
    async with start() as workspace:
        assistant_id = await make(workspace, instructions="Be kind.")
        await say(workspace, "Hello there")
        await saved(workspace)
        workspace.conversation.value.set_unsent("half a thought")
        texts = [m.text for m in workspace.conversation.value.messages]
    async with start() as workspace:
        assert workspace.editor.draft.value.assistant_id == assistant_id
        assert [m.text for m in workspace.conversation.value.messages] == texts
        assert state_of(workspace).unsent == "half a thought"
        await workspace.threads.refresh()
        assert [row.title for row in workspace.threads.listing.value.rows] == ["Hello there"]
        assert workspace.connection.value.lacking == frozenset()


async def test_a_run_brings_the_edits_of_the_form(start: Start) -> None:
    async with start() as workspace:
        assistant_id = await make(workspace)
        workspace.editor.edit("instructions", "Just now.")
        await say(workspace, "Hello")
        assert (await served(workspace, assistant_id)).instructions == "Just now."
        workspace.editor.set_paused(True)
        workspace.editor.edit("temperature", 0.9)
        await say(workspace, "Again")
        assert state_of(workspace).failure is None
        assert (await served(workspace, assistant_id)).temperature is None


async def test_calls_stop_and_failures(start: Start) -> None:
    async with start() as workspace:
        await make(workspace, tools=[FUNCTION])
        conversation = workspace.conversation.value
        await say(workspace, "/calls")
        calls = state_of(workspace).run.calls
        assert len(calls) == 2
        await conversation.submit_outputs({call.id: "sun" for call in calls})
        await conversation.wait_idle()
        assert conversation.messages[-1].status == "complete"
        await say(workspace, "/429")
        assert state_of(workspace).failure.kind == "rate"
        workspace.editor.edit("model", "paced/demo")
        await conversation.send("/slow 60")
        await wait_until(lambda: state_of(workspace).run.phase in ("thinking", "answering"))
        await conversation.stop()
        await conversation.wait_idle()
        assert state_of(workspace).run.phase == "idle"
        assert state_of(workspace).failure is None


async def test_threads_are_renamed_and_deleted(start: Start) -> None:
    async with start() as workspace:
        await make(workspace)
        await say(workspace, "Hello")
        thread_id = state_of(workspace).thread_id
        await workspace.threads.rename(thread_id, "Another name")
        thread = await (await workspace.api()).beta.threads.retrieve(thread_id)
        assert thread.metadata["title"] == "Another name"
        await workspace.threads.delete(thread_id)
        await workspace.threads.refresh()
        assert workspace.threads.listing.value.rows == ()
