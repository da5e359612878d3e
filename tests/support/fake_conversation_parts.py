"""What a scripted conversation is made of: its calls, attachments, notes and the like, each noting what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playground_tui.workspace.differences import FieldDiff
from playground_tui.workspace.handlers.calls import CallAnswer, PendingCalls
from playground_tui.workspace.inspector.values import RunInspection
from playground_tui.workspace.subject import Subject
from playground_tui.workspace.values import (
    RunView,
)
from playground_tui.workspace.writing.attachment import Attachment
from playground_tui.workspace.writing.templates import Completion, Template, complete_command
from playground_tui.workspace.writing.variable_values import VariableField

NOON = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


class Calls(list[tuple[Any, ...]]):
    """What the screen asked for, in order."""

    def names(self) -> list[str]:
        return [call[0] for call in self]

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self if call[0] == name]


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
