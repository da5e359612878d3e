"""What does not need the command line's parser: opening the app, and how every run ends. Contract: importing this does
not load click, which a start without arguments can do without."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from typing import Any

from playground_tui.cli.exits import FAILED, INTERRUPTED, WRONG_USAGE, CommandFailed
from playground_tui.cli.output import OutputClosed, is_terminal, let_go_of_standard_output, prepare_standard_files, say

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run_app() -> int:
    """`playground-tui` without an argument."""
    options: dict[str, Any] = {}
    prepare_standard_files()
    return guarded(lambda: open_app(options), options)


def open_app(options: dict[str, Any], *, assistant: str | None = None, thread: str | None = None) -> int:
    """Raises `CommandFailed`."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise CommandFailed("The app needs a terminal. Without one, use a command: see --help.", WRONG_USAGE)
    from playground_tui.cli.world import open_world

    world = open_world(options)
    from playground_tui.tui.app import run as run_app

    try:
        return run_app(
            world.paths,
            world.settings,
            world.keys,
            server=options.get("server"),
            assistant=assistant,
            thread=thread,
            base_url=options.get("base_url"),
            model=options.get("model"),
        )
    except Exception as error:
        from playground_tui.workspace.store import NewerStoreError, StoreError

        if not isinstance(error, (NewerStoreError, StoreError)):
            raise
        from playground_tui.cli.session import as_command_failure

        raise as_command_failure(error) from error


def guarded(step: Callable[[], int], options: dict[str, Any]) -> int:
    """Every failure of `step` is one sentence on standard error and an exit code."""
    try:
        return step()
    except CommandFailed as failed:
        return _failed(failed, options)
    except (BrokenPipeError, OutputClosed):
        let_go_of_standard_output()
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:  # help and version are written by click
            let_go_of_standard_output()
            return _failed(CommandFailed(f"There is no room to write: {error.strerror}.", kind="storage"), options)
        return _unexpected(error, options)


def _failed(failed: CommandFailed, options: dict[str, Any]) -> int:
    from playground_tui.cli.harmless import one_line
    from playground_tui.cli.output import Out
    from playground_tui.cli.world import redactor

    redact = redactor(options)
    say(one_line(f"playground-tui: {redact(failed.sentence)}"))
    if options.get("json") and not failed.told:
        error = {name: redact(value) if isinstance(value, str) else value for name, value in failed.as_json().items()}
        try:
            Out(options).json({"error": error})
        except (CommandFailed, OutputClosed):
            return failed.code
    return failed.code


def _unexpected(error: Exception, options: dict[str, Any]) -> int:
    from playground_tui.cli.faults import report

    report(error, options)
    return FAILED
