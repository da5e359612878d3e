"""`playground-tui`: without a subcommand it opens the app. Imports nothing heavy: `--help` must answer at once."""

from __future__ import annotations

import errno
import io
import sys
from typing import Any

import click

from playground_tui import __version__
from playground_tui.cli.exits import FAILED, INTERRUPTED, WRONG_USAGE, CommandFailed
from playground_tui.cli.lazy import LazyGroup
from playground_tui.cli.options import common
from playground_tui.cli.output import OutputClosed, is_terminal, let_go_of_standard_output, prepare_standard_files, say

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

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise CommandFailed("The app needs a terminal. Without one, use a command: see --help.", WRONG_USAGE)
    from playground_tui.cli.world import open_world

    world = open_world(options)
    from playground_tui.tui.app import run as run_app

    try:
        return run_app(
            world.paths,
            world.settings,
            world.keys,
            server=options.get("server"),
            assistant=assistant,
            thread=thread,
            base_url=base_url,
            model=options.get("model"),
        )
    except Exception as error:
        from playground_tui.workspace.store import NewerStoreError, StoreError

        if not isinstance(error, (NewerStoreError, StoreError)):
            raise
        from playground_tui.cli.session import as_command_failure

        raise as_command_failure(error) from error


def run(arguments: list[str]) -> int:
    """Run the command line; every failure is one sentence on standard error and an exit code."""
    options: dict[str, Any] = {}
    prepare_standard_files()
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
    except CommandFailed as failed:
        return _failed(failed, options)
    except (BrokenPipeError, OutputClosed):
        let_go_of_standard_output()
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:  # help and version are written by click
            let_go_of_standard_output()
            return _failed(CommandFailed(f"There is no room to write: {error.strerror}.", kind="storage"), options)
        return _unexpected(error, options)


def _failed(failed: CommandFailed, options: dict[str, Any]) -> int:
    from playground_tui.cli.output import Out
    from playground_tui.cli.world import redactor

    redact = redactor(options)
    say(f"playground-tui: {redact(failed.sentence)}")
    if options.get("json") and not failed.told:
        error = {name: redact(value) if isinstance(value, str) else value for name, value in failed.as_json().items()}
        try:
            Out(options).json({"error": error})
        except (CommandFailed, OutputClosed):
            return failed.code
    return failed.code


def _unexpected(error: Exception, options: dict[str, Any]) -> int:
    from playground_tui.cli.faults import report

    report(error, options)
    return FAILED
