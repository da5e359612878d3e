from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import CommandFailed
from playground_tui.cli.handlers import as_json, functions_of
from playground_tui.cli.options import VERSION_NUMBER, common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.handlers.model import Handler
    from playground_tui.workspace.headless import Headless


@click.command("show", epilog="Example: playground-tui assistants show 'Support bot' --field instructions")
@click.argument("assistant")
@click.option("--field", help="Only this field's value.")
@click.option("--version", type=VERSION_NUMBER, metavar="N", help="As it stood in this version.")
@click.option("--handlers", is_flag=True, help="What answers each function's calls on this machine.")
@common
@click.pass_obj
def command(options: dict[str, Any], assistant: str, field: str | None, version: int | None, handlers: bool) -> int:
    """An assistant with all its fields, as Markdown with YAML front matter, or as JSON."""

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.assistants.common import version_body
        from playground_tui.workspace.differences import shown
        from playground_tui.workspace.documents import fields_of
        from playground_tui.workspace.exchange.document import to_text
        from playground_tui.workspace.exchange.slim import slim

        row = await headless.find(assistant)
        if handlers:
            return _show_handlers(out, functions_of(headless).handlers(row.id))
        doc = await headless.records.read(row)
        fields = fields_of(doc) if version is None else await version_body(headless, row, version)
        if field is not None:
            out.document(shown(_value(fields, field))) if not out.as_json else out.json(_value(fields, field))
        elif out.as_json:
            out.json({"id": row.id, "created_at": doc.get("created_at"), "version": version, **fields})
        else:
            out.write(to_text(slim(fields), "markdown"))
        return None

    return use_workspace(options, work)


def _show_handlers(out: Out, handlers: Mapping[str, Handler]) -> None:
    if out.as_json:
        out.json({"handlers": as_json(handlers)})
    else:
        out.rows(("function", "answered by"), [(name, bound.shown()) for name, bound in sorted(handlers.items())])


def _value(fields: dict[str, Any], name: str) -> Any:
    from playground_tui.limits import ASSISTANT_FIELDS

    if name not in ASSISTANT_FIELDS:
        raise CommandFailed(f"{name} is not a field; the fields are {', '.join(ASSISTANT_FIELDS)}.", 2)
    return fields.get(name)
