"""A command at work: the workspace opened, used and closed, failures turned into a sentence and an exit code."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from playground_tui.cli.exits import FAILED, TIMED_OUT, CommandFailed
from playground_tui.cli.output import Out, OutputClosed
from playground_tui.cli.world import World, open_world

if TYPE_CHECKING:
    from playground_tui.workspace.failures import Failure
    from playground_tui.workspace.headless import Headless

Work = Callable[["Headless", Out], Awaitable[int | None]]


def use_workspace(options: dict[str, Any], work: Work) -> int:
    """Run `work` and return its exit code. Raises `CommandFailed`."""
    world = open_world(options)
    out = Out(options, world.redact)
    for problem in world.settings.problems:
        out.note(f"playground-tui: {problem}")
    try:
        return asyncio.run(_work(world, options, out, work)) or 0
    finally:
        out.clear_status()


async def _work(world: World, options: dict[str, Any], out: Out, work: Work) -> int | None:
    from playground_tui.workspace.headless import Headless

    try:
        headless = Headless(world.paths, world.settings, world.keys, server=options.get("server"))
        try:
            return await work(headless, out)
        finally:
            await headless.close()
    except (CommandFailed, OutputClosed):
        raise
    except Exception as error:
        raise as_command_failure(error) from error


def as_command_failure(error: Exception) -> Exception:
    """What the workspace knows how to say, as the command's end; anything else as it is."""
    from playground_tui.workspace.exceptions import failure_of

    if not _is_known(error):
        return error
    return failed(failure_of(error))


def _is_known(error: Exception) -> bool:
    from playground_tui.settings.keys import KeyUnavailable
    from playground_tui.workspace.failures import FailureError
    from playground_tui.workspace.store import NewerStoreError, StoreError

    sdk = sys.modules.get("openai")
    known: tuple[type[Exception], ...] = (
        FailureError,
        KeyUnavailable,
        StoreError,
        NewerStoreError,
        OSError,
        UnicodeEncodeError,
    )
    return isinstance(error, (*known, getattr(sdk, "APIError", KeyUnavailable)))


def failed(failure: Failure) -> CommandFailed:
    sentence = failure.sentence()
    if failure.details:
        sentence += f" ({failure.details})"
    code = TIMED_OUT if failure.kind == "timeout" else FAILED
    return CommandFailed(sentence, code, kind=failure.kind, field=failure.field, retry_after=failure.retry_after)
