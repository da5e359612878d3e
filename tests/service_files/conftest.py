from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from playground_tui.service.carried import BASE_URL, Carried
from tests.support.carried import Checked, carried_service, client_of, service_config


@pytest.fixture(autouse=True)
def _no_openai_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLAYGROUND_TUI_HOME", str(tmp_path))


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def carried(tmp_path: Path, clock: Clock) -> Iterator[Carried]:
    """The whole service, with the demo engine, a small limit on uploads and a clock set by hand."""
    config = service_config(tmp_path, clock=clock, max_file_bytes=3_000_000, run_expiry=10**9)
    with carried_service(config) as carried:
        yield carried


@pytest.fixture
def checked(carried: Carried) -> Checked:
    return Checked(carried.transport())


@pytest.fixture
async def client(checked: Checked) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(checked) as client:
        yield client


@pytest.fixture
async def raw(checked: Checked) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=checked, base_url=BASE_URL) as client:
        yield client
