"""The real app on its real workspace and its own service, with a scripted model endpoint behind it, used by keys."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Region

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

    home: Talker

    @property
    def endpoint(self) -> ScriptedEndpoint:
        return self.home.endpoint

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

    async def idle(self) -> None:
        await self.until(lambda: self.state.run.phase == "idle" and not self.conversation.busy)

    async def asked(self, count: int) -> list[Any]:
        """The requests that reached the model, once there are so many."""
        return await self.endpoint.posted(count)

    async def choose(self, button: str, name: str) -> None:
        """Click a button of a call, once it is in sight and stays where it is."""
        found = self.block(name).query_one(f"#{button}")
        await self.until(lambda: found.display)
        found.scroll_visible(animate=False)
        places: list[Region] = []

        def stands_still() -> bool:
            places.append(found.region)
            if places[-5:] != [found.region] * 5 or not found.region.area:
                return False
            return self.app.screen.get_widget_at(*found.region.offset)[0] is found

        await self.until(stands_still)
        await self.click(found)


class Talker(Place):
    """A home whose assistant talks to the endpoint."""

    def __init__(self, folder: Path, endpoint: ScriptedEndpoint) -> None:
        super().__init__(folder)
        self.endpoint = endpoint
        self._holds: list[threading.Event] = []
        self.with_settings()

    def with_settings(self, *lines: str) -> None:
        entry = f"{{kind: chat, base_url: '{self.endpoint.base_url}', default_model: scripted-model}}"
        more = "\n".join(lines)
        self.settings(f"default_provider: mine\nproviders:\n  mine: {entry}\n{more}\n")

    def hold(self) -> threading.Event:
        """What a reply waits for; it is let go at the end at the latest."""
        self._holds.append(threading.Event())
        return self._holds[-1]

    def queue_held(self) -> threading.Event:
        """A reply that waits after its first word."""
        hold = self.hold()
        self.endpoint.queue(Say("Partial and the rest", hold=hold))
        return hold

    def let_go(self) -> None:
        for hold in self._holds:
            hold.set()

    @asynccontextmanager
    async def talk(self, width: int = 120, height: int = 36) -> AsyncIterator[Talk]:
        async with self.app(width, height) as shown:
            shown.__class__ = Talk
            assert isinstance(shown, Talk)
            shown.home = self
            if self.server == "local":
                await shown.until(lambda: shown.workspace.editor.draft.value.values.get("model"))
            await shown.until(lambda: shown.app.focused is not None)
            yield shown


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Talker]:
    with ScriptedEndpoint(default=lambda call: Say(f"Reply to {call.question}")) as endpoint:
        made = Talker(tmp_path, endpoint)
        yield made
        made.let_go()
