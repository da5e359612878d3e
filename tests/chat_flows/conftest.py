"""The real app on its real workspace and its own service, with a scripted model endpoint behind it, used by keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from playground_tui.tui.calls.block import CallBlock
from playground_tui.tui.calls.panel import CallsPanel
from playground_tui.tui.chat_view import ChatView
from playground_tui.tui.widgets.message_box import MessageBox
from playground_tui.workspace.conversation import Conversation
from playground_tui.workspace.values import ConversationState
from tests.remote.test_main_job import Place, Shown
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Say

KEYS = {" ": "space", "\n": "ctrl+j"}


class Talk(Shown):
    """What a person does and sees in the chat."""

    place: Talker

    @property
    def endpoint(self) -> ScriptedEndpoint:
        return self.place.endpoint

    @property
    def conversation(self) -> Conversation:
        return self.workspace.conversation.value

    @property
    def state(self) -> ConversationState:
        return self.conversation.state.value

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.conversation.messages]

    @property
    def box(self) -> MessageBox:
        return self.app.screen_stack[0].query_one(MessageBox)

    @property
    def view(self) -> ChatView:
        return self.app.screen_stack[0].query_one(ChatView)

    def panel(self) -> CallsPanel:
        return self.app.screen_stack[0].query_one(CallsPanel)

    def block(self, name: str) -> CallBlock:
        return next(block for block in self.panel().query(CallBlock) if block.answer.call.name == name)

    def phases(self) -> dict[str, str]:
        return {answer.call.name: answer.phase for answer in self.conversation.calls.state.value.calls}

    async def type(self, text: str) -> None:
        await self.press(*(KEYS.get(character, character) for character in text))

    async def say(self, text: str) -> None:
        await self.type(text)
        await self.press("enter")

    async def sees(self, *words: str) -> None:
        await self.until(lambda: all(word in self.text() for word in words))

    async def idle(self) -> None:
        await self.until(lambda: self.state.run.phase == "idle" and not self.conversation.busy)

    async def asked(self, count: int) -> list[Any]:
        """The requests that reached the model, once there are so many."""
        return await self.endpoint.posted(count)

    async def choose(self, button: str, name: str) -> None:
        """Go to a button of a call's by tab, and press it."""
        block = self.block(name)
        await self.until(lambda: block.query_one(f"#{button}").display)
        for _ in range(40):
            if self.app.focused is block.query_one(f"#{button}"):
                return await self.press("enter")
            await self.press("tab")
        raise AssertionError(f"tab does not lead to {button} of {name}")


class Talker(Place):
    """A home whose assistant talks to the endpoint."""

    def __init__(self, folder: Path, endpoint: ScriptedEndpoint) -> None:
        super().__init__(folder)
        self.endpoint = endpoint
        self.with_settings()

    def with_settings(self, *lines: str) -> None:
        entry = f"{{kind: chat, base_url: '{self.endpoint.base_url}', default_model: scripted-model}}"
        more = "\n".join(lines)
        self.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n{more}\n")

    @asynccontextmanager
    async def talk(self, width: int = 120, height: int = 36) -> AsyncIterator[Talk]:
        async with self.app(width, height) as shown:
            shown.__class__ = Talk
            assert isinstance(shown, Talk)
            shown.place = self
            await shown.until(lambda: shown.workspace.editor.draft.value.values.get("model"))
            await shown.until(lambda: shown.app.focused is shown.box)
            yield shown


Open = Callable[..., Any]


@pytest.fixture
def place(tmp_path: Path) -> Any:
    with ScriptedEndpoint(default=lambda call: Say(f"Reply to {call.question}")) as endpoint:
        yield Talker(tmp_path, endpoint)
