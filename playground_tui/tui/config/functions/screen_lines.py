"""The lines around the functions: the title with its two views, the handler, the keys, the help."""

from __future__ import annotations

from textual.widgets import Static

from playground_tui.tui.config.row import MUTED
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.widgets.line import Line, Span


class TitleLine(Line):
    fill = "─"
    fill_style = "$border-blurred"
    count = 0
    as_json = False

    def left(self) -> list[Span]:
        return [Span("─ ", self.fill_style), Span("Functions", "bold"), Span(f" {self.count} ", MUTED)]

    def right(self) -> list[Span]:
        on, off = "bold $accent", MUTED
        return [
            Span(" Form", off if self.as_json else on, "screen.show_form"),
            Span(" · ", MUTED),
            Span("JSON ", on if self.as_json else off, "screen.show_json"),
            Span("─", self.fill_style),
            Span(" esc done ", MUTED, "screen.done"),
            Span("─", self.fill_style),
        ]


class KeyLine(Line):
    """The keys of this screen; each word may be clicked."""

    DEFAULT_CSS = "KeyLine { padding: 0 1; background: $panel; }"
    WORDS = (
        ("{functions.add:f2}", "add", "screen.add"),
        ("{functions.view:f3}", "form/JSON", "screen.turn_view"),
        ("{functions.try:f4}", "try it", "screen.try_it"),
        ("{functions.duplicate:f5}", "duplicate", "screen.duplicate"),
        ("{functions.strict:f6}", "strict", "screen.strict"),
        ("{functions.handler:f7}", "handler", "screen.handler"),
        ("{functions.delete:f8}", "delete", "screen.delete"),
        ("{functions.format:f9}", "format", "screen.format"),
    )

    NEED_ONE = (
        "screen.try_it",
        "screen.duplicate",
        "screen.strict",
        "screen.handler",
        "screen.delete",
        "screen.format",
    )
    """What takes a function to do."""
    has_one = True

    SHORT = {"form/JSON": "JSON", "try it": "try", "duplicate": "copy"}
    """Where not all would fit."""

    def left(self) -> list[Span]:
        spans = []
        short = self.SHORT if self.size.width < 90 else {}
        for key, full, action in self.WORDS:
            if not self.has_one and action in self.NEED_ONE:
                continue
            word = short.get(full, full)
            spans += [
                Span(with_keys(self, key), "bold", action),
                Span(f" {word}", MUTED, action),
                Span("   " if self.size.width >= 110 else "  "),
            ]
        return spans[:-1]


class HandlerLine(Line):
    """What answers the function's calls on this machine."""

    DEFAULT_CSS = "HandlerLine { padding: 0 1; }"
    words = ""

    def left(self) -> list[Span]:
        return [
            Span("Answered by   ", MUTED, "screen.handler"),
            Span(self.words, "", "screen.handler"),
            Span(" ▾", MUTED, "screen.handler"),
        ]


class HelpText(Static):
    """What the focused line is about."""
