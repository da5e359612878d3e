"""The program, its settings and its keys."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from playground_tui import __version__
from playground_tui.cli.doctor.finding import Finding
from playground_tui.cli.world import World
from playground_tui.settings.keys import KeyUnavailable, describe
from playground_tui.settings.model import Provider, Server

LIBRARIES = ("textual", "openai", "httpx2", "starlette", "click")


def look(world: World) -> Iterator[Finding]:
    yield from _program()
    yield from _settings(world)
    items: tuple[Provider | Server, ...] = (*world.settings.current.providers, *world.settings.current.servers)
    for item in items:
        yield from _key(world, item)


def _program() -> Iterator[Finding]:
    system = f"Python {platform.python_version()} on {platform.system()} {platform.release()}"
    yield Finding("Program", f"playground-tui {__version__}", "good", system)
    yield Finding("Program", "Libraries", "good", ", ".join(f"{name} {_version(name)}" for name in LIBRARIES))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def _settings(world: World) -> Iterator[Finding]:
    path = world.paths.settings_file
    if not path.exists():
        yield Finding("Settings", str(path), "good", "There is none; everything is at its default.")
    elif not world.settings.problems:
        yield Finding("Settings", str(path), "good", "Read without a problem.")
    for problem in world.settings.problems:
        yield Finding("Settings", str(path), "bad", str(problem), "Edit the file; what is wrong is not used.")


def _key(world: World, item: Provider | Server) -> Iterator[Finding]:
    """Whether the reference gives a key, not whether the endpoint takes it."""
    if not item.key:
        return
    what = f"Key of {item.id}"
    try:
        world.keys.resolve(item.key, item.id)
    except KeyUnavailable as error:
        in_use = item.id in (world.settings.current.default_provider, world.settings.current.default_server)
        advice = "" if in_use else "It is only needed when this endpoint is used."
        yield Finding("Keys", what, "bad" if in_use else "doubtful", error.sentence, advice)
    else:
        yield Finding("Keys", what, "good", f"There, from {describe(item.key)}.")
