"""Files that go to an endpoint's own tools and come from them, over real HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.service.engines.base import Engine, EngineError, HoldsFiles, OutputFile
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Wire


def json_wire(text: str, status: int = 200) -> Wire:
    return Wire((text.encode(),), status, {"content-type": "application/json"}, whole=True)


FILE = '{"id":"file-remote","object":"file","bytes":3,"created_at":1,"filename":"a","purpose":"user_data"}'
PATH = "/containers/cntr%2F..%2F1/files/cfile_1/content"


def holder(pool: object, endpoint: ScriptedEndpoint) -> HoldsFiles:
    from playground_tui.settings.model import Provider

    engine: Engine = pool.get(Provider("here", "responses", base_url=endpoint.base_url, title="Here"))
    assert isinstance(engine, HoldsFiles)
    return engine


async def test_a_file_is_sent_with_its_name_and_its_end(pool: object, tmp_path: Path) -> None:
    (tmp_path / "file-1").write_bytes(b"a,b\n")
    with ScriptedEndpoint() as endpoint:
        endpoint.routes["/files"] = json_wire(FILE)
        assert await holder(pool, endpoint).upload(tmp_path / "file-1", "sales.csv", 3600) == "file-remote"
        (call,) = endpoint.calls
    assert call.path.endswith("/files")
    for part in (b'filename="sales.csv"', b"a,b\n", b"user_data", b"3600"):
        assert part in call.body


async def test_a_file_is_fetched_from_its_container(pool: object) -> None:
    content = bytes(range(256)) * 1000
    octets = {"content-type": "application/octet-stream"}
    with ScriptedEndpoint() as endpoint:
        endpoint.routes[PATH] = Wire((content[:5000], content[5000:]), 200, octets)
        made = OutputFile("cfile_1", "cntr/../1", "a.png")
        got = b"".join([block async for block in holder(pool, endpoint).download(made)])
        (call,) = endpoint.calls
    assert got == content
    assert call.path.endswith(PATH)


async def test_what_is_refused_is_an_engine_error(pool: object, tmp_path: Path) -> None:
    (tmp_path / "file-1").write_bytes(b"x")
    with ScriptedEndpoint() as endpoint:
        endpoint.routes["/files"] = json_wire('{"error":{"message":"No."}}', 404)
        engine = holder(pool, endpoint)
        with pytest.raises(EngineError):
            await engine.upload(tmp_path / "file-1", "a", 3600)
        with pytest.raises(EngineError):
            _ = [block async for block in engine.download(OutputFile("cfile_1", "cntr", "a"))]
