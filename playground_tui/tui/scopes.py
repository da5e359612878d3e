"""Which bindings live together, for the check of a keymap."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

from playground_tui.tui.keymap import Scope


def scopes() -> tuple[Scope, ...]:
    from playground_tui.tui.playground import PlaygroundApp
    from playground_tui.tui.screens.main import MainScreen

    return (
        Scope("app", _bindings(PlaygroundApp), app_wide=True),
        Scope("main", _bindings(MainScreen), within=("app",), app_wide=True),
        *(_scope(widget, "main") for widget in _on_main()),
        *(_scope(screen, typed=True) for screen in _typed()),
        *(_scope(screen) for screen in _lettered()),
        *_inside(),
    )


def _on_main() -> tuple[type[DOMNode], ...]:
    from playground_tui.tui.calls.panel import CallsPanel
    from playground_tui.tui.chat_view import ChatView
    from playground_tui.tui.config.instructions import InstructionsEditor
    from playground_tui.tui.config.pairs import PairLine
    from playground_tui.tui.config.tools import ToolLine
    from playground_tui.tui.widgets.failure_line import FailureLine
    from playground_tui.tui.widgets.message_box import MessageBox

    return (MessageBox, ChatView, InstructionsEditor, PairLine, ToolLine, CallsPanel, FailureLine)


def _typed() -> tuple[type[DOMNode], ...]:
    """Screens where a line of text has the focus."""
    from playground_tui.tui.compose.templates import TemplatesScreen
    from playground_tui.tui.config.functions.handler_screen import HandlerScreen
    from playground_tui.tui.config.functions.screen import FunctionsScreen
    from playground_tui.tui.config.functions.try_screen import TryScreen
    from playground_tui.tui.config.search_options import SearchOptionsScreen
    from playground_tui.tui.connections.form import EntryForm
    from playground_tui.tui.drafting.screen import DraftingScreen
    from playground_tui.tui.exchange.copy_screen import CopyScreen
    from playground_tui.tui.exchange.import_screen import ImportScreen
    from playground_tui.tui.files.path_ask import AskPath
    from playground_tui.tui.screens.assistants import AssistantsScreen
    from playground_tui.tui.screens.models import ModelScreen
    from playground_tui.tui.threads.metadata import MetadataScreen
    from playground_tui.tui.threads.screen import ThreadsScreen

    lists = (AssistantsScreen, ThreadsScreen, TemplatesScreen, ModelScreen)
    functions = (FunctionsScreen, HandlerScreen, TryScreen)
    forms = (EntryForm, MetadataScreen, SearchOptionsScreen, DraftingScreen, ImportScreen, CopyScreen, AskPath)
    return (*lists, *functions, *forms)


def _lettered() -> tuple[type[DOMNode], ...]:
    """Screens without typing, where a letter is a key."""
    from playground_tui.tui.code_view.screen import CodeScreen
    from playground_tui.tui.connections.screen import ConnectionsScreen
    from playground_tui.tui.files.attachments_screen import AttachmentsScreen
    from playground_tui.tui.files.screen import FilesScreen
    from playground_tui.tui.files.text_screen import Reading
    from playground_tui.tui.files.tool_screen import ToolFilesScreen
    from playground_tui.tui.inspector.screen import InspectorScreen
    from playground_tui.tui.screens.quit import QuitScreen
    from playground_tui.tui.screens.show_text import ShowText
    from playground_tui.tui.versions.diff_screen import DiffScreen
    from playground_tui.tui.versions.screen import VersionsScreen

    files = (FilesScreen, ToolFilesScreen, AttachmentsScreen, Reading)
    return (*files, ConnectionsScreen, InspectorScreen, VersionsScreen, DiffScreen, CodeScreen, ShowText, QuitScreen)


def _inside() -> tuple[Scope, ...]:
    """What stands on those screens with keys of its own."""
    from playground_tui.tui.config.functions.name_list import NameList
    from playground_tui.tui.config.functions.parameter_list import ParameterList
    from playground_tui.tui.files.store_pane import InsideList
    from playground_tui.tui.files.text_screen import CitedScreen
    from playground_tui.tui.versions.diff_view import DiffView

    return (
        _scope(NameList, "FunctionsScreen"),
        _scope(ParameterList, "FunctionsScreen"),
        _scope(InsideList, "FilesScreen"),
        _scope(CitedScreen, "Reading"),
        _scope(DiffView, "DiffScreen", "VersionsScreen"),
    )


def _scope(node: type[DOMNode], *within: str, typed: bool = False) -> Scope:
    return Scope(node.__name__, _bindings(node), within=("app", *within), typed=typed)


def _bindings(node: type[DOMNode]) -> tuple[Binding, ...]:
    """Compound keys stand together again: `ctrl+j,shift+enter` is one binding of a keymap."""
    merged: dict[tuple[str, str], Binding] = {}
    for item in node.__dict__.get("BINDINGS", ()):
        binding = item if isinstance(item, Binding) else Binding(*item)
        merged[binding.id or binding.key, binding.action] = binding
    return tuple(merged.values())
