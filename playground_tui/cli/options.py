"""The options that every command takes, before or after its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
COMMON = ("home", "server", "model", "json", "quiet", "debug")
"""Keys in the context's object."""
VERSION_NUMBER = click.IntRange(1, 2**63 - 1)
"""What the database counts to."""


class Seconds(click.FloatRange):
    """More than nothing; what is no number is compared with nothing and so would pass for one."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if found != found:
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return found


def common(function: F) -> F:
    """Add the common options; what is given here wins over what stands before the command."""
    for option in reversed(_options()):
        function = option(function)
    return function


def _options() -> list[Callable[[F], F]]:
    hidden: dict[str, Any] = {"expose_value": False, "callback": _remember}
    return [
        click.option("--home", type=click.Path(file_okay=False), help="One folder for settings and data.", **hidden),
        click.option("--server", help="The server to talk to: local, or one named in the settings.", **hidden),
        click.option("--model", help="A model: provider/model, or the server's own name.", **hidden),
        click.option("--json", is_flag=True, default=None, help="Write one JSON value.", **hidden),
        click.option("--quiet", "-q", is_flag=True, default=None, help="No progress and no notes.", **hidden),
        click.option(
            "--debug", is_flag=True, default=None, help="Show the traceback of an unexpected error.", **hidden
        ),
    ]


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None and param.name is not None:
        ctx.ensure_object(dict)[param.name] = value


def model_of(options: dict[str, Any]) -> str | None:
    found = options.get("model")
    return found if isinstance(found, str) and found else None
