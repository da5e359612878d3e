"""`playground-tui ask`: one question to an assistant, its reply on standard output."""

from __future__ import annotations

from typing import Any

import click

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.options import Seconds, common
from playground_tui.cli.output import Out
from playground_tui.cli.session import use_workspace


@click.command(
    "ask", epilog="Example: git diff | playground-tui ask Reviewer 'Review this change.' --temperature 0 --timeout 120"
)
@click.argument("assistant", required=False)
@click.argument("prompt", nargs=-1)
@click.option("--thread", help="Go on in this thread; without it a new one is made.")
@click.option("--attach", multiple=True, metavar="FILE", help="Attach a file to the message.")
@click.option(
    "--attach-to",
    type=click.Choice(["file_search", "code_interpreter"]),
    default="file_search",
    show_default=True,
    help="The tool that reads attached files.",
)
@click.option("--image", multiple=True, metavar="FILE|URL", help="Show the model a picture.")
@click.option(
    "--var", "variables", multiple=True, metavar="NAME=VALUE", help="Fill {{NAME}} in instructions and prompt."
)
@click.option("--instructions", metavar="TEXT|@FILE", help="For this run, instead of the assistant's own.")
@click.option("--additional-instructions", metavar="TEXT|@FILE", help="For this run, after the assistant's own.")
@click.option("--temperature", metavar="NUMBER", help="For this run.")
@click.option("--top-p", metavar="NUMBER", help="For this run.")
@click.option("--reasoning-effort", metavar="WORD", help="For this run.")
@click.option("--response-format", metavar="FORMAT", help="For this run: text, json_object, JSON, or @FILE with JSON.")
@click.option("--max-prompt-tokens", metavar="N", help="For this run, 256 or more.")
@click.option("--max-completion-tokens", metavar="N", help="For this run, 256 or more.")
@click.option("--tool-choice", metavar="CHOICE", help="For this run: none, auto, required, or JSON.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other run parameter; VALUE is JSON.")
@click.option("--approve", multiple=True, metavar="NAME|all", help="Let this function's bound handler run.")
@click.option(
    "--tool-outputs", metavar="FILE", help="Go on with a run that waits for these outputs; - is standard input."
)
@click.option("--timeout", type=Seconds(), metavar="SECONDS", help="Then the run is cancelled.")
@common
@click.pass_obj
def command(
    options: dict[str, Any],
    /,
    assistant: str | None,
    prompt: tuple[str, ...],
    tool_outputs: str | None,
    **given: Any,
) -> int:
    """Ask ASSISTANT (a name or an id); the reply streams to standard output.

    The prompt is what stands after the assistant, what comes in on standard input, or both, with a blank line between.
    Ctrl+c cancels the run; a second one leaves at once. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the run waits
    for tool outputs (they are printed as JSON, to be filled in and handed to --tool-outputs), 124 timed out.
    """
    if not (assistant or "").strip() and tool_outputs is None:
        raise CommandFailed("Name the assistant to ask.", WRONG_USAGE)

    from playground_tui.cli.asking import Asking
    from playground_tui.cli.question import request_of

    request = request_of(options, assistant, prompt, tool_outputs, given)

    async def work(headless: Any, out: Out) -> int:
        return await Asking(headless, out, request).run()

    return use_workspace(options, work)
