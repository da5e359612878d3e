"""The list of the Connections screen. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from playground_tui.settings.keys import describe
from playground_tui.settings.model import LOCAL_SERVER, Provider, Server
from playground_tui.tui.widgets.row_list import Row
from playground_tui.tui.words import connection_words
from playground_tui.workspace.connections.values import ConnectionsState, Entry, ProbeView
from playground_tui.workspace.values import ConnectionState

ALIASES = "aliases"


def rows_of(state: ConnectionsState, present: ConnectionState) -> list[Row]:
    return [*_servers(state, present), *_providers(state), *_aliases(state)]


def row_id(entry: Entry) -> str:
    return f"{entry.section}/{entry.id}"


def entry_of(row: Row | None) -> Entry | None:
    """The provider or server of a row; None for an alias."""
    section, _, entry_id = row.id.partition("/") if row is not None else ("", "", "")
    return Entry(section, entry_id) if section in ("providers", "servers") else None  # type: ignore[arg-type]


def alias_of(row: Row | None) -> str:
    section, _, name = row.id.partition("/") if row is not None else ("", "", "")
    return name if section == ALIASES else ""


def _servers(state: ConnectionsState, present: ConnectionState) -> Iterator[Row]:
    yield Row("", "Servers", heading=True)
    for server in (Server(LOCAL_SERVER, title="local"), *state.settings.servers):
        here = server.id == present.server
        words = [connection_words(present)] if here else []
        words += ["default"] if server.id == state.default_server and len(state.settings.servers) else []
        where = server.base_url or "carried by this app"
        name = server.title or server.id
        yield Row(row_id(Entry("servers", server.id)), name, where, " · ".join(words), "●" if here else " ")


def _providers(state: ConnectionsState) -> Iterator[Row]:
    yield Row("", "Providers: where the local server's models run", heading=True)
    for provider in state.settings.providers:
        is_default = provider.id == state.settings.default_provider
        where = provider.base_url or "built in"
        note = f"{where} · {provider.default_model}" if provider.default_model else where
        row = row_id(Entry("providers", provider.id))
        yield Row(row, provider.id, note, "default" if is_default else "", "●" if is_default else " ")


def _aliases(state: ConnectionsState) -> Iterator[Row]:
    if state.settings.aliases:
        yield Row("", "Aliases", heading=True)
    for name, model in state.settings.aliases.items():
        yield Row(f"{ALIASES}/{name}", name, f"runs on {model}")


def facts_of(item: Provider | Server, state: ConnectionsState) -> list[tuple[str, str]]:
    """Label and value, for the side of the list. Header and query values may be secret: only their names."""
    facts = [("Address", item.base_url or "no network between"), ("Key", _key_words(item, state))]
    if isinstance(item, Provider):
        facts = [("Kind", item.kind), *facts, ("Default model", item.default_model or "none chosen yet")]
        facts += [("Extra body", ", ".join(item.extra_body))]
        if item.id == state.implied:
            facts.append(("", "Found at the start; it stands in the settings once you change it."))
    else:
        facts += [("API version", item.api_version)]
    facts += [("Headers", ", ".join(item.headers)), ("Query", ", ".join(item.query))]
    facts += [("Proxy", "set" if item.proxy else ""), ("CA bundle", item.ca_bundle)]
    facts += [("Organization", item.organization), ("Project", item.project)]
    return [(label, value) for label, value in facts if value]


def _key_words(item: Provider | Server, state: ConnectionsState) -> str:
    entry = Entry("providers" if isinstance(item, Provider) else "servers", item.id)
    if entry in state.session_keys:
        return "given for this session"
    if item.key == "session":
        return "not given yet in this session"
    return describe(item.key) if item.key else "none"


def summary(view: ProbeView | None) -> str:
    """How a test stands, in a word or two with a sign."""
    if view is None:
        return ""
    if view.running:
        running = next((step.title for step in view.steps if step.phase == "running"), "")
        return f"◌ testing: {running.lower()}" if running else "◌ testing"
    bad = next((step for step in view.steps if step.phase == "bad"), None)
    if bad is not None:
        return f"! {bad.title.lower()}: no"
    doubtful = any(step.phase == "doubtful" for step in view.steps)
    return "● works, with a remark" if doubtful else "● works"
