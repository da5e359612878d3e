"""What answers a function's calls on this machine, as an option: `--handler NAME=KIND:TARGET`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed

if TYPE_CHECKING:
    from playground_tui.workspace.handlers.model import Handler
    from playground_tui.workspace.headless import Headless

FORMS = "python:FILE.py:FUNCTION, command:PROGRAM ARGUMENTS, mock:TEXT or hand"


def handlers_given(pairs: Iterable[str]) -> dict[str, Handler]:
    """Function's name → handler. `mock:@FILE` takes a file's text. Raises `CommandFailed`."""
    return dict(_handler(pair) for pair in pairs)


def _handler(pair: str) -> tuple[str, Handler]:
    from playground_tui.cli.fields import text_of
    from playground_tui.workspace.handlers.model import Handler

    name, equals, text = pair.partition("=")
    kind, colon, target = text.partition(":")
    if not name or not equals or kind not in ("python", "command", "mock", "hand") or (kind == "hand") == bool(colon):
        raise CommandFailed(f"--handler takes NAME={FORMS}.", WRONG_USAGE)
    handler = Handler(kind, text_of(target) if kind == "mock" else target)  # type: ignore[arg-type]
    if problem := handler.problem():
        raise CommandFailed(f"--handler {name}: {problem}", WRONG_USAGE)
    return name, handler


def check_functions(handlers: Mapping[str, Handler], fields: Mapping[str, Any]) -> None:
    """Raises `CommandFailed` for a function that the assistant does not have; a binding may always be taken off."""
    tools = fields.get("tools") or ()
    known = {str((tool.get("function") or {}).get("name")) for tool in tools if tool.get("type") == "function"}
    for name, handler in handlers.items():
        if handler.kind != "hand" and name not in known:
            has = f"its functions are {', '.join(sorted(known))}" if known else "it has none"
            raise CommandFailed(f"The assistant has no function {name}: {has}.", kind="missing")


async def bind_all(headless: Headless, assistant: str, handlers: Mapping[str, Handler]) -> None:
    """They run in the folder that is the present one now. Raises what the workspace raises."""
    functions = functions_of(headless)
    for name, handler in handlers.items():
        await functions.bind(assistant, name, handler)


def functions_of(headless: Headless) -> Any:
    from playground_tui.workspace.handlers.functions import Functions

    return Functions(headless.context())


def as_json(handlers: Mapping[str, Handler]) -> dict[str, dict[str, Any]]:
    return {
        name: {"kind": bound.kind, "target": bound.target, "folder": bound.folder, "timeout": bound.timeout}
        for name, bound in sorted(handlers.items())
    }
