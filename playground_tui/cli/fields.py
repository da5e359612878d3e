"""An assistant's fields as options: `--name`, `--temperature`, …, and `--set FIELD=VALUE` for all of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from playground_tui.cli.exits import WRONG_USAGE, CommandFailed
from playground_tui.cli.options import model_of

F = TypeVar("F", bound=Callable[..., Any])
WORDS = ("name", "description", "instructions", "model", "reasoning_effort")
"""Fields whose value is the text as it is given; the others' is JSON (or a word, where the field has words)."""
MAX_STDIN = 64 * 1024 * 1024
"""Bytes."""


def field_options(function: F) -> F:
    """Add the options; the command gets them as `**given`, for `fields_given`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_OPTIONS: list[Callable[[Any], Any]] = [
    click.option("--name", help="Up to 256 characters."),
    click.option("--description", help="Up to 512 characters."),
    click.option("--instructions", metavar="TEXT|@FILE", help="A text, a file's with @FILE, or - for standard input."),
    click.option("--temperature", metavar="NUMBER", help="0 to 2."),
    click.option("--top-p", metavar="NUMBER", help="0 to 1."),
    click.option("--reasoning-effort", metavar="WORD", help="How long a reasoning model thinks."),
    click.option("--response-format", metavar="FORMAT", help="auto, text, json_object, JSON, or @FILE with JSON."),
    click.option("--tools", metavar="JSON|@FILE", help="The list of tools."),
    click.option("--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Any field; VALUE is JSON or @FILE."),
]


def fields_given(given: Mapping[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Field → value of all that was given, checked against the limits. Raises `CommandFailed` for a wrong one."""
    from playground_tui.limits import ASSISTANT_FIELDS

    texts = {name: text for name, text in given.items() if name in ASSISTANT_FIELDS and text is not None}
    if model := model_of(options):
        texts["model"] = model
    for pair in given.get("settings") or ():
        name, equals, text = pair.partition("=")
        if not equals or name not in ASSISTANT_FIELDS:
            known = ", ".join(ASSISTANT_FIELDS)
            raise CommandFailed(f"--set takes FIELD=VALUE; the fields are {known}.", WRONG_USAGE)
        texts[name] = text
    return {name: checked(name, value_of(name, text)) for name, text in texts.items()}


def value_of(name: str, text: str) -> Any:
    """The value a text stands for. Raises `CommandFailed`."""
    text = text_of(text)
    if name in WORDS:
        return text
    if name == "response_format" and text in ("text", "json_object"):
        return {"type": text}
    try:
        return json.loads(text)
    except RecursionError:
        raise CommandFailed(f"{name}: The value is nested too deep.", WRONG_USAGE, field=name) from None
    except ValueError:
        return text


def text_of(text: str) -> str:
    """`@FILE` stands for a file's text, `-` for standard input, `@@` for an @. Raises `CommandFailed`."""
    if text == "-":
        return read_stdin()
    if text.startswith("@@"):
        return text[1:]
    return read_file(text[1:]).removesuffix("\n") if text.startswith("@") else text


def checked(name: str, value: Any) -> Any:
    from playground_tui.limits import check_field

    if problem := check_field(name, value):
        raise CommandFailed(f"{name}: {problem.advice}", WRONG_USAGE, field=name)
    return value


def read_file(name: str) -> str:
    try:
        return Path(name).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandFailed(f"{name} is not UTF-8 text.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise CommandFailed(f"{name} could not be read: {why}.") from None


def read_stdin() -> str:
    """All of standard input; empty where it is closed. Raises `CommandFailed`: what is no text is refused, so that
    nothing of it is lost unsaid."""
    if sys.stdin is None:
        return ""
    try:
        data = sys.stdin.buffer.read(MAX_STDIN + 1)
    except OSError:
        return ""
    if len(data) > MAX_STDIN:
        raise CommandFailed(f"Standard input is longer than {MAX_STDIN // 1024**2} MB.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} is 0x{error.object[error.start]:02x}"
        raise CommandFailed(f"Standard input is not UTF-8 text ({where}); convert it first, with iconv say.") from None
