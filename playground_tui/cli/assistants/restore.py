from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import VERSION_NUMBER, common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("restore", epilog="Example: playground-tui assistants restore 'Support bot' 12")
@click.argument("assistant")
@click.argument("version", type=VERSION_NUMBER)
@common
@click.pass_obj
def command(options: dict[str, Any], assistant: str, version: int) -> int:
    """Put a version's fields back, as a new version."""

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.assistants.common import version_body
        from playground_tui.workspace.differences import changed_fields
        from playground_tui.workspace.documents import fields_of

        row = await headless.find(assistant)
        body = await version_body(headless, row, version)
        before = fields_of(await headless.records.read(row))
        names = changed_fields(before, body)
        changes = {name: body.get(name) for name in names}
        doc = await headless.records.update(row, changes, restored=True) if names else before
        if out.as_json:
            out.json({"id": row.id, "changed": list(names), **fields_of(doc)})
        else:
            out.note(f"Changed {', '.join(names)}." if names else "Nothing to change.")

    return use_workspace(options, work)
