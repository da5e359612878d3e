"""Where a program made from an assistant would send its requests: the provider that runs its model."""

from __future__ import annotations

from typing import NamedTuple

from playground_tui.settings.model import Settings, route
from playground_tui.workspace.exchange.code import OPENAI_URL

OPENAI_KEY = "OPENAI_API_KEY"


class Endpoint(NamedTuple):
    base_url: str
    key_name: str
    """The environment variable that holds the key; empty: none is needed."""
    model: str
    """The provider's own name for the model."""


def endpoint_of(settings: Settings, model: str) -> Endpoint:
    """OpenAI's own where nobody is known to run the model over HTTP. A key that is kept elsewhere than in the
    environment is asked for by the usual name."""
    found = route(settings, model)
    if found is None or found.provider.kind == "demo" or not found.provider.base_url:
        name = found.model if found is not None and found.provider.kind != "demo" else model
        return Endpoint(OPENAI_URL, OPENAI_KEY, name)
    key = found.provider.key or ""
    kind, _, name = key.partition(":")
    named = name if kind == "env" else f"{found.provider.id.upper().replace('-', '_')}_API_KEY" if key else ""
    return Endpoint(found.provider.base_url.rstrip("/"), named, found.model)
