"""Threads out of threads and files: branch, export, import, and making one again that the server lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.api_objects import (
    as_dict,
    as_text,
    message_of,
    reading_order,
    step_calls,
    step_message_id,
)
from playground_tui.workspace.chat_context import ChatContext
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.message_record import from_record, to_record
from playground_tui.workspace.store import Connection
from playground_tui.workspace.store import messages as message_table
from playground_tui.workspace.store import notes as note_table
from playground_tui.workspace.store import threads as table
from playground_tui.workspace.thread_api import ThreadApi
from playground_tui.workspace.thread_copy import Body, all_messages, body_of, body_of_record, make_thread_of
from playground_tui.workspace.turns import title_from
from playground_tui.workspace.values import ChatMessage, ToolCallView

if TYPE_CHECKING:
    from playground_tui.workspace.exchange.intake import Taken
    from playground_tui.workspace.exchange.thread_document import ThreadFormat

TITLE: Final = 200
"""Characters of a title that is made here."""

Made = Callable[[str, str, str, str], Awaitable[None]]
"""Hears of a new thread: its id, its title, its last message, the id of the thread it was made out of if any."""


@dataclass(frozen=True, slots=True)
class ThreadExport:
    text: str
    name: str
    """A file name with its suffix; safe on any system."""
    source: Literal["server", "local"]
    """`local`: the server was not reached or has it no more; what this machine kept."""


@dataclass(frozen=True, slots=True)
class Imported:
    source: str
    """Where it was read from."""
    thread_id: str = ""
    failure: Failure | None = None
    not_taken: tuple[str, ...] = ()


class ThreadArchive:
    """Of one server. Every method raises FailureError, reading the record StoreError."""

    def __init__(self, context: ChatContext, made: Made) -> None:
        self._context, self._made = context, made

    async def _api(self) -> ThreadApi:
        return ThreadApi(await self._context.api())

    # -- branches ------------------------------------------------------------------------------------------------------

    async def branch(self, thread_id: str, message_id: str) -> str:
        """A new thread with everything up to and with a message; it says where it came from in its metadata
        (`branched_from`, `branched_at`). Figures, calls and notes go with it here. Returns its id."""
        try:
            return await self._branch(await self._api(), thread_id, message_id)
        except Exception as error:
            raise FailureError(failure_of(error)) from error

    async def _branch(self, api: ThreadApi, thread_id: str, message_id: str) -> str:
        thread, raws = await api.thread(thread_id), await all_messages(api, thread_id)
        end = next((i for i, raw in enumerate(raws, 1) if raw.get("id") == message_id), None)
        if end is None:
            raise FailureError(
                Failure("missing", "The message is not on the server (any more).", next="Open it again.")
            )
        pairs = [(raw["id"], body) for raw in raws[:end] if (body := body_of(raw)) is not None]
        known = as_dict(thread.get("metadata"))
        title = f"{as_text(known.get('title')) or self._title(thread_id, raws)} · branch"[:TITLE]
        metadata = {**known, "title": title, "branched_from": thread_id, "branched_at": message_id}
        metadata = dict(list(metadata.items())[-16:])
        new_id = await make_thread_of(api, [body for _, body in pairs], metadata, thread.get("tool_resources"))
        await self._adopt(api, thread_id, new_id, [old for old, _ in pairs])
        await self._made(new_id, title, _text_of(pairs[-1][1]) if pairs else "", thread_id)
        return new_id

    def _title(self, thread_id: str, raws: Sequence[Mapping[str, Any]]) -> str:
        server = self._context.server
        record = self._context.store.read_now(lambda conn: table.one_thread(conn, server, thread_id))
        if record is not None and record.title:
            return record.title
        first = next((body for raw in raws if raw.get("role") == "user" and (body := body_of(raw))), None)
        return title_from(_text_of(first)) if first is not None else "Thread"

    async def _adopt(self, api: ThreadApi, old: str, new: str, copied: Sequence[str]) -> None:
        """What this machine knows of the messages that were copied, it knows of their copies."""
        raws = await all_messages(api, new)
        ids = dict(zip(copied, (raw["id"] for raw in raws), strict=False))
        server = self._context.server

        def write(conn: Connection) -> None:
            known = [from_record(row) for row in message_table.all_messages(conn, server, old)]
            records = [to_record(replace(m, id=ids[m.id])) for m in known if m.id in ids]
            message_table.append_messages(conn, server, new, records)
            note_table.copy_notes(conn, server, old, new, ids)

        await self._context.store.write(write)

    # -- a thread that the server lost ---------------------------------------------------------------------------------

    async def recreate(self, thread_id: str) -> str:
        """Make a thread again out of what this machine kept, for one that the server no longer has; only when the
        person agreed. Unsent text, queue, notes and values go with it; the old record goes. Returns the new id."""
        server = self._context.server
        record = await self._context.store.read(lambda conn: table.one_thread(conn, server, thread_id))
        kept = await self._recorded(thread_id)
        pairs = [(m.id, body) for m in kept if (body := body_of_record(m)) is not None]
        if record is None or not pairs:
            raise FailureError(Failure("missing", "Nothing of this thread was kept here."))
        try:
            api = await self._api()
            title = record.title or record.preview
            metadata = {"title": title[:TITLE], "recreated_from": thread_id}
            new_id = await make_thread_of(api, [body for _, body in pairs], metadata)
            await self._adopt(api, thread_id, new_id, [old for old, _ in pairs])
        except Exception as error:
            failure = failure_of(error)
            raise FailureError(replace(failure, kept=failure.kept or "The record here is untouched.")) from error

        def write(conn: Connection) -> None:
            table.move_thread(conn, server, thread_id, new_id)
            table.drop_thread(conn, server, thread_id)

        await self._context.store.write(write)
        await self._made(new_id, title, record.preview, thread_id)
        return new_id

    async def _recorded(self, thread_id: str) -> list[ChatMessage]:
        server = self._context.server
        rows = await self._context.store.read(lambda conn: message_table.all_messages(conn, server, thread_id))
        return [from_record(row) for row in rows]

    # -- import --------------------------------------------------------------------------------------------------------

    async def take(self, taken: Taken) -> Imported:
        """Make a thread that was read from a file. Never raises: why it failed is in the result."""
        title = taken.name[:TITLE]
        metadata = {**taken.fields.get("metadata", {}), "title": title}
        try:
            messages: list[Body] = list(taken.fields["messages"])
            new_id = await make_thread_of(await self._api(), messages, metadata)
        except Exception as error:
            return Imported(taken.source, failure=failure_of(error), not_taken=taken.not_taken)
        await self._made(new_id, title, _text_of(messages[-1]), "")
        return Imported(taken.source, new_id, not_taken=taken.not_taken)

    # -- export --------------------------------------------------------------------------------------------------------

    async def export(self, thread_id: str, form: ThreadFormat, *, instructions: str = "") -> ThreadExport:
        """A thread as a file's text, with its calls, annotations and notes. `instructions` begin a JSONL line as the
        system's message. From the record here where the server cannot give it."""
        from playground_tui.workspace.exchange.thread_document import THREAD_SUFFIXES, thread_text

        server = self._context.server
        record = await self._context.store.read(lambda conn: table.one_thread(conn, server, thread_id))
        kept = await self._recorded(thread_id)
        notes = await self._context.store.read(lambda conn: note_table.notes(conn, server, thread_id))
        calls = {message.id: message.calls for message in kept if message.calls}
        source: Literal["server", "local"] = "server"
        try:
            api = await self._api()
            thread, raws = await api.thread(thread_id), await all_messages(api, thread_id)
            calls |= await self._calls(api, thread_id, raws, calls)
        except Exception as error:
            if not kept:
                raise FailureError(failure_of(error)) from error
            source = "local"
            thread, raws = _thread_of(thread_id, record), [_raw_of(message) for message in kept]
        title = (record.title or record.preview) if record is not None else ""
        plain = {key: [_plain_call(call) for call in found] for key, found in calls.items()}
        text = thread_text(thread, raws, form, title=title, calls=plain, notes=notes, system=instructions)
        return ThreadExport(text, _file_name(title or thread_id) + THREAD_SUFFIXES[form], source)

    async def _calls(
        self, api: ThreadApi, thread_id: str, raws: Sequence[Mapping[str, Any]], known: Mapping[str, Any]
    ) -> dict[str, tuple[ToolCallView, ...]]:
        """The calls of replies that were never read here. A server without run steps has none to give."""
        found: dict[str, tuple[ToolCallView, ...]] = {}
        unknown = {as_text(r.get("run_id")) for r in raws if r.get("role") == "assistant" and r.get("id") not in known}
        for run_id in sorted(unknown - {""}):
            if "steps" in self._context.lacking():
                break
            try:
                page = await api.list_steps(thread_id, run_id)
            except Exception as error:
                if failure_of(error).kind == "unsupported":
                    self._context.lack("steps")
                continue
            waiting: list[ToolCallView] = []
            for step in reading_order(page.data, newest_first=False):
                waiting += step_calls(step)
                if waiting and (message_id := step_message_id(step)):
                    found[message_id], waiting = tuple(waiting), []
        return found


def _text_of(body: Mapping[str, Any]) -> str:
    message = message_of({"id": "x", **body}, author="", now=datetime.min)
    return message.text if message is not None else ""


def _thread_of(thread_id: str, record: table.ThreadRecord | None) -> Body:
    made = int(record.created_at) if record is not None else 0
    metadata = {"title": record.title} if record is not None and record.title else {}
    return {"id": thread_id, "object": "thread", "created_at": made, "metadata": metadata}


def _raw_of(message: ChatMessage) -> Body:
    """The API's object, as far as the record has it."""
    annotations = [
        {
            "type": citation.kind,
            "text": citation.mark,
            "start_index": citation.start,
            "end_index": citation.end,
            citation.kind: {"file_id": citation.file_id},
        }
        for citation in message.citations
    ]
    content = [{"type": "text", "text": {"value": message.text, "annotations": annotations}}]
    body = body_of_record(replace(message, text=""))
    images = body["content"] if body is not None else []
    return {
        "id": message.id,
        "object": "thread.message",
        "created_at": int(message.created_at.timestamp()),
        "role": message.role,
        "content": [*content, *images],
        "run_id": message.run_id,
    }


def _plain_call(call: ToolCallView) -> dict[str, Any]:
    return {"id": call.id, "type": call.kind, "name": call.name, "arguments": call.arguments, "output": call.output}


def _file_name(title: str) -> str:
    kept = "".join(sign if sign.isalnum() or sign in "-_" else " " for sign in title)
    return "-".join(kept.split())[:60] or "thread"
