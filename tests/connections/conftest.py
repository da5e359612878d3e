from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing
from playground_tui.settings.paths import Paths, find_paths
from playground_tui.workspace.workspace import Workspace
from tests.support.endpoint import ScriptedEndpoint


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise RuntimeError("locked")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def system_keyring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    fake = MemoryKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def endpoint() -> Iterator[ScriptedEndpoint]:
    with ScriptedEndpoint() as made:
        yield made


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = find_paths(tmp_path / "home")
    found.make()
    return found


class House:
    """One home; workspaces on it with the carried service and the real network, which is loopback."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.environ: dict[str, str] = {}

    def settings(self, text: str) -> None:
        self.paths.settings_file.write_text(text)

    def open(self, server: str | None = "local") -> Workspace:
        settings, keys = SettingsStore(self.paths), KeyRing(self.environ)
        return Workspace(self.paths, settings, keys, server=server, environ=self.environ)

    @asynccontextmanager
    async def started(self, server: str | None = "local") -> AsyncIterator[Workspace]:
        workspace = self.open(server)
        try:
            await workspace.start()
            yield workspace
        finally:
            await workspace.close()


@pytest.fixture
def house(paths: Paths) -> House:
    made = House(paths)
    made.settings("default_provider: demo\n")
    return made
