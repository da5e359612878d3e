from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import openai
import pytest

from playground_tui.service.carried import BASE_URL, Carried
from tests.support.carried import Checked, carried_service, client_of, service_config
from tests.support.runs import FakeRuns, with_fake_runs


@pytest.fixture(autouse=True)
def _no_openai_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLAYGROUND_TUI_HOME", str(tmp_path))


@pytest.fixture
def fake_runs() -> FakeRuns:
    return FakeRuns()


@pytest.fixture
def carried(tmp_path: Path, fake_runs: FakeRuns) -> Iterator[Carried]:
    """The service with runs that go only as far as a test says."""
    with carried_service(service_config(tmp_path), with_fake_runs(fake_runs)) as carried:
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
    """For what the SDK would not send."""
    async with httpx2.AsyncClient(transport=checked, base_url=BASE_URL) as client:
        yield client
