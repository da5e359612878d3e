"""What the app takes from inside Textual. Its private parts may change with any release: then these tests fail first,
by name, instead of a screen that is slow or an error that shows its local variables."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from types import FunctionType

import pytest
import textual
from textual._compositor import Compositor
from textual._styles_cache import StylesCache
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import TextArea

import playground_tui.tui

OVERRIDDEN = {
    ("Editor", "_build_highlight_map"),
    ("Editor", "_on_paste"),
    ("Editor", "_set_document"),
    ("JsonText", "_on_key"),
    ("LineInput", "_on_paste"),
    ("LineCompositor", "_get_renders"),
    ("MessageBox", "_on_key"),
    ("MessageBox", "_on_paste"),
    ("OpeningScreen", "_on_layout"),
    ("OpeningScreen", "_on_screen_resume"),
    ("OpeningScreen", "_on_update"),
    ("OpeningScreen", "_screen_resized"),
    ("PlaygroundApp", "_fatal_error"),
    ("PlaygroundApp", "_handle_exception"),
    ("PlaygroundApp", "_refresh_notifications"),
}
"""The class, the method. Each has tests of what it does; a new one needs one, too."""

USED = {
    Compositor: ("_dirty_regions", "_regions_to_spans", "_render_chops"),
    App: ("_notifications", "_exit_renderables", "_return_code", "_close_messages_no_wait"),
    StylesCache: ("get_inner_outer",),
    TextArea: ("_render_line", "_refresh_size", "_matching_bracket_location"),
    Widget: ("_scroll_update",),
    Screen: ("_update_auto_focus", "_refresh_layout", "_compositor", "stack_updates"),
}


SOURCES = ("app.py", "screen.py", "message_pump.py", "_compositor.py", "widgets/_text_area.py")


def test_what_is_overridden_is_known_and_still_textuals() -> None:
    found = set()
    for module in _modules():
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == module.__name__:
                found |= {(kind.__name__, name) for name in _private_methods(kind)}
    assert found == OVERRIDDEN


@pytest.mark.parametrize("name", sorted(name for _, name in OVERRIDDEN if not name.startswith("_on_")))
def test_textual_still_calls_it(name: str) -> None:
    """Handlers of messages are found by their names; the others must be called by somebody."""
    assert re.search(rf"\.{name}\b(?!\s*=)", _sources())


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in USED.items() for name in names])
def test_what_is_used_is_still_there(kind: type, name: str) -> None:
    assert hasattr(kind, name) or re.search(rf"\bself\.{name}\b", inspect.getsource(kind))


def _private_methods(kind: type) -> set[str]:
    bases = [base for base in kind.__mro__[1:] if base.__module__.partition(".")[0] == "textual"]
    own = {name for name, value in vars(kind).items() if isinstance(value, FunctionType) and re.match(r"_[a-z]", name)}
    return {name for name in own if any(name in vars(base) for base in bases)}


def _modules() -> list[object]:
    names = pkgutil.walk_packages(playground_tui.tui.__path__, "playground_tui.tui.")
    return [importlib.import_module(module.name) for module in names]


def _sources() -> str:
    folder = Path(textual.__file__).parent
    return "\n".join((folder / name).read_text("utf-8") for name in SOURCES)
