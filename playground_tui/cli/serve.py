"""`playground-tui serve`: the local Assistants API service over HTTP."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import click

from playground_tui.cli.exits import CommandFailed
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.world import World, open_world
from playground_tui.settings.model import Settings

ENV_KEY = "PLAYGROUND_TUI_API_KEY"


@click.command(
    "serve",
    epilog="Example: playground-tui serve --port 8123   then   OPENAI_BASE_URL=http://127.0.0.1:8123/v1",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8123,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="NUMBER",
    help="0 picks a free one.",
)
@click.option("--api-key", help=f"The key clients must send; else {ENV_KEY}, else one made once and stored.")
@common
@click.pass_obj
def command(options: dict[str, Any], host: str, port: int, api_key: str | None) -> None:
    """Offer the local Assistants API service to existing code over HTTP.

    Prints its base URL on one line when it is ready. Ctrl+c or SIGTERM lets active runs end, with exit
    code 0; a second one stops at once.
    """
    import asyncio

    world = open_world(options)
    key, where = _key(world.paths.serve_key_file, api_key)
    world.keys.hide([key])
    out = Out(options, world.redact)
    for problem in world.settings.problems:
        out.note(f"playground-tui: {problem}")

    from playground_tui.service.config import ServiceConfig
    from playground_tui.service.errors import StoreError
    from playground_tui.service.http import serve
    from playground_tui.service.store.migrations import SchemaTooNew
    from playground_tui.settings.detect import Chooser

    chooser = Chooser(lambda: _current(world), os.environ)
    asyncio.run(chooser.look_around())
    config = ServiceConfig(
        paths=world.paths,
        settings=chooser.settings,
        key=lambda provider: world.keys.resolve(provider.key, provider.id),
        key_refused=lambda provider: world.keys.forget_commands(),
        api_key=key,
        serve=True,
    )
    try:
        serve(config, host, port, lambda url: _ready(out, url, where, chooser.choice().notice))
    except OSError as error:
        raise CommandFailed(f"Can't listen on {host}:{port} ({error.strerror or type(error).__name__}).") from None
    except (StoreError, SchemaTooNew) as error:
        raise CommandFailed(f"The service could not start: {error}") from None


def _current(world: World) -> Settings:
    """Settings changed while it serves are taken up."""
    world.settings.reload()
    return world.settings.current


def _ready(out: Out, url: str, where: str, notice: str) -> None:
    out.json({"base_url": url}) if out.as_json else out.line(url)
    out.note(f"The key: {where}")
    if notice:
        out.note(notice)


def _key(file: Path, given: str | None) -> tuple[str, str]:
    """(the key, where it is). One that is made here is stored with mode 0600."""
    if given:
        return given, "the one given with --api-key."
    if from_env := os.environ.get(ENV_KEY, "").strip():
        return from_env, f"the one in {ENV_KEY}."
    try:
        return _stored_key(file), f"stored in {file}."
    except OSError as error:
        raise CommandFailed(f"The key file {file} can't be used ({error.strerror}); give a key in {ENV_KEY}.") from None


def _stored_key(file: Path) -> str:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if stored := file.read_text("utf-8").strip():
            return stored
        handle = os.open(file, os.O_WRONLY | os.O_TRUNC, 0o600)
    key = f"pt-{secrets.token_urlsafe(32)}"
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(key + "\n")
    return key
