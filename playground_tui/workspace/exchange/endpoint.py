"""Where a program made from an assistant would send its requests: the provider that runs its model."""

from __future__ import annotations

import re
from typing import NamedTuple

from playground_tui.settings.model import Provider, Route
from playground_tui.workspace.exchange.code import OPENAI_URL

OPENAI_KEY = "OPENAI_API_KEY"
DEMO = "The demo model answers only inside playground-tui: name another model before running this."


class Endpoint(NamedTuple):
    base_url: str
    key_name: str
    """The environment variable that holds the key; empty: none is needed."""
    model: str
    """The provider's own name for the model."""
    notes: tuple[str, ...] = ()
    """What has to be known before the program can run, a sentence each."""


def endpoint_of(found: Route | None, model: str) -> Endpoint:
    """`found`: who runs `model`. OpenAI's own where nobody is known to run it over HTTP. A key that is kept elsewhere
    than in the environment is asked for by the usual name."""
    if found is not None and found.provider.kind == "demo":
        return Endpoint(OPENAI_URL, OPENAI_KEY, model, (DEMO,))
    if found is None or not found.provider.base_url:
        return Endpoint(OPENAI_URL, OPENAI_KEY, found.model if found is not None else model)
    key = found.provider.key or ""
    kind, _, name = key.partition(":")
    usual = re.sub(r"[^A-Z0-9]", "_", found.provider.id.upper()) + "_API_KEY"
    named = name if kind == "env" else usual if key else ""
    return Endpoint(found.provider.base_url.rstrip("/"), named, found.model, _notes(found.provider))


def _notes(provider: Provider) -> tuple[str, ...]:
    """Values may be secrets: only names are told."""
    extras = {"headers": provider.headers, "query parameters": provider.query, "body fields": provider.extra_body}
    told = [f"{what} {', '.join(names)}" for what, names in extras.items() if names]
    return (f"Not in it, but in the settings of {provider.id}: {'; '.join(told)}.",) if told else ()
