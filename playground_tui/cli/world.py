"""What every command starts from: folders, settings, keys, the log."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from playground_tui.cli.exits import FAILED, WRONG_USAGE, CommandFailed
from playground_tui.quick_dataclass import dataclass
from playground_tui.settings.file import SettingsStore
from playground_tui.settings.keys import KeyRing, own_secrets
from playground_tui.settings.paths import Paths, find_paths

SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")
SHORTEST_SECRET = 6
"""Characters; shorter values would mask ordinary words."""


@dataclass(frozen=True, slots=True)
class World:
    paths: Paths
    settings: SettingsStore
    keys: KeyRing

    def redact(self, text: str) -> str:
        """`text` without any key that this process used, or that stands in settings or environment."""
        current = self.settings.current
        for entries in (current.providers, current.servers):
            self.keys.hide(secret for entry in entries for secret in own_secrets(entry))
        return mask_secrets(self.keys.redact(text))


def mask_secrets(text: str) -> str:
    """`text` without the values of environment variables that look like secrets by their names."""
    for name, value in os.environ.items():
        if len(value) >= SHORTEST_SECRET and name.upper().endswith(SECRET_NAMES):
            text = text.replace(value, "•••")
    return text


def redactor(options: dict[str, Any]) -> Callable[[str], str]:
    """What masks keys in a text, also before or without a world."""
    world = options.get("world")
    if isinstance(world, World):
        return world.redact
    keys = KeyRing()
    return lambda text: mask_secrets(keys.redact(text))


def open_world(options: dict[str, Any]) -> World:
    """Make the folders, read the settings and start the log. Raises `CommandFailed`."""
    paths = find_paths(options.get("home"))
    try:
        paths.make()
    except OSError as error:
        raise CommandFailed(
            f"The folder {paths.data} can't be used ({error.strerror}); name another one with --home.", FAILED
        ) from None
    from playground_tui.logs import start_logging

    keys = KeyRing()
    settings = SettingsStore(paths)
    world = World(paths, settings, keys)
    options["world"] = world
    start_logging(paths.log_file, world.redact)
    if base_url := options.get("base_url"):
        _try_endpoint(settings, base_url, options.get("model") or "")
    return world


def _try_endpoint(settings: SettingsStore, base_url: str, model: str) -> None:
    from playground_tui.settings.detect import try_endpoint
    from playground_tui.settings.parse import Wrong

    try:
        tried = try_endpoint(settings.current, base_url, model, os.environ)
    except Wrong as wrong:
        raise CommandFailed(f"--base-url {wrong}.", WRONG_USAGE) from None
    settings.overlay(providers=tried.providers[:1], default_provider=tried.default_provider)
