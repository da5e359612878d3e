from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.assistants.common import confirm
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("delete", epilog="Example: playground-tui threads delete thread_abc123 thread_def456 --yes")
@click.argument("threads", nargs=-1, required=True, metavar="THREAD…")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@click.pass_obj
def command(options: dict[str, Any], threads: tuple[str, ...], yes: bool) -> int:
    """Delete threads with their messages, on the server and here. All are looked up before the first is deleted."""

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.workspace.store import threads as table

        api = await headless.threads()
        wanted = list(dict.fromkeys(threads))
        for thread_id in wanted:
            await api.thread(thread_id)
        confirm(f"Delete {', '.join(wanted)}?", yes=yes)
        for thread_id in wanted:
            await api.delete_thread(thread_id)
            await headless.store.write(_dropping(table, headless.server.id, thread_id))
        out.json({"deleted": wanted}) if out.as_json else out.note(f"Deleted {', '.join(wanted)}.")

    return use_workspace(options, work)


def _dropping(table: Any, server: str, thread_id: str) -> Any:
    return lambda conn: table.drop_thread(conn, server, thread_id)
