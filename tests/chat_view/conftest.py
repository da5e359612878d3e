from __future__ import annotations

from datetime import UTC, datetime

import pytest
from textual.app import App, ComposeResult

from playground_tui.tui.chat_view import ChatView
from playground_tui.workspace.values import ChatMessage

AT = datetime(2026, 11, 20, 14, 1, tzinfo=UTC)


class ChatApp(App[None]):
    """One chat view; keeps what it posted."""

    def __init__(self) -> None:
        super().__init__()
        self.posted: list[object] = []
        self.now = AT

    def compose(self) -> ComposeResult:
        yield ChatView(now=lambda: self.now)

    def on_mount(self) -> None:
        self.view.focus()

    @property
    def view(self) -> ChatView:
        return self.query_one(ChatView)

    def on_chat_view_span_activated(self, message: ChatView.SpanActivated) -> None:
        self.posted.append(message)

    def on_chat_view_span_reached(self, message: ChatView.SpanReached) -> None:
        self.posted.append(message)

    def on_chat_view_older_wanted(self, message: ChatView.OlderWanted) -> None:
        self.posted.append(message)

    def posted_of(self, kind: type) -> list:
        return [message for message in self.posted if isinstance(message, kind)]


@pytest.fixture
def app() -> ChatApp:
    return ChatApp()


def user(number: int, text: str = "") -> ChatMessage:
    return ChatMessage(f"msg_{number}", "user", text or f"question {number}", AT)


def reply(number: int, text: str = "", status: str = "complete", **more: object) -> ChatMessage:
    text = text or f"answer {number}\n\n- point\n- point\n" if status == "complete" else text
    return ChatMessage(f"msg_{number}", "assistant", text, AT, status, author="Bot", **more)  # type: ignore[arg-type]


def talk(count: int, first: int = 0) -> list[ChatMessage]:
    return [reply(number) if number % 2 else user(number) for number in range(first, first + count)]


def seen(view: ChatView) -> list[str]:
    """The rows in sight, as painted."""
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]
