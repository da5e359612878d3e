from __future__ import annotations

from pathlib import Path

import pytest

from playground_tui.settings.file import SettingsStore
from playground_tui.settings.model import Provider, Server
from playground_tui.settings.paths import Paths
from playground_tui.settings.presets import presets
from playground_tui.workspace.connections.forms import read_entry, texts_of

PROVIDER = Provider(
    "mine",
    "chat",
    "https://host/v1",
    "env:MY_KEY",
    {"x-a": "1: 2"},
    {"v": "1"},
    {"top_k": 3, "more": {"a": [1]}},
    "gemma",
    "http://proxy:8080",
    organization="org",
    project="p",
    title="Mine",
)
SERVER = Server("work", "https://host/openai", "session", {"x": "y"}, api_version="2024-05-01-preview")


@pytest.mark.parametrize("item", [PROVIDER, SERVER], ids=["provider", "server"])
def test_what_is_shown_reads_back(item: Provider | Server, paths: Paths) -> None:
    section = "providers" if isinstance(item, Provider) else "servers"
    assert read_entry(section, texts_of(item)).item == item  # type: ignore[arg-type]
    store = SettingsStore(paths)
    store.put_provider(item) if isinstance(item, Provider) else store.put_server(item)
    again = SettingsStore(paths).current
    assert (again.provider("mine") or again.server("work")) == item


@pytest.mark.parametrize("preset", [p for p in presets() if p not in ("azure", "demo")])
def test_presets_need_no_typing(preset: str) -> None:
    provider = presets()[preset].provider()
    assert read_entry("providers", texts_of(provider), preset=preset).item == provider


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("id", "a b", "short name"),
        ("id", "taken", "in use"),
        ("base_url", "", "such as https://host/v1"),
        ("base_url", "host/v1", "address such as"),
        ("base_url", "https://me:secret@host/v1", "name or password"),
        ("base_url", "https://YOUR-RESOURCE.openai.azure.com/v1", "your own resource"),
        ("key", "sk-0123456789abcdef", "never the key itself"),
        ("key", "env:", "env:NAME"),
        ("headers", "no colon", "one pair a line"),
        ("headers", "na me: x", "one pair a line"),
        ("extra_body", "{", "not JSON at line 1"),
        ("extra_body", "[]", "JSON object"),
        ("proxy", "proxy:8080", "http://proxy:8080"),
        ("ca_bundle", "/nowhere/at-all.pem", "no such file"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, text: str, says: str) -> None:
    read = read_entry("providers", {**texts_of(PROVIDER), field: text}, taken=("taken",))
    assert read.item is None
    assert list(read.problems) == [field]
    assert says.lower() in read.problems[field].lower()
    assert "sk-0123456789" not in str(read.problems)
    assert "secret" not in str(read.problems)


def test_a_ca_bundle_that_is_there(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("x")
    read = read_entry("servers", {**texts_of(SERVER), "ca_bundle": str(bundle)})
    assert isinstance(read.item, Server)
    assert read.item.ca_bundle == str(bundle)


def test_local_is_taken() -> None:
    assert "carried" in read_entry("servers", {**texts_of(SERVER), "id": "local"}).problems["id"]
