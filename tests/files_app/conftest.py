"""The carried service with the demo model, and the library of files on top of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from playground_tui.service.carried import Carried
from playground_tui.workspace.clock import SystemClock
from playground_tui.workspace.files.library import Ground, Library
from tests.support.carried import carried_service, client_of, service_config

LIMIT = 300_000
"""Bytes of a file that the service takes here."""


@pytest.fixture(autouse=True)
def _no_openai_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "SSH_TTY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLAYGROUND_TUI_HOME", str(tmp_path))


@pytest.fixture
def carried(tmp_path: Path) -> Iterator[Carried]:
    with carried_service(service_config(tmp_path / "service", max_file_bytes=LIMIT)) as carried:
        yield carried


@pytest.fixture
async def client(carried: Carried) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(carried.transport()) as client:
        yield client


class World:
    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self.client = client
        self.owners: list[dict[str, Any]] = []
        self.lacking: set[str] = set()
        self.library = Library(Ground(self.api, SystemClock(), self.all_owners, self.lacking.add))

    async def api(self) -> openai.AsyncOpenAI:
        return self.client

    async def all_owners(self) -> list[dict[str, Any]]:
        return self.owners

    async def sent(self, *paths: Path, store_id: str = "") -> Any:
        """The transfers when all of them are through."""
        return await self.library.uploads.wait(self.library.uploads.add(paths, store_id))


@pytest.fixture
async def world(client: openai.AsyncOpenAI) -> AsyncIterator[World]:
    made = World(client)
    yield made
    await made.library.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    return made


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
