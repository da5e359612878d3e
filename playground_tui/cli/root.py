"""`playground-tui`: without a subcommand it opens the app. Imports nothing heavy: `--help` must answer at once."""

from __future__ import annotations

import os

import click

from playground_tui import __version__
from playground_tui.cli.exits import FAILED, INTERRUPTED, CommandFailed
from playground_tui.cli.lazy import LazyGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("playground_tui.cli.serve", "Offer the local Assistants API service to existing code over HTTP."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: playground-tui --base-url http://localhost:8080/v1 --model qwen3",
)
@click.version_option(__version__, "--version", prog_name="playground-tui", message="%(prog)s %(version)s")
@click.option("--home", type=click.Path(file_okay=False), help="One folder for settings and data.")
@click.option("--server", help="The server to talk to: local, or one named in the settings.")
@click.option("--assistant", help="Open this assistant: its name or id.")
@click.option("--thread", help="Open this thread: its id.")
@click.option("--base-url", help="Try a model endpoint once, without configuring it.")
@click.option("--model", help="The model of new assistants: provider/model, or the endpoint's own name.")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
@click.pass_context
def root(
    ctx: click.Context,
    home: str | None,
    server: str | None,
    assistant: str | None,
    thread: str | None,
    base_url: str | None,
    model: str | None,
    debug: bool,
) -> None:
    """A terminal playground for OpenAI-style assistants.

    Without a command it opens the app: the thread chat on the left, the assistant's configuration on the right.
    """
    ctx.obj = {"home": home, "server": server, "model": model, "base_url": base_url, "debug": debug}
    if ctx.invoked_subcommand is not None:
        return
    from playground_tui.cli.world import open_world

    world = open_world(ctx.obj)
    from playground_tui.tui.app import run as run_app

    ctx.exit(
        run_app(
            world.paths,
            world.settings,
            world.keys,
            server=server,
            assistant=assistant,
            thread=thread,
            base_url=base_url,
            model=model,
        )
    )


def run(arguments: list[str]) -> int:
    """Run the command line; every failure is one sentence on standard error and an exit code."""
    debug = "--debug" in arguments
    try:
        code = root.main(arguments, prog_name="playground-tui", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CommandFailed as failed:
        click.echo(f"playground-tui: {failed.sentence}", err=True)
        return failed.code
    except BrokenPipeError:
        _silence_standard_output()
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if debug:
            raise
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    import logging

    log = logging.getLogger("playground_tui.cli")
    log.error("unexpected error", exc_info=error)
    files = [getattr(h, "baseFilename", "") for h in logging.getLogger("playground_tui").handlers]
    where = next((f"; details are in {name}" for name in files if name), "")
    click.echo(f"playground-tui: an unexpected error ({type(error).__name__}) ended the command{where}.", err=True)
    return FAILED


def _silence_standard_output() -> None:
    """Keep the interpreter from complaining about the closed pipe once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
