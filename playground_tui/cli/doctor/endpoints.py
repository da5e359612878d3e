"""Each server and provider, tested as the Connections screen does it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

from playground_tui.cli.doctor.finding import Finding, State
from playground_tui.cli.output import Out
from playground_tui.cli.world import World
from playground_tui.settings.detect import Chooser
from playground_tui.settings.model import LOCAL_SERVER, Provider, Server
from playground_tui.workspace.connections.values import ProbeStep, ProbeView

NEEDED = ("reachable", "key", "assistants")
"""Steps without which nothing works."""


async def look(world: World, out: Out) -> AsyncIterator[Finding]:
    chooser = Chooser(lambda: world.settings.current, os.environ)
    await chooser.look_around()
    settings = chooser.settings()
    choice = chooser.choice()
    for provider in settings.providers:
        in_use = provider.id == settings.default_provider
        async for finding in _test(out, f"Provider {provider.id}", in_use, _provider(world, provider)):
            yield finding
    model = f"{choice.provider.id}/{choice.model}" if choice.model else ""
    for server in (Server(LOCAL_SERVER, title="local"), *settings.servers):
        in_use = server.id == settings.default_server
        chosen = model if server.id == LOCAL_SERVER else ""
        async for finding in _test(out, f"Server {server.id}", in_use, _server(world, server, chosen)):
            yield finding


async def _test(out: Out, part: str, in_use: bool, test: Any) -> AsyncIterator[Finding]:
    out.status(f"testing {part}…")
    view: ProbeView = await test
    out.clear_status()
    for step in view.steps:
        yield _finding(part, step, in_use)


def _finding(part: str, step: ProbeStep, in_use: bool) -> Finding:
    """What does not work is wrong where it is in use, and else worth knowing."""
    states: dict[str, State] = {"good": "good", "doubtful": "doubtful", "bad": "bad"}
    state = states.get(step.phase, "skipped")
    if state == "bad" and not in_use and step.id in NEEDED:
        return Finding(part, step.title, "doubtful", step.sentence, "It is not the default one.")
    return Finding(part, step.title, state, step.sentence)


async def _provider(world: World, provider: Provider) -> ProbeView:
    from playground_tui.workspace.connections.provider_probe import STEPS, probe_provider
    from playground_tui.workspace.connections.steps import Steps

    steps = Steps(STEPS, lambda view: None)
    await probe_provider(provider, world.keys, steps)
    return steps.view


async def _server(world: World, server: Server, model: str) -> ProbeView:
    from playground_tui.workspace.connections.server_probe import STEPS, probe_server
    from playground_tui.workspace.connections.steps import Steps
    from playground_tui.workspace.exceptions import failure_of
    from playground_tui.workspace.headless import Headless

    steps = Steps(STEPS, lambda view: None)
    try:
        headless = Headless(world.paths, world.settings, world.keys, server=server.id)
    except Exception as error:
        steps.bad("reachable", failure_of(error))
        steps.end()
        return steps.view
    try:
        await headless.look_for_models(model)
        await probe_server(server, headless.api, model, steps)
    finally:
        await headless.close()
    return steps.view
