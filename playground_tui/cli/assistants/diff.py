from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.options import VERSION_NUMBER, common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("diff", epilog="Example: playground-tui assistants diff 'Support bot' --from 3 --to 5")
@click.argument("assistant")
@click.argument("other", required=False)
@click.option("--from", "old", type=VERSION_NUMBER, metavar="VERSION", help="Compare from this version.")
@click.option(
    "--to", "new", type=VERSION_NUMBER, metavar="VERSION", help="Compare to this version, else to what it is now."
)
@common
@click.pass_obj
def command(options: dict[str, Any], assistant: str, other: str | None, old: int | None, new: int | None) -> int:
    """What differs between ASSISTANT and OTHER (another assistant, or a .md or .json file), or between two versions."""
    if (other is None) == (old is None):
        raise CommandFailed("Name another assistant or file, or a version with --from.", WRONG_USAGE)

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.workspace.differences import compare, unified

        left = await _fields(headless, assistant, old)
        right = await _fields(headless, other or assistant, new)
        diffs = compare(left, right)
        if out.as_json:
            fields = [{"field": d.field, "old": left.get(d.field), "new": right.get(d.field)} for d in diffs]
            out.json({"differences": fields})
        elif diffs:
            out.document(unified(diffs))

    return use_workspace(options, work)


async def _fields(headless: Headless, wanted: str, version: int | None) -> dict[str, Any]:
    from playground_tui.cli.assistants.common import version_body
    from playground_tui.cli.assistants.new import from_file
    from playground_tui.workspace.documents import fields_of

    if version is None and _is_file(wanted):
        return from_file(wanted)
    row = await headless.find(wanted)
    if version is not None:
        return await version_body(headless, row, version)
    return fields_of(await headless.records.read(row))


def _is_file(wanted: str) -> bool:
    return wanted.endswith((".md", ".json")) and Path(wanted).is_file()
