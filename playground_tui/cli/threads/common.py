"""A thread whole, as the server has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground_tui.workspace.api_objects import as_text, reading_order

if TYPE_CHECKING:
    from playground_tui.workspace.headless import Headless

PAGE = 100


async def whole_thread(headless: Headless, thread_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The thread and its messages, oldest first. Raises what the client raises."""
    api = await headless.threads()
    thread = await api.thread(thread_id)
    found: dict[str, dict[str, Any]] = {}
    after = ""
    while True:
        page = await api.list_messages(thread_id, PAGE, after=after)
        fresh = [message for message in page.data if message.get("id") not in found]
        found.update((as_text(message.get("id")), message) for message in fresh)
        if not page.has_more or not fresh:
            return thread, reading_order(list(found.values()))
        after = as_text(fresh[-1].get("id"))
