"""What can be done here and now: the enabled keys of the focused widget and its screen, as many as fit."""

from __future__ import annotations

from textual.app import App
from textual.binding import ActiveBinding
from textual.screen import Screen

from playground_tui.tui.commands import MAIN
from playground_tui.tui.key_words import with_keys
from playground_tui.tui.widgets.line import Line, Span


class Footer(Line):
    """One widget; Textual's own mounts one per key at each change of focus."""

    DEFAULT_CSS = "Footer { dock: bottom; padding: 0 1; background: $panel; color: $text-muted; }"

    def __init__(self) -> None:
        super().__init__(id="footer")
        self._spans: tuple[Span, ...] = ()
        self._is_asked = False

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._ask)
        self._ask(self.screen)

    def _ask(self, screen: Screen[object]) -> None:
        """Several things change at once, at a start more than ten: the keys are collected once, behind the frame."""
        if not self._is_asked:
            self._is_asked = True
            self.call_after_refresh(self._collect, screen)

    def _collect(self, screen: Screen[object]) -> None:
        self._is_asked = False
        spans = tuple(_spans_of(self.app, screen))
        if spans != self._spans:
            self._spans = spans
            self.refresh()

    def left(self) -> list[Span]:
        return _fitting(self._spans, self.content_size.width - 10)

    def right(self) -> list[Span]:
        key = with_keys(self, "{app.help:f1}")
        return [Span(key, "bold $foreground", "app.help"), Span(" help", "", "app.help")]


def _spans_of(app: App[object], screen: Screen[object]) -> list[Span]:
    """The focused widget's keys first, then the screen's and the app's, each in the order they were written down."""
    spans = []
    seen = set()
    for active in sorted(screen.active_bindings.values(), key=_nearness):
        binding = active.binding
        if not (binding.show and active.enabled) or binding.action in seen:
            continue
        seen.add(binding.action)
        action = binding.action if "." in binding.action.partition("(")[0] else f"screen.press_key('{binding.key}')"
        reason = _why_not(screen, binding.action)
        key_style, words_style = ("$text-disabled", "$text-disabled") if reason else ("bold $foreground", "")
        words = f" {binding.description} ({reason})" if reason else f" {binding.description}"
        spans.append(Span(app.get_key_display(binding), key_style, action))
        spans.append(Span(words, words_style, action))
    return spans


def _why_not(screen: Screen[object], action: str) -> str:
    """What the screen says against an action: it is greyed out with that reason."""
    asked = getattr(screen, "why_not", None)
    return str(asked(action)) if asked is not None else ""


def _nearness(active: ActiveBinding) -> tuple[int, int]:
    far = 2 if isinstance(active.node, App) else 1 if isinstance(active.node, Screen) else 0
    return far, ORDER.get(active.binding.id or "", 0)


ORDER = {command.id: place for place, command in enumerate(MAIN)}


def _fitting(spans: tuple[Span, ...], width: int) -> list[Span]:
    """Whole pairs of key and word only: half a word helps nobody."""
    fitting: list[Span] = []
    for key, word in zip(spans[::2], spans[1::2], strict=True):
        width -= key.width + word.width + 3
        if width < 0:
            break
        fitting += [key, word, Span("   ")]
    return fitting
