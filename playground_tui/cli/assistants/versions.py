from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.options import VERSION_NUMBER, common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.versions import VersionRow


@click.command("versions", epilog="Example: playground-tui assistants versions 'Support bot' --number 12 --label prod")
@click.argument("assistant")
@click.option("--number", type=VERSION_NUMBER, metavar="N", help="The version to label or note.")
@click.option("--label", help="With --number: put this label on it; an empty one takes it off.")
@click.option("--note", help="With --number: put this note on it.")
@common
@click.pass_obj
def command(options: dict[str, Any], assistant: str, number: int | None, label: str | None, note: str | None) -> int:
    """The versions kept of an assistant, newest first: number, time, source, changed fields, label, note."""
    if (number is None) != (label is None and note is None):
        raise CommandFailed("--number goes with --label or --note.", WRONG_USAGE)

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.assistants.common import version_body

        row = await headless.find(assistant)
        draft_id = await headless.records.known_draft(row) or ""
        if number is not None:
            await version_body(headless, row, number)
            if label is not None:
                await headless.versions.label(draft_id, number, label)
            if note is not None:
                await headless.versions.note(draft_id, number, note)
        rows = await headless.versions.listing(draft_id)
        if out.as_json:
            out.json({"assistant": row.id, "versions": [_as_json(version) for version in rows]})
        else:
            head = ("VERSION", "SAVED", "SOURCE", "CHANGED", "LABEL", "NOTE")
            out.rows(head, [_cells(version) for version in rows])

    return use_workspace(options, work)


def _cells(row: VersionRow) -> tuple[str, ...]:
    saved = datetime.fromtimestamp(row.saved_at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return str(row.number), saved, row.source, ", ".join(row.changed), row.label, row.note


def _as_json(row: VersionRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "saved_at": row.saved_at,
        "open": row.closed_at is None,
        "source": row.source,
        "changed": list(row.changed),
        "label": row.label,
        "note": row.note,
    }
