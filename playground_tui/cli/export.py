"""`playground-tui export`: an assistant as a file, or as code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command(
    "export", epilog="Example: playground-tui export 'Support bot' --format code --target chat --language curl"
)
@click.argument("assistant")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "code"]),
    default="markdown",
    show_default=True,
    help="How it is written.",
)
@click.option(
    "--target", type=click.Choice(["responses", "chat"]), default="responses", show_default=True, help="For code."
)
@click.option(
    "--language", type=click.Choice(["python", "curl"]), default="python", show_default=True, help="For code."
)
@click.option("--output", "-o", metavar="FILE", help="Write here instead of standard output; never over a file.")
@common
@click.pass_obj
def command(options: dict[str, Any], assistant: str, form: Any, target: Any, language: Any, output: str | None) -> int:
    """An assistant as Markdown with YAML front matter, as JSON, or as code that runs without it.

    Code names the environment variable of the key, never the key.
    """
    form = "json" if options.get("json") and form == "markdown" else form

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.cli.files import write_new
        from playground_tui.workspace.exchange.document import to_text
        from playground_tui.workspace.exchange.slim import slim

        doc = await headless.records.read(await headless.find(assistant))
        text = _code(headless, slim(doc), target, language) if form == "code" else to_text(slim(doc), form)
        write_new(output, text) if output else out.write(text)

    return use_workspace(options, work)


def _code(headless: Headless, fields: dict[str, Any], target: Any, language: Any) -> str:
    """For the endpoint that runs the model here, where one is configured; else for OpenAI's."""
    from playground_tui.workspace.exchange.code import to_code
    from playground_tui.workspace.exchange.endpoint import endpoint_of

    model = str(fields.get("model") or "")
    where = endpoint_of(headless.route_of(model), model)
    return to_code(
        fields,
        target,
        language,
        base_url=where.base_url,
        key_name=where.key_name,
        model=where.model,
        notes=where.notes,
    )
