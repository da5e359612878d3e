from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.assistants.common import confirm
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("delete", epilog="Example: playground-tui assistants delete asst_abc123 --yes")
@click.argument("assistants", nargs=-1, required=True, metavar="ASSISTANT…")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@click.pass_obj
def command(options: dict[str, Any], assistants: tuple[str, ...], yes: bool) -> int:
    """Delete assistants; their threads stay. All are looked up before the first is deleted."""

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.harmless import one_line

        rows = {row.id: row for row in [await headless.find(wanted, fresh=True) for wanted in assistants]}
        names = ", ".join(one_line(row.name) or row_id for row_id, row in rows.items())
        confirm(f"Delete {names}?", yes=yes)
        for row_id in rows:
            await headless.assistants.delete(row_id)
        out.json({"deleted": list(rows)}) if out.as_json else out.note(f"Deleted {names}.")

    return use_workspace(options, work)
