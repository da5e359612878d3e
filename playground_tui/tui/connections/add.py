"""What to add: a provider from a preset or by hand, a server, an alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from playground_tui.settings.model import Provider, Server
from playground_tui.settings.presets import Preset, presets
from playground_tui.tui.screens.pick import PickScreen
from playground_tui.tui.widgets.row_list import Row
from playground_tui.workspace.connections.values import ConnectionsState

BY_HAND = (
    Row("chat", "Other endpoint", "Chat Completions at any address"),
    Row("responses", "Other endpoint", "Responses API at any address"),
)
SERVERS = (
    Row("serve", "playground-tui serve", "another machine's or process's local service"),
    Row("azure-server", "Azure OpenAI", "classic agents, until 2027-03-31"),
    Row("server", "Other server", "Assistants API at any address"),
)
ALIAS = Row("alias", "Alias", "a retired model name that runs on another model")


class AddScreen(PickScreen):
    """Answers what `new_entry` takes, or `alias`."""

    heading = "Add"
    search_hint = "Search presets"

    def found(self, text: str) -> Sequence[Row]:
        words = text.lower().split()

        def matching(rows: Sequence[Row]) -> list[Row]:
            return [row for row in rows if all(word in f"{row.text} {row.note}".lower() for word in words)]

        groups = (
            ("Providers: model endpoints for the local server", [*map(_preset_row, presets().values()), *BY_HAND]),
            ("Servers: Assistants APIs to talk to", SERVERS),
            ("Names", (ALIAS,)),
        )
        rows: list[Row] = []
        for title, members in groups:
            if found := matching(members):
                rows += [Row("", title, heading=True), *found]
        return rows

    def status(self, text: str, rows: Sequence[Row]) -> str:
        return "" if rows else f"No preset matches “{text}”: “Other endpoint” takes any address."


def _preset_row(preset: Preset) -> Row:
    where = urlsplit(preset.base_url).netloc or "built in"
    return Row(f"preset:{preset.id}", preset.title, preset.note or where, preset.kind)


def new_entry(choice: str, state: ConnectionsState) -> Provider | Server:
    """What the form begins with."""
    kind, _, name = choice.partition(":")
    providers = [provider.id for provider in state.settings.providers]
    servers = [server.id for server in state.settings.servers]
    if kind == "preset":
        return presets()[name].provider(free(name, providers))
    if kind in ("chat", "responses"):
        return Provider(free("endpoint", providers), kind, base_url="http://localhost:8000/v1")  # type: ignore[arg-type]
    empty = Server(free("server", servers), base_url="https://")
    if kind == "serve":
        key = "env:PLAYGROUND_TUI_API_KEY"
        return replace(empty, id=free("serve", servers), base_url="http://127.0.0.1:8123/v1", key=key)
    if kind == "azure-server":
        address, version = "https://YOUR-RESOURCE.openai.azure.com/openai", "2024-05-01-preview"
        made = replace(empty, id=free("azure", servers), base_url=address, api_version=version)
        return replace(made, key="env:AZURE_OPENAI_API_KEY", title="Azure OpenAI")
    return empty


def free(name: str, taken: Sequence[str]) -> str:
    """`name`, or `name-2`, `name-3`… where it is in use."""
    return next(n for n in (name, *(f"{name}-{k}" for k in range(2, len(taken) + 3))) if n not in taken)
