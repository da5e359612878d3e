"""`playground-tui import`: assistants and threads from files, with a report on each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import DONE, FAILED
from playground_tui.cli.fields import read_stdin
from playground_tui.cli.options import common, model_of
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace

if TYPE_CHECKING:
    from playground_tui.workspace.exchange.intake import Intake, Taken
    from playground_tui.workspace.exchange.taking import Taking
    from playground_tui.workspace.headless import Headless

NEITHER = "It is neither JSON nor Markdown with front matter (---)."
INSTEAD = "To make an assistant of a text: assistants new --instructions -"


@click.command("import", epilog="Example: playground-tui import assistants.json threads/ --dry-run")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER…")
@click.option("--dry-run", is_flag=True, help="Only report what would be taken in.")
@common
@click.pass_obj
def command(options: dict[str, Any], paths: tuple[str, ...], dry_run: bool) -> int:
    """Take in assistants (JSON of the API, Markdown of `export`), thread dumps and prompt objects.

    Folders are read with all below them; - is standard input. Each file ends up taken or refused, with the reason. An
    assistant that is there already, field for field, is not made again. A .md file without front matter becomes an
    assistant's instructions, and the report says so; standard input without it is refused, unless it is JSON or JSON
    lines. Exit code 1 when something was refused.
    """

    async def work(headless: Headless, out: Out) -> int:
        from playground_tui.workspace.exchange.taking import Taking

        found = _read(paths)
        await headless.list_assistants(ask=True)
        model = model_of(options)
        taking = Taking(headless.records, headless.api, model or await headless.default_model())
        rows = [await _take(headless, taking, _with_model(taken, model), dry_run) for taken in found.taken]
        rows += [{"source": r.source, "result": "refused", "why": r.why} for r in found.refused]
        if out.as_json:
            out.json({"dry_run": dry_run, "files": rows})
        else:
            for row in rows:
                _tell(out, row)
        refused = any(row["result"] in ("refused", "failed") for row in rows) or not rows
        if not rows:
            out.error("playground-tui: There is nothing to take in.")
        return FAILED if refused else DONE

    return use_workspace(options, work)


def _read(paths: tuple[str, ...]) -> Intake:
    from playground_tui.workspace.exchange.intake import Intake, read_paths

    found = read_paths([Path(path).expanduser() for path in paths if path != "-"])
    if "-" not in paths:
        return found
    piped = _piped(read_stdin().lstrip())
    return Intake(found.taken + piped.taken, found.refused + piped.refused)


def _piped(text: str) -> Intake:
    """What has no file name is only taken where it says itself what it is: an error page is no assistant."""
    from dataclasses import replace

    from playground_tui.workspace.exchange.intake import Intake, Refused, read_text

    source, suffix = "standard input", _suffix(text)
    if not suffix:
        why = f"{NEITHER} {INSTEAD}" if text else "It is empty."
        return Intake(refused=(Refused(source, why),))
    read = read_text(text, source + suffix)
    taken, refused = (
        tuple(replace(item, source=item.source.replace(suffix, "", 1)) for item in items)
        for items in (read.taken, read.refused)
    )
    return Intake(taken, refused)  # type: ignore[arg-type]


def _suffix(text: str) -> str:
    """The one that a file of this text would have; empty where it is neither JSON nor has front matter."""
    from playground_tui.workspace.exchange.document import DocumentError, read_json
    from playground_tui.workspace.exchange.intake import FENCES

    if text.startswith(FENCES):
        return ".md"
    if not text.startswith(("{", "[")):
        return ""
    first, _, rest = text.partition("\n")
    try:
        read_json(first)
    except DocumentError:
        return ".json"
    return ".jsonl" if rest.strip() else ".json"


async def _take(headless: Headless, taking: Taking, taken: Taken, dry_run: bool) -> dict[str, Any]:
    from playground_tui.workspace.exceptions import failure_of

    row: dict[str, Any] = {
        "source": taken.source,
        "kind": taken.kind,
        "name": taken.name,
        "result": "taken",
        "id": None,
    }
    try:
        if known := await _known(headless, taking, taken):
            row.update(result="known", id=known)
        elif not dry_run:
            row["id"] = await taking.take(taken)
    except Exception as error:
        row.update(result="failed", why=failure_of(error).sentence())
    return {**row, "changed": list(taken.changed), "not_taken": list(taken.not_taken)}


async def _known(headless: Headless, taking: Taking, taken: Taken) -> str | None:
    """The id of the same assistant, if it is there; threads are always made."""
    from playground_tui.workspace.exchange.slim import slim

    return await headless.same_as(slim(taking.fields(taken))) if taken.kind == "assistant" else None


def _with_model(taken: Taken, model: str | None) -> Taken:
    from dataclasses import replace

    wanted = model is not None and taken.kind == "assistant"
    return replace(taken, fields={**taken.fields, "model": model}) if wanted else taken


_SIGNS = {"taken": "+", "known": "=", "failed": "!", "refused": "!"}


def _tell(out: Out, row: dict[str, Any]) -> None:
    from playground_tui.cli.harmless import one_line

    head = f"{_SIGNS[row['result']]} {row['source']}"
    name = f"{row['kind']} {row['name']}" if "kind" in row else ""
    end = row.get("why") or {"known": "is there already"}.get(row["result"], "")
    out.line(one_line(": ".join(part for part in (head, " ".join(p for p in (name, end, row.get("id")) if p)) if part)))
    for sentence in (*row.get("changed", ()), *row.get("not_taken", ())):
        out.line(f"    {one_line(sentence)}")
