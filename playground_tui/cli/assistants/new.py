from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.fields import field_options, fields_given, read_file, read_stdin
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command(
    "new",
    epilog="Example: playground-tui assistants new --name 'Support bot' --instructions @support.md --model demo/demo",
)
@click.option("--file", "source", metavar="FILE", help="Start from a .md or .json file; - is standard input.")
@field_options
@common
@click.pass_obj
def command(options: dict[str, Any], /, source: str | None, **given: Any) -> int:
    """Make an assistant and print its id. Without a model it takes the one a first start of the app would choose."""
    fields = {**(from_file(source) if source else {}), **fields_given(given, options)}

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.workspace.documents import has_name

        if not fields.get("model"):
            fields["model"] = await headless.default_model()
        if not fields["model"]:
            raise CommandFailed("No model is known; name one with --model.", WRONG_USAGE, field="model")
        if not has_name(fields):
            await headless.list_assistants()
        doc = await headless.records.create(fields)
        out.json(doc) if out.as_json else out.line(str(doc["id"]))

    return use_workspace(options, work)


def from_file(source: str) -> dict[str, Any]:
    """An assistant's fields from one file. Raises `CommandFailed`, also for what the file holds besides."""
    from playground_tui.workspace.exchange.intake import read_text

    text = read_stdin() if source == "-" else read_file(source)
    name = source if source != "-" else "standard input.json" if text.lstrip().startswith("{") else "standard input.md"
    found = read_text(text, name)
    assistants = [item for item in found.taken if item.kind == "assistant"]
    if len(assistants) != 1:
        why = found.refused[0].why if found.refused else "It holds no single assistant; `import` takes in several."
        raise CommandFailed(f"{source}: {why}")
    if assistants[0].not_taken:
        raise CommandFailed(f"{source}: {assistants[0].not_taken[0]}")
    return dict(assistants[0].fields)
