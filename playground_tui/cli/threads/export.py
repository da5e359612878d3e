from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("export", epilog="Example: playground-tui threads export thread_abc123 --format jsonl >> training.jsonl")
@click.argument("thread")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "jsonl"]),
    default="markdown",
    show_default=True,
    help="How it is written.",
)
@click.option("--output", "-o", metavar="FILE", help="Write here instead of standard output; never over a file.")
@common
@click.pass_obj
def command(options: dict[str, Any], thread: str, form: Any, output: str | None) -> int:
    """A thread as a file: Markdown with front matter to read, JSON to keep whole, or a JSONL line to train on."""
    form = "json" if options.get("json") else form

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.files import write_new
        from playground_tui.cli.threads.common import whole_thread
        from playground_tui.workspace.exchange.thread_document import thread_text

        text = thread_text(*await whole_thread(headless, thread), form)
        write_new(output, text) if output else out.write(text)

    return use_workspace(options, work)
