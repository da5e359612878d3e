"""`playground-tui pull`: a server's assistants into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import CommandFailed
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.cli.folders import Folder, Step
    from playground_tui.workspace.exchange.folder import Pair
    from playground_tui.workspace.headless import Headless


@click.command("pull", epilog="Example: playground-tui pull assistants/ --dry-run")
@click.argument("folder")
@click.option("--dry-run", is_flag=True, help="Only show what would change in the folder.")
@click.option("--delete", is_flag=True, help="Remove files, unchanged here, of assistants that are gone there.")
@click.option("--overwrite", multiple=True, metavar="FILE", help="For this file the server's side wins a collision.")
@common
@click.pass_obj
def command(options: dict[str, Any], folder: str, dry_run: bool, delete: bool, overwrite: tuple[str, ...]) -> int:
    """Bring a folder of assistant files, kept in git, up to what the server has.

    The diff is shown first. A file that changed here since both sides were last the same is left for `push`; one that
    changed on both sides is a collision: it is never overwritten, and the exit code is 1.
    """

    async def work(headless: Headless, out: Out) -> int:
        from playground_tui.cli.folders import bring

        planned = partial(_plan, delete=delete)
        return await bring(
            headless,
            out,
            folder,
            towards="folder",
            make_plan=planned,
            apply=_apply,
            overwrite=overwrite,
            dry_run=dry_run,
        )

    return use_workspace(options, work)


def _plan(pairs: Iterable[Pair], overwrite: frozenset[str], *, delete: bool) -> list[Step]:
    from playground_tui.cli.folders import left, plan, with_deletions

    steps = plan(
        pairs,
        {
            "there": "write",
            "only_there": "write",
            "gone_here": "write",
            "here": left("it changed here; `push` brings it to the server"),
            "only_here": left("it is only here; `push` makes it on the server"),
            "gone_there": left("it is gone on the server; --delete removes the file"),
            "both": left("it changed on both sides", collision=True),
            "unreadable": left("", collision=True),
        },
        overwrite,
        "write",
    )
    why, changed = "it is gone on the server", " and changed here"
    return with_deletions(steps, "gone_there", why, changed) if delete else steps


async def _apply(folder: Folder, steps: list[Step]) -> None:
    from playground_tui.settings.file import write_atomically
    from playground_tui.workspace.exchange.folder import Known, file_text

    agreed, gone = {}, []
    try:
        for step in steps:
            pair = step.pair
            if step.action == "write":
                before = pair.here if pair.here is not None else pair.base
                path = folder.path / pair.file
                write_atomically(path, file_text(path, pair.there or {}, before), 0o644)
                agreed[pair.file] = Known(pair.id or "", pair.there or {})
            elif step.action == "delete":
                (folder.path / pair.file).unlink(missing_ok=True)
                gone.append(pair.file)
    except OSError as error:
        raise CommandFailed(f"{folder.path} could not be written: {error.strerror}.") from None
    finally:
        await folder.remember(agreed, gone)
