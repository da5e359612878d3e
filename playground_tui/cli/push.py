"""`playground-tui push`: a folder's assistants to a server."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.cli.folders import Folder, Step
    from playground_tui.workspace.exchange.folder import Pair
    from playground_tui.workspace.headless import Headless


@click.command("push", epilog="Example: playground-tui push assistants/ --server staging --dry-run")
@click.argument("folder")
@click.option("--dry-run", is_flag=True, help="Only show what would change on the server.")
@click.option("--delete", is_flag=True, help="Delete assistants, unchanged there, whose file was removed here.")
@click.option("--overwrite", multiple=True, metavar="FILE", help="For this file the folder's side wins a collision.")
@common
@click.pass_obj
def command(options: dict[str, Any], folder: str, dry_run: bool, delete: bool, overwrite: tuple[str, ...]) -> int:
    """Bring a server's assistants up to what a folder of assistant files says.

    The diff is shown first, and only changed fields are sent. An assistant that changed there since both sides were
    last the same is left for `pull`; one that changed on both sides is a collision: it is never overwritten, and the
    exit code is 1.
    """

    async def work(headless: Headless, out: Out) -> int:
        from playground_tui.cli.folders import bring

        planned = partial(_plan, delete=delete)
        apply = partial(_apply, headless)
        return await bring(
            headless,
            out,
            folder,
            towards="server",
            make_plan=planned,
            apply=apply,
            overwrite=overwrite,
            dry_run=dry_run,
        )

    return use_workspace(options, work)


def _plan(pairs: Iterable[Pair], overwrite: frozenset[str], *, delete: bool) -> list[Step]:
    from playground_tui.cli.folders import left, plan, with_deletions

    steps = plan(
        pairs,
        {
            "here": "update",
            "only_here": "create",
            "there": left("it changed on the server; `pull` brings it here"),
            "only_there": left("it is only on the server; `pull` writes it here"),
            "gone_here": left("its file was removed here; --delete removes it there"),
            "gone_there": left("it is gone on the server; `pull --delete` removes the file"),
            "both": left("it changed on both sides", collision=True),
            "unreadable": left("", collision=True),
        },
        overwrite,
        "update",
    )
    why, changed = "its file was removed here", ", and it changed there"
    return with_deletions(steps, "gone_here", why, changed) if delete else steps


async def _apply(headless: Headless, folder: Folder, steps: list[Step]) -> None:
    """What is done is remembered, also when a later one fails."""
    from playground_tui.workspace.exchange.folder import Known

    agreed, gone = {}, []
    try:
        for step in steps:
            pair = step.pair
            if step.action == "delete":
                await headless.assistants.delete(pair.id or "")
                gone.append(pair.file)
            elif step.action:
                agreed[pair.file] = Known(await _send(headless, step), pair.here or {})
    finally:
        await folder.remember(agreed, gone)


async def _send(headless: Headless, step: Step) -> str:
    """Returns the assistant's id."""
    from playground_tui.workspace.differences import changed_fields

    pair = step.pair
    here, there = dict(pair.here or {}), dict(pair.there or {})
    if step.action == "create":
        if not here.get("model"):
            here["model"] = await headless.default_model()
        return str((await headless.records.create(here))["id"])
    row = await headless.find(pair.id or "")
    await headless.records.update(row, {name: here.get(name) for name in changed_fields(there, here)})
    return pair.id or ""
