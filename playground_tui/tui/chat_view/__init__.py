"""The chat view widget: messages drawn by one scroll view, at the same cost however long the thread is."""

from playground_tui.tui.chat_view.lines import Span, SpanKind
from playground_tui.tui.chat_view.view import ChatView, CopyKind
from playground_tui.tui.chat_view.warm import warm

__all__ = ["ChatView", "CopyKind", "Span", "SpanKind", "warm"]
