"""Odd answers never crash: the main job on servers that each differ from the API in their own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.workspace.workspace import Workspace
from tests.remote.conftest import KEY, Guest, saved, say, state_of
from tests.support.remote_server import Dialect, RemoteServer
from tests.support.wait import wait_until

LACKING = ("POST .*/cancel", "GET .*/steps", "GET .*/runs", "GET /threads", "GET .*/events", "GET /models")
DIALECTS = {
    "as the API": Dialect(),
    "number ids": Dialect(ids="number"),
    "uuids": Dialect(ids="uuid"),
    "iso dates": Dialect(iso_dates=True),
    "plain text": Dialect(plain_text=True),
    "201": Dialect(created_status=201),
    "no done": Dialect(done=False),
    "no pages": Dialect(pages=False),
    "no stream": Dialect(streams=False),
    "few fields": Dialect(drops=("object", "metadata", "usage", "created_at", "assistant_id", "incomplete_details")),
    "lacks much": Dialect(lacks=LACKING, pages=False),
    "lacks much, 405": Dialect(lacks=LACKING, lacking_status=405),
    "lacks much, 501 pages": Dialect(lacks=LACKING, lacking_status=501, html_errors=True),
    "elsewhere": Dialect(base="/api/openai"),
    "all at once": Dialect(
        lacks=LACKING,
        ids="number",
        iso_dates=True,
        plain_text=True,
        drops=("object", "metadata", "usage"),
        created_status=201,
        done=False,
        pages=False,
    ),
}


@pytest.mark.parametrize("name", DIALECTS)
async def test_the_main_job(tmp_path: Path, name: str) -> None:
    with RemoteServer(tmp_path / "server", DIALECTS[name], key=KEY) as server:
        guest = Guest(tmp_path / "home", server)
        async with guest.started() as workspace:
            await _write(workspace)
            await say(workspace, "Hello there")
            assert state_of(workspace).failure is None
            reply = workspace.conversation.value.messages[-1]
            assert (reply.role, reply.status) == ("assistant", "complete"), reply
            assert reply.text
            workspace.editor.edit("temperature", 0.3)
            await saved(workspace)
            workspace.conversation.value.set_unsent("half a thought")
        async with guest.started() as workspace:
            draft = workspace.editor.draft.value
            assert draft.values["instructions"] == "Be kind."
            assert draft.values["temperature"] == 0.3
            assert draft.values == draft.base
            await wait_until(lambda: len(workspace.conversation.value.messages) == 2)
            assert [m.text for m in workspace.conversation.value.messages] == ["Hello there", reply.text]
            assert state_of(workspace).unsent == "half a thought"
            await say(workspace, "And again")
            assert state_of(workspace).failure is None
            assert len(workspace.conversation.value.messages) == 4
            assert [row.name for row in workspace.assistants.listing.value.rows] == ["Guest"]


async def _write(workspace: Workspace) -> None:
    workspace.editor.edit("name", "Guest")
    workspace.editor.edit("instructions", "Be kind.")
    workspace.editor.edit("model", "demo/demo-fast")
    await workspace.editor.save()
    assert workspace.editor.save_state.value.failure is None
    assert workspace.editor.draft.value.assistant_id


@pytest.mark.parametrize("name", ["as the API", "number ids", "no done", "no stream", "few fields", "all at once"])
async def test_function_calls_and_failures(tmp_path: Path, name: str) -> None:
    with RemoteServer(tmp_path / "server", DIALECTS[name], key=KEY) as server:
        async with Guest(tmp_path / "home", server).started() as workspace:
            await _write(workspace)
            function = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
            workspace.editor.edit("tools", [function])
            await say(workspace, "/calls")
            state = state_of(workspace)
            assert state.run.phase == "waiting_outputs", state
            await workspace.conversation.value.submit_outputs({call.id: "sun" for call in state.run.calls})
            await workspace.conversation.value.wait_idle()
            assert state_of(workspace).failure is None
            assert workspace.conversation.value.messages[-1].status == "complete"
            await say(workspace, "/fail")
            assert state_of(workspace).failure is not None
            assert state_of(workspace).unsent == "/fail"


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_what_a_server_lacks_is_remembered_with_its_reason(tmp_path: Path, status: int) -> None:
    dialect = Dialect(lacks=LACKING, lacking_status=status)
    with RemoteServer(tmp_path / "server", dialect, key=KEY) as server:
        async with Guest(tmp_path / "home", server).started() as workspace:
            await _write(workspace)
            workspace.editor.edit("model", "paced/demo")
            await workspace.conversation.value.send("/slow 60")
            await wait_until(lambda: state_of(workspace).run.run_id)
            await workspace.conversation.value.stop()
            await workspace.conversation.value.wait_idle()
            failure = state_of(workspace).failure
            assert failure is not None
            assert failure.kind == "unsupported"
            assert "cannot cancel" in failure.what
            assert {"cancel", "threads.list"} <= workspace.connection.value.lacking
            assert workspace.connection.value.phase == "ready"


async def test_a_wrong_key_is_one_sentence(tmp_path: Path) -> None:
    with RemoteServer(tmp_path / "server", key="another-key-000") as server:
        async with Guest(tmp_path / "home", server).started() as workspace:
            failure = workspace.connection.value.failure
            assert failure is not None
            assert failure.what == "Remote refused the key in the environment variable REMOTE_KEY."
