"""A workspace with scripted state and no world behind it: what the screen calls is noted, what it shows is set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from playground_tui.limits import check_field
from playground_tui.settings.model import Settings
from playground_tui.settings.presets import DEMO
from playground_tui.workspace.connections.values import ConnectionsState, Entry, Probes
from playground_tui.workspace.failures import Failure
from playground_tui.workspace.notices import Notices
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.thread_archive import ThreadExport
from playground_tui.workspace.thread_search import Snippet, ThreadHit, hits
from playground_tui.workspace.values import (
    AssistantListing,
    AssistantRow,
    ChatMessage,
    ConnectionState,
    ConversationChange,
    ConversationState,
    Draft,
    ModelListing,
    ModelRow,
    RawEdit,
    Reset,
    RunSettings,
    SaveState,
    ThreadListing,
    ThreadRow,
)
from playground_tui.workspace.writing.typed_history import HistoryWalk
from tests.support.clock import ScriptedClock
from tests.support.fake_conversation_parts import (
    NOON,
    Calls,
    FakeAnswering,
    FakeAttachments,
    FakeFunctions,
    FakeInspector,
    FakeNotes,
    FakeTemplates,
    FakeVariables,
)


@dataclass
class FakeEditor:
    calls: Calls
    draft: Subject[Draft]
    save_state: Subject[SaveState]
    run_settings: Subject[RunSettings] = field(default_factory=lambda: Subject(RunSettings()))

    def edit(self, name: str, value: Any) -> Any:
        self.calls.append(("edit", name, value))
        draft = self.draft.value
        problem = check_field(name, value) if value is not None else None
        if problem is not None:
            self.edit_raw(name, str(value), problem.advice)
            return problem
        raw = {key: edit for key, edit in draft.raw.items() if key != name}
        self.draft.set(
            replace(draft, values={**draft.values, name: value}, raw=raw, revision=draft.revision + 1),
        )
        if self.save_state.value.phase != "new":
            self.save_state.set(replace(self.save_state.value, phase="unsaved"))
        return None

    def edit_raw(self, name: str, text: str, advice: str) -> None:
        draft = self.draft.value
        self.draft.set(replace(draft, raw={**draft.raw, name: RawEdit(text, advice)}, revision=draft.revision + 1))

    async def save(self) -> None:
        self.calls.append(("save",))
        self.save_state.set(SaveState("saved", at=NOON))

    def set_paused(self, paused: bool) -> None:
        self.calls.append(("set_paused", paused))
        self.save_state.set(replace(self.save_state.value, paused=paused))

    async def open(self, row_id: str) -> None:
        self.calls.append(("open", row_id))

    async def new(self) -> None:
        self.calls.append(("new",))

    async def ensure_created(self) -> str:
        return self.draft.value.assistant_id or "asst_1"

    def edit_run_setting(self, name: str, value: Any) -> Any:
        self.calls.append(("edit_run_setting", name, value))
        settings = self.run_settings.value
        self.run_settings.set(RunSettings({**settings.values, name: value}, settings.raw))
        return None

    def edit_run_setting_raw(self, name: str, text: str, advice: str) -> None:
        self.calls.append(("edit_run_setting_raw", name, text))

    def run_overrides(self) -> dict[str, Any]:
        return {}


@dataclass
class FakeAssistants:
    calls: Calls
    listing: Subject[AssistantListing]

    async def refresh(self) -> None:
        self.calls.append(("refresh_assistants",))

    def search(self, text: str) -> tuple[AssistantRow, ...]:
        return tuple(row for row in self.listing.value.rows if text.lower() in f"{row.name} {row.instructions}".lower())

    async def duplicate(self, row_id: str) -> str:
        self.calls.append(("duplicate", row_id))
        return f"{row_id}_copy"

    async def delete(self, row_id: str) -> None:
        self.calls.append(("delete_assistant", row_id))
        rows = tuple(row for row in self.listing.value.rows if row.id != row_id)
        self.listing.set(replace(self.listing.value, rows=rows))


@dataclass
class FakeModels:
    calls: Calls
    listing: Subject[ModelListing]

    async def refresh(self) -> None:
        self.calls.append(("refresh_models",))


class FakeConversation:
    def __init__(self, calls: Calls, state: ConversationState, messages: tuple[ChatMessage, ...] = ()) -> None:
        self.log = calls
        self.state = Subject(state)
        self.messages = messages
        self.assistant_id: str | None = "asst_1"
        self.calls = FakeAnswering(calls)
        self.has_calls = True
        self.variables = FakeVariables(calls)
        self.notes = FakeNotes(calls)
        self.typed: tuple[str, ...] = ()
        """Earlier texts, newest first."""
        self.attachments = FakeAttachments(calls)
        self.state.watch(lambda _: self.calls.run_changed(self.state.value.run), now=True)
        self._watchers: list[Callable[[ConversationChange], None]] = []

    def watch(self, watcher: Callable[[ConversationChange], None]) -> Callable[[], None]:
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, change: ConversationChange, messages: tuple[ChatMessage, ...] | None = None) -> None:
        """Script: what the workspace would announce, with the messages as they are then."""
        if isinstance(change, Reset):
            self.messages = change.messages
        if messages is not None:
            self.messages = messages
        for watcher in tuple(self._watchers):
            watcher(change)

    def become(self, **changes: Any) -> None:
        """Script: another state."""
        self.state.set(replace(self.state.value, **changes))

    def set_unsent(self, text: str) -> None:
        self.state.set(replace(self.state.value, unsent=text))

    async def send(self, text: str) -> None:
        self.log.append(("send", text))
        self.become(unsent="")

    async def stop(self) -> None:
        self.log.append(("stop",))

    @property
    def busy(self) -> bool:
        return self.state.value.run.phase not in ("idle", "waiting_outputs")

    async def wait_idle(self) -> None:
        idle = asyncio.Event()
        end = self.state.watch(lambda _: None if self.busy else idle.set(), now=True)
        await idle.wait()
        end()

    def history(self, text: str) -> HistoryWalk:
        return HistoryWalk(self.typed, text)

    async def continue_reply(self) -> None:
        self.log.append(("continue",))

    async def load_older(self) -> None:
        self.log.append(("load_older",))

    async def regenerate(self) -> None:
        self.log.append(("regenerate",))

    async def resend(self, message_id: str, text: str, *, as_is: bool = False) -> None:
        self.log.append(("resend", message_id, text))
        self.become(unsent="")

    async def resume(self) -> None:
        self.log.append(("resume",))

    async def dequeue(self, index: int) -> str:
        self.log.append(("dequeue", index))
        text = self.state.value.queued[index]
        self.become(queued=tuple(item for place, item in enumerate(self.state.value.queued) if place != index))
        return text


@dataclass
class FakeThreads:
    calls: Calls
    listing: Subject[ThreadListing]
    current: Subject[FakeConversation]
    snippets: dict[str, str] = field(default_factory=dict)
    """Thread id → a line that stands in it."""
    discarded: tuple[ThreadRow, ...] = ()

    @property
    def running(self) -> list[FakeConversation]:
        return [self.current.value] if self.current.value.busy else []

    async def refresh(self) -> None:
        self.calls.append(("refresh_threads",))

    async def open(self, thread_id: str | None) -> None:
        self.calls.append(("open_thread", thread_id))

    async def rename(self, thread_id: str, title: str) -> None:
        self.calls.append(("rename_thread", thread_id, title))
        rows = tuple(replace(row, title=title) if row.id == thread_id else row for row in self.listing.value.rows)
        self.listing.set(replace(self.listing.value, rows=rows))

    async def delete(self, thread_id: str) -> None:
        self.calls.append(("delete_thread", thread_id))
        rows = tuple(row for row in self.listing.value.rows if row.id != thread_id)
        self.listing.set(replace(self.listing.value, rows=rows))

    async def find(self, text: str) -> tuple[ThreadHit, ...]:
        self.calls.append(("find", text))
        said = {
            row.id: [self.snippets[row.id]] for row in self.listing.value.rows if text in self.snippets.get(row.id, "")
        }
        snippets = {key: [Snippet("m1", line, ()) for line in lines] for key, lines in said.items()}
        return hits(self.listing.value.rows, text, snippets)

    async def discard(self, thread_ids: Sequence[str]) -> None:
        self.calls.append(("discard", *thread_ids))
        rows = self.listing.value.rows
        self.discarded = (*(row for row in rows if row.id in thread_ids), *self.discarded)
        self.listing.set(replace(self.listing.value, rows=tuple(r for r in rows if r.id not in thread_ids)))

    async def restore(self, thread_ids: Sequence[str]) -> None:
        self.calls.append(("restore", *thread_ids))
        back = tuple(row for row in self.discarded if row.id in thread_ids)
        self.discarded = tuple(row for row in self.discarded if row.id not in thread_ids)
        self.listing.set(replace(self.listing.value, rows=(*self.listing.value.rows, *back)))

    async def metadata(self, thread_id: str) -> dict[str, str]:
        return {"title": "Refund questions", "team": "billing"}

    async def set_metadata(self, thread_id: str, metadata: Mapping[str, str]) -> None:
        self.calls.append(("set_metadata", thread_id, dict(metadata)))

    async def export(self, thread_id: str, form: str, *, instructions: str = "") -> ThreadExport:
        self.calls.append(("export", thread_id, form, instructions))
        return ThreadExport(f"{thread_id} as {form}\n", "thread.md", "server")

    @property
    def archive(self) -> FakeThreads:
        return self

    async def branch(self, thread_id: str, message_id: str) -> str:
        self.calls.append(("branch", thread_id, message_id))
        return "thread_branch"

    async def recreate(self, thread_id: str) -> str:
        self.calls.append(("recreate", thread_id))
        return "thread_again"

    def search(self, text: str) -> tuple[ThreadRow, ...]:
        return tuple(row for row in self.listing.value.rows if text.lower() in row.title.lower())


@dataclass
class FakeConnections:
    calls: Calls
    state: Subject[ConnectionsState] = field(default_factory=lambda: Subject(ConnectionsState()))
    probes: Subject[Probes] = field(default_factory=lambda: Subject({}))

    async def take_up(self) -> None:
        self.calls.append(("take_up",))

    def item(self, entry: Entry) -> Any:
        settings = self.state.value.settings
        return settings.provider(entry.id) if entry.section == "providers" else settings.server(entry.id)

    def test(self, entry: Entry) -> None:
        self.calls.append(("test", entry))


@dataclass
class FakeBoot:
    notices: tuple[str, ...] = ()


@dataclass
class FakeWorkspace:
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        draft = Draft(
            "draft_1",
            "local",
            "asst_1",
            values={"name": "Support bot", "model": "demo/demo", "instructions": "Be kind."},
        )
        self.editor = FakeEditor(self.calls, Subject(draft), Subject(SaveState("saved", at=NOON)))
        self.assistants = FakeAssistants(self.calls, Subject(AssistantListing()))
        self.models = FakeModels(
            self.calls, Subject(ModelListing((ModelRow("demo/demo", "demo"), ModelRow("openai/gpt-6-astra", "openai"))))
        )
        self.connection = Subject(ConnectionState("local", "local", "ready"))
        self.conversation = Subject(FakeConversation(self.calls, ConversationState(None, "New thread")))
        self.threads = FakeThreads(self.calls, Subject(ThreadListing()), self.conversation)
        self.notices = Notices()
        self.disk: Subject[Failure | None] = Subject(None)
        self.connections = FakeConnections(self.calls, Subject(ConnectionsState(Settings((DEMO,)))))
        self.boot = FakeBoot()
        self.clock = ScriptedClock()
        self._functions = FakeFunctions(self.calls)
        self.inspector = FakeInspector(self.calls)
        self.templates = FakeTemplates(self.calls)

    def functions(self) -> FakeFunctions:
        return self._functions

    async def start(self) -> None:
        self.calls.append(("start",))

    async def use_server(self, server_id: str) -> None:
        self.calls.append(("use_server", server_id))

    async def open_assistant(self, row_id: str) -> None:
        self.calls.append(("open_assistant", row_id))

    async def new_assistant(self) -> None:
        self.calls.append(("new_assistant",))

    async def refresh(self) -> None:
        self.calls.append(("refresh",))

    async def close(self) -> None:
        self.calls.append(("close",))

    def flush_now(self) -> None:
        self.calls.append(("flush_now",))
