from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.fields import field_options, fields_given
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("copy", epilog="Example: playground-tui assistants copy 'Support bot' --name 'Support bot, terse'")
@click.argument("assistant")
@field_options
@common
@click.pass_obj
def command(options: dict[str, Any], /, assistant: str, **given: Any) -> int:
    """Make another assistant with the same fields, but for those given, and print its id."""
    changes = fields_given(given, options)

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.workspace.documents import copied_name, fields_of

        row = await headless.find(assistant)
        fields = fields_of(await headless.records.read(row))
        name = copied_name(row.name, await headless.assistants.names())
        doc = await headless.records.create({**fields, "name": name, **changes})
        out.json(doc) if out.as_json else out.line(str(doc["id"]))

    return use_workspace(options, work)
