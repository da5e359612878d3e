"""Import, export and copies between servers, from wherever they are asked for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground_tui.tui.key_words import with_keys
from playground_tui.workspace.exchange.document import form_of, to_text
from playground_tui.workspace.failures import Failure, FailureError

if TYPE_CHECKING:
    from playground_tui.tui.screens.base import WorkspaceScreen


def suggested_file(name: str) -> str:
    """In the folder that the program was started in."""
    slug = re.sub(r"[^\w.-]+", "-", name.lower(), flags=re.UNICODE).strip("-.") or "assistant"
    return f"{slug[:80]}.md"


def export_assistant(owner: WorkspaceScreen, fields: Mapping[str, Any]) -> None:
    """Ask for the file and write it."""
    from playground_tui.tui.screens.ask import Ask, AskText

    def ask_over(path: Path) -> None:
        def answered(answer: str | None) -> None:
            if answer == "write":
                owner.start(_write(owner, path, fields), "export")

        text = f"{path.name} is there already."
        owner.app.push_screen(Ask("Export", text, (("write", "Write over it"), ("keep", "Keep it"))), answered)

    def named(text: str | None) -> None:
        if not text:
            return
        path = Path(text).expanduser()
        if form_of(path.name) is None:
            path = path.with_name(f"{path.name}.md")
        if path.exists():
            ask_over(path)
        else:
            owner.start(_write(owner, path, fields), "export")

    title = "Export to a file that ends with .md or .json"
    owner.app.push_screen(AskText(title, suggested_file(str(fields.get("name") or ""))), named)


async def _write(owner: WorkspaceScreen, path: Path, fields: Mapping[str, Any]) -> None:
    from playground_tui.settings.file import write_atomically

    form = form_of(path.name)
    assert form is not None
    try:
        await asyncio.to_thread(write_atomically, path, to_text(fields, form), 0o644)
    except OSError as error:
        what = f"{path} could not be written: {error.strerror or type(error).__name__}."
        raise FailureError(Failure("storage", what)) from error
    owner.tell(f"Exported to {path}.")


def copy_between_servers(owner: WorkspaceScreen, only: tuple[str, ...] = ()) -> None:
    """Ask for direction and server, then show what would happen."""
    from playground_tui.settings.model import LOCAL_SERVER
    from playground_tui.tui.exchange.copy_screen import CopyScreen
    from playground_tui.tui.exchange.server_choice import ServerChoice

    workspace = owner.workspace
    present = workspace.connection.value.server
    settings = workspace.settings.current
    ids = [server for server in (LOCAL_SERVER, *(s.id for s in settings.servers)) if server != present]
    others = [(server, found.title or server) for server in ids if (found := settings.server(server))]
    if not others:
        owner.tell(with_keys(owner, "There is no other server in the settings; {connection.show:f3} adds one."))
        return

    def chosen(answer: tuple[Any, str] | None) -> None:
        if answer is not None:
            direction, server = answer
            title = dict(others)[server]
            wanted = only if direction == "push" else ()
            owner.app.push_screen(CopyScreen(workspace, owner, direction, server, title, wanted))

    owner.app.push_screen(ServerChoice(others, one=bool(only)), chosen)
