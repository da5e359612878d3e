"""`playground-tui`: without a subcommand it opens the app. Imports nothing heavy: `--help` must answer at once."""

from __future__ import annotations

import io
from typing import Any

import click

from playground_tui import __version__
from playground_tui.cli.exits import INTERRUPTED
from playground_tui.cli.front import guarded, open_app
from playground_tui.cli.lazy import LazyGroup
from playground_tui.cli.options import common
from playground_tui.cli.output import prepare_standard_files, say

COMMANDS: dict[str, tuple[str, str]] = {
    "ask": ("playground_tui.cli.ask", "Ask an assistant; the reply streams to standard output."),
    "assistants": ("playground_tui.cli.assistants", "List, show, make and change assistants."),
    "threads": ("playground_tui.cli.threads", "List, show, export and delete threads."),
    "export": ("playground_tui.cli.export", "Write an assistant as a file, or as code that runs."),
    "import": ("playground_tui.cli.take_in", "Take in assistants, thread dumps and prompt objects."),
    "pull": ("playground_tui.cli.pull", "Write a server's assistants into a folder kept in git."),
    "push": ("playground_tui.cli.push", "Bring a folder's assistants to a server."),
    "serve": ("playground_tui.cli.serve", "Offer the local Assistants API service to existing code over HTTP."),
    "doctor": ("playground_tui.cli.doctor", "Check settings, keys, endpoints, terminal and data."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: playground-tui --base-url http://localhost:8080/v1 --model qwen3",
)
@click.version_option(__version__, "--version", prog_name="playground-tui", message="%(prog)s %(version)s")
@click.option("--assistant", help="Open this assistant: its name or id.")
@click.option("--thread", help="Open this thread: its id.")
@click.option("--base-url", help="Try a model endpoint once, without configuring it.")
@common
@click.pass_context
def root(ctx: click.Context, assistant: str | None, thread: str | None, base_url: str | None) -> int | None:
    """A terminal playground for OpenAI-style assistants.

    Without a command it opens the app, which needs a terminal: the thread chat on the left, the assistant's
    configuration on the right. The options --home, --server, --model, --json, --quiet and --debug may also stand after
    a command.
    """
    options: dict[str, Any] = ctx.obj
    options["base_url"] = base_url
    if ctx.invoked_subcommand is not None:
        return None
    return open_app(options, assistant=assistant, thread=thread)


def run(arguments: list[str]) -> int:
    """Run the command line; every failure is one sentence on standard error and an exit code."""
    options: dict[str, Any] = {}
    prepare_standard_files()
    return guarded(lambda: _parse_and_run(arguments, options), options)


def _parse_and_run(arguments: list[str], options: dict[str, Any]) -> int:
    try:
        code = root.main(arguments, prog_name="playground-tui", standalone_mode=False, obj=options)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        say(shown.getvalue().rstrip("\n"))
        return error.exit_code
