from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.assistants.new import from_file
from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.fields import checked, field_options, fields_given
from playground_tui.cli.handlers import as_json, bind_all, check_functions, functions_of, handlers_given
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless


@click.command("edit", epilog="Example: playground-tui assistants edit 'Support bot' --temperature 0.2 --unset top_p")
@click.argument("assistant")
@click.option("--file", "source", metavar="FILE", help="Make it what a .md or .json file says; - is standard input.")
@click.option("--unset", multiple=True, metavar="FIELD", help="Make a field not set.")
@click.option(
    "--handler",
    "handlers",
    multiple=True,
    metavar="NAME=KIND:TARGET",
    help="What answers a function's calls on this machine.",
)
@field_options
@common
@click.pass_obj
def command(
    options: dict[str, Any],
    /,
    assistant: str,
    source: str | None,
    unset: tuple[str, ...],
    handlers: tuple[str, ...],
    **given: Any,
) -> int:
    """Change fields of an assistant; the others stay. The result is a version of its own.

    Without any field, on a terminal, the whole assistant opens in your editor.

    --handler says what answers a function: python:FILE.py:FUNCTION, command:PROGRAM ARGUMENTS, mock:TEXT (or @FILE), or
    hand, which takes it off. It is kept on this machine only and runs in the present folder, once `ask` or the app is
    told that it may.
    """
    changes = {**fields_given(given, options), **{_unset(name): None for name in unset}}
    bound = handlers_given(handlers)
    whole = from_file(source) if source else None
    is_said = bool(changes or bound) or whole is not None
    if not is_said and not (sys.stdin and sys.stdin.isatty()):
        raise CommandFailed(
            "Say what to change: --set FIELD=VALUE, --unset FIELD, --handler or --file FILE.", WRONG_USAGE
        )

    async def work(headless: Headless, out: Out) -> None:
        from playground_tui.workspace.differences import changed_fields
        from playground_tui.workspace.documents import fields_of

        row = await headless.find(assistant)
        before = fields_of(await headless.records.read(row))
        wanted = {**(whole if whole is not None else before), **changes}
        written = None if is_said else _in_editor(before)
        try:
            wanted = wanted if written is None else _fields(written)
            check_functions(bound, wanted)
            names = changed_fields(before, wanted)
            doc = await headless.records.update(row, {name: wanted.get(name) for name in names}) if names else before
        except Exception:
            if written is not None:
                out.error(f"What you wrote is kept in {_kept(written)}; --file takes it once it is right.")
            raise
        await bind_all(headless, row.id, bound)
        if out.as_json:
            handlers = {"handlers": as_json(functions_of(headless).handlers(row.id))} if bound else {}
            out.json({"id": row.id, "changed": list(names), **fields_of(doc), **handlers})
        elif names or not bound:
            out.note(f"Changed {', '.join(names)}." if names else "Nothing to change.")
        for name, handler in bound.items():
            out.note(f"{name} is answered by {'you' if handler.kind == 'hand' else handler.shown()}.")

    return use_workspace(options, work)


def _unset(name: str) -> str:
    from playground_tui.limits import ASSISTANT_FIELDS

    if name not in ASSISTANT_FIELDS:
        raise CommandFailed(f"{name} is not a field; the fields are {', '.join(ASSISTANT_FIELDS)}.", WRONG_USAGE)
    if name == "model":
        raise CommandFailed("An assistant always has a model.", WRONG_USAGE)
    return name


def _in_editor(fields: dict[str, Any]) -> str | None:
    """What a person made of them; None where it was left as it is. Raises `CommandFailed`."""
    from playground_tui.cli.signals import asking_a_person
    from playground_tui.workspace.exchange.document import to_text

    try:
        with asking_a_person(interruptible=False):
            return click.edit(to_text(fields, "markdown"), extension=".md")
    except click.ClickException as error:
        raise CommandFailed(f"The editor failed: {error.message}.") from None


def _kept(text: str) -> str:
    handle, path = tempfile.mkstemp(prefix="assistant-", suffix=".md")
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _fields(text: str) -> dict[str, Any]:
    from playground_tui.workspace.exchange.document import DocumentError, from_text, unknown_fields

    try:
        edited = from_text(text, "markdown")
    except DocumentError as error:
        raise CommandFailed(str(error)) from None
    if unknown := unknown_fields(edited):
        raise CommandFailed(f"{unknown[0]} is not a field of an assistant.")
    return {name: checked(name, value) for name, value in edited.items() if value is not None}
