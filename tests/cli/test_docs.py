"""Help and docs/cli.md say the same as the commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from playground_tui.cli.lazy import LazyGroup
from playground_tui.cli.options import COMMON
from playground_tui.cli.root import root

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text("utf-8")


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from walk(found, f"{path} {name}")


COMMANDS = dict(walk(root, "playground-tui"))
LEAVES = {path: command for path, command in COMMANDS.items() if not isinstance(command, click.Group)}


def section(path: str) -> str:
    """The text below the command's own heading."""
    match = re.search(rf"^### `{re.escape(path)}[^`]*`\n(.*?)(?=^##|\Z)", DOCS, re.DOTALL | re.MULTILINE)
    assert match, f"docs/cli.md has no section for {path}"
    return match[0]


def options_of(command: click.Command) -> set[str]:
    found = (name for param in command.params if isinstance(param, click.Option) for name in param.opts)
    return {name for name in found if name.startswith("--")}


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(path: str) -> None:
    command = COMMANDS[path]
    assert command.help
    example = command.epilog or ""
    assert example.startswith("Example:")
    assert re.search(r"\bplayground-tui\b", example)
    for param in command.params:
        if isinstance(param, click.Option) and param.name not in ("form", "help"):
            assert param.help, f"{path} {param.opts}"


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_every_command_takes_the_common_options_and_is_documented(path: str) -> None:
    options = options_of(LEAVES[path])
    common = {f"--{name}" for name in COMMON}
    assert common <= options
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section(path).split("```")[0]))
    assert written - common == options - common - {"--help"}


def test_nothing_else_is_documented() -> None:
    headings = re.findall(r"^### `(playground-tui[^`]*)`", DOCS, re.MULTILINE)
    paths = {re.split(r" [A-Z\[…]", heading)[0] for heading in headings}
    assert paths == {*LEAVES, "playground-tui"}


@pytest.mark.parametrize("path", sorted(path for path, command in COMMANDS.items() if isinstance(command, LazyGroup)))
def test_the_lists_of_commands_say_what_the_commands_say(path: str) -> None:
    with click.Context(COMMANDS[path]) as context:
        text = COMMANDS[path].get_help(context)
    for other in COMMANDS:
        if other.rpartition(" ")[0] == path:
            assert f"  {other.rpartition(' ')[2]} " in text
