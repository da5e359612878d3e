"""A workspace with scripted state and no world behind it: what the screen calls is noted, what it shows is set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playground_tui.limits import check_field
from playground_tui.settings.model import Settings
from playground_tui.settings.presets import DEMO
from playground_tui.workspace.connections.values import ConnectionsState, Entry, Probes
from playground_tui.workspace.differences import FieldDiff
from playground_tui.workspace.handlers.calls import CallAnswer, PendingCalls
from playground_tui.workspace.inspector.values import RunInspection
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
    RunView,
    SaveState,
    ThreadListing,
    ThreadRow,
)
from playground_tui.workspace.writing.attachment import Attachment
from playground_tui.workspace.writing.templates import Completion, Template, complete_command
from playground_tui.workspace.writing.typed_history import HistoryWalk
from playground_tui.workspace.writing.variable_values import VariableField
from tests.support.clock import ScriptedClock

NOON = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


class Calls(list[tuple[Any, ...]]):
    """What the screen asked for, in order."""

    def names(self) -> list[str]:
        return [call[0] for call in self]

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self if call[0] == name]


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


class FakeAnswering:
    """Calls of the scripted run; `put` scripts what became of one."""

    def __init__(self, log: Calls) -> None:
        self.log = log
        self.state = Subject(PendingCalls())

    def run_changed(self, run: RunView) -> None:
        waits = run.phase == "waiting_outputs"
        calls = tuple(CallAnswer(call) for call in run.calls) if waits else ()
        if [answer.call for answer in self.state.value.calls] != [answer.call for answer in calls]:
            self.state.set(PendingCalls(run.run_id or "", calls, run.expires_at))

    def put(self, call_id: str, **changes: Any) -> None:
        state = self.state.value
        calls = tuple(replace(a, **changes) if a.call.id == call_id else a for a in state.calls)
        self.state.set(replace(state, calls=calls))

    def set_typed(self, call_id: str, text: str) -> None:
        self.put(call_id, typed=text)

    def answer(self, call_id: str, output: str, *, error: bool = False) -> None:
        self.log.append(("answer", call_id, output, error))
        self.put(call_id, phase="answered", by="hand", output=output)

    def answer_with_mock(self, call_id: str, name: str) -> None:
        self.log.append(("answer_with_mock", call_id, name))

    def take_back(self, call_id: str) -> None:
        self.log.append(("take_back", call_id))
        self.put(call_id, phase="waiting", by="", output=None)

    async def approve(self, call_id: str, scope: str) -> None:
        self.log.append(("approve", call_id, scope))
        self.put(call_id, phase="running", by="python", since=NOON)

    def end(self, call_id: str) -> None:
        self.log.append(("end", call_id))
        self.put(call_id, phase="needs_approval", by="", since=None)

    def submit(self) -> None:
        self.log.append(("submit",))


class FakeFunctions:
    def __init__(self, log: Calls) -> None:
        self.log = log
        self.kept: dict[str, dict[str, str]] = {}

    def mocks(self, assistant: str, function: str) -> Mapping[str, str]:
        return self.kept.get(function, {})

    async def keep_mock(self, assistant: str, function: str, name: str, output: str) -> None:
        self.log.append(("keep_mock", assistant, function, name, output))
        self.kept.setdefault(function, {})[name] = output


class FakeAttachments:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.items: Subject[tuple[Attachment, ...]] = Subject(())

    async def add_file(self, path: Path, use: str = "auto") -> None:
        self.calls.append(("attach", path.name, use))

    def add_url(self, url: str) -> None:
        self.calls.append(("attach_url", url))

    async def remove(self, attachment_id: str) -> None:
        self.items.set(tuple(item for item in self.items.value if item.id != attachment_id))

    def retry(self, attachment_id: str) -> None:
        self.calls.append(("retry", attachment_id))

    def use(self, attachment_id: str, tools: tuple[str, ...]) -> None:
        self.items.set(tuple(replace(i, tools=tools) if i.id == attachment_id else i for i in self.items.value))


class FakeInspector:
    def __init__(self, log: Calls) -> None:
        self.log = log
        self.inspection: RunInspection | None = None
        self.diffs: tuple[FieldDiff, ...] = ()

    async def run(self, thread_id: str, run_id: str) -> RunInspection:
        self.log.append(("inspect", thread_id, run_id))
        return self.inspection or RunInspection(run_id, thread_id)

    async def changes_since(self, run_id: str, assistant_id: str) -> tuple[FieldDiff, ...]:
        self.log.append(("changes_since", run_id, assistant_id))
        return self.diffs


class FakeVariables:
    def __init__(self, log: Calls) -> None:
        self.log = log
        self.asked: tuple[VariableField, ...] = ()

    def fields(self, text: str) -> tuple[VariableField, ...]:
        return self.asked

    async def put(self, values: Mapping[str, str], level: str = "assistant") -> None:
        self.log.append(("put_values", dict(values), level))
        self.asked = tuple(replace(asked, value=values[asked.name]) for asked in self.asked)


class FakeNotes:
    def __init__(self, log: Calls) -> None:
        self.log = log
        self.texts: Subject[Mapping[str, str]] = Subject({})

    async def put(self, message_id: str, text: str) -> None:
        self.log.append(("note", message_id, text))
        self.texts.set({**self.texts.value, message_id: text})


class FakeTemplates:
    def __init__(self, log: Calls) -> None:
        self.log = log
        self.listing: Subject[tuple[Template, ...]] = Subject(())

    def get(self, name: str) -> Template | None:
        return next((template for template in self.listing.value if template.name == name), None)

    def complete(self, text: str, cursor: int) -> tuple[Completion, ...]:
        return complete_command(self.listing.value, text, cursor)

    async def put(self, name: str, text: str) -> None:
        self.log.append(("put_template", name, text))
        self.listing.set((*self.listing.value, Template(name, text)))

    async def rename(self, old: str, new: str) -> None:
        self.log.append(("rename_template", old, new))
        self.listing.set(tuple(replace(t, name=new) if t.name == old else t for t in self.listing.value))

    async def delete(self, name: str) -> None:
        self.log.append(("delete_template", name))
        self.listing.set(tuple(t for t in self.listing.value if t.name != name))


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
