"""What several of the assistants' commands need."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.values import AssistantRow


async def version_body(headless: Headless, row: AssistantRow, number: int) -> dict[str, Any]:
    """The fields of one version. Raises `CommandFailed` when it is not kept."""
    draft_id = await headless.records.known_draft(row)
    body = await headless.versions.body(draft_id, number) if draft_id else None
    if body is None:
        raise CommandFailed(f"Version {number} of {row.name or row.id} is not kept here.", kind="missing")
    return body


def confirm(question: str, *, yes: bool) -> None:
    """Ask on the terminal; without one --yes is needed. Raises `CommandFailed`."""
    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandFailed(f"{question} Say --yes where nobody can be asked.", WRONG_USAGE)
    import click

    from playground_tui.cli.signals import asking_a_person

    with asking_a_person(interruptible=True):
        agreed = click.confirm(question, err=True)
    if not agreed:
        raise CommandFailed("Nothing was changed.")
