from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless
    from playground_tui.workspace.values import ThreadRow


@click.command("list", epilog="Example: playground-tui threads list --json | jq -r '.threads[0].id'")
@click.option("--search", default="", metavar="WORDS", help="Those with every word in title or messages known here.")
@common
@click.pass_obj
def command(options: dict[str, Any], search: str) -> int:
    """One line for each thread, last used first: id, time, title.

    A server that lists no threads is answered for from this machine's record.
    """

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.workspace.exceptions import failure_of
        from playground_tui.workspace.failures import FailureError
        from playground_tui.workspace.thread_list import ThreadList

        threads = ThreadList(headless.context())
        try:
            await threads.merge()
        except Exception as error:
            failure = failure_of(error)
            lacks = failure.kind in ("unsupported", "missing", "retired")
            if not lacks and not threads.rows(set(), set()):
                raise FailureError(failure) from error
            out.note(f"playground-tui: {failure.sentence()} These are the threads that this machine knows.")
        rows = threads.rows(set(), set())
        rows = threads.search(search, rows) if search.strip() else rows
        if out.as_json:
            source = "server" if threads.from_server else "local"
            out.json({"server": headless.server.id, "source": source, "threads": [_as_json(row) for row in rows]})
        else:
            out.rows(("ID", "USED", "TITLE"), [(row.id, _time(row.used_at), row.title) for row in rows])

    return use_workspace(options, work)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _as_json(row: ThreadRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "assistant": row.assistant_id,
        "created_at": row.created_at,
        "used_at": row.used_at,
    }
