"""`playground-tui assistants`: the assistants of a server, the same as in the app."""

from __future__ import annotations

import click

from playground_tui.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("playground_tui.cli.assistants.list", "One line for each assistant."),
    "show": ("playground_tui.cli.assistants.show", "An assistant with all its fields."),
    "new": ("playground_tui.cli.assistants.new", "Make an assistant; prints its id."),
    "edit": ("playground_tui.cli.assistants.edit", "Change fields of an assistant."),
    "copy": ("playground_tui.cli.assistants.copy", "Make another one with the same fields; prints its id."),
    "delete": ("playground_tui.cli.assistants.delete", "Delete assistants."),
    "diff": ("playground_tui.cli.assistants.diff", "What differs between two assistants, versions or files."),
    "versions": ("playground_tui.cli.assistants.versions", "The versions kept of an assistant; label and note them."),
    "restore": ("playground_tui.cli.assistants.restore", "Put a version's fields back."),
}


@click.group(
    "assistants", cls=LazyGroup, lazy=COMMANDS, epilog="Example: playground-tui assistants list --search support"
)
def command() -> None:
    """List, show, make and change assistants. ASSISTANT is a name or an id."""
