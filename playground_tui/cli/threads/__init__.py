"""`playground-tui threads`: the threads of a server, the same as in the app."""

from __future__ import annotations

import click

from playground_tui.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("playground_tui.cli.threads.list", "One line for each thread."),
    "show": ("playground_tui.cli.threads.show", "A thread's messages, to read."),
    "export": ("playground_tui.cli.threads.export", "A thread as a file: Markdown, JSON or a JSONL line."),
    "delete": ("playground_tui.cli.threads.delete", "Delete threads."),
}


@click.group("threads", cls=LazyGroup, lazy=COMMANDS, epilog="Example: playground-tui threads list --search refund")
def command() -> None:
    """List, show, export and delete threads. THREAD is an id."""
