"""The server's side of a turn: thread, message, and the run that holds it. Nothing is sent twice without looking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from playground_tui.workspace.api_objects import ACTIVE_STATUSES, as_text, content_of, reading_order
from playground_tui.workspace.exceptions import failure_of
from playground_tui.workspace.failures import Failure, FailureError
from playground_tui.workspace.thread_api import ThreadApi

TITLE_LENGTH: Final = 60
UNSURE: Final = ("timeout", "offline", "server")
"""Failures after which the server may have done what it was asked."""


def title_from(text: str) -> str:
    """A thread's title from its first message: the first line, cut at a word."""
    line = " ".join(text.strip().partition("\n")[0].split())
    if len(line) <= TITLE_LENGTH:
        return line
    head, _, _ = line[:TITLE_LENGTH].rpartition(" ")
    return (head or line[: TITLE_LENGTH - 1]) + "…"


async def make_thread(api: ThreadApi, title: str) -> dict[str, Any]:
    """A new thread with its title in the metadata. Raises FailureError and what the client raises."""
    return _with_id(await api.create_thread({"title": title}), "thread")


async def post_message(
    api: ThreadApi, thread_id: str, body: Mapping[str, Any], known: Collection[str], *, tried: bool = False
) -> dict[str, Any]:
    """Create the message; `known` are the ids of the messages that were there before. When it was `tried` before, or
    the answer gets lost, the thread is looked at first. Raises FailureError and what the client raises."""
    text = content_of(body.get("content")).text
    if tried and (found := await _posted(api, thread_id, text, known)) is not None:
        return found
    try:
        return _with_id(await api.create_message(thread_id, body), "message")
    except Exception as error:
        if failure_of(error).kind not in UNSURE:
            raise
        found = await _posted(api, thread_id, text, known)
        if found is None:
            raise
        return found


async def _posted(api: ThreadApi, thread_id: str, text: str, known: Collection[str]) -> dict[str, Any] | None:
    try:
        page = await api.list_messages(thread_id, 5)
    except Exception:
        return None
    return next(
        (
            message
            for message in page.data
            if message.get("role") == "user"
            and as_text(message.get("id")) not in known
            and content_of(message.get("content")).text == text
        ),
        None,
    )


async def active_run(api: ThreadApi, thread_id: str) -> dict[str, Any] | None:
    """The run that holds the thread, if there is one and the server tells."""
    return next((run for run in await _newest_runs(api, thread_id) if is_active(run)), None)


async def unknown_run(api: ThreadApi, thread_id: str, known: Collection[str]) -> dict[str, Any] | None:
    """The newest run, active or ended, if it is none of the `known` and the server tells."""
    run = next(iter(await _newest_runs(api, thread_id)), None)
    return run if run is not None and as_text(run.get("id")) not in {"", *known} else None


async def _newest_runs(api: ThreadApi, thread_id: str) -> list[dict[str, Any]]:
    """Newest first; none where the server does not tell."""
    try:
        return reading_order((await api.list_runs(thread_id, 5)).data)[::-1]
    except Exception:
        return []


def is_active(run: dict[str, Any]) -> bool:
    return as_text(run.get("status")) in ACTIVE_STATUSES and bool(as_text(run.get("id")))


def _with_id(answer: dict[str, Any], what: str) -> dict[str, Any]:
    if not as_text(answer.get("id")):
        raise FailureError(Failure("server", f"The server's answer to a new {what} makes no sense: it has no id."))
    return answer
