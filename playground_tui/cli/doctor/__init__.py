"""`playground-tui doctor`: what is in order, what is not, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from playground_tui.cli.exits import DONE, FAILED
from playground_tui.cli.options import common
from playground_tui.cli.output import Out
from playground_tui.cli.world import World, open_world

if TYPE_CHECKING:
    from playground_tui.cli.doctor.finding import Finding

SIGNS = {"good": "✓", "doubtful": "?", "bad": "✗", "skipped": "-"}


@click.command("doctor", epilog="Example: playground-tui doctor --offline")
@click.option("--offline", is_flag=True, help="Ask no server and no provider.")
@common
@click.pass_obj
def command(options: dict[str, Any], offline: bool) -> int:
    """Check settings, keys, each server and provider, the terminal and the data folder, and say what to do.

    A test of an endpoint lists its models, streams a few words and makes one function call, which costs a few tokens.
    Exit code 1 when something is wrong; what is only doubtful counts as right.
    """
    import asyncio

    world = open_world(options)
    out = Out(options, world.redact)
    findings: list[Finding] = []

    def tell(finding: Finding) -> None:
        findings.append(finding)
        if not out.as_json:
            _show(out, finding, new_part=len(findings) < 2 or findings[-2].part != finding.part)

    asyncio.run(_look(world, out, offline, tell))
    bad = sum(finding.state == "bad" for finding in findings)
    if out.as_json:
        out.json({"ok": not bad, "findings": [finding.as_json(world.redact) for finding in findings]})
    else:
        out.line(f"\n{bad} thing{'s' if bad != 1 else ''} to put right." if bad else "\nAll in order.")
    return FAILED if bad else DONE


async def _look(world: World, out: Out, offline: bool, tell: Any) -> None:
    from playground_tui.cli.doctor import data, endpoints, program, terminal

    for finding in (*program.look(world), *terminal.look(out), *data.look(world.paths)):
        tell(finding)
    if not offline:
        async for finding in endpoints.look(world, out):
            tell(finding)


def _show(out: Out, finding: Finding, *, new_part: bool) -> None:
    from playground_tui.cli.harmless import one_line

    if new_part:
        out.line(f"{finding.part}:")
    words = out.redact(f"{finding.what}: {finding.sentence}" if finding.sentence else finding.what)
    out.line(f"  {SIGNS[finding.state]} {one_line(words)}")
    if finding.advice:
        out.line(f"      {one_line(out.redact(finding.advice))}")
