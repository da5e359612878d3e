"""Which bindings live together, for the check of a keymap."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

from playground_tui.tui.keymap import Scope


def scopes() -> tuple[Scope, ...]:
    from playground_tui.tui.calls.panel import CallsPanel
    from playground_tui.tui.chat_view import ChatView
    from playground_tui.tui.config.functions.screen import FunctionsScreen
    from playground_tui.tui.config.instructions import InstructionsEditor
    from playground_tui.tui.config.tools import ToolLine
    from playground_tui.tui.connections.screen import ConnectionsScreen
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.tui.screens.main import MainScreen
    from playground_tui.tui.screens.models import ModelScreen
    from playground_tui.tui.widgets.message_box import MessageBox

    on_main = (MessageBox, ChatView, InstructionsEditor, ToolLine, CallsPanel)
    return (
        Scope("app", _bindings(PlaygroundApp), app_wide=True),
        Scope("main", _bindings(MainScreen), within=("app",), app_wide=True),
        *(Scope(widget.__name__, _bindings(widget), within=("app", "main")) for widget in on_main),
        Scope("functions", _bindings(FunctionsScreen), within=("app",)),
        Scope("connections", _bindings(ConnectionsScreen), within=("app",)),
        Scope("models", _bindings(ModelScreen), within=("app",)),
    )


def _bindings(node: type[DOMNode]) -> tuple[Binding, ...]:
    """Compound keys stand together again: `ctrl+j,shift+enter` is one binding of a keymap."""
    merged: dict[tuple[str, str], Binding] = {}
    for item in node.__dict__.get("BINDINGS", ()):
        binding = item if isinstance(item, Binding) else Binding(*item)
        merged[binding.id or binding.key, binding.action] = binding
    return tuple(merged.values())
