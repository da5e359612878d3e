"""The assistant's tools: two check lines and the functions. What a tool was set to comes back when it is switched on
again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from playground_tui.tui.config.control import LABEL_WIDTH, FieldControl
from playground_tui.tui.config.messages import FromWidget
from playground_tui.tui.config.row import RowLine, muted, spread
from playground_tui.tui.config.spec import FieldSpec, Surroundings
from playground_tui.workspace.values import Json


def of_type(tools: Any, kind: str) -> list[dict[str, Any]]:
    return [tool for tool in tools or [] if isinstance(tool, dict) and tool.get("type") == kind]


OPTIONS = "set ▸"
GAP = "  "


class ToolLine(RowLine):
    """One tool that is on or off."""

    BINDINGS = [
        Binding("enter,space", "switch", "On or off"),
        Binding("f", "files", "Files", id="tool.files"),
        Binding("right", "options", "Options", show=False),
    ]

    class Toggled(FromWidget):
        """The tool shall change from on to off, or back."""

    class OptionsWanted(FromWidget):
        """What the tool is set to shall be shown."""

    class FilesWanted(FromWidget):
        """The files that the tool works on shall be shown."""

        def __init__(self, line: ToolLine) -> None:
            super().__init__(line)
            self.kind = line.kind

    def __init__(self, kind: str, words: str, help_line: str, label: str = "") -> None:
        super().__init__()
        self.kind, self.words, self.help_line, self.label = kind, words, help_line, label
        self.on = False
        self.remark = ""
        self.files = ""
        """How many it has, in words: `12 files`."""

    def show(self, on: bool, remark: str, files: str) -> None:
        if (on, remark, files) != (self.on, self.remark, self.files):
            self.on, self.remark, self.files = on, remark, files
            self.refresh()

    @property
    def has_options(self) -> bool:
        return self.on and self.kind == "file_search"

    def value_content(self, width: int) -> Content:
        mark = Content.styled("[x]", "bold") if self.on else muted("[ ]")
        room = width - len(f"[x] {self.words} ")
        return spread(Content.assemble(mark, " ", self.words), muted(self._end(room)), width)

    def _end(self, room: int) -> str:
        """The most that fits of what it is set to, its files and its options."""
        options = (OPTIONS,) if self.has_options else ()
        files = f"{self.files or 'files'} ▸"
        number = f"{self.files.partition(' ')[0]} ▸".lstrip()
        forms = ((self.remark, files, *options), (files, *options), (number, *options), options)
        worded = [GAP.join(part for part in form if part) for form in forms]
        if self.remark and not self.files and len(worded[0]) > room:
            return GAP.join((self.remark, *options))
        return next((words for words in worded if len(words) <= room), "")

    def action_switch(self) -> None:
        self.post_message(self.Toggled(self))

    def action_options(self) -> None:
        if self.has_options:
            self.post_message(self.OptionsWanted(self))

    def action_files(self) -> None:
        self.post_message(self.FilesWanted(self))

    def on_click(self, event: events.Click) -> None:
        """The words at the right end are buttons, the rest of the line switches."""
        left = self.content_size.width + 1 - event.x
        options = len(OPTIONS) if self.has_options else 0
        shown = self._end(self.content_size.width - LABEL_WIDTH - len(f"[x] {self.words} "))
        last = shown.removesuffix(OPTIONS).rstrip().rpartition(GAP)[2]
        files = len(last) if last.endswith("▸") else 0
        if left <= options:
            self.action_options()
        elif files and left <= options + (len(GAP) if options else 0) + files:
            self.action_files()
        else:
            self.action_switch()


class FunctionsLine(RowLine):
    """How many functions there are; opens their editor."""

    BINDINGS = [Binding("enter,space", "edit", "Edit functions")]
    help_line = "What the model may call on this machine."
    count = 0
    broken = 0

    class EditRequested(FromWidget):
        """Open the function editor."""

    def show(self, count: int, broken: int) -> None:
        if (count, broken) != (self.count, self.broken):
            self.count, self.broken = count, broken
            self.refresh()

    def value_content(self, width: int) -> Content:
        mark = Content.styled("[x]", "bold") if self.count else muted("[ ]")
        wrong = Content.styled(f"! {self.broken} wrong  ", "$text-error") if self.broken else Content("")
        number = Content(f"{self.count}  ") if self.count else Content("")
        return spread(Content.assemble(mark, " Functions"), Content.assemble(wrong, number, muted("edit ▸")), width)

    def action_edit(self) -> None:
        self.post_message(self.EditRequested(self))

    def on_click(self) -> None:
        self.action_edit()


class ToolsField(FieldControl):
    """While a function's text is no function (yet), the raw text of this field is a JSON list of all its tools in
    which a string stands for that function: its text as typed."""

    DEFAULT_CSS = "ToolsField { layout: vertical; height: 3; }"

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.entries: list[Any] = []
        """Tools as the API has them, and texts of functions that are not valid."""
        self._switched_off: dict[str, dict[str, Any]] = {}
        self._stores: tuple[str, ...] = ()
        self._code_files = 0
        self._in_stores: Mapping[str, int] = {}
        self.lines = (
            ToolLine("file_search", "File search", "Searches its files · f files · → options", spec.label),
            ToolLine("code_interpreter", "Code interpreter", "Runs Python, where the server can · f files"),
        )
        self.functions = FunctionsLine()

    def compose(self) -> ComposeResult:
        yield from self.lines
        yield self.functions

    def fill(self, value: Json) -> None:
        self.entries = list(value or [])
        self._draw()

    def fill_raw(self, text: str) -> None:
        try:
            entries = json.loads(text)
        except ValueError:
            return
        self.entries = entries if isinstance(entries, list) else []
        self._draw()

    def take_surroundings(self, around: Surroundings) -> None:
        """Say beside each tool which files it has."""
        found = around.resources
        self._stores = tuple((found.get("file_search") or {}).get("vector_store_ids") or ())
        self._code_files = len((found.get("code_interpreter") or {}).get("file_ids") or [])
        self._draw()

    def take_store_files(self, counts: Mapping[str, int]) -> None:
        """How many files the vector stores have, by their ids, as far as it is known."""
        self._in_stores = counts
        self._draw()

    def _files_words(self) -> tuple[str, str]:
        known = [self._in_stores[store] for store in self._stores if store in self._in_stores]
        searched = _counted(sum(known), "file") if known else _counted(len(self._stores), "store")
        return searched, _counted(self._code_files, "file")

    def take_entries(self, entries: list[Any], advice: str) -> None:
        """From the function editor: `advice` says what is wrong while a text among the entries is no function."""
        self.entries = list(entries)
        self._tell_entries(advice)

    def focus_field(self) -> None:
        (self.functions if any(isinstance(entry, str) for entry in self.entries) else self.lines[0]).focus()

    def on_tool_line_toggled(self, event: ToolLine.Toggled) -> None:
        event.stop()
        assert isinstance(event.widget, ToolLine)
        kind = event.widget.kind
        present = of_type(self.entries, kind)
        if present:
            self._switched_off[kind] = present[0]
            self.entries = [entry for entry in self.entries if entry not in present]
        else:
            self.entries = [self._switched_off.get(kind, {"type": kind}), *self.entries]
        self._tell_entries(self.echo.shown.advice)

    def on_tool_line_options_wanted(self, event: ToolLine.OptionsWanted) -> None:
        from playground_tui.tui.config.search_options import SearchOptionsScreen

        event.stop()
        self.app.push_screen(SearchOptionsScreen(of_type(self.entries, "file_search")[0]), self._take_options)

    def _take_options(self, tool: dict[str, Any] | None) -> None:
        present = of_type(self.entries, "file_search")
        if tool is not None and present:
            self.entries = [tool if entry is present[0] else entry for entry in self.entries]
            self._tell_entries(self.echo.shown.advice)

    def _tell_entries(self, advice: str) -> None:
        if any(isinstance(entry, str) for entry in self.entries):
            self.tell_wrong(self.raw_text(self.entries), advice)
        else:
            self.tell(list(self.entries))
        self._draw()

    def raw_text(self, value: Json) -> str:
        return json.dumps(value, ensure_ascii=False)

    def _draw(self) -> None:
        for line, files in zip(self.lines, self._files_words(), strict=True):
            present = of_type(self.entries, line.kind)
            line.show(bool(present), _set_to(present), files)
        broken = sum(isinstance(entry, str) for entry in self.entries)
        self.functions.show(len(of_type(self.entries, "function")) + broken, broken)


def _counted(count: int, noun: str) -> str:
    return "" if not count else f"{count} {noun}{'' if count == 1 else 's'}"


def _set_to(present: list[dict[str, Any]]) -> str:
    if not present or "file_search" not in present[0]:
        return ""
    from playground_tui.tui.config.search_options import options_words

    return options_words(present[0])
