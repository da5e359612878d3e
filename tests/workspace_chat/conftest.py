from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import openai
import pytest

from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.costs import cost_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.handlers.functions import Functions
from playground_tui.workspace.store import Database, drafts
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.threads import Threads
from playground_tui.workspace.values import ConversationChange, Draft
from playground_tui.workspace.writing.templates import Templates
from tests.support.assistants_server import ThreadServer
from tests.support.clock import ScriptedClock
from tests.support.wait import wait_until


class FakeEditor:
    """The editor as a conversation knows it."""

    def __init__(self) -> None:
        self.draft = Subject(Draft("draft_1", "local", "asst_1", {"name": "Bot"}))
        self.created: list[str] = []
        self.failure: Failure | None = None
        self.overrides: dict[str, Any] = {}
        self.assistant_id = ""

    async def ensure_created(self) -> str:
        if self.failure is not None:
            raise FailureError(self.failure)
        draft = self.draft.value
        self.created.append(draft.id)
        return self.assistant_id or draft.assistant_id or f"asst_{draft.id}"

    def run_overrides(self) -> Mapping[str, Any]:
        return self.overrides


class Desk:
    """A server, a workspace store, and threads on top of them, as after a start of the app."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = ThreadServer()
        self.editor = FakeEditor()
        self.clock = ScriptedClock()
        self.lacking: set[str] = set()
        self.timeout = 60.0
        self.address = "http://server.test/v1"
        self.interpreter = ""
        self.session: set[str] = set()
        self.stored_instructions = ""
        self.prices: dict[str, dict[str, float]] = {}
        self.changes: list[ConversationChange] = []
        self.begin()

    def begin(self) -> None:
        self.client = self.server.client()
        self.store = Database(self.home / "workspace.sqlite3")
        self.templates = Templates(self.store, self.clock)
        self.threads = Threads(self.context())

    def context(self, server: str = "local") -> ChatContext:
        return ChatContext(
            server=server,
            api=self.api,
            store=self.store,
            clock=self.clock,
            editor=self.editor,
            author=lambda assistant_id: "Bot" if assistant_id == "asst_1" else "",
            version=lambda: 12,
            run_timeout=lambda: self.timeout,
            lacking=lambda: frozenset(self.lacking),
            lack=self.lacking.add,
            address=lambda: self.address,
            interpreter=lambda: self.interpreter,
            session_approvals=self.session,
            expand=lambda text: self.templates.expand(text),
            instructions=self.instructions,
            redact=lambda text: text.replace("sk-planted", "•••"),
            price=lambda model, tokens: cost_of(self.prices, model, tokens),
        )

    @property
    def functions(self) -> Functions:
        return Functions(self.context())

    async def instructions(self, assistant_id: str) -> str:
        return self.stored_instructions

    async def api(self) -> openai.AsyncOpenAI:
        return self.client

    @property
    def conversation(self) -> Any:
        return self.threads.current.value

    @property
    def state(self) -> Any:
        return self.conversation.state.value

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.conversation.messages]

    async def say(self, text: str) -> None:
        """Send, and wait until nothing is under way."""
        await self.conversation.send(text)
        await self.conversation.wait_idle()

    async def keep_draft(self) -> None:
        """The editor's draft as the store would have it."""
        draft = self.editor.draft.value
        await self.store.write(lambda conn: drafts.insert(conn, draft, 0.0))

    async def until(self, *phases: str) -> None:
        await wait_until(lambda: self.state.run.phase in phases)

    async def end(self) -> None:
        await self.threads.close()
        self.store.close()
        await self.client.close()

    async def restart(self) -> None:
        await self.end()
        self.begin()
        await self.threads.start()

    async def die(self) -> None:
        """The program is killed: what the store has not confirmed is gone, nothing is flushed."""
        self.store.flush()
        conversation = self.conversation
        await conversation.calls.close()
        conversation._board.closing = True
        for task in (conversation._board.work, conversation._facts):
            if task is not None:
                task.cancel()
        self.store.close()
        await self.client.close()
        self.begin()
        await self.threads.start()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    yield made
    await made.end()
    assert made.server.open_streams == 0
