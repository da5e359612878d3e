from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("show", epilog="Example: playground-tui threads show thread_abc123 --last 4")
@click.argument("thread")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N messages.")
@common
@click.pass_obj
def command(options: dict[str, Any], thread: str, last: int | None) -> int:
    """A thread's messages as Markdown, oldest first; with --json as the API's objects."""

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.threads.common import whole_thread
        from playground_tui.workspace.exchange.thread_document import thread_text

        found, messages = await whole_thread(headless, thread)
        messages = messages[-last:] if last else messages
        if out.as_json:
            out.json({"thread": found, "messages": messages})
        else:
            out.document(thread_text(found, messages, "markdown"))

    return use_workspace(options, work)
