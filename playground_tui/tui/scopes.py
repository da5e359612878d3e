"""Which bindings live together, for the check of a keymap."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

from playground_tui.tui.keymap import Scope


def scopes() -> tuple[Scope, ...]:
    """One for the app, one for the main screen, one for each widget of ours whose bindings have ids."""
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.tui.screens.main import MainScreen
    from playground_tui.tui.widgets.calls_panel import CallsPanel

    app_wide: tuple[type[DOMNode], ...] = (PlaygroundApp, MainScreen)
    loaded = (node for node in _below(DOMNode) if node.__module__.startswith("playground_tui.tui"))
    own = dict.fromkeys((*loaded, CallsPanel))
    found = (Scope(node.__name__, _bindings(node), app_wide=node in app_wide) for node in own)
    return tuple(scope for scope in found if any(binding.id for binding in scope.bindings))


def _below(node: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for kind in node.__subclasses__():
        yield kind
        yield from _below(kind)


def _bindings(node: type[DOMNode]) -> tuple[Binding, ...]:
    """Compound keys stand together again: `ctrl+j,shift+enter` is one binding of a keymap."""
    merged: dict[tuple[str, str], Binding] = {}
    for item in node.__dict__.get("BINDINGS", ()):
        binding = item if isinstance(item, Binding) else Binding(*item)
        merged[binding.id or binding.key, binding.action] = binding
    return tuple(merged.values())
