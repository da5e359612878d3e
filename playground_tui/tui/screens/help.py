"""F1: the keys that work right now, with the widget they belong to, and the ids that a keymap names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static, TextArea

from playground_tui.tui.commands import MAIN

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
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "leave", "close")]
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
    told = {command.action: f"{command.title}" for command in MAIN}
    groups: dict[str, dict[tuple[str, str], list[str]]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if not active.enabled or not (binding.description or binding.action in told):
            continue
        name = _owner(active.node, binding)
        what = told.get(binding.action, binding.description or binding.action)
        keys = groups.setdefault(name, {}).setdefault((what, binding.id or ""), [])
        keys.append(screen.app.get_key_display(binding))
    return [
        (name, [(", ".join(keys), what, binding_id) for (what, binding_id), keys in lines.items()])
        for name, lines in sorted(groups.items(), key=lambda group: group[0] == EDITING)
    ]


def _owner(node: object, binding: Binding) -> str:
    """The dozens of keys that every text field has come last, under one heading."""
    if binding.id is None and isinstance(node, (Input, TextArea)) and (binding.action, binding.key) in _editing_keys():
        return EDITING
    name = type(node).__name__
    return NAMES.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _editing_keys() -> frozenset[tuple[str, str]]:
    kinds = {base for kind in (Input, TextArea) for base in kind.__mro__ if "BINDINGS" in base.__dict__}
    return frozenset((one.action, one.key) for kind in kinds for _key, one in BindingsMap(kind.__dict__["BINDINGS"]))


EDITING = "Editing text"


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
}
