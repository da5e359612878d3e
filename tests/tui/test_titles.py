"""What persons and models write is text in titles too, never markup: a bracket in it would end the app."""

import ast
from pathlib import Path

import pytest

import playground_tui.tui
from playground_tui.tui.screens.action_menu import ActionMenu, Choice
from playground_tui.tui.screens.ask import Ask, AskText
from tests.tui.conftest import Open

NAME = "[/]x[bold]y"
ROOM = Path(playground_tui.tui.__file__).parent
TITLES = ("border_title", "border_subtitle")


def _titles(tree: ast.AST) -> list[tuple[int, ast.expr]]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return [
        (node.lineno, node.value)
        for node in found
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr in TITLES
    ]


def _is_plain(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return "[" not in str(value.value)
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[0] == "Content"


def test_titles_are_content() -> None:
    """Textual reads markup in a title that is a `str`."""
    wrong = [
        f"{path.relative_to(ROOM)}:{line}"
        for path in sorted(ROOM.rglob("*.py"))
        for line, value in _titles(ast.parse(path.read_text(encoding="utf-8")))
        if not _is_plain(value)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "screen",
    [
        ActionMenu(f"Thread: {NAME}", [Choice("r", "rename", "Rename")]),
        Ask(NAME, NAME, (("yes", "Yes"),)),
        AskText(f"Keep as a mock of {NAME}", NAME),
    ],
    ids=["menu", "question", "text"],
)
async def test_brackets_are_shown_as_they_are(open_app: Open, screen: ActionMenu | Ask | AskText) -> None:
    async with open_app() as opened:
        await opened.app.push_screen(screen)
        await opened.until(lambda: NAME in opened.text().split("╭")[1].split("\n")[0])
