"""Threads, messages and runs of one server, as plain objects of the API.

The `openai` client does the calling (address, key, headers, errors), its typing is left out: it costs most of the CPU
of an event and drops what it does not know. Nothing is repeated here. Raises what the client raises
(`failure_of` knows it all).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from playground_tui.workspace.api_objects import as_dict, as_list, as_text
from playground_tui.workspace.api_path import part
from playground_tui.workspace.inspector.recorder import Exchanges

if TYPE_CHECKING:
    import httpx2
    import openai

    from playground_tui.workspace.sse import Frame

Json = Any
Body = Mapping[str, Json]
Event = tuple[str, Json]

CONNECT_SECONDS: Final = 10.0
HEADERS: Final = {"OpenAI-Beta": "assistants=v2"}
STREAM_HEADERS: Final = {**HEADERS, "Accept": "text/event-stream", "Playground-Tui-Events": "progress"}
"""The last one asks our own service to tell of its retries and of thinking; others do not know it."""


class ThreadApi:
    def __init__(self, client: openai.AsyncOpenAI, exchanges: Exchanges | None = None) -> None:
        """`exchanges` hears of the streams of runs."""
        self._client = client
        self._exchanges = exchanges or Exchanges()

    # -- threads -------------------------------------------------------------------------------------------------------

    async def create_thread(
        self, metadata: Body, messages: Sequence[Body] = (), tool_resources: Body | None = None
    ) -> dict[str, Any]:
        """At most 32 messages; more come by `create_message`."""
        body: dict[str, Json] = {"metadata": metadata}
        body |= {"messages": list(messages)} if messages else {}
        body |= {"tool_resources": tool_resources} if tool_resources else {}
        return as_dict(await self._post("/threads", body))

    async def thread(self, thread_id: str) -> dict[str, Any]:
        return as_dict(await self._get(f"/threads/{part(thread_id)}"))

    async def update_thread(self, thread_id: str, metadata: Body) -> dict[str, Any]:
        return as_dict(await self._post(f"/threads/{part(thread_id)}", {"metadata": metadata}))

    async def delete_thread(self, thread_id: str) -> None:
        await self._delete(f"/threads/{part(thread_id)}")

    async def list_threads(self, limit: int, after: str = "") -> Page:
        """An extension of our own service."""
        return Page(
            await self._get("/threads", {"limit": limit, "order": "desc", **({"after": after} if after else {})})
        )

    # -- messages ------------------------------------------------------------------------------------------------------

    async def create_message(self, thread_id: str, body: Body) -> dict[str, Any]:
        return as_dict(await self._post(f"/threads/{part(thread_id)}/messages", body))

    async def list_messages(
        self, thread_id: str, limit: int, *, after: str = "", run_id: str = "", order: str = "desc"
    ) -> Page:
        """Newest first, unless `order` says otherwise; not every server obeys."""
        query = {"limit": limit, "order": order, "after": after, "run_id": run_id}
        return Page(await self._get(f"/threads/{part(thread_id)}/messages", {k: v for k, v in query.items() if v}))

    async def message(self, thread_id: str, message_id: str) -> dict[str, Any]:
        return as_dict(await self._get(f"/threads/{part(thread_id)}/messages/{part(message_id)}"))

    async def delete_message(self, thread_id: str, message_id: str) -> None:
        await self._delete(f"/threads/{part(thread_id)}/messages/{part(message_id)}")

    # -- runs ----------------------------------------------------------------------------------------------------------

    async def list_runs(self, thread_id: str, limit: int) -> Page:
        return Page(await self._get(f"/threads/{part(thread_id)}/runs", {"limit": limit, "order": "desc"}))

    async def run(self, thread_id: str, run_id: str) -> dict[str, Any]:
        return as_dict(await self._get(_run(thread_id, run_id)))

    async def cancel_run(self, thread_id: str, run_id: str) -> dict[str, Any]:
        return as_dict(await self._post(f"{_run(thread_id, run_id)}/cancel", {}))

    async def list_steps(self, thread_id: str, run_id: str) -> Page:
        return Page(await self._get(f"{_run(thread_id, run_id)}/steps", {"limit": 100, "order": "asc"}))

    @asynccontextmanager
    async def create_run(self, thread_id: str, body: Body) -> AsyncIterator[EventStream]:
        path = f"/threads/{part(thread_id)}/runs"
        async with self._stream("post", path, {**body, "stream": True}) as stream:
            yield stream

    @asynccontextmanager
    async def submit_outputs(
        self, thread_id: str, run_id: str, outputs: Sequence[Mapping[str, str]]
    ) -> AsyncIterator[EventStream]:
        path = f"{_run(thread_id, run_id)}/submit_tool_outputs"
        async with self._stream("post", path, {"tool_outputs": list(outputs), "stream": True}) as stream:
            yield stream

    @asynccontextmanager
    async def follow_run(self, thread_id: str, run_id: str) -> AsyncIterator[EventStream]:
        """The events of a run from its beginning, then as they come: an extension of our own service."""
        async with self._stream("get", f"{_run(thread_id, run_id)}/events", None) as stream:
            yield stream

    # -- calling -------------------------------------------------------------------------------------------------------

    async def _get(self, path: str, query: Body | None = None) -> Json:
        import httpx2

        options: Any = {"headers": HEADERS, "params": dict(query or {}), "max_retries": 0}
        return _body(await self._client.get(path, cast_to=httpx2.Response, options=options))

    async def _post(self, path: str, body: Body) -> Json:
        import httpx2

        options: Any = {"headers": HEADERS, "max_retries": 0}
        return _body(await self._client.post(path, cast_to=httpx2.Response, body=body, options=options))

    async def _delete(self, path: str) -> None:
        import httpx2

        options: Any = {"headers": HEADERS, "max_retries": 0}
        await self._client.delete(path, cast_to=httpx2.Response, options=options)

    @asynccontextmanager
    async def _stream(self, method: str, path: str, body: Body | None) -> AsyncIterator[EventStream]:
        """Reading has no time-out here: whoever follows the run decides how long silence may last."""
        import httpx2
        from openai import APIStatusError, AsyncStream

        timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)
        options: Any = {"headers": STREAM_HEADERS, "max_retries": 0, "timeout": timeout}
        kwargs: Any = {"cast_to": httpx2.Response, "options": options, "stream": True}
        kwargs["stream_cls"] = AsyncStream[Any]
        recording = self._exchanges.begin(method, body)
        try:
            if method == "post":
                response = await self._client.post(path, body=body, **kwargs)
            else:
                response = await self._client.get(path, **kwargs)
        except APIStatusError as error:
            recording.answered(error.response)
            recording.heard(error.response.content)
            raise
        recording.answered(response)
        try:
            yield EventStream(response, recording.heard)
        finally:
            await response.aclose()


class Page:
    """A list answer; a bare array is one too."""

    def __init__(self, body: Json) -> None:
        raw = body if isinstance(body, list) else as_list(as_dict(body).get("data"))
        self.data: list[dict[str, Any]] = [item for item in raw if isinstance(item, dict)]
        self.has_more = bool(as_dict(body).get("has_more"))


class EventStream:
    """The events of one streamed answer, in the groups they arrive in. A server that answers a stream request with the
    whole run object gives that as one event."""

    def __init__(self, response: httpx2.Response, heard: Callable[[bytes], None] = lambda part: None) -> None:
        """`heard` gets every part as it comes."""
        self._response = response
        self._heard = heard
        self.done = False
        """`[DONE]` came."""

    async def groups(self) -> AsyncIterator[list[Event]]:
        """A group may be empty: a sign of life without an event. Raises `TooMuch` besides what the transport
        raises."""
        if "json" in self._response.headers.get("content-type", ""):
            self._heard(await self._response.aread())
            run = as_dict(_body(self._response))
            yield [(f"thread.run.{as_text(run.get('status'))}", run)]
            return
        from playground_tui.limits.answers import MOST_STREAM_BYTES, TooMuch
        from playground_tui.workspace.sse import SseDecoder

        decoder, size = SseDecoder(), 0
        async for piece in self._response.aiter_bytes():
            size += len(piece)
            if size > MOST_STREAM_BYTES:
                raise TooMuch(self._response.request)
            self._heard(piece)
            yield self._events(decoder.feed(piece))
            if self.done:
                return
        yield self._events(decoder.close())

    def _events(self, frames: list[Frame]) -> list[Event]:
        from playground_tui.workspace.sse import parse_data

        events: list[Event] = []
        for name, text in frames:
            if text.startswith("[DONE]") or name == "done":
                self.done = True
                break
            events.append(_event(name, parse_data(text)))
        return events


def _event(name: str, data: Json) -> Event:
    """Some servers put name and object into the data, or leave the name to the object's own."""
    if name and name != "message":
        return name, data
    raw = as_dict(data)
    if isinstance(raw.get("event"), str) and "data" in raw:
        return raw["event"], raw["data"]
    return ("error" if "error" in raw else as_text(raw.get("object"))), data


def _body(response: httpx2.Response) -> Json:
    try:
        return response.json()
    except ValueError:
        return None


def _run(thread_id: str, run_id: str) -> str:
    return f"/threads/{part(thread_id)}/runs/{part(run_id)}"
