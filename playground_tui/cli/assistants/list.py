from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.values import AssistantRow


@click.command("list", epilog="Example: playground-tui assistants list --json | jq -r '.assistants[].name'")
@click.option("--search", default="", metavar="WORDS", help="Those with every word in name, description or texts.")
@click.option("--cached", is_flag=True, help="What this machine knows; the server is not asked.")
@common
@click.pass_obj
def command(options: dict[str, Any], search: str, cached: bool) -> int:
    """One line for each assistant: id, name, model.

    The server is asked, unless nothing can have changed since it last was. One that is not reached is answered for
    from the cache, with a note.
    """

    async def work(headless: Headless, out: Out) -> None:
        failure = await headless.list_assistants(ask=False if cached else None)
        listing = headless.assistants.listing.value
        if failure is not None:
            from playground_tui.workspace.failures import FailureError

            if not listing.rows:
                raise FailureError(failure)
            out.note(f"playground-tui: {failure.sentence()} These are from the cache.")
        rows = headless.assistants.search(search)
        if out.as_json:
            source = "cache" if failure is not None or cached else "server"
            out.json({"server": headless.server.id, "source": source, "assistants": [_as_json(row) for row in rows]})
        else:
            out.rows(("ID", "NAME", "MODEL"), [(row.id, row.name or "(no name)", row.model) for row in rows])

    return use_workspace(options, work)


def _as_json(row: AssistantRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "model": row.model,
        "description": row.description,
        "created_at": int(row.created_at),
        "draft": row.is_draft,
        "unsaved": row.unsaved,
    }
