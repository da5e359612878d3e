"""The settings as one frozen object. Contract: every value is valid; loading repairs and reports, it never raises.

A key is never in here, only a reference to one (`keys.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final, Literal

from playground_tui.quick_dataclass import dataclass

ProviderKind = Literal["responses", "chat", "demo"]
LOCAL_SERVER = "local"
"""The id of the carried service; always there, not in the file."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A model endpoint that the local service runs on."""

    id: str
    kind: ProviderKind
    base_url: str = ""
    """Without a trailing slash, up to and including the version: `https://host/v1`. Empty for demo."""
    key: str = ""
    """A key reference: `env:NAME`, `keyring:NAME`, `command:…`, `session`, or empty where none is needed."""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    default_model: str = ""
    """The provider's own name, without prefix."""
    proxy: str = ""
    ca_bundle: str = ""
    organization: str = ""
    project: str = ""
    preset: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """An Assistants API endpoint that the app talks to. `local` is the carried service."""

    id: str
    base_url: str = ""
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    proxy: str = ""
    ca_bundle: str = ""
    api_version: str = ""
    """Azure's `api-version`; set: the key goes into `api-key` as Azure wants it."""
    organization: str = ""
    project: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    providers: tuple[Provider, ...] = ()
    """In the file's order; `demo` is always among them (added last when the file does not name it)."""
    servers: tuple[Server, ...] = ()
    """Remote servers only; `local` is implied."""
    default_provider: str = ""
    """A provider id; empty: decided at start (`detect.py`)."""
    default_server: str = LOCAL_SERVER
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Retired model name → the model to use."""
    theme: str = ""
    """A theme's name; empty: the product's own dark one."""
    animations: bool = True
    autosave: bool = True
    autosave_delay: float = 3.0
    """Seconds after the last edit."""
    send_key: Literal["enter", "ctrl+j"] = "enter"
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Binding id → keys, separated by commas."""
    run_timeout: float = 60.0
    """Seconds without a sign of life."""
    run_expiry: float = 86_400.0
    """Seconds a run of the carried service may wait for tool outputs."""
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Model → {input, cached, output}: money per million tokens; none shipped."""
    handler_python: str = ""
    """The interpreter for Python handlers; empty: the app's own."""

    def provider(self, provider_id: str) -> Provider | None:
        return next((p for p in self.providers if p.id == provider_id), None)

    def server(self, server_id: str) -> Server | None:
        if server_id == LOCAL_SERVER:
            return Server(LOCAL_SERVER, title="local")
        return next((s for s in self.servers if s.id == server_id), None)


@dataclass(frozen=True, slots=True)
class Route:
    provider: Provider
    model: str
    """The provider's own name."""


TRIED: Final = "try"
"""The provider that `--base-url` makes for one process."""


def is_stray(settings: Settings, model: str) -> bool:
    """Whether the model is one of `--base-url`, and this process was started without it: nobody else has it."""
    model = settings.aliases.get(model, model)
    return model.startswith(f"{TRIED}/") and settings.provider(TRIED) is None


def route(settings: Settings, model: str) -> Route | None:
    """Find who runs `model`. The prefix of `provider/model` counts only when it names a configured provider; a bare
    name goes to the default provider. Aliases apply first, once. None when there is no default provider, and for a
    model of an endpoint that was only tried."""
    model = settings.aliases.get(model, model)
    if is_stray(settings, model):
        return None
    head, slash, rest = model.partition("/")
    if slash and rest and (provider := settings.provider(head)) is not None:
        return Route(provider, rest)
    default = settings.provider(settings.default_provider)
    return Route(default, model) if default is not None else None
