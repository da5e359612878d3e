"""Metadata: a table of keys and values, with one empty line at its end for the next pair."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

from playground_tui.tui.config.control import FieldControl
from playground_tui.tui.config.text_row import LineInput
from playground_tui.tui.widgets.input import Input
from playground_tui.workspace.values import Json


class PairLine(Widget):
    DEFAULT_CSS = """
    PairLine { layout: horizontal; height: 1; padding: 0 1 0 3; }
    PairLine > .key { width: 2fr; margin-right: 1; }
    PairLine > .value { width: 3fr; }
    """
    BINDINGS = [Binding("shift+delete", "drop", "Remove this pair", id="pairs.drop")]

    @dataclass
    class Changed(Message):
        line: PairLine

        @property
        def control(self) -> PairLine:
            return self.line

    @dataclass
    class Dropped(Message):
        """The pair is to go."""

        line: PairLine

        @property
        def control(self) -> PairLine:
            return self.line

    def __init__(self, key: str = "", value: str = "") -> None:
        super().__init__()
        self.key, self.value = LineInput(key, "key"), LineInput(value, "value")
        self.key.add_class("key")
        self.value.add_class("value")

    def compose(self) -> ComposeResult:
        yield self.key
        yield self.value

    @property
    def pair(self) -> tuple[str, str]:
        return self.key.value, self.value.value

    def put(self, key: str, value: str) -> None:
        for box, text in ((self.key, key), (self.value, value)):
            if box.value != text:
                with box.prevent(Input.Changed):
                    box.value = text

    def action_drop(self) -> None:
        self.post_message(self.Dropped(self))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))


class PairsField(FieldControl):
    """Raw text, while a key is missing or twice: a JSON list of the pairs as typed."""

    DEFAULT_CSS = "PairsField { layout: vertical; height: auto; }"
    lines: list[PairLine]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.lines = [PairLine()]

    def compose(self) -> ComposeResult:
        yield from self.lines

    def fill(self, value: Json) -> None:
        self._put([(key, item if isinstance(item, str) else json.dumps(item)) for key, item in (value or {}).items()])

    def fill_raw(self, text: str) -> None:
        try:
            self._put([(str(key), str(value)) for key, value in json.loads(text)])
        except (ValueError, TypeError):
            return

    def focus_field(self) -> None:
        self.lines[0].key.focus()

    def pairs(self) -> list[tuple[str, str]]:
        return [line.pair for line in self.lines if line.pair != ("", "")]

    def _put(self, pairs: list[tuple[str, str]]) -> None:
        if pairs == self.pairs():
            return
        self._grow(len(pairs) + 1)
        for line, pair in zip(self.lines, [*pairs, *[("", "")] * len(self.lines)], strict=False):
            line.put(*pair)
            line.display = True
        for line in self.lines[len(pairs) + 1 :]:
            line.display = False

    def _grow(self, count: int) -> None:
        new = [PairLine() for _ in range(count - len(self.lines))]
        self.lines += new
        if new and self.is_attached:
            self.mount_all(new)

    def on_pair_line_changed(self, event: PairLine.Changed) -> None:
        event.stop()
        self.settle()

    def on_pair_line_dropped(self, event: PairLine.Dropped) -> None:
        """Those below move up, so that the focus is on the next one."""
        event.stop()
        event.line.put("", "")
        pairs = self.pairs()
        for line, pair in zip(self.lines, [*pairs, *[("", "")] * len(self.lines)], strict=False):
            line.put(*pair)
        self.settle()

    def settle(self) -> None:
        pairs = self.pairs()
        if self.lines[-1].pair != ("", ""):
            self._grow(len(self.lines) + 1)
        elif not any(line.display and line.pair == ("", "") for line in self.lines):
            self.lines[len(pairs)].display = True
        keys = [key for key, _ in pairs]
        if "" in keys:
            self.tell_wrong(self._raw(pairs), "Every value needs a key.")
        elif len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            self.tell_wrong(self._raw(pairs), f"The key {twice!r} is twice; each key has one value.")
        else:
            self.tell(dict(pairs))

    def raw_text(self, value: Json) -> str:
        return self._raw(list(value.items()))

    @staticmethod
    def _raw(pairs: list[tuple[str, str]]) -> str:
        return json.dumps(pairs, ensure_ascii=False)
