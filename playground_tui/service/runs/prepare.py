"""A checked request body, an assistant and its thread → a new run. Raises the API's errors; nothing is stored."""

from __future__ import annotations

from typing import Any

from playground_tui.service.errors import ApiError
from playground_tui.service.ids import new_id
from playground_tui.service.runs.objects import Object
from playground_tui.service.runs.tools import Resources
from playground_tui.service.shapes import new_tool
from playground_tui.service.store import Connection, files, vector_stores
from playground_tui.settings.model import Route, Settings, is_stray, route


def resolve_model(settings: Settings, model: str) -> Route:
    """Who runs it. Raises the 400 that says what to do when nobody does."""
    found = route(settings, model)
    if found is None:
        shown = model[:120]
        if is_stray(settings, model):
            message = f"The model '{shown}' was tried with --base-url, which this start was not given. Choose another."
            raise ApiError(400, message, param="model", code="model_not_found")
        raise ApiError(
            400,
            f"No provider is set up for the model '{shown}'. Write it as 'provider/model' with a configured provider, "
            "or choose a default provider.",
            param="model",
            code="model_not_found",
        )
    return found


def new_run(thread_id: str, assistant: Object, body: Object, now: int, expires_at: int) -> Object:
    """What the body names replaces what the assistant has; null counts as not named (wire.md §4)."""

    def chosen(name: str, default: Any = None) -> Any:
        value = body.get(name)
        value = assistant.get(name) if value is None else value
        return default if value is None else value

    return {
        "id": new_id("run"),
        "object": "thread.run",
        "created_at": now,
        "assistant_id": assistant["id"],
        "thread_id": thread_id,
        "status": "queued",
        "started_at": None,
        "expires_at": expires_at,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": chosen("model"),
        "instructions": _instructions(chosen("instructions", ""), body.get("additional_instructions")),
        "tools": [new_tool(tool) for tool in chosen("tools", [])],
        "metadata": body.get("metadata") or {},
        "temperature": chosen("temperature"),
        "top_p": chosen("top_p"),
        "max_completion_tokens": body.get("max_completion_tokens"),
        "max_prompt_tokens": body.get("max_prompt_tokens"),
        "truncation_strategy": _truncation(body.get("truncation_strategy")),
        "incomplete_details": None,
        "usage": None,
        "response_format": chosen("response_format", "auto"),
        "tool_choice": body.get("tool_choice") or "auto",
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
    }


def read_resources(conn: Connection, assistant: Object, thread: Object, now: int) -> Resources:
    """Files and stores of both, and which of them this service keeps. Raises 400 for a store that has expired."""
    resources = Resources.of(assistant, thread)
    stores = vector_stores.known(conn, resources.vector_store_ids)
    for store in stores.values():
        if vector_stores.is_expired(store, now):
            raise vector_stores.expired_error(store["id"])
    return resources.knowing(stores, files.known(conn, resources.file_ids, now))


def _instructions(own: str, additional: str | None) -> str:
    return "\n\n".join(filter(None, (own, additional)))


def _truncation(strategy: Object | None) -> Object:
    return {"last_messages": None, **(strategy or {"type": "auto"})}
