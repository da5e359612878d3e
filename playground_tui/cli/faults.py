"""A fault of this program: one sentence and where the details are. No key is in either, nor in the traceback."""

from __future__ import annotations

import logging
from typing import Any

from playground_tui.cli.output import say
from playground_tui.cli.world import redactor
from playground_tui.logs import log_file


def report(error: Exception, options: dict[str, Any]) -> None:
    """With --debug the traceback comes first."""
    redact = redactor(options)
    if options.get("debug"):
        import traceback

        say(redact("".join(traceback.format_exception(error)).rstrip()))
    where = _log(error, options)
    details = f"; details are in {where}" if where else ""
    say(f"playground-tui: an unexpected error ({type(error).__name__}) ended the command{details}.")


def _log(error: Exception, options: dict[str, Any]) -> str:
    """The log's path; empty where nothing could be written."""
    log = logging.getLogger("playground_tui.cli")
    if "world" not in options:
        _start(options)
    log.error("unexpected error", exc_info=error)
    return log_file()


def _start(options: dict[str, Any]) -> None:
    from playground_tui.logs import start_logging
    from playground_tui.settings.paths import find_paths

    start_logging(find_paths(options.get("home")).log_file, redactor(options))
