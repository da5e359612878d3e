"""F1: the keys that work right now, with the widget they belong to, and the ids that a keymap names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingsMap, BindingType
from textual.containers import ScrollableContainer, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static, TextArea

from playground_tui.tui.commands import MAIN
from playground_tui.tui.widgets.input import Input

KeyLine = tuple[str, str, str]
"""Keys as shown, what they do, binding id."""


class HelpScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > #frame {
        width: 84; max-width: 96%; height: auto; max-height: 90%; background: $surface; padding: 1 2;
        border: round $accent; border-title-color: $foreground; border-title-style: bold;
        scrollbar-size-vertical: 1;
    }
    HelpScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "leave", "close")]
    AUTO_FOCUS = "#frame"

    def __init__(self, groups: Sequence[tuple[str, Sequence[KeyLine]]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="frame") as frame:
            frame.border_title = "Keys"
            frame.border_subtitle = "esc closes"
            yield Static(self._text(), markup=False)

    def _text(self) -> Content:
        parts: list[Content] = []
        for heading, lines in self._groups:
            parts.append(Content.styled(heading, "bold $accent"))
            parts += [_line(*line) for line in lines]
            parts.append(Content(""))
        parts.append(Content.styled("The last column is the name for `keymap:` in settings.yaml.", "$text-muted"))
        return Content("\n").join(parts)

    def action_leave(self) -> None:
        self.dismiss()


def _line(keys: str, what: str, binding_id: str) -> Content:
    """At 80 columns it is one line; many keys take from the words' column, not from the id's."""
    keys = f"{keys + '  ':<18}"
    return Content.assemble((keys, "bold"), f"{what:<{47 - len(keys)}} ", (binding_id, "$text-muted"))


def live_keys(screen: Screen[object]) -> list[tuple[str, list[KeyLine]]]:
    """The enabled keys of the focused widget, grouped by whose they are, innermost first."""
    groups: dict[str, dict[tuple[str, str], list[str]]] = {}
    live = (_passed_on(key, active) for key, active in screen.active_bindings.items())
    for active in sorted(filter(None, live), key=partial(_distance, screen)):
        binding = active.binding
        if not active.enabled or not (words := _words(binding)):
            continue
        name = _owner(active.node, binding)
        what = "Scroll" if _scrolls(active) else words
        keys = groups.setdefault(name, {}).setdefault((what[:1].upper() + what[1:], binding.id or ""), [])
        keys.append(screen.app.get_key_display(binding))
    return [
        (name, [(", ".join(keys), what, binding_id) for (what, binding_id), keys in lines.items()])
        for name, lines in sorted(groups.items(), key=lambda group: group[0] == EDITING)
    ]


def _words(binding: Binding) -> str:
    """What it does; a widget may call an action as the main screen calls one."""
    command = _COMMANDS.get(binding.id or "")
    if command is not None and command.action == binding.action:
        return command.title
    return TOLD.get(binding.action, binding.description)


def _distance(screen: Screen[object], active: ActiveBinding) -> int:
    """From the focused widget to whose key it is; a screen's key may stand in the place of a widget's."""
    chain: list[DOMNode] = screen.focused.ancestors_with_self if screen.focused is not None else [screen]
    return chain.index(active.node) if active.node in chain else len(chain)


def _scrolls(active: ActiveBinding) -> bool:
    """Whether it is one of the ten keys of everything that scrolls: they are one line."""
    return active.binding.id is None and active.binding.action in _SCROLLING and active.node is not active.node.screen


def _scrolls_nothing(active: ActiveBinding) -> bool:
    """Sideways, or where all is in sight."""
    if not _scrolls(active):
        return False
    reaches = isinstance(active.node, Widget) and active.node.allow_vertical_scroll
    return not reaches or active.binding.action.endswith(("_left", "_right"))


def _passed_on(key: str, active: ActiveBinding) -> ActiveBinding | None:
    """Who hears a key: what has nothing to scroll lets it go up, from a search line to its list."""
    if not _scrolls_nothing(active):
        return active
    for node in active.node.ancestors:
        for binding in node._bindings.key_to_bindings.get(key, ()):
            found = ActiveBinding(node, binding, True, binding.tooltip)
            if not _scrolls_nothing(found):
                return found
    return None


def _owner(node: object, binding: Binding) -> str:
    """The dozens of keys that every text field has come last, under one heading."""
    if binding.id is None and isinstance(node, (Input, TextArea)) and (binding.action, binding.key) in _editing_keys():
        return EDITING
    name = type(node).__name__
    if isinstance(node, Screen):
        return NAMES["MainScreen"]
    return NAMES.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _editing_keys() -> frozenset[tuple[str, str]]:
    kinds = {base for kind in (Input, TextArea) for base in kind.__mro__ if "BINDINGS" in base.__dict__}
    return frozenset((one.action, one.key) for kind in kinds for _key, one in BindingsMap(kind.__dict__["BINDINGS"]))


EDITING = "Editing text"
TOLD = {
    "app.focus_next": "Next field or button",
    "app.focus_previous": "Previous field or button",
    "screen.copy_text": "Copy selected text",
}
"""Textual's own, in this program's words."""
_COMMANDS = {command.id: command for command in MAIN}
_SCROLLING = frozenset(one.action for one in ScrollableContainer.BINDINGS if isinstance(one, Binding))

NAMES = {
    "MessageBox": "Message box",
    "ChatView": "Messages",
    "Starters": "Starters",
    "MainScreen": "Everywhere on this screen",
    "PlaygroundApp": "Everywhere",
    "RowList": "List",
    "Input": "Text line",
    "TextButton": "Button",
    "Divider": "Divider",
    "FailureLine": "Failure",
    "ConfigPane": "Configuration",
    "ConfigTitle": "Button",
    "CallsPanel": "Function calls",
}
