"""The test of a server: the carried one, and remote ones of several dialects."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.workspace.connections.values import Entry, ProbeView
from playground_tui.workspace.workspace import Workspace
from tests.connections.conftest import House
from tests.support.remote_server import Dialect, RemoteServer

LOCAL = Entry("servers", "local")
REMOTE = Entry("servers", "remote")
KEY = "server-key-0123456789"


def phases(view: ProbeView) -> dict[str, str]:
    return {step.id: step.phase for step in view.steps}


async def outcome_of(workspace: Workspace, entry: Entry) -> ProbeView:
    workspace.connections.test(entry)
    return await workspace.connections.tested(entry)


def point_to(house: House, server: RemoteServer) -> None:
    entry = f"servers:\n  remote: {{base_url: '{server.base_url}', key: 'env:REMOTE_KEY'}}\n"
    house.settings(f"default_provider: demo\n{entry}")
    house.environ["REMOTE_KEY"] = KEY


async def test_the_carried_one_works_and_keeps_nothing_of_the_test(house: House) -> None:
    async with house.started() as workspace:
        view = await outcome_of(workspace, LOCAL)
        assert set(phases(view).values()) == {"good"}, view
        await workspace.assistants.refresh()
        assert [row.name for row in workspace.assistants.listing.value.rows if not row.is_draft] == []
        page = await (await workspace.api()).beta.assistants.list()
        assert page.data == []


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(),
        Dialect(ids="number", iso_dates=True, plain_text=True, created_status=201, done=False, pages=False),
        Dialect(lacks=("POST .*/cancel", "GET .*/steps", "GET /models"), lacking_status=501),
        Dialect(streams=False),
    ],
    ids=["whole", "odd", "lacking", "no stream"],
)
async def test_remote_ones_never_crash_it(tmp_path: Path, house: House, dialect: Dialect) -> None:
    with RemoteServer(tmp_path / "remote", dialect, key=KEY) as server:
        point_to(house, server)
        async with house.started("remote") as workspace:
            workspace.editor.edit("model", "demo/demo-fast")
            found = phases(view := await outcome_of(workspace, REMOTE))
            assert "bad" not in found.values(), view
            assert (found["reachable"], found["key"], found["assistants"]) == ("good",) * 3
            assert found["models"] == ("doubtful" if dialect.lacks else "good")
            assert found["streaming"] == ("good" if dialect.streams else "doubtful")
            left = await (await workspace.api()).beta.assistants.with_raw_response.list()
            assert left.http_response.json()["data"] == []


async def test_a_wrong_key_and_a_wrong_address(tmp_path: Path, house: House) -> None:
    with RemoteServer(tmp_path / "remote", key="another-key-000") as server:
        point_to(house, server)
        async with house.started() as workspace:
            view = await outcome_of(workspace, REMOTE)
            assert phases(view)["key"] == "bad"
            assert "REMOTE_KEY" in view.step("key").sentence
            del house.environ["REMOTE_KEY"]
            assert "REMOTE_KEY is not set" in (await outcome_of(workspace, REMOTE)).step("key").sentence
    async with house.started() as workspace:
        house.environ["REMOTE_KEY"] = KEY
        assert "Is it running?" in (await outcome_of(workspace, REMOTE)).step("reachable").sentence


@pytest.mark.parametrize(
    ("base_url", "answer", "says"),
    [
        ("https://api.openai.com/v1", httpx2.Response(404, json={"error": {"message": "Invalid URL"}}), "2026-08-26"),
        ("https://models.test/v1", httpx2.Response(404, json={"detail": "Not Found"}), "as a provider instead"),
        ("https://page.test/v1", httpx2.Response(200, html="<html></html>"), "web page"),
    ],
)
async def test_what_is_no_assistants_server(house: House, base_url: str, answer: httpx2.Response, says: str) -> None:
    house.settings(f"default_provider: demo\nservers:\n  remote: {{base_url: '{base_url}'}}\n")

    def transport(server: object) -> httpx2.AsyncBaseTransport | None:
        return httpx2.MockTransport(lambda request: answer) if getattr(server, "id", "") == "remote" else None

    settings = SettingsStore(house.paths)
    workspace = Workspace(house.paths, settings, KeyRing({}), server="local", environ={}, transports=transport)
    await workspace.start()
    view = await outcome_of(workspace, REMOTE)
    await workspace.close()
    assert phases(view)["assistants"] == "bad"
    assert says in view.step("assistants").sentence
